#' Predict a number from a time series
#'
#' Trains a network that reads whole series, of one or several channels and of equal or unequal
#' lengths, and tells a number of each, in the units of the numbers given.
#'
#' @inherit text_classifier details
#' @inheritParams series_classifier
#' @param y The numbers, one a series.
#' @return A fit of class `textseq_series_regressor`, for
#'   [predict()][predict.textseq_series_regressor], [augment()], [glance()], [tidy()] and
#'   [autoplot()].
#' @examplesIf textseq_available()
#' heights <- seq(1, 4, length.out = 40)
#' waves <- outer(heights, sin(1:20))
#' set.seed(1)
#' fit <- series_regressor(waves, heights, hidden_size = 8, max_epochs = 5)
#' predict(fit, waves[c(1, 40), ])
#' @export
series_regressor <- function(x, ...) UseMethod("series_regressor", leading(x, ...))

#' @rdname series_regressor
#' @export
series_regressor.formula <- function(formula = x, data, ..., id_col = "unique_id", time_col = NULL,
                                     validation_data = NULL, checkpoint = NULL,
                                     verbose = interactive(), x) {
  fit <- fit_series_formula(
    series_numbers, formula, data, list(...), id_col, time_col, validation_data, checkpoint, verbose
  )
  with_call(fit, match.call())
}

#' @rdname series_regressor
#' @export
series_regressor.default <- function(x, y, ..., validation_data = NULL, checkpoint = NULL,
                                     verbose = interactive()) {
  warn_of_level_numbers(substitute(y), list(), parent.frame())
  fit <- fit_series(series_numbers, x, y, list(...), validation_data, checkpoint, verbose)
  with_call(fit, match.call())
}

series_numbers <- list(
  kind = "SeriesRegressor", class = c("textseq_series_regressor", "textseq_regressor"),
  outcome = "number"
)
