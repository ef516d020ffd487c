skip_without_python()

test_that("predictions stand beside the data", {
  fit <- text_classifier(label ~ text, films(), encoder = "mean", max_epochs = 2)
  rows <- data.frame(id = 1:2, text = c("good", NA))
  found <- augment(fit, rows)
  expect_identical(found[c("id", "text")], tibble::as_tibble(rows))
  expect_identical(found[".pred_class"], predict(fit, rows))
  expect_identical(found[c(".pred_pos", ".pred_neg")], predict(fit, rows, type = "prob"))
  expect_named(augment(fit, "good"), c("text", ".pred_class", ".pred_pos", ".pred_neg"))
})

test_that("numbers come with what they miss", {
  rows <- data.frame(text = rep(c("bad", "good"), 20), stars = rep(0:1, 20))
  fit <- text_regressor(stars ~ text, rows, encoder = "mean", max_epochs = 2)
  found <- augment(fit, rows[1:2, ])
  expect_equal(found$.resid, found$stars - found$.pred)
  expect_named(augment(fit, rows["text"]), c("text", ".pred"))
})

test_that("each step of a long frame has the answer of its series", {
  long <- data.frame(
    unique_id = rep(2:41, each = 5), x = rep(sin(1:40), each = 5) * 1:5, y = rep(1:2, each = 5)
  )
  fit <- series_classifier(y ~ x, long, encoder = "gru", hidden_size = 4, max_epochs = 1)
  found <- augment(fit, long)
  expect_identical(nrow(found), 200L)
  each <- predict(fit, long, type = "prob")
  expect_identical(found$.pred_1, each$.pred_1[match(long$unique_id, each$unique_id)])
})

test_that("no column is lost to another of its name", {
  rows <- films(40)
  rows$kind <- rep(c("class", "other"), 20)
  fit <- text_classifier(kind ~ text, rows, encoder = "mean", max_epochs = 1)
  expect_error(augment(fit, rows), "Two columns.*be named .pred_class", class = "textseq_error")
  fit <- text_classifier(label ~ text, rows, encoder = "mean", max_epochs = 1)
  expect_error(
    augment(fit, augment(fit, rows)), "has a column .pred_class already", class = "textseq_error"
  )
})
