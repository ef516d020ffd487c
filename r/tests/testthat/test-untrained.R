small <- function(instrument, ...) {
  instrument(..., encoder = "rnn", hidden_size = 3, num_layers = 1, n_threads = 1, random_state = 1)
}

test_that("a network is looked at before it is trained", {
  skip_without_python()
  data <- films(20)
  found <- small(gradient_flow, label ~ text, data)
  # Hardly trained is as good as untrained.
  fit <- text_classifier(
    label ~ text, data,
    encoder = "rnn", hidden_size = 3, num_layers = 1, n_threads = 1, random_state = 1,
    max_epochs = 1, learning_rate = 1e-9, verbose = FALSE
  )
  expect_equal(found$table, gradient_flow(fit, data)$table, tolerance = 1e-4)
  expect_null(found$clipped_share)
  expect_identical(small(gradient_flow, data$text, data$label)$table, found$table)
  expect_identical(small(gradient_flow, data["text"], data$label)$table, found$table)
})

test_that("set.seed() decides on the weights", {
  skip_without_python()
  look <- function(seed) {
    set.seed(seed)
    gradient_flow(label ~ text, films(8), encoder = "rnn", hidden_size = 2, n_threads = 1)$table
  }
  expect_identical(look(1), look(1))
  expect_false(identical(look(1), look(2)))
})

test_that("series, numbers and forecasters are told by the data", {
  skip_without_python()
  by_array <- small(gradient_flow, waves()$x, waves()$y)
  expect_equal(max(by_array$table$steps_before_end), 14)
  by_list <- tibble::tibble(
    kind = waves()$y, wave = lapply(1:20, function(row) waves()$x[row, , ])
  )
  expect_equal(small(gradient_flow, kind ~ wave, by_list)$table, by_array$table)
  long <- data.frame(
    series = rep(1:20, each = 15), step = rep(15:1, 20), kind = rep(waves()$y, each = 15),
    a = as.vector(t(waves()$x[, 1, 15:1])), b = as.vector(t(waves()$x[, 2, 15:1]))
  )
  found <- small(gradient_flow, kind ~ a + b, long, id_col = "series", time_col = "step")
  expect_equal(found$table, by_array$table)
  expect_true("texts" %in% names(small(gradient_flow, films(8)$text, 1:8)$table))
  expect_identical(labelled_data(films(8)$text, 1:8 / 7, list())$kind, "TextRegressor")
  expect_identical(labelled_data(waves()$x, waves()$y, list())$kind, "SeriesClassifier")
  windows <- small(gradient_flow, AirPassengers, h = 2, input_size = 12)$table
  expect_true("windows" %in% names(windows))
  frame <- data.frame(month = 1:144, sold = as.numeric(AirPassengers))
  by_frame <- small(
    gradient_flow, frame,
    time_col = "month", target_col = "sold", h = 2, input_size = 12
  )
  expect_identical(names(by_frame$table), names(windows))
})

test_that("a learning rate is found before anything is fitted", {
  skip_without_python()
  found <- small(find_learning_rate, label ~ text, films(20), n_batches = 15, highest = 1)
  expect_equal(found$table$learning_rate, 10^seq(-6, 0, length.out = 15)[seq_len(nrow(found$table))])
  expect_gt(found$suggestion, 0)
  expect_figure(found)
  shown <- utils::capture.output(print(find_learning_rate(tiny_texts(), films(), n_batches = 50)))
  expect_match(shown, "tibble: 12", all = FALSE)
})

test_that("parameters that do not exist are named", {
  skip_without_python()
  expect_error(
    gradient_flow(label ~ text, films(8), hiden_size = 3), "did you mean hidden_size",
    class = "textseq_value_error"
  )
})

test_that("whole numbers are classes to every instrument, unless an estimator is named", {
  texts <- data.frame(text = rep(c("good film", "bad film"), 20), y = rep(c(1, 0), 20))
  loss <- function(...) {
    find_learning_rate(..., encoder = "mean", n_batches = 2, random_state = 1)$table$loss[1]
  }
  classes <- loss(factor(y) ~ text, texts)
  expect_equal(loss(y ~ text, texts), classes)
  numbers <- loss(y ~ text, texts, estimator = "text_regressor")
  expect_false(isTRUE(all.equal(numbers, classes)))
  texts$y <- texts$y + 0.5
  expect_equal(
    loss(y ~ text, texts), loss(y ~ text, texts, estimator = "text_regressor")
  )
  expect_error(loss(y ~ text, texts, estimator = "svm"), "estimator")
})
