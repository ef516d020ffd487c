quick <- function(x, h = 4, ...) {
  forecaster(
    x, h, ...,
    input_size = 12, hidden_size = 4, max_epochs = 2, random_state = 1, n_threads = 1,
    verbose = FALSE
  )
}

waves <- function(time, id = "a", n = length(time)) {
  data.frame(id = id, time = time, value = sin(seq_len(n) / 3) + 0.01 * seq_len(n))
}

fit_waves <- function(x, ...) quick(x, ..., id_col = "id", time_col = "time", target_col = "value")

test_that("R and Python forecast the same", {
  skip_without_python()
  fit <- forecaster(
    AirPassengers,
    h = 12, hidden_size = 8, max_epochs = 4, random_state = 3, n_threads = 1
  )
  here <- predict(fit, level = c(80, 95))
  there <- as.numeric(python(c(
    "from textseq import Forecaster, load_sample",
    "model = Forecaster(h=12, hidden_size=8, max_epochs=4, random_state=3, n_threads=1)",
    "frame = model.fit(load_sample('airpassengers')).predict()",
    "for value in frame.iloc[:, 2:].to_numpy().ravel(order='F'): print(repr(float(value)))"
  )))
  expect_named(here, c(
    "unique_id", "ds", ".pred", ".pred_lower_80", ".pred_upper_80", ".pred_lower_95",
    ".pred_upper_95"
  ))
  expect_equal(unlist(here[-(1:2)], use.names = FALSE), there, tolerance = 1e-6)
  expect_identical(here$ds, seq(as.Date("1961-01-01"), by = "month", length.out = 12))
})

test_that("set.seed() makes forecasts repeat", {
  skip_without_python()
  forecasts <- lapply(c(1, 1, 2), function(seed) {
    set.seed(seed)
    predict(forecaster(AirPassengers, h = 3, hidden_size = 4, max_epochs = 1))$.pred
  })
  expect_identical(forecasts[[1]], forecasts[[2]])
  expect_false(identical(forecasts[[1]], forecasts[[3]]))
})

test_that("times come back in their class", {
  skip_without_python()
  days <- as.Date("2024-02-01") + 0:39
  expect_identical(predict(fit_waves(waves(days)))$time, as.Date("2024-03-12") + 0:3)

  # The clocks change on 10 March.
  hours <- as.POSIXct("2024-03-09", tz = "America/New_York") + 3600 * (0:39)
  ahead <- predict(fit_waves(waves(hours)))$time
  expect_identical(attr(ahead, "tzone"), "America/New_York")
  expect_equal(as.numeric(ahead), as.numeric(hours[40]) + 3600 * (1:4))

  midnights <- as.POSIXct("2024-02-01", tz = "America/New_York") + as.difftime(0:35, units = "days")
  ahead <- predict(fit_waves(waves(as.POSIXct(format(midnights), tz = "America/New_York"))))$time
  expect_identical(format(ahead, "%F %T"), sprintf("2024-03-%02d 00:00:00", 8:11))

  zone <- Sys.getenv("TZ", NA)
  Sys.setenv(TZ = "Europe/Lisbon")
  on.exit(if (is.na(zone)) Sys.unsetenv("TZ") else Sys.setenv(TZ = zone))
  here <- predict(fit_waves(waves(as.POSIXct("2024-06-01 00:00:00") + 3600 * (0:39))))$time
  expect_s3_class(here, "POSIXct")
  expect_identical(format(here[1]), "2024-06-02 16:00:00")

  expect_identical(predict(fit_waves(waves(1:40)))$time, 41:44)
  expect_identical(predict(fit_waves(waves(10 * (1:40))))$time, 10 * (41:44))
})

test_that("steps of 24 hours across a change of clocks are days", {
  skip_without_python()
  # The clocks change on 10 March and on 3 November.
  for (start in c("2024-02-20", "2024-10-10")) {
    days <- seq(as.POSIXct(start, tz = "America/New_York"), by = "day", length.out = 40)
    ahead <- predict(fit_waves(waves(days)))$time
    expect_identical(attr(ahead, "tzone"), "America/New_York")
    expect_identical(format(ahead, "%F %T"), paste(as.Date(start) + 40:43, "00:00:00"))
  }
})

test_that("a ts gets the times and the season of its frequency", {
  skip_without_python()
  expect_identical(
    predict(quick(UKgas))$ds, as.Date(c("1987-01-01", "1987-04-01", "1987-07-01", "1987-10-01"))
  )
  expect_identical(predict(quick(lynx))$ds, as.Date(sprintf("%d-01-01", 1935:1938)))
  counted <- quick(ts(sin(1:60), frequency = 7))
  expect_identical(predict(counted)$ds, 61:64)
  expect_identical(counted$parameters$season_length, 7L)
  # Twelve steps a season, but of no year.
  expect_identical(predict(quick(ts(sin(1:60), frequency = 12)))$ds, 61:64)
  given <- quick(ts(sin(1:60), frequency = 7), season_length = 5)
  expect_identical(given$parameters$season_length, 5L)
})

test_that("windows hold the season of a ts, or leave it out with a warning", {
  skip_without_python()
  run <- function(n) {
    weeks <- ts(sin(seq_len(n) * 2 * pi / 52), frequency = 52, start = 2018)
    forecaster(weeks, 13, hidden_size = 4, max_epochs = 1, random_state = 1, n_threads = 1)
  }
  expect_identical(expect_silent(run(300))$parameters$season_length, 52L)
  expect_warning(short <- run(100), "season_length = 52 is left out", class = "textseq_warning")
  expect_identical(short$parameters$season_length, 1L)
})

test_that("the columns of an mts are series", {
  skip_without_python()
  ahead <- predict(quick(ts.union(mdeaths, fdeaths)), level = NULL)
  expect_identical(ahead$unique_id, rep(c("fdeaths", "mdeaths"), each = 4))
  expect_named(ahead, c("unique_id", "ds", ".pred"))
  unnamed <- ts(matrix(sin(1:80), 40))
  dimnames(unnamed) <- NULL
  expect_identical(unique(predict(quick(unnamed))$unique_id), c("series 1", "series 2"))
})

test_that("several series, missing values, and covariates of all kinds", {
  skip_without_python()
  panel <- rbind(waves(1:40, "a"), waves(1:40, "b"))
  panel$id <- factor(panel$id)
  panel$value[c(5, 60)] <- NA
  panel$holiday <- rep(c(TRUE, FALSE, FALSE, FALSE), 20)
  panel$price <- cos(seq_len(80))
  regions <- data.frame(id = c("a", "b"), size = c(1, 2))
  fit <- fit_waves(panel, past = "price", future = "holiday", static = regions)
  ahead <- data.frame(id = rep(c("a", "b"), each = 4), time = rep(41:44, 2), holiday = TRUE)
  forecast <- predict(fit, X_future = ahead)
  expect_identical(forecast$id, rep(c("a", "b"), each = 4))
  expect_false(anyNA(forecast$.pred))
  expect_error(predict(fit), "X_future", class = "textseq_value_error")

  both <- waves(1:40)
  both$other <- -both$value
  fit <- quick(both, id_col = "id", time_col = "time", target_col = c("value", "other"))
  forecast <- predict(fit, h = 2)
  expect_identical(forecast$variable, rep(c("value", "other"), 2))
})

test_that("forecasts go on from new data, from one row too", {
  skip_without_python()
  fit <- fit_waves(waves(1:40))
  newer <- waves(1:60)
  expect_identical(predict(fit, h = 6, new_data = newer)$time, 61:66)
  one <- predict(fit, new_data = waves(100L, "new"))
  expect_identical(one$time, 101:104)
  expect_error(predict(fit, new_data = newer[0, ]), "no rows", class = "textseq_value_error")
  expect_error(predict(fit, newer), "new_data = rows", class = "textseq_error")
  ts_fit <- quick(AirPassengers)
  older <- window(AirPassengers, end = c(1959, 12))
  expect_identical(predict(ts_fit, new_data = older)$ds[1], as.Date("1960-01-01"))
})

test_that("what Python says of unusable data arrives whole", {
  skip_without_python()
  gap <- waves((1:40)[-7])
  expect_error(fit_waves(gap), "'a' has a gap: after 6.*fill_gaps", class = "textseq_value_error")
  expect_error(
    quick(AirPassengers, hiden_size = 3), "did you mean hidden_size",
    class = "textseq_value_error"
  )
  fit <- fit_waves(waves(1:40))
  expect_error(predict(fit, level = 0.9), "no percentage", class = "textseq_value_error")
})

test_that("gaps in time are filled where fill_gaps says so", {
  skip_without_python()
  rows <- waves(1:40)
  zeros <- transform(rows, value = replace(value, 7:8, 0))
  fit <- fit_waves(rows[-(7:8), ], fill_gaps = "zero")
  expect_identical(predict(fit)$.pred, predict(fit_waves(zeros))$.pred)
  again <- predict(fit, new_data = rows[-(7:8), ])
  expect_equal(again$.pred, predict(fit)$.pred)
  expect_identical(nrow(attr(again, "history")), 36L)

  of_waves <- list(
    id_col = "id", time_col = "time", target_col = "value", n_windows = 1, level = NULL
  )
  backtest <- do.call(cross_validation, c(
    list(rows[-(7:8), ], h = 4, fill_gaps = "interpolate", hidden_size = 4, max_epochs = 1),
    of_waves
  ))
  expect_identical(nrow(backtest), 4L)
  compared <- do.call(compare_forecasts, c(
    list(rows[-(7:8), ], h = 4, encoders = "rnn", fill_gaps = "zero", max_epochs = 1),
    of_waves,
    verbose = FALSE
  ))
  expect_s3_class(compared, "textseq_forecast_comparison")
})

test_that("unusable rows are counted from 1", {
  for (use in list(forecaster, cross_validation, compare_forecasts)) {
    refused <- function(rows, message) {
      expect_error(use(rows, time_col = "time", target_col = "value"), message,
        class = "textseq_error"
      )
    }
    rows <- waves(1:20)
    refused(transform(rows, value = replace(value, 7, Inf)), "value is infinite in row 7")
    refused(transform(rows, time = replace(time, 4, NA)), "time has no time in row 4")
    refused(transform(rows, value = format(value)), "value must be numeric, not character")
    rows$region <- factor("north")
    expect_error(
      use(rows, time_col = "time", target_col = "value", static = "region"),
      "region must be numeric, not factor.*model.matrix\\(~ 0 \\+ region\\)",
      class = "textseq_error"
    )
  }
})

test_that("update() forecasts again by other parameters", {
  skip_without_python()
  fit <- forecaster(AirPassengers, 4, hidden_size = 4, max_epochs = 1, random_state = 1)
  expect_match(capture.output(print(fit))[2], "^Trained on [0-9]+ windows for 1 epoch,")
  again <- update(fit, h = 6)
  expect_identical(nrow(predict(again)), 6L)
  expect_identical(again$parameters$hidden_size, fit$parameters$hidden_size)
  data <- waves(as.Date("2024-01-01") + 0:59)
  fit <- forecaster(
    data, 4,
    id_col = "id", time_col = "time", target_col = "value", hidden_size = 4, max_epochs = 1
  )
  expect_identical(nrow(predict(update(fit, h = 3))), 3L)
})

test_that("numbers without times are refused", {
  expect_error(forecaster(structure(1:4, class = "zoo")), "as.ts\\(x\\)", class = "textseq_error")
  expect_error(compare_forecasts(1:40), "not of class integer", class = "textseq_error")
  expect_error(forecaster(1:40), "ts\\(x, frequency = 12\\)", class = "textseq_error")
  expect_error(cross_validation(1:40), "not of class integer", class = "textseq_error")
})

test_that("a tsibble's key and index are found", {
  skip_without_python()
  # As tsibble builds them.
  months <- seq(as.Date("2020-01-01"), by = "month", length.out = 40)
  plain <- rbind(waves(months, "a"), waves(months, "b"))
  tsibble <- structure(
    plain,
    key = structure(list(id = c("a", "b"), .rows = list(1:40, 41:80)), class = "data.frame"),
    index = structure("time", ordered = TRUE), class = c("tbl_ts", "tbl_df", "tbl", "data.frame")
  )
  fit <- quick(tsibble)
  expect_identical(predict(fit)$.pred, predict(fit_waves(plain))$.pred)
  expect_identical(names(predict(fit, new_data = tsibble))[1:2], c("id", "time"))
})

test_that("forecasts survive saveRDS, and Python's own files", {
  skip_without_python()
  fit <- fit_waves(waves(1:40))
  before <- predict(fit)
  path <- tempfile(fileext = ".rds")
  saveRDS(fit, path)
  forget_models()
  expect_identical(predict(readRDS(path)), before)

  path <- tempfile(fileext = ".textseq")
  said <- python(c(
    "import datetime, polars as pl",
    "from textseq import Forecaster",
    "days = [datetime.date(2024, 1, 1) + datetime.timedelta(days=d) for d in range(40)]",
    "frame = pl.DataFrame({'ds': days, 'y': [d % 7 for d in range(40)]})",
    "model = Forecaster(h=3, hidden_size=4, max_epochs=1, random_state=0).fit(frame)",
    sprintf("model.save(%s)", shQuote(path)),
    "print(*model.predict()['lstm'])"
  ))
  ahead <- predict(textseq_load(path))
  expect_identical(ahead$ds, as.Date("2024-02-10") + 0:2)
  expect_equal(ahead$.pred, as.numeric(strsplit(said, " ")[[1]]), tolerance = 1e-6)

  python(c(
    "import pandas as pd",
    "from textseq import Forecaster",
    "hours = pd.date_range('2024-01-01', periods=48, freq='h')",
    "frame = pd.DataFrame({'ds': hours, 'y': range(48)})",
    "model = Forecaster(h=1, hidden_size=4, max_epochs=1, random_state=0).fit(frame)",
    sprintf("model.save(%s)", shQuote(path))
  ))
  # Midnight, but an hour of a day and no date.
  expect_identical(predict(textseq_load(path))$ds, as.POSIXct("2024-01-03", tz = "UTC"))
})

test_that("months and quarters of zoo come back as such", {
  skip_without_python()
  months <- structure(2013 + 0:39 / 12, class = "yearmon")
  expect_identical(span_dates(months)[c(1, 40)], as.Date(c("2013-01-01", "2016-04-01")))
  quarters <- structure(2000 + 0:39 / 4, class = "yearqtr")
  expect_identical(span_dates(quarters)[40], as.Date("2009-10-01"))
  for (spans in list(months, quarters)) {
    series <- data.frame(y = sin(1:40))
    series$ds <- spans
    fit <- quick(series)
    ahead <- predict(fit)$ds
    expect_s3_class(ahead, class(spans))
    expect_equal(unclass(ahead)[1], unclass(spans)[40] + unclass(spans)[2] - unclass(spans)[1])
    expect_s3_class(autoplot(predict(fit)), "ggplot")
  }
})

test_that("messages name times in the user's zone", {
  skip_without_python()
  ds <- seq(as.POSIXct("2021-03-01", tz = "America/Sao_Paulo"), by = "hour", length.out = 60)
  expect_error(quick(data.frame(ds = ds, y = sin(1:60))[-50, ]), "after 2021-03-03 00:00-03:00")
})

test_that("Python's messages count rows from 1", {
  skip_without_python()
  rows <- transform(waves(1:40), price = cos(1:40))
  expect_error(fit_waves(transform(rows, id = replace(id, 5, NA))), "no id in row 5")
  fit <- fit_waves(rows, future = "price")
  ahead <- data.frame(id = "a", time = replace(41:44, 3, NA), price = 1)
  expect_error(predict(fit, X_future = ahead), "no time in row 3")
})
