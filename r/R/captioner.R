#' Say in words what an image shows
#'
#' Convolutions make places of the pixels, an encoder reads the places, each of which knows its row
#' and its column, and a recurrent decoder says the caption, each token after those before it and
#' after what its attention reads of the places.
#'
#' @param x Images of one size: an array (n, rows, columns) or (n, rows, columns, channels), or a
#'   list of matrices (rows, columns) or arrays (rows, columns, channels). With `source = "places"`
#'   features of their places: an array (n, places, features), a grid of them (n, rows, columns,
#'   features), or a list of matrices (places, features), of as many places as each has. A matrix
#'   has one vector an image, `source = "vector"`. Or a data frame with one column of such a list,
#'   or a formula like `caption ~ image`, which picks columns of `data`.
#' @param formula The formula, which may be the first argument or named.
#' @param data A data frame.
#' @param y Captions: a character vector, or a list of character vectors, which are tokens.
#' @param ... Parameters of the model, as [textseq_parameters()] lists them: `filters = c(32, 64)`,
#'   `max_epochs = 5`. Without a `random_state` R's own random numbers draw one, so that
#'   `set.seed()` makes fits repeat.
#' @param source What is read, `"image"`, `"places"` or `"vector"`: by default a vector if `x` is a
#'   matrix, and an image otherwise.
#' @param validation_data Rows that choose the best epoch, instead of a tenth of those given: a
#'   data frame for the formula, a list of `x` and `y` otherwise.
#' @inheritParams text_classifier
#' @return A fit, for [predict()][predict.textseq_seq2seq], [evaluate()][evaluate.textseq_seq2seq],
#'   [bleu()], [attention_map()], [glance()] and [autoplot()]; where these speak of sources, they
#'   take images. It holds the whole model, so that [saveRDS()] keeps it.
#' @examplesIf textseq_available()
#' images <- array(rep(c(0, 1), 20 * 16), c(40, 4, 4))
#' captions <- rep(c("a dark image", "a light image"), 20)
#' set.seed(1)
#' fit <- captioner(images, captions, hidden_size = 16, max_epochs = 40)
#' predict(fit, images[1:2, , ])
#' attention_map(fit, images[1, , ])$output
#' @export
captioner <- function(x, ...) UseMethod("captioner", leading(x, ...))

#' @rdname captioner
#' @export
captioner.formula <- function(formula = x, data, ..., validation_data = NULL, checkpoint = NULL,
                              verbose = interactive(), x) {
  rows <- formula_sides(formula, data, validation_data)
  fit <- captioner(
    rows$x, rows$y, ...,
    validation_data = rows$validation, checkpoint = checkpoint, verbose = verbose
  )
  with_call(fit, match.call(), rows$formula)
}

#' @rdname captioner
#' @export
captioner.default <- function(x, y, ..., source = NULL, validation_data = NULL, checkpoint = NULL,
                              verbose = interactive()) {
  source <- source %||% if (is.matrix(x)) "vector" else "image"
  pairs <- complete_pairs(images_of(x, source), targets_of(y))
  validation <- if (!is.null(validation_data)) {
    check_validation(validation_data)
    held_out <- images_of(validation_data[[1]], source)
    unname(complete_pairs(held_out, targets_of(validation_data[[2]])))
  }
  fit <- fit_model(
    "Captioner", fit_classes$Captioner,
    data = list(X = pairs$x, y = pairs$y, validation_data = validation),
    parameters = list(source = source, ...), checkpoint = checkpoint, verbose = verbose,
    predictors = if (is.data.frame(x)) names(x)
  )
  with_call(fit, match.call())
}

#' @export
new_sources.textseq_captioner <- function(object, new_data) {
  images_of(new_data, object$parameters$source, object$predictors)
}

#' @export
augment.textseq_captioner <- function(x, new_data, ...) {
  check_dots(...)
  check_new_data(new_data)
  rows <- if (is.data.frame(new_data)) new_data else tibble::tibble(image = listed_images(new_data))
  side_by_side(tibble::as_tibble(rows), predict(x, new_data))
}

#' @export
attention_map.textseq_captioner <- function(object, x, ...) {
  check_attention(object)
  one <- images_of(if (is.list(x)) x else list(x), object$parameters$source)
  open_in_python(object)
  seen <- py_call("image_attention", id = object$id, X = one)
  with_class(seen, "textseq_image_attention")
}
