skip_without_python()

refused <- function(code, message) expect_error(code, message, class = "textseq_error")

test_that("rows are counted from 1, those without an outcome too", {
  refused(text_regressor(films(4)$text, c(NA, 1, Inf, 2)), "outcome of text 3 is Inf")
  refused(series_regressor(diag(3), c(1, -Inf, 2)), "outcome of series 2 is -Inf")
})

test_that("a level that is NA wants a name", {
  rows <- films(40)
  rows$label <- addNA(factor(ifelse(rows$label == "neg", NA, "pos")))
  refused(text_classifier(label ~ text, rows), "A level of the outcome is NA")
})

test_that("classes that only the validation rows have are told", {
  rows <- films(40)
  other <- data.frame(text = "a film", label = c("pos", "other"))
  refused(text_classifier(label ~ text, rows, validation_data = other), "rows lack: other")
  waves <- matrix(sin(1:80), 20)
  refused(
    series_classifier(waves, rep(1:2, 10), validation_data = list(waves[1:2, ], 2:3)), "lack: 3"
  )
})

test_that("numbers with decimals are no classes", {
  texts <- films(40)$text
  refused(text_classifier(texts, 1:40 / 7), "decimals.*text_regressor.*factor\\(y\\)")
  refused(text_classifier(texts, rep(c(0.5, 1), 20)), "such as 0.5")
})

test_that("the numbers of a factor's levels are no numbers in silence", {
  skip_without_python()
  rows <- data.frame(text = rep(c("good", "bad"), 20), stars = factor(rep(c("10", "2"), 20)))
  fit <- function(...) text_regressor(..., encoder = "mean", max_epochs = 1)
  expect_warning(fit(as.numeric(stars) ~ text, rows), "10 is 1", class = "textseq_level_numbers")
  expect_warning(fit(rows$text, as.integer(rows$stars)), class = "textseq_level_numbers")
  expect_silent(fit(as.numeric(as.character(stars)) ~ text, rows))
})
