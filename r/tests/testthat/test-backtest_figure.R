test_that("a backtest is drawn over what came", {
  skip_without_python()
  rows <- data.frame(
    id = rep(c("a", "b"), each = 60), t = rep(as.Date("2024-01-01") + 0:59, 2), y = sin(1:120)
  )
  past <- cross_validation(
    rows, 3,
    n_windows = 2, id_col = "id", time_col = "t", hidden_size = 4, max_epochs = 1,
    random_state = 1, n_threads = 1
  )
  drawn <- ggplot2::ggplot_build(autoplot(past, series = "b"))$data
  observed <- drawn[[3]]
  expect_identical(max(observed$x), as.numeric(as.Date("2024-02-29")))
  expect_equal(utils::tail(observed$y, 1), sin(120))
  expect_equal(drawn[[4]]$y, past$.pred[past$id == "b"])
  expect_error(autoplot(past, series = "c"), "no series c", class = "textseq_error")
  bare <- cross_validation(
    AirPassengers, 3,
    n_windows = 1, level = NULL, hidden_size = 4, max_epochs = 1
  )
  expect_s3_class(autoplot(bare), "ggplot")
})
