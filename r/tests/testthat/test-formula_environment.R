size <- function(fit) length(serialize(fit, NULL))

test_that("a fit holds no rows, however it is made", {
  skip_without_python()
  rows <- films()
  small <- list(encoder = "mean", max_epochs = 1)
  plain <- text_classifier(label ~ text, rows, encoder = "mean", max_epochs = 1)
  called <- do.call(text_classifier, c(list(label ~ text, rows), small))
  expect_lt(size(called), size(plain) + 2000)
  expect_error(update(called), "update\\(fit, data = rows\\)", class = "textseq_error")
  expect_identical(nrow(tidy(update(called, data = rows, max_epochs = 2))), 2L)
  by_vectors <- do.call(text_classifier, c(list(rows$text, rows$label), small))
  expect_lt(size(by_vectors), size(plain) + 2000)
})

test_that("a computed outcome keeps what it is computed with, and nothing else", {
  skip_without_python()
  inside <- function() {
    junk <- rnorm(1e5)
    least <- 3
    rows <- films()
    as_large <- function(stars) factor(stars > least)
    stars <- rep(c(4, 2), 40)
    text_classifier(as_large(stars) ~ text, cbind(rows, stars), encoder = "mean", max_epochs = 1)
  }
  fit <- inside()
  expect_lt(size(fit), 1e5)
  expect_setequal(ls(environment(fit$formula)), c("as_large", "least"))
  found <- order_matters(fit, data.frame(text = "good film", stars = c(2, 4)), random_state = 1)
  expect_identical(found$metric, "accuracy")
})
