skip_without_python()

stars <- data.frame(
  text = rep(c("bad", "good", "good good", "good good good"), 60), stars = rep(0:3, 60)
)

test_that("numbers are told in their units", {
  fit <- text_regressor(stars ~ text, stars, encoder = "gru", hidden_size = 16, random_state = 1)
  expect_s3_class(
    fit, c("textseq_text_regressor", "textseq_regressor", "textseq_fit"), exact = TRUE
  )
  found <- predict(fit, c("bad", NA, "good good good"))
  expect_identical(names(found), ".pred")
  expect_identical(is.na(found$.pred), c(FALSE, TRUE, FALSE))
  expect_lt(found$.pred[1], 1)
  expect_gt(found$.pred[3], 2)
  expect_identical(predict(fit, character()), tibble::tibble(.pred = double()))
})

test_that("R and Python give the same numbers", {
  said <- python("
from textseq import TextRegressor
X, y = ['bad', 'good', 'good good', 'good good good'] * 60, [0, 1, 2, 3] * 60
model = TextRegressor(encoder='gru', hidden_size=8, max_epochs=2, random_state=7, n_threads=2)
print(*map(repr, map(float, model.fit(X, y).predict(X[:4]))), sep='\\n')")
  fit <- text_regressor(
    stars$text, stars$stars,
    encoder = "gru", hidden_size = 8, max_epochs = 2, random_state = 7, n_threads = 2
  )
  expect_equal(predict(fit, stars[1:4, "text"])$.pred, as.numeric(said), tolerance = 1e-6)
})

test_that("classes are sent to the classifier", {
  expect_error(text_regressor(letter ~ text, cbind(stars, letter = "a")), "must be numbers", class = "textseq_error")
  expect_error(
    text_regressor(stars["text"], factor(stars$stars)), "text_classifier",
    class = "textseq_error"
  )
})
