#' Forecast from several moments of the past
#'
#' At each cutoff a fresh network is fitted to the rows up to it, and its forecasts are laid beside
#' what came and beside naive forecasts (rolling origin).
#'
#' @param x Series, as [forecaster()] takes them.
#' @param h Steps ahead.
#' @param n_windows Cutoffs; the last lies `h` steps before each series' end.
#' @param step_size Steps between cutoffs; `h` by default.
#' @param refit Whether every cutoff has a network of its own. If not, that of the first
#'   cutoff forecasts from all.
#' @param level Percent that the prediction intervals should hold; `NULL` for no intervals.
#' @param baselines Forecasts beside the network's: `"naive"`, `"seasonal_naive"`, `"drift"`; with
#'   Python's statsforecast also `"auto_ets"` and `"auto_theta"`.
#' @param ... The roles of the columns and parameters of the model, as [forecaster()] takes them.
#' @param checkpoint The path of a folder in which the fits are kept, a file each, or
#'   [textseq_checkpoint()] of one: those that are over are not done again, and the others go on
#'   where their process was ended. `random_state` is 0 then, if it is not chosen.
#' @param object In [accuracy()] a result of `cross_validation()`.
#' @inheritParams forecaster
#' @return A tibble with one row a series, cutoff and time: id, time, `cutoff` (the last time that
#'   was known), the truth `y`, `.pred` and its intervals, and each naive forecast with its own,
#'   such as `naive` and `naive_lower_80`. It is a `textseq_backtest`, of which [accuracy()] makes
#'   a row a model and, of several targets, a `variable`: `mae`, `rmse`, `smape`
#'   (in percent), and for each level the share of truths
#'   that the intervals held, in `coverage_80`.
#' @references Hyndman & Athanasopoulos (2021), "Forecasting: Principles and Practice", section
#'   5.10.
#' @examplesIf textseq_available()
#' set.seed(1)
#' past <- cross_validation(
#'   AirPassengers, h = 12, n_windows = 2, hidden_size = 16, max_epochs = 5
#' )
#' past
#' accuracy(past)
#' @export
cross_validation <- function(x, h = 24, ...) UseMethod("cross_validation", leading(x, ...))

#' @rdname cross_validation
#' @export
cross_validation.data.frame <- function(x, h = 24, n_windows = 5, step_size = NULL, refit = TRUE,
                                        level = c(80, 95),
                                        baselines = c("naive", "seasonal_naive"), ...,
                                        id_col = "unique_id", time_col = "ds", target_col = "y",
                                        past = NULL, future = NULL, static = NULL, freq = NULL,
                                        val_size = NULL, checkpoint = NULL,
                                        verbose = interactive()) {
  check_baselines(baselines)
  rows <- long_rows(x, id_col, time_col, target_col, past, future, static)
  check_flag(refit, "refit")
  check_flag(verbose, "verbose")
  bar <- if (verbose) training_bar("cross-validation")
  answer <- py_call(
    "backtest_forecasts",
    df = rows$x, h = h, n_windows = n_windows, step_size = step_size, refit = refit,
    level = level, baselines = baselines,
    options = column_roles(
      rows$id_col, time_col, target_col, past, future, rows$static, freq, val_size
    ),
    parameters = with_seed(model_parameters(list(...)), checkpoint),
    checkpoint = as_checkpoint(checkpoint), progress = bar
  )
  times <- c(time_col, "cutoff")
  answer$frame[times] <- lapply(answer$frame[times], as_spans, rows$spans)
  models <- names(answer$frame)[-seq_len(max(which(names(answer$frame) == "y")))]
  tibble::new_tibble(
    split_key(answer$frame, rows$key),
    model = answer$model, targets = target_col, time_col = time_col,
    history = backtest_history(rows, answer$frame, time_col, target_col),
    models = grep("_(lower|upper)_[0-9.]+$", models, value = TRUE, invert = TRUE),
    id_cols = rows$key$columns %||% names(answer$frame)[1], namespace = topenv(),
    class = "textseq_backtest"
  )
}

#' @rdname cross_validation
#' @export
cross_validation.ts <- function(x, h = 24, ...) {
  do.call(cross_validation, c(list(series_frame(x), h = h), ts_parameters(x, list(...))))
}

#' @rdname cross_validation
#' @export
cross_validation.tbl_ts <- function(x, h = 24, ...) {
  do.call(cross_validation, c(list(series_frame(x), h = h), tsibble_roles(x, list(...))))
}

#' @export
cross_validation.default <- function(x, h = 24, ...) no_series(x)

#' @importFrom generics accuracy
#' @export
generics::accuracy

#' @rdname cross_validation
#' @export
accuracy.textseq_backtest <- function(object, ...) {
  check_dots(...)
  # Columns that were added since are no forecasts.
  models <- intersect(attr(object, "models"), names(object))
  ends <- grep("_(lower|upper)_[0-9.]+$", names(object), value = TRUE)
  levels <- unique(sub(".*_", "", ends))
  # The series' ids may be called y, too.
  y <- object[[max(which(names(object) == "y"))]]
  # Errors of several variables have several units, and no common mean.
  variable <- if ("variable" %in% setdiff(names(object), attr(object, "id_cols"))) object$variable
  each <- split(seq_along(y), factor(variable %||% rep("", length(y)), unique(variable %||% "")))
  rows <- lapply(models, function(model) {
    judged <- lapply(seq_along(each), function(place) {
      row <- list(model = if (model == ".pred") attr(object, "model") else model)
      if (!is.null(variable)) row$variable <- names(each)[place]
      tibble::as_tibble(c(row, errors_of(unclass(object), model, y, levels, each[[place]])))
    })
    do.call(rbind, judged)
  })
  do.call(rbind, rows)
}

errors_of <- function(columns, model, y, levels, rows) {
  y <- y[rows]
  predicted <- columns[[model]][rows]
  error <- y - predicted
  held <- lapply(stats::setNames(levels, sprintf("coverage_%s", levels)), function(level) {
    ends <- lapply(sprintf(c("%s_lower_%s", "%s_upper_%s"), model, level), function(name) {
      columns[[name]][rows]
    })
    mean(y >= ends[[1]] & y <= ends[[2]], na.rm = TRUE)
  })
  c(
    list(
      mae = mean(abs(error), na.rm = TRUE), rmse = sqrt(mean(error^2, na.rm = TRUE)),
      smape = 200 * mean(abs(error) / (abs(y) + abs(predicted)), na.rm = TRUE)
    ),
    held
  )
}
