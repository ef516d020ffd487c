#' Compare forecasts
#'
#' Forecasts with several models from the same moments of the past, with naive forecasts beside
#' them, and tests their differences. The errors are scaled (MASE): 1 is that of the seasonal naive
#' forecast in the past.
#' @param x A data frame, one row a series and time; a `ts`; or a `tsibble`, as [forecaster()]
#'   takes them.
#' @param h Steps ahead.
#' @param encoders The rows: names of encoders, or a list of names and of named lists of
#'   parameters, as in `list("gru", wide = list(encoder = "lstm", hidden_size = 256))`.
#' @param ... Parameters that all networks share, as `textseq_parameters("forecaster")` lists them:
#'   `input_size = 24`, `max_epochs = 20`.
#' @param n_windows Moments from which is forecast; the last lies `h` steps before the end.
#' @param step_size Steps between them; `h` by default.
#' @param refit Whether networks are fitted afresh at each of them.
#' @param n_seeds Backtests of every network, each with its own seed.
#' @param level Percent that the prediction intervals should hold; `NULL` for none.
#' @param baselines `TRUE`: the naive, the seasonal naive and the drift forecast. `"statistical"`
#'   adds AutoETS and AutoTheta (of Python's statsforecast). Or their names.
#' @param random_state A whole number, the first seed; by default one of R's random numbers, so
#'   that `set.seed()` makes comparisons repeat.
#' @param id_col,time_col,target_col The columns of `x` that tell the series, the time and what is
#'   forecast, which may be several.
#' @param past,future Columns known up to now, and known ahead.
#' @param static A data frame of what is known of each series, or columns of `x`.
#' @param freq The time between rows, such as `"1h"`; found in the data by default.
#' @param val_size Steps at the end of each series that choose the best epoch.
#' @param checkpoint The path of a folder in which the fits are kept, a file each, or
#'   [textseq_checkpoint()] of one: those that are over are not done again, and the others go on
#'   where their process was ended. `random_state` is 0 then, if it is not chosen.
#' @param verbose Whether to show a progress bar.
#' @return A comparison, as [compare_encoders()] returns it; its `predictions` are the backtest of
#'   the first seed: a row a series, moment (`cutoff`) and time, with the truth `y` and a column a
#'   model.
#' @references Hyndman and Athanasopoulos (2021), "Forecasting: Principles and Practice",
#'   section 5.10.
#' @examplesIf textseq_available()
#' set.seed(1)
#' comparison <- compare_forecasts(AirPassengers, 12, "gru", n_windows = 2, max_epochs = 2)
#' comparison
#' autoplot(comparison)
#' @export
compare_forecasts <- function(x, h = 24, ...) UseMethod("compare_forecasts", leading(x, ...))

#' @rdname compare_forecasts
#' @export
compare_forecasts.ts <- function(x, h = 24, ...) {
  do.call(compare_forecasts, c(list(series_frame(x), h), ts_parameters(x, list(...))))
}

#' @rdname compare_forecasts
#' @export
compare_forecasts.tbl_ts <- function(x, h = 24, ...) {
  do.call(compare_forecasts, c(list(series_frame(x), h), tsibble_roles(x, list(...))))
}

#' @export
compare_forecasts.default <- function(x, h = 24, ...) no_series(x)

#' @rdname compare_forecasts
#' @export
compare_forecasts.data.frame <- function(x, h = 24, encoders = c("rnn", "lstm", "gru"), ...,
                                         n_windows = 5, step_size = NULL, refit = TRUE,
                                         n_seeds = 1, level = c(80, 95), baselines = TRUE,
                                         random_state = NULL, id_col = "unique_id",
                                         time_col = "ds", target_col = "y", past = character(),
                                         future = character(), static = NULL, freq = NULL,
                                         val_size = NULL, checkpoint = NULL,
                                         verbose = interactive()) {
  check_baselines(baselines)
  check_flag(refit, "refit")
  check_flag(verbose, "verbose")
  rows <- long_rows(x, id_col, time_col, target_col, past, future, static)
  settings <- list(
    h = h, n_windows = n_windows, step_size = step_size, refit = refit, n_seeds = n_seeds,
    level = level, baselines = baselines, random_state = random_state, id_col = rows$id_col,
    time_col = time_col, target_col = target_col, past = past, future = future, freq = freq,
    val_size = val_size, checkpoint = as_checkpoint(checkpoint)
  )
  described <- py_call(
    "compare_forecasters",
    data = rows$x, static = rows$static, encoders = encoder_rows(encoders),
    settings = with_seed(settings, checkpoint), parameters = model_parameters(list(...)),
    progress = if (verbose) comparison_bar()
  )
  described$predictions <- split_key(described$predictions, rows$key)
  new_comparison(described)
}

# Python would start a second R for R's, inside of this one.
check_baselines <- function(baselines) {
  asked <- intersect(baselines, c("r", "r_auto_arima", "r_ets"))
  if (length(asked) > 0) {
    abort(
      c(
        sprintf("The baseline \"%s\" is one of R's, which Python runs.", asked[1]),
        i = "In R, call forecast::auto.arima() or forecast::ets() themselves."
      ),
      class = "textseq_error", call = NULL
    )
  }
  # Those that Python has beside R's.
  known <- c("naive", "seasonal_naive", "drift", "statistical", "auto_ets", "auto_theta")
  unknown <- setdiff(if (is.character(baselines)) baselines, known)
  if (length(unknown) > 0) {
    abort(
      c(
        sprintf("\"%s\" is no baseline.", unknown[1]),
        i = sprintf("Choose from %s.", paste0("\"", known, "\"", collapse = ", "))
      ),
      class = "textseq_error", call = NULL
    )
  }
}
