test_that("errors are those of Python, for the same data and seeds", {
  skip_without_python()
  series <- textseq_sample("airpassengers")
  found <- compare_forecasts(
    series, 12, list("gru", small = list(encoder = "rnn", hidden_size = 4)),
    n_windows = 2, n_seeds = 2, random_state = 3, max_epochs = 2, n_threads = 1
  )
  printed <- python("
from textseq import Forecaster, compare_forecasts, load_sample
found = compare_forecasts(
    load_sample('airpassengers'), 12, ['gru', {'small': {'encoder': 'rnn', 'hidden_size': 4}}],
    estimator=Forecaster(max_epochs=2, n_threads=1), n_windows=2, n_seeds=2, random_state=3)
for model in found.models:
    for error in model.mase:
        print(model.name, repr(float(error)), sep=';')
")
  python_says <- utils::read.table(text = printed, sep = ";", col.names = c("model", "mase"))
  expect_identical(found$scores$model, python_says$model)
  expect_equal(found$scores$score, python_says$mase, tolerance = 1e-6)
})

test_that("a ts, its data frame and a saved comparison are the same", {
  skip_without_python()
  run <- function(x, ...) {
    compare_forecasts(x, 12, "gru", n_windows = 2, random_state = 1, max_epochs = 1, ...)
  }
  found <- run(AirPassengers)
  series <- textseq_sample("airpassengers")
  expect_equal(run(series)$scores, found$scores)
  expect_s3_class(found$predictions$ds, "Date")
  expect_identical(nrow(found$predictions), 24L)
  expect_identical(glance(found)$metric, "mase")
  expect_output(print(found), "seasonal naive.*p \\(Holm\\)")
  expect_true(all(c("coverage_80", "width_95") %in% names(tidy(found))))
  shown <- ggplot2::ggplot_build(autoplot(found))$layout$panel_params[[1]]$y$get_labels()
  expect_true("seasonal naive" %in% shown)
  expect_s3_class(autoplot(found), "ggplot")
  kept <- unserialize(serialize(found, NULL))
  page <- textseq_report(kept, tempfile(fileext = ".html"))
  expect_true(any(grepl("AirPassengers|series", readLines(page, warn = FALSE))))
})

test_that("baselines, levels and covariates reach Python", {
  skip_without_python()
  series <- textseq_sample("airpassengers")
  series$month <- as.numeric(format(series$ds, "%m"))
  run <- function(...) {
    compare_forecasts(series, 12, "rnn", n_windows = 1, random_state = 1, max_epochs = 1, ...)
  }
  found <- run(baselines = "drift", level = NULL, future = "month")
  expect_setequal(found$table$model, c("rnn", "drift"))
  expect_false(any(grepl("-lo-", names(found$predictions))))
  plain <- run(baselines = FALSE, level = 90)
  expect_identical(plain$table$model, "rnn")
  expect_true("rnn-lo-90" %in% names(plain$predictions))
  expect_gt(found$table$parameters[found$table$model == "rnn"], plain$table$parameters)
  expect_error(run(baselines = "r"), "forecast::auto.arima", class = "textseq_error")
})

test_that("only baselines that R may ask for are offered", {
  said <- expect_error(
    compare_forecasts(AirPassengers, 12, "gru", baselines = "ets"), "\"ets\" is no baseline",
    class = "textseq_error"
  )
  expect_no_match(conditionMessage(said), "r_ets")
})
