skip_without_python()

rows <- films(400)
fit <- text_classifier(label ~ text, rows, encoder = "mean", max_epochs = 3, random_state = 1)
unheld <- text_regressor(films()$text, 1:80, encoder = "mean", max_epochs = 2)

test_that("print is short and tells what was best", {
  shown <- capture.output(print(fit))
  expect_length(shown, 4)
  expect_match(shown[1], "<text_classifier> mean encoder, 1,202 weights", fixed = TRUE)
  expect_match(shown[2], "Classes: pos, neg", fixed = TRUE)
  expect_match(shown[3], "Trained on 360 rows for 3 epochs")
  expect_match(shown[4], "Epoch [1-3] was the best: validation accuracy 1 \\(40 rows\\)")
  expect_match(capture.output(unheld)[3], "No validation rows")
})

test_that("many classes are not all listed", {
  expect_identical(few(letters), "a, b, c, d, e, f, g, h and 18 more")
})

test_that("summary tells the parameters as they were decided", {
  shown <- capture.output(summary(fit))
  expect_true(any(grepl("^batch_size +16$", shown)))
  expect_true(any(grepl("^vectors +NULL$", shown)))
  expect_true(any(grepl("^device +cpu$", shown)))
})

test_that("glance is one row, tidy one an epoch", {
  seen <- glance(fit)
  expect_identical(nrow(seen), 1L)
  expect_identical(seen$seed, 1L)
  expect_identical(seen$validation_rows, 40L)
  expect_identical(glance(unheld)$validation_score, NA_real_)
  course <- tidy(fit)
  expect_identical(course$epoch, 1:3)
  expect_identical(which(course$best), seen$best_epoch)
})

test_that("the plot shows the course and marks the best epoch", {
  plot <- autoplot(fit)
  built <- ggplot2::ggplot_build(plot)
  marked <- built$data[[3]]
  expect_identical(unique(marked$x), as.numeric(glance(fit)$best_epoch))
  expect_setequal(marked$shape, line_shapes[1:2])
  expect_identical(nlevels(plot$data$panel), 2L)
  expect_match(plot$labels$title, "was the best: validation accuracy")
  expect_identical(plot$labels$x, "Epoch")
  expect_match(autoplot(unheld)$labels$title, "No validation rows")
  perfect <- fit
  perfect$history$validation_score <- 1
  built <- ggplot2::ggplot_build(autoplot(perfect))
  expect_lte(max(built$layout$panel_params[[2]]$y$breaks, na.rm = TRUE), 1)
})

test_that("progress is told as it goes", {
  bar <- training_bar("gru")
  expect_null(bar(1, 3, 0.1, NaN))
  expect_null(bar(2, 3, 0.5, 0.25))
})

test_that("a fit is quiet unless asked", {
  expect_silent(
    text_classifier(label ~ text, films(), encoder = "mean", max_epochs = 1, verbose = FALSE)
  )
  expect_silent(text_classifier(label ~ text, films(), encoder = "mean", max_epochs = 1))
})
