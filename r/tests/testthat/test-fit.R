skip_without_python()

rows <- films(400)
fit <- text_classifier(label ~ text, rows, encoder = "mean", max_epochs = 3, random_state = 1)
unheld <- text_regressor(films()$text, 1:80, encoder = "mean", max_epochs = 2)

test_that("print is short and tells what was best", {
  shown <- capture.output(print(fit))
  expect_length(shown, 4)
  expect_match(shown[1], "<text_classifier> mean encoder, 1,238 weights", fixed = TRUE)
  expect_match(shown[2], "Classes: pos, neg", fixed = TRUE)
  expect_match(shown[3], "Trained on 360 rows for 3 epochs")
  expect_match(shown[4], "Epoch [1-3] was the best: validation accuracy 1 \\(40 rows\\)")
  expect_match(capture.output(unheld)[3], "No validation rows")
})

test_that("one of a kind is not several", {
  expect_identical(counted(c(1), "row"), "1 row")
  expect_identical(counted(1200, "row"), "1,200 rows")
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
  weighed <- text_classifier(
    label ~ text, rows,
    class_weight = c(pos = 9), encoder = "mean", max_epochs = 1
  )
  expect_identical(glance(weighed)$score_name, "weighted accuracy")
  expect_output(print(weighed), "validation weighted accuracy")
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
  old <- options(cli.progress_handlers_only = "logger")
  on.exit(options(old))
  half_done <- function() {
    bar <- training_bar("gru")
    bar(1, 3, 0.1, NaN)
    bar(2, 3, 0.5, 0.25)
  }
  told <- utils::capture.output(half_done())
  expect_match(told, "0.5", fixed = TRUE, all = FALSE)
})

test_that("a fit is quiet unless asked", {
  expect_silent(
    text_classifier(label ~ text, films(), encoder = "mean", max_epochs = 1, verbose = FALSE)
  )
  expect_silent(text_classifier(label ~ text, films(), encoder = "mean", max_epochs = 1))
})

test_that("a fit is made again with other arguments", {
  rows <- films(40)
  rows$stars <- rep(c(2, 4), 20)
  fit <- text_classifier(label ~ text, rows, encoder = "mean", max_epochs = 1, random_state = 1)
  expect_identical(formula(fit), label ~ text, ignore_attr = TRUE)
  again <- update(fit)
  expect_identical(again$receipt$weights_sha256, fit$receipt$weights_sha256)
  epochs <- 2
  expect_identical(nrow(tidy(update(fit, max_epochs = epochs))), 2L)
  expect_identical(update(fit, (stars > 3) ~ .)$levels, c("FALSE", "TRUE"))
  expect_identical(
    update(fit, stars ~ ., max_epochs = 3, evaluate = FALSE),
    quote(text_classifier(
      formula = stars ~ text, data = rows, encoder = "mean", max_epochs = 3, random_state = 1
    )),
    ignore_attr = TRUE
  )
  by_vectors <- text_regressor(rows$text, rows$stars, encoder = "mean", max_epochs = 1)
  expect_identical(nrow(tidy(update(by_vectors, max_epochs = 2))), 2L)
  loaded <- textseq_load(textseq_save(fit, tempfile(fileext = ".textseq")))
  expect_error(update(loaded), "does not know how it was made", class = "textseq_error")
})

test_that("a fit does not keep the environment of a formula that only names columns", {
  made_in <- function(large) {
    text_classifier(label ~ text, films(20), encoder = "mean", max_epochs = 1, random_state = 1)
  }
  sizes <- vapply(list(0, numeric(1e5)), function(x) length(serialize(made_in(x), NULL)), 1)
  expect_lt(diff(sizes), 1e4)
})

test_that("rows are counted, and plot() draws", {
  fit <- text_classifier(label ~ text, films(40), encoder = "mean", max_epochs = 2)
  expect_identical(nobs(fit), fit$receipt$rows)
  expect_identical(glance(fit)$nobs, nobs(fit))
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  expect_identical(class(plot(fit)), class(autoplot(fit)))
})

test_that("parameters need names, and a value that is none is told with its own", {
  rows <- films(20)
  refused <- function(code) expect_error(code, "has none: \"lstm\"", class = "textseq_error")
  refused(text_classifier(label ~ text, rows, "lstm"))
  refused(compare_encoders(label ~ text, rows, "mean", "lstm"))
  refused(gradient_flow(label ~ text, rows, "lstm"))
  refused(cross_validation(AirPassengers, 12, 2, 1, FALSE, 80, "naive", "lstm"))
  expect_error(text_classifier(label ~ text, rows, learning_rate = NA), "learning_rate is NA")
})
