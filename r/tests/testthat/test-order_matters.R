test_that("the figure shows the score in order and every shuffled one", {
  skip_without_python()
  found <- order_matters(tiny_texts(), films(), n_shuffles = 4, random_state = 1)
  built <- expect_figure(found)
  expect_equal(built$data[[2]]$x, found$shuffled_scores)
})

test_that("set.seed() decides how words are shuffled", {
  skip_without_python()
  fit <- text_regressor(
    films()$text, rep(1:4, 20),
    encoder = "gru", hidden_size = 3, max_epochs = 2, random_state = 1, verbose = FALSE
  )
  shuffled <- function(seed) {
    set.seed(seed)
    order_matters(fit, films()$text, rep(1:4, 20), n_shuffles = 3)$table
  }
  expect_identical(shuffled(1), shuffled(1))
  expect_false(identical(shuffled(1), shuffled(2)))
  expect_equal(nrow(shuffled(2)), 4)
})
