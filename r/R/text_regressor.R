#' Predict a number from a text
#'
#' Trains a network that reads texts and tells a number, in the units of the numbers given: stars
#' of a review, the price of what is described, how alike two texts are.
#'
#' @inherit text_classifier details
#' @inheritSection text_classifier Columns beside the text
#' @inheritSection text_classifier Pretrained transformers
#' @inheritSection text_classifier More rows than memory holds
#' @inheritParams text_classifier
#' @param x A data frame with one column of texts, or two to compare, and others beside them; a
#'   character vector; or a formula like `stars ~ text`, which picks columns of `data`. Its left
#'   side may be computed of them, as `log(price) ~ text`: of every data frame by itself.
#' @param y The numbers.
#' @param ... Parameters of the model, as [textseq_parameters()] lists them.
#' @return A fit of class `textseq_text_regressor`, for [predict()][predict.textseq_text_regressor],
#'   [augment()], [glance()], [tidy()] and [autoplot()].
#' @examplesIf textseq_available()
#' films <- data.frame(
#'   text = rep(c("bad", "good", "good good", "good good good"), 20),
#'   stars = rep(0:3, 20)
#' )
#' set.seed(1)
#' fit <- text_regressor(stars ~ text, films, encoder = "mean", max_epochs = 10)
#' predict(fit, c("good", NA))
#' @export
text_regressor <- function(x, ...) UseMethod("text_regressor", leading(x, ...))

#' @rdname text_regressor
#' @export
text_regressor.formula <- function(formula = x, data, ..., validation_data = NULL,
                                   checkpoint = NULL, verbose = interactive(), x) {
  fit <- fit_text_formula(
    text_numbers, formula, data, list(...), validation_data, checkpoint, verbose
  )
  with_call(fit, match.call())
}

#' @rdname text_regressor
#' @export
text_regressor.default <- function(x, y, ..., validation_data = NULL, checkpoint = NULL,
                                   verbose = interactive()) {
  warn_of_level_numbers(substitute(y), list(), parent.frame())
  fit <- fit_texts(text_numbers, x, y, list(...), validation_data, checkpoint, verbose)
  with_call(fit, match.call())
}

text_numbers <- list(
  kind = "TextRegressor", class = c("textseq_text_regressor", "textseq_regressor"),
  outcome = "number"
)
