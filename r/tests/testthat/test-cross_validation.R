quick_past <- function(...) {
  cross_validation(
    AirPassengers, 6, ...,
    hidden_size = 4, max_epochs = 1, random_state = 2, n_threads = 1
  )
}

test_that("R and Python forecast the same past", {
  skip_without_python()
  here <- quick_past(n_windows = 2, step_size = 3, level = 90)
  expect_s3_class(here, "textseq_backtest")
  expect_named(here, c(
    "unique_id", "ds", "cutoff", "y", ".pred", ".pred_lower_90", ".pred_upper_90", "naive",
    "naive_lower_90", "naive_upper_90", "seasonal_naive", "seasonal_naive_lower_90",
    "seasonal_naive_upper_90"
  ))
  there <- as.numeric(python(c(
    "from textseq import Forecaster, load_sample",
    "model = Forecaster(h=6, hidden_size=4, max_epochs=1, random_state=2, n_threads=1)",
    "frame = load_sample('airpassengers')",
    "frame = model.cross_validation(frame, 2, 3, level=[90])",
    "for value in frame.iloc[:, 3:].to_numpy().ravel(order='F'): print(repr(float(value)))"
  )))
  expect_equal(unlist(here[-(1:3)], use.names = FALSE), there, tolerance = 1e-6)
  expect_identical(unique(here$cutoff), as.Date(c("1960-03-01", "1960-06-01")))
})

test_that("accuracy() has a row a model", {
  skip_without_python()
  past <- quick_past(n_windows = 2, level = 90)
  found <- accuracy(past)
  expect_identical(found$model, c("lstm", "naive", "seasonal_naive"))
  expect_named(found, c("model", "mae", "rmse", "smape", "coverage_90"))
  missed <- past
  missed$y <- missed$.pred + c(-1, 2)
  expect_equal(unlist(accuracy(missed)[1, c("mae", "rmse")]), c(mae = 1.5, rmse = sqrt(2.5)))
  held <- past$naive_lower_90 <= past$y & past$y <= past$naive_upper_90
  expect_equal(found$coverage_90[2], mean(held))
  bare <- quick_past(n_windows = 1, level = NULL, baselines = character(), refit = FALSE)
  expect_named(accuracy(bare), c("model", "mae", "rmse", "smape"))
  bare$y <- 3 * bare$.pred
  expect_equal(accuracy(bare)$smape, 100)
  names(bare)[1] <- "y"
  expect_equal(accuracy(bare)$smape, 100)
})

test_that("R's own models are not called by way of Python", {
  expect_error(
    cross_validation(AirPassengers, baselines = "r_ets"), "forecast::auto.arima",
    class = "textseq_error"
  )
})

test_that("only baselines that R may ask for are offered", {
  said <- expect_error(
    cross_validation(AirPassengers, 12, baselines = "ets"), "\"ets\" is no baseline",
    class = "textseq_error"
  )
  expect_no_match(conditionMessage(said), "r_ets")
})

test_that("accuracy() judges forecasts alone, each variable in its own unit", {
  skip_without_python()
  rows <- data.frame(ds = 1:60, metres = sin(1:60), pascals = 1e5 + cos(1:60))
  past <- cross_validation(
    rows, 3,
    n_windows = 2, target_col = c("metres", "pascals"), hidden_size = 4, max_epochs = 1,
    random_state = 1, n_threads = 1
  )
  past$region <- 7
  found <- accuracy(past)
  expect_identical(found$variable, rep(c("metres", "pascals"), 3))
  expect_identical(unique(found$model), c("lstm", "naive", "seasonal_naive"))
  metres <- past[past$variable == "metres", ]
  expect_equal(found$mae[3], mean(abs(metres$y - metres$naive)))
})
