# Series of any class as a long data frame, of columns that Python knows.
series_frame <- function(x) {
  if (is.null(x)) {
    return(NULL)
  }
  if (stats::is.ts(x)) {
    x <- ts_frame(x)
  }
  key <- if (inherits(x, "tbl_ts")) tsibble_key(x)
  x <- as.data.frame(x)
  if (length(key) > 1) {
    x$unique_id <- do.call(paste, c(x[key], sep = "/"))
  }
  # Months and quarters of zoo and tsibble are Dates of their first day.
  months <- c("yearmon", "yearqtr", "yearmonth", "yearquarter", "yearweek")
  spans <- vapply(x, inherits, TRUE, what = months)
  x[spans] <- lapply(x[spans], as.Date)
  x
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
  if (is.null(given$season_length) && !is_dated(x) && season > 1) {
    given$season_length <- season
  }
  given
}

tsibble_key <- function(x) setdiff(names(attr(x, "key")), ".rows")

tsibble_roles <- function(x, given) {
  key <- tsibble_key(x)
  index <- as.character(attr(x, "index"))
  found <- list(time_col = index)
  if (length(key) == 1) {
    found$id_col <- key
  }
  measured <- setdiff(names(x), c(key, index))
  if (length(measured) == 1) {
    found$target_col <- measured
  }
  utils::modifyList(found, given)
}
