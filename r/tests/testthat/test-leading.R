test_that("a formula stands where R's own models take it", {
  skip_without_python()
  rows <- films()
  weights <- function(fit) fit$receipt$weights_sha256
  small <- function(...) {
    text_classifier(..., encoder = "mean", max_epochs = 1, random_state = 1, verbose = FALSE)
  }
  first <- small(label ~ text, rows)
  for (fit in list(
    small(formula = label ~ text, data = rows), small(data = rows, formula = label ~ text),
    small(data = rows, label ~ text), small(rows, formula = label ~ text),
    small(x = label ~ text, data = rows), small(data = rows, x = label ~ text)
  )) {
    expect_identical(weights(fit), weights(first))
  }
  by_x <- text_classifier(
    x = label ~ text, data = rows, encoder = "mean", max_epochs = 1, random_state = 1,
    verbose = FALSE
  )
  expect_identical(weights(update(by_x, verbose = FALSE)), weights(first))
  expect_error(update(by_x, ~ . - text), class = "textseq_error")
  model <- language_model(data = rows, formula = ~text, max_epochs = 1, hidden_size = 4)
  expect_identical(model$predictors, "text")
})

test_that("data without a formula, or before it, is told", {
  expect_error(text_classifier(films(), label ~ text), "comes first", class = "textseq_error")
  expect_error(text_classifier(data = films()), "nothing to learn from", class = "textseq_error")
  expect_error(forecaster(data = films()), "is named `data`", class = "textseq_error")
})
