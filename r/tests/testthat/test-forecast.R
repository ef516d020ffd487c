test_that("a forecast is drawn with its history and bands", {
  skip_without_python()
  panel <- data.frame(
    unique_id = rep(c("a", "b"), each = 40), ds = rep(1:40, 2), y = sin(1:80), z = cos(1:80)
  )
  fit <- forecaster(
    panel, 4,
    target_col = c("y", "z"), input_size = 8, hidden_size = 4, max_epochs = 1, random_state = 1
  )
  ahead <- predict(fit, level = c(95, 80))
  figure <- autoplot(ahead)
  built <- ggplot2::ggplot_build(figure)
  expect_identical(figure$labels$x, "ds")
  expect_identical(figure$labels$y, "y, z")
  expect_match(figure$labels$title, "next 4 steps.*80 %, 95 %")
  expect_identical(levels(figure$layers[[1]]$data$level), c("95 %", "80 %"))
  expect_length(unique(built$layout$layout$PANEL), 4)
  observed <- built$data[[3]]
  expect_equal(range(observed$x), c(33, 40))
  one <- ggplot2::ggplot_build(autoplot(predict(fit, level = NULL), series = "b"))
  expect_length(unique(one$layout$layout$PANEL), 2)
  expect_error(autoplot(ahead, series = "c"), "no series c", class = "textseq_error")
  # What is picked from a forecast can be drawn still.
  expect_s3_class(autoplot(ahead[ahead$unique_id == "a", ]), "ggplot")
})

test_that("a ts names the axes, and its gaps are drawn without a warning", {
  skip_without_python()
  passengers <- AirPassengers
  passengers[c(130, 140:144)] <- NA
  fit <- forecaster(passengers, 12, hidden_size = 4, max_epochs = 1, random_state = 1)
  figure <- autoplot(predict(fit))
  expect_silent(ggplot2::ggplot_build(figure))
  expect_silent(ggplot2::ggplotGrob(figure))
  expect_identical(figure$labels$x, "time")
  expect_identical(figure$labels$y, "passengers")
})

test_that("no more than nine panels are drawn unasked", {
  skip_without_python()
  panel <- expand.grid(ds = 1:20, unique_id = sprintf("shop %02d", 1:12))
  panel$y <- panel$z <- sin(seq_len(nrow(panel)))
  fit <- forecaster(
    panel, 2,
    target_col = c("y", "z"), hidden_size = 4, max_epochs = 1, random_state = 1
  )
  figure <- autoplot(predict(fit))
  expect_length(unique(ggplot2::ggplot_build(figure)$layout$layout$PANEL), 8)
  expect_match(figure$labels$caption, "4 of 12 series")
})

test_that("forecast() is predict()", {
  skip_without_python()
  fit <- forecaster(AirPassengers, 4, hidden_size = 4, max_epochs = 1, random_state = 1)
  expect_identical(forecast(fit, h = 2, level = 80), predict(fit, h = 2, level = 80))
})
