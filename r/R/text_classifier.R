#' Classify texts
#'
#' Trains a network that reads texts and tells their classes: the mean of word vectors, a
#' recurrent network (`"rnn"`, `"lstm"`, `"gru"`, `"janet"`, with `"bi"` before for both
#' directions) or a convolutional one (`"tcn"`).
#'
#' @param x A data frame with one column of texts, or two to compare; a character vector; or a
#'   formula like `label ~ text`, which picks columns of `data`.
#' @param data A data frame.
#' @param y The classes: a factor, or a vector of anything. A matrix of zeros and ones, one
#'   column a label, if several labels may hold.
#' @param ... Parameters of the model, as [textseq_parameters()] lists them: `encoder = "lstm"`,
#'   `vectors = textseq_sample("glove.6B.50d.top20k")`, `max_epochs = 5`. Without a
#'   `random_state` R's own random numbers draw one, so that `set.seed()` makes fits repeat.
#' @param validation_data Rows that choose the best epoch, in the form of `x` (and `y`), instead
#'   of a tenth of those given: a data frame for the formula, a list of `x` and `y` otherwise.
#' @param verbose Whether to show a progress bar.
#' @return A fit, for [predict()], [augment()], [glance()], [tidy()] and [autoplot()]. It holds the
#'   whole model, so that [saveRDS()] keeps it; [textseq_save()] writes it for Python.
#' @seealso [compare_encoders()], which tells whether it is better than cheaper models.
#' @examplesIf textseq_available()
#' reviews <- data.frame(
#'   text = rep(c("a good film", "a bad film", "good and bright", "bad, and long"), 20),
#'   label = rep(c("pos", "neg"), 40)
#' )
#' set.seed(1)
#' fit <- text_classifier(label ~ text, reviews, encoder = "mean", max_epochs = 10)
#' fit
#' predict(fit, c("a good one", NA), type = "prob")
#' @export
text_classifier <- function(x, ...) UseMethod("text_classifier")

#' @rdname text_classifier
#' @export
text_classifier.formula <- function(x, data, ..., validation_data = NULL, verbose = interactive()) {
  columns <- formula_columns(x, data)
  validation <- if (!is.null(validation_data)) {
    list(validation_data[columns$predictors], outcome_of(validation_data, columns$outcome))
  }
  text_classifier(
    data[columns$predictors], outcome_of(data, columns$outcome), ...,
    validation_data = validation, verbose = verbose
  )
}

#' @rdname text_classifier
#' @export
text_classifier.data.frame <- function(x, y, ..., validation_data = NULL, verbose = interactive()) {
  fit_texts("TextClassifier", "textseq_text_classifier", x, y, list(...), validation_data, verbose)
}

#' @rdname text_classifier
#' @export
text_classifier.character <- function(x, y, ..., validation_data = NULL, verbose = interactive()) {
  text_classifier(data.frame(text = x), y, ..., validation_data = validation_data, verbose = verbose)
}

# Shared by text_classifier() and text_regressor().
fit_texts <- function(kind, class, x, y, parameters, validation_data, verbose) {
  rows <- complete_rows(text_columns(x), y)
  validation <- if (!is.null(validation_data)) {
    held_out <- validation_data[[1]]
    if (is.character(held_out)) held_out <- data.frame(text = held_out)
    held_out <- complete_rows(text_columns(held_out), validation_data[[2]])
    list(plain_texts(held_out$x), held_out$y)
  }
  fit_model(
    kind, class,
    data = list(X = plain_texts(rows$x), y = plain_outcome(rows$y), validation_data = validation),
    parameters = parameters, verbose = verbose,
    predictors = names(rows$x), labels = outcome_levels(rows$y)
  )
}

plain_texts <- function(x) if (length(x) == 1) x[[1]] else x

outcome_of <- function(data, columns) {
  if (length(columns) == 1) data[[columns]] else as.matrix(data[columns])
}

plain_outcome <- function(y) if (is.data.frame(y)) as.matrix(y) else y

# The classes in R's order: a factor's own, others sorted by Python.
outcome_levels <- function(y) {
  if (is.matrix(y) || is.data.frame(y)) {
    colnames(y) %||% paste0("label_", seq_len(ncol(y)))
  } else if (is.factor(y)) {
    levels(droplevels(y))
  }
}
