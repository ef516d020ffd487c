skip_without_python()

goods <- function(n = 200, seed = 1) {
  set.seed(seed)
  rows <- data.frame(
    text = sample(c("a film", "so long", "music and people"), n, TRUE),
    price = stats::rlnorm(n, 3), store = factor(sample(c("north", "south", "west"), n, TRUE)),
    new = sample(c(TRUE, FALSE), n, TRUE), day = as.Date("2024-01-01") + sample(300, n, TRUE)
  )
  rows$label <- ifelse(rows$price > 20, "dear", "cheap")
  rows
}

fit_goods <- function(formula = label ~ text + price + store, data = goods(), ...) {
  text_classifier(
    formula, data,
    encoder = "mean", max_epochs = 3, wide = NULL, random_state = 1, ...
  )
}

test_that("a formula's columns stand beside the text, by their classes", {
  fit <- fit_goods(label ~ text + price + store + new + day)
  expect_identical(fit$texts, "text")
  expect_setequal(fit$beside, c("price", "store", "new", "day"))
  rows <- goods(100, seed = 2)
  found <- predict(fit, rows)
  expect_gt(mean(found$.pred_class == rows$label), 0.9)
  # Columns go by their names; others may be there.
  expect_identical(predict(fit, rows[rev(names(rows))], type = "prob"), predict(fit, rows, type = "prob"))
  expect_gt(evaluate(fit, rows)$score[1], 0.9)
})

test_that("values may be missing, and levels new; only a missing text has no answer", {
  data <- goods()
  data$price[c(1, 5, 9)] <- NA
  data$store[2:4] <- NA
  fit <- fit_goods(data = data)
  expect_identical(fit$receipt$rows + fit$receipt$validation_rows, 200L)
  rows <- goods(4, seed = 3)
  rows$price[1] <- NA
  rows$store <- factor(c("north", "east", NA, "west"))
  rows$text[4] <- NA
  found <- predict(fit, rows, type = "prob")
  expect_identical(is.na(found$.pred_dear), c(FALSE, FALSE, FALSE, TRUE))
})

test_that("R and Python read the same", {
  rows <- goods(30, seed = 4)
  fit <- fit_goods()
  path <- tempfile(fileext = ".textseq")
  csv <- tempfile(fileext = ".csv")
  on.exit(unlink(c(path, csv)))
  textseq_save(fit, path)
  utils::write.csv(rows, csv, row.names = FALSE)
  said <- python(sprintf("
import pandas as pd
from textseq import load_model
rows = pd.read_csv('%s', dtype={'store': 'category'})
for row in load_model('%s').predict_proba(rows):
    print(*map(repr, map(float, row)))", csv, path))
  theirs <- as.matrix(utils::read.table(text = said))
  expect_equal(as.matrix(predict(fit, rows, type = "prob")), theirs, tolerance = 1e-6, ignore_attr = TRUE)
  again <- textseq_load(path)
  expect_identical(predict(again, rows, type = "prob"), predict(fit, rows, type = "prob"))
})

test_that("text_columns names the text among character vectors", {
  data <- goods()
  data$store <- as.character(data$store)
  expect_error(fit_goods(data = data), "say which hold texts")
  fit <- fit_goods(data = data, text_columns = "text")
  expect_identical(fit$texts, "text")
  expect_identical(nrow(predict(fit, data[1:3, ])), 3L)
})

test_that("what lacks a column is refused by its name", {
  fit <- fit_goods()
  expect_error(predict(fit, goods(3)[c("text", "price")]), "no column store")
  expect_error(predict(fit, "a film"), "a data frame with the columns text, price, store")
})

test_that("validation rows, instruments and comparisons read the columns", {
  fit <- fit_goods(validation_data = goods(50, seed = 5))
  expect_identical(fit$receipt$validation_rows, 50L)
  found <- explain(fit, goods(1, seed = 6))
  expect_identical(found$columns$column, c("price", "store"))
  expect_lt(abs(found$completeness_gap), 1e-3)
  comparison <- compare_encoders(
    label ~ text + price + store, goods(), "mean",
    n_seeds = 1, max_epochs = 2, random_state = 1
  )
  expect_setequal(unlist(comparison$receipt$columns), c("price", "store"))
  expect_gt(max(comparison$table$accuracy), 0.9)
})

test_that("numbers are told by columns too", {
  data <- goods()
  data$amount <- log(data$price)
  fit <- text_regressor(
    amount ~ text + price, data,
    encoder = "mean", max_epochs = 3, wide = NULL, random_state = 1
  )
  rows <- goods(100, seed = 7)
  expect_gt(stats::cor(predict(fit, rows)$.pred, log(rows$price)), 0.95)
})
