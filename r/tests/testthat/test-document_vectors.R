skip_without_python()

test_that("every text has a vector, missing ones of NA", {
  fit <- text_classifier(label ~ text, films(), encoder = "mean", embedding_dim = 5, max_epochs = 1)
  vectors <- document_vectors(fit, c("good", NA, "bad"))
  expect_identical(dim(vectors), c(3L, 5L))
  expect_identical(rowSums(is.na(vectors)), c(0, 5, 0))
  expect_equal(vectors[3, ], document_vectors(fit, "bad")[1, ])
  expect_identical(dim(document_vectors(fit, NA)), c(1L, 5L))
  expect_identical(dim(document_vectors(fit, character())), c(0L, 5L))
  expect_error(document_vectors(1, "a"), "must be a fitted", class = "textseq_error")
})

test_that("series of a long frame name their rows", {
  long <- data.frame(unique_id = rep(letters, each = 5), x = sin(1:130), y = rep(1:2, each = 5))
  fit <- series_regressor(y ~ x, long, encoder = "gru", hidden_size = 4, max_epochs = 1)
  expect_identical(rownames(document_vectors(fit, long[1:10, ])), c("a", "b"))
})
