sigmoid <- function(x) 1 / (1 + exp(-x))
softmax <- function(z) exp(z) / sum(exp(z))

test_that("a loop in R over a text gets what predict() does", {
  skip_without_python()
  fit <- tiny_texts("rnn", pooling = "last", wide = NULL)
  w <- weights_by_name(fit)
  h <- numeric(3)
  for (token in c("a", "good", "film")) {
    h <- tanh(w$layer1.W_xh %*% w$embedding[token, ] + w$layer1.W_hh %*% h + w$layer1.b)
  }
  p <- softmax(w$head.W %*% h + w$head.b)
  expected <- predict(fit, "a good film", type = "prob")
  expect_equal(p[, 1], c(expected$.pred_neg, expected$.pred_pos), tolerance = 1e-6)
})

test_that("a loop in R over a series gets what predict() does", {
  skip_without_python()
  fit <- series_classifier(
    waves()$x, waves()$y,
    encoder = "lstm", hidden_size = 2, num_layers = 1, pooling = "last", max_epochs = 2,
    random_state = 1, verbose = FALSE
  )
  w <- weights_by_name(fit)
  x <- as.matrix(step_by_step(fit, waves()$x[3, , ])$table[c("x[1]", "x[2]")])
  h <- c <- numeric(2)
  gate <- function(x, name, squash) {
    matrix <- function(from) w[[paste0("layer1.W_", from, name)]]
    squash(matrix("x") %*% x + matrix("h") %*% h + w[[paste0("layer1.b_", name)]])
  }
  for (t in seq_len(nrow(x))) {
    i <- gate(x[t, ], "i", sigmoid)
    f <- gate(x[t, ], "f", sigmoid)
    o <- gate(x[t, ], "o", sigmoid)
    c <- f * c + i * gate(x[t, ], "c", tanh)
    h <- o * tanh(c)
  }
  p <- softmax(w$head.W %*% h + w$head.b)
  expected <- predict(fit, waves()$x[3, , , drop = FALSE], type = "prob")
  expect_equal(p[, 1], c(expected$.pred_fast, expected$.pred_slow), tolerance = 1e-6)
})

test_that("rows of the embedding are one more than ids", {
  skip_without_python()
  fit <- tiny_texts()
  w <- weights_by_name(fit)
  steps <- step_by_step(fit, "good , not bad")$table
  expect_identical(rownames(w$embedding)[steps$id + 1], c("good", ",", "<unk>", "bad"))
})

test_that("a model whose weights have no names says so", {
  skip_without_python()
  expect_error(weights_by_name(tiny_forecaster()), "no weights by name", class = "textseq_value_error")
})
