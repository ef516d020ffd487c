#' Classify time series
#'
#' Trains a network that reads whole series, of one or several channels and of equal or unequal
#' lengths, and tells their classes. A value that is `NA` within a series is a missing value, which
#' the network learns to read; a series that is `NULL` or holds `NA` alone is missing itself.
#'
#' @inherit text_classifier details
#' @inheritParams text_classifier
#' @param x The series: an array (series, channels, time); a matrix (series, time) or a data frame
#'   of one column a step; a list of vectors or of matrices (channels, time), whose lengths may
#'   differ. Or a formula: `kind ~ series`, where `series` is a list column; or
#'   `kind ~ speed + height`, where these are the channels in a long data frame of one row for
#'   each step of each series.
#' @param data A data frame.
#' @param id_col In a long data frame the column that tells the series apart.
#' @param time_col In a long data frame the column that sorts the steps of a series; `NULL` for
#'   the order of the rows.
#' @param y The classes, one a series, as in [text_classifier()].
#' @param ... Parameters of the model, as [textseq_parameters()] lists them.
#' @return A fit of class `textseq_series_classifier`, for
#'   [predict()][predict.textseq_series_classifier], [augment()], [glance()], [tidy()] and
#'   [autoplot()].
#' @examplesIf textseq_available()
#' speeds <- rep(c(slow = 0.3, fast = 0.9), 20)
#' waves <- lapply(speeds, function(speed) sin(seq_len(sample(20:30, 1)) * speed))
#' set.seed(1)
#' fit <- series_classifier(waves, names(speeds), encoder = "gru", hidden_size = 8, max_epochs = 5)
#' predict(fit, list(sin(1:25 * 0.8), NULL))
#' @export
series_classifier <- function(x, ...) UseMethod("series_classifier", leading(x, ...))

#' @rdname series_classifier
#' @export
series_classifier.formula <- function(formula = x, data, ..., id_col = "unique_id", time_col = NULL,
                                      validation_data = NULL, checkpoint = NULL,
                                      verbose = interactive(), x) {
  fit <- fit_series_formula(
    series_classes, formula, data, list(...), id_col, time_col, validation_data, checkpoint, verbose
  )
  with_call(fit, match.call())
}

#' @rdname series_classifier
#' @export
series_classifier.default <- function(x, y, ..., validation_data = NULL, checkpoint = NULL,
                                      verbose = interactive()) {
  warn_of_level_numbers(substitute(y), list(), parent.frame())
  fit <- fit_series(series_classes, x, y, list(...), validation_data, checkpoint, verbose)
  with_call(fit, match.call())
}

series_classes <- list(
  kind = "SeriesClassifier", class = c("textseq_series_classifier", "textseq_classifier"),
  outcome = "class"
)
