skip_without_python()

priced <- function() {
  rows <- films(40)
  rows$stars <- ifelse(rows$label == "pos", 4, 2)
  rows$price <- exp(rows$stars)
  rows
}

test_that("the outcome is computed in the data and where the formula was written", {
  rows <- priced()
  base <- 2
  by_call <- text_regressor(
    log(price, base) ~ text, rows,
    encoder = "mean", max_epochs = 2, random_state = 1, validation_data = rows[1:10, ]
  )
  rows$log2 <- log2(rows$price)
  by_column <- text_regressor(
    log2 ~ text, rows,
    encoder = "mean", max_epochs = 2, random_state = 1, validation_data = rows[1:10, ]
  )
  expect_identical(by_call$outcome, "log(price, base)")
  expect_identical(by_call$receipt$weights_sha256, by_column$receipt$weights_sha256)
  expect_equal(by_call$history$validation_loss, by_column$history$validation_loss)
  found <- augment(by_call, rows)
  expect_equal(found$.resid, rows$log2 - found$.pred)
  expect_named(augment(by_call, rows["text"]), c("text", ".pred"))
  expect_identical(order_matters(by_call, rows)$metric, "r2")
})

test_that("classes are computed, too", {
  levels_of <- function(formula, rows = priced()) {
    text_classifier(formula, rows, encoder = "mean", max_epochs = 1)$levels
  }
  expect_identical(levels_of(ifelse(stars > 3, "hi", "lo") ~ text), c("hi", "lo"))
  expect_identical(levels_of((label == "pos") ~ text), c("FALSE", "TRUE"))
  expect_identical(levels_of(cut(stars, 2, c("low", "high")) ~ text), c("low", "high"))
  expect_identical(levels_of(I(stars * 2) ~ text), c("4", "8"))
  expect_error(
    text_regressor(factor(stars) ~ text, priced()), "must be numbers", class = "textseq_error"
  )
  rows <- priced()
  rows$good <- as.integer(rows$label == "pos")
  rows$film <- as.integer(grepl("film", rows$text))
  expect_identical(levels_of(good + film ~ text, rows), c("good", "film"))
  expect_identical(levels_of(cbind(good, film) ~ text, rows), c("good", "film"))
  expect_identical(levels_of(cbind(good, long = 1 - film) ~ text, rows), c("good", "long"))
})

test_that("comparisons, instruments and series compute it as well", {
  rows <- priced()
  compared <- compare_encoders(
    log2(price) ~ text, rows, "mean",
    n_seeds = 1, max_epochs = 1, baselines = FALSE, test = rows[1:8, ]
  )
  expect_equal(compared$predictions$truth, log2(rows$price[1:8]))
  long <- data.frame(
    unique_id = rep(1:20, each = 4), speed = sin(1:80), height = rep(exp(1:20 / 5), each = 4)
  )
  fit <- series_regressor(
    log(height) ~ speed, long,
    encoder = "gru", hidden_size = 4, max_epochs = 1, validation_data = long[1:20, ]
  )
  found <- augment(fit, long[1:8, ])
  expect_equal(found$.resid, log(long$height[1:8]) - found$.pred)
  kept <- gradient_flow(log(height) ~ speed, long, encoder = "gru", random_state = 1)
  long$height <- log(long$height)
  expect_identical(
    kept$table, gradient_flow(height ~ speed, long, encoder = "gru", random_state = 1)$table
  )
})

test_that("what a formula cannot do is refused", {
  rows <- priced()
  refused <- function(formula, message) {
    expect_error(text_classifier(formula, rows), message, class = "textseq_error")
  }
  refused(label ~ toupper(text), "Nothing is computed on the right of the formula: `toupper")
  refused(label ~ paste(text, label), "Make the column in the data first")
  refused(label ~ label, "label is on both sides")
  refused(log(stars) ~ text + stars, "stars is on both sides")
  refused(label ~ 1, "names no column")
  refused(log(prise) ~ text, "`log\\(prise\\)` cannot be computed of `data`.*prise")
  refused(mean(price) ~ text, "It has 1, of 40 rows")
  expect_error(
    text_regressor(stars + price ~ text, rows), "It has 2: stars, price", class = "textseq_error"
  )
  expect_error(language_model(~ toupper(text), rows), "Nothing is computed")
})

test_that("what is computed of a text may be asked of it", {
  fit <- text_regressor(nchar(text) ~ text, films(40), encoder = "mean", max_epochs = 1)
  expect_identical(fit$outcome, "nchar(text)")
  expect_named(predict(fit, "a good film"), ".pred")
})

test_that("a dot is all columns but the outcome's, and may be made less", {
  rows <- films(40)
  rows$`a title` <- rows$text
  picked <- function(formula) {
    text_classifier(formula, rows, encoder = "mean", max_epochs = 1)$predictors
  }
  expect_identical(picked(label ~ .), c("text", "a title"))
  expect_identical(picked(label ~ . - text), "a title")
  expect_identical(picked((label == "pos") ~ `a title`), "a title")
})
