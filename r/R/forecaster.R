#' Forecast series
#'
#' Trains one network on windows of one series or many: it learns from all of them, and forecasts
#' each. Intervals come from errors on the last rows, which training does not see.
#'
#' A `ts` of months, quarters or years from the year 1000 on gets dates (the first day of each)
#' as its times; any other is counted 1, 2, 3, ... with its frequency as `season_length`. Each
#' column of an `mts` is a series of its own, named by the column. To forecast several variables
#' together, each knowing the others, pass a data frame and name them in `target_col`.
#'
#' @param x A data frame with one row a series and time; a `ts`; or a `tsibble`, whose key and
#'   index are found by themselves.
#' @param h Steps ahead that are trained; [predict()] goes beyond them if asked.
#' @param ... For the other classes, arguments of the data frame's method. Parameters of the model,
#'   as [textseq_parameters()] lists them: `encoder = "gru"`, `loss = "quantile"`,
#'   `season_length = 24`, `fill_gaps = "interpolate"` or `"zero"` where steps have no row.
#'   Without a `random_state` R's own random numbers draw one.
#' @param id_col,time_col Names of columns. Without a column `unique_id` all rows are one series.
#'   Several columns may name a series together, `id_col = c("state", "kind")`, as those of a
#'   tsibble's key do, and come back as they were.
#'   Times are `Date`, `POSIXct`, whole numbers, text that starts with the year, or the months,
#'   quarters and weeks of zoo and tsibble, and come back as they were; a time without a
#'   time zone is one of the session's. Times 24 hours apart are days, all at the clock time of the
#'   first.
#' @param target_col What to forecast; several columns are forecast together. Values may be `NA`,
#'   but a row be left out only with `fill_gaps`.
#' @param past,future Names of covariates that are known up to now, and of those known ahead.
#' @param static Names of covariates that are constant within a series, or a data frame of them
#'   with one row a series.
#' @param freq The step between times, if it cannot be seen from them: a whole number, or a name
#'   that pandas knows, such as `"MS"`, `"D"`, `"h"`.
#' @param val_size Last rows of each series that choose the best epoch and calibrate the intervals.
#' @inheritParams text_classifier
#' @return A fit, for [predict()][predict.textseq_forecaster], [glance()], [tidy()] and
#'   [autoplot()]. It holds the whole model, so that [saveRDS()] keeps it.
#' @seealso [cross_validation()], which tells how good the forecasts are beside naive ones.
#' @examplesIf textseq_available()
#' set.seed(1)
#' fit <- forecaster(AirPassengers, h = 12, hidden_size = 16, max_epochs = 5)
#' predict(fit, level = 90)
#' @export
forecaster <- function(x, h = 24, ...) UseMethod("forecaster", leading(x, ...))

#' @rdname forecaster
#' @export
forecaster.data.frame <- function(x, h = 24, ..., id_col = "unique_id", time_col = "ds",
                                  target_col = "y", past = NULL, future = NULL, static = NULL,
                                  freq = NULL, val_size = NULL, checkpoint = NULL,
                                  verbose = interactive()) {
  rows <- long_rows(x, id_col, time_col, target_col, past, future, static)
  fit <- fit_model(
    "Forecaster", "textseq_forecaster",
    data = list(df = rows$x),
    options = column_roles(
      rows$id_col, time_col, target_col, past, future, rows$static, freq, val_size
    ),
    parameters = list(h = h, ...), checkpoint = checkpoint, verbose = verbose,
    key = rows$key
  )
  fit$spans <- rows$spans
  with_call(fit, match.call())
}

#' @rdname forecaster
#' @export
forecaster.ts <- function(x, h = 24, ...) {
  name <- substitute(x)
  fit <- do.call(forecaster, c(list(series_frame(x), h = h), ts_parameters(x, list(...))))
  named <- is.name(name) && !is.matrix(x)
  fit$titles <- list(time = "time", value = if (named) as.character(name))
  with_call(fit, match.call())
}

#' @rdname forecaster
#' @export
forecaster.tbl_ts <- function(x, h = 24, ...) {
  fit <- do.call(forecaster, c(list(series_frame(x), h = h), tsibble_roles(x, list(...))))
  with_call(fit, match.call())
}

#' @export
forecaster.default <- function(x, h = 24, ...) no_series(x)

# Numbers alone do not tell their times.
no_series <- function(x) {
  abort(
    c(
      sprintf("Series are a data frame with their times, or a ts, not of class %s.", class(x)[1]),
      i = if (inherits(x, "zoo")) {
        "Pass `data.frame(ds = zoo::index(x), y = zoo::coredata(x))`, or `as.ts(x)`."
      } else {
        "Numbers become one by `ts(x, frequency = 12)`, of twelve steps a season."
      }
    ),
    class = "textseq_error", call = NULL
  )
}

#' Forecast the next steps
#'
#' @param object A fit of [forecaster()].
#' @param h Steps ahead; as trained by default.
#' @param new_data Other or newer rows, in the form of those that were fitted, of series that need
#'   not have been among them; the rows of the fit by default.
#' @param X_future A data frame with the covariates known ahead for the steps ahead: id, time and
#'   the columns that `future` named.
#' @param level Percent that the prediction intervals should hold; `NULL` for no intervals.
#' @param static Covariates of the series in `new_data`, if the fit took a data frame of them.
#' @param ... Not used; in `forecast()`, which is `predict()` under the name that packages of
#'   forecasts have for it, its other arguments.
#' @return A tibble with one row a series and time: id, time, `.pred`, and for every level
#'   `.pred_lower_80` and `.pred_upper_80`; with several targets also `variable`. It is a
#'   `textseq_forecast`, which [autoplot()] draws.
#' @examplesIf textseq_available()
#' set.seed(1)
#' fit <- forecaster(AirPassengers, h = 12, hidden_size = 16, max_epochs = 5)
#' ahead <- predict(fit)
#' ahead
#' autoplot(ahead)
#' @export
predict.textseq_forecaster <- function(object, h = NULL, new_data = NULL, X_future = NULL,
                                       level = c(80, 95), static = NULL, ...) {
  check_dots(...)
  if (!is.null(h) && !is.numeric(h) || stats::is.ts(h)) {
    abort(
      c(
        sprintf("`h` must be a number of steps, not %s.", class(h)[1]),
        i = "Name the rows to go on from: `predict(fit, new_data = rows)`."
      ),
      class = "textseq_error"
    )
  }
  open_in_python(object)
  new_data <- series_frame(new_data)
  key <- object$key
  if (!is.null(key) && !is.null(new_data)) key <- grow_key(key, new_data)
  answer <- py_call(
    "forecast",
    id = object$id, h = h, df = join_key(new_data, key),
    X_future = join_key(series_frame(X_future), key), level = level, static = join_key(static, key)
  )
  answer$frame[[2]] <- as_spans(answer$frame[[2]], object$spans)
  answer$history[[2]] <- as_spans(answer$history[[2]], object$spans)
  tibble::new_tibble(
    split_key(answer$frame, key),
    history = answer$history, targets = answer$targets, titles = object$titles,
    id_cols = key$columns %||% names(answer$frame)[1], namespace = topenv(),
    class = "textseq_forecast"
  )
}

#' @importFrom generics forecast
#' @export
generics::forecast

#' @rdname predict.textseq_forecaster
#' @export
forecast.textseq_forecaster <- function(object, h = NULL, new_data = NULL, ...) {
  stats::predict(object, h, new_data, ...)
}

column_roles <- function(id_col, time_col, target_col, past, future, static, freq, val_size) {
  given <- list(
    id_col = id_col, time_col = time_col, target_col = target_col, past = past, future = future,
    static = static, freq = freq, val_size = val_size
  )
  Filter(Negate(is.null), given)
}

# What forecasts are learned from, checked, as Python takes it, and the key that names its series.
long_rows <- function(x, id_col, time_col, target_col, past, future, static) {
  x <- series_frame(x)
  check_long_frame(x, time_col, target_col, c(past, future, if (is.character(static)) static))
  key <- series_key(x, id_col)
  list(
    x = if (is.null(key)) x else join_key(x, key), id_col = key$id %||% id_col,
    static = if (is.data.frame(static)) join_key(static, key) else static, key = key,
    spans = attr(x, "spans")[[time_col]]
  )
}

# Series of any class as a long data frame, of columns that Python knows.
series_frame <- function(x) {
  if (is.null(x)) {
    return(NULL)
  }
  if (stats::is.ts(x)) {
    x <- ts_frame(x)
  }
  x <- as.data.frame(x)
  # Months and quarters of zoo and tsibble are Dates of their first day.
  spans <- vapply(x, inherits, TRUE, what = span_classes)
  if (any(spans)) {
    attr(x, "spans") <- lapply(x[spans], function(column) {
      attributes(column)[setdiff(names(attributes(column)), "names")]
    })
    x[spans] <- lapply(x[spans], span_dates)
  }
  times <- vapply(x, inherits, TRUE, what = "POSIXct")
  x[times] <- lapply(x[times], on_one_clock)
  x
}

span_classes <- c("yearmon", "yearqtr", "yearmonth", "yearquarter", "yearweek")

# The first days of months, quarters or weeks; zoo has an as.Date() of its own.
span_dates <- function(x) {
  steps <- unname(c(yearmon = 12, yearqtr = 4)[class(x)[1]])
  if (is.na(steps)) {
    return(if (inherits(x, span_classes)) as.Date(x) else x)
  }
  months <- 12 / steps * round(steps * as.numeric(x))
  as.Date(sprintf("%04.0f-%02.0f-01", months %/% 12, months %% 12 + 1), "%Y-%m-%d")
}

# Dates as the months, quarters or weeks of a column with the attributes `like`.
as_spans <- function(dates, like) {
  if (is.null(like)) {
    return(dates)
  }
  steps <- unname(c(yearmon = 12, yearqtr = 4)[like$class[1]])
  if (is.na(steps)) {
    dates <- as.numeric(dates)
    attributes(dates) <- like
    return(dates)
  }
  parts <- as.POSIXlt(dates)
  structure(parts$year + 1900 + (parts$mon %/% (12 / steps)) / steps, class = like$class)
}

# seq(by = "day") steps 24 hours: after a change of clocks such times are an hour off, and are put
# back to what the clock showed at the first.
on_one_clock <- function(x) {
  if (anyNA(x) || length(unique(as.numeric(x) %% 86400)) != 1) {
    return(x)
  }
  local <- as.POSIXlt(x)
  moved <- 3600 * (local$hour - local$hour[1]) + 60 * (local$min - local$min[1])
  # At most half a day, across midnight too.
  x - ((moved + 43200) %% 86400 - 43200)
}

# Says in R's counting what Python would say in its own.
check_long_frame <- function(x, time_col, target_col, covariates = NULL) {
  refuse <- function(...) abort(c(...), class = "textseq_error", call = NULL)
  check_columns(x, c(time_col, target_col, covariates), "The data frame")
  untimed <- which(is.na(x[[time_col]]))
  if (length(untimed) > 0) {
    refuse(
      sprintf("Column %s has no time in row %d.", time_col, untimed[1]),
      i = "Leave the row out, or give its time."
    )
  }
  for (column in c(target_col, covariates)) {
    values <- x[[column]]
    if (!is.numeric(values) && !is.logical(values)) {
      refuse(
        sprintf("Column %s must be numeric, not %s.", column, class(values)[1]),
        i = sprintf("Categories become columns of 0 and 1 by `model.matrix(~ 0 + %s)`.", column),
        i = "Numbers written as text become numeric by `as.numeric()`."
      )
    }
    infinite <- which(is.infinite(values))
    if (length(infinite) > 0) {
      refuse(
        sprintf(
          "Column %s is infinite in row %d (%d such rows).", column, infinite[1], length(infinite)
        ),
        i = "Put NA where the value is not known."
      )
    }
  }
}

ts_frame <- function(x) {
  if (!is.matrix(x)) {
    return(data.frame(ds = ts_times(x), y = as.numeric(x)))
  }
  series <- colnames(x) %||% paste("series", seq_len(ncol(x)))
  data.frame(
    unique_id = rep(series, each = nrow(x)), ds = rep(ts_times(x), ncol(x)), y = as.numeric(x)
  )
}

# Whether the times of a ts are months, quarters or years: ts(x, frequency = 12), which starts
# in year 1, only says that there are twelve steps a season.
is_dated <- function(x) {
  frequency <- stats::frequency(x)
  place <- stats::tsp(x)[1] * frequency
  frequency %in% c(1, 4, 12) && stats::tsp(x)[1] >= 1000 && abs(place - round(place)) < 1e-3
}

ts_times <- function(x) {
  if (!is_dated(x)) {
    return(seq_len(NROW(x)))
  }
  frequency <- stats::frequency(x)
  months <- 12 / frequency * (round(stats::tsp(x)[1] * frequency) + seq_len(NROW(x)) - 1)
  as.Date(sprintf("%04d-%02d-01", as.integer(months %/% 12), as.integer(months %% 12 + 1)))
}

# Dates tell their season; counted steps do not.
ts_parameters <- function(x, given) {
  season <- round(stats::frequency(x))
  if (!"season_length" %in% names(given) && !is_dated(x) && season > 1) {
    given$season_length <- season
  }
  given
}

tsibble_key <- function(x) setdiff(names(attr(x, "key")), ".rows")

tsibble_roles <- function(x, given) {
  key <- tsibble_key(x)
  index <- as.character(attr(x, "index"))
  found <- list(time_col = index)
  if (length(key) > 0) {
    found$id_col <- key
  }
  measured <- setdiff(names(x), c(key, index))
  if (length(measured) == 1) {
    found$target_col <- measured
  }
  c(found[setdiff(names(found), names(given))], given)
}
