# Bright squares on the left or on the right, of 6 x 8 pixels.
pictures <- function(n = 32) {
  set.seed(5)
  said <- rep(c("left side", "right side"), length.out = n)
  x <- array(runif(n * 48, 0, 0.2), c(n, 6, 8))
  for (row in seq_len(n)) {
    columns <- if (said[row] == "left side") 1:3 else 6:8
    x[row, 2:4, columns] <- 1
  }
  list(x = x, y = said)
}

teller <- function(x, ..., max_epochs = 10) {
  captioner(
    x, ...,
    filters = 6, hidden_size = 12, embedding_dim = 8, learning_rate = 0.02, batch_size = 8,
    max_epochs = max_epochs, n_threads = 1, random_state = 2
  )
}

test_that("R and Python say the same of an array, a list and a column", {
  skip_without_python()
  rows <- pictures()
  fit <- teller(rows$x, rows$y)
  expect_identical(predict(fit, rows$x[1:3, , ])$.pred, rows$y[1:3])
  listed <- lapply(1:32, function(row) rows$x[row, , ])
  data <- tibble::tibble(caption = rows$y, image = listed)
  by_formula <- teller(caption ~ image, data)
  expect_identical(predict(teller(listed, rows$y), listed), predict(fit, rows$x))
  expect_identical(predict(by_formula, data), predict(fit, rows$x))
  expect_identical(evaluate(by_formula, data), evaluate(fit, rows$x, rows$y))
  file <- tempfile(fileext = ".textseq")
  textseq_save(by_formula, file)
  there <- python(c(
    "import numpy as np", "from textseq import load_model",
    sprintf("model = load_model(%s)", shQuote(file)),
    "image = np.zeros((6, 8)); image[1:4, :3] = 1",
    "print(model.predict([image])[0])",
    "print(*model.attention_map(image).weights.ravel(order='F').tolist())"
  ))
  image <- matrix(0, 6, 8)
  image[2:4, 1:3] <- 1
  forget_models()
  opened <- textseq_load(file)
  expect_identical(predict(opened, list(image))$.pred, there[1])
  expect_identical(class(opened), class(by_formula))
  seen <- attention_map(opened, image)
  expect_equal(as.vector(seen$weights), as.double(strsplit(there[2], " ")[[1]]), tolerance = 1e-5)
  expect_identical(dim(seen$weights), c(3L, 3L, 4L))
  strongest <- which(seen$weights[1, , ] == max(seen$weights[1, , ]), arr.ind = TRUE)
  expect_output(print(seen), sprintf("left <- row %d, column %d", strongest[1], strongest[2]))
  table <- tidy(seen)
  expect_identical(nrow(table), 36L)
  one <- table$output_step == 2 & table$row == 3 & table$column == 4
  expect_equal(table$weight[one], seen$weights[2, 3, 4])
  built <- ggplot2::ggplot_build(autoplot(seen))
  expect_identical(nrow(built$layout$layout), 3L)
})

test_that("captions are scored, and several are told", {
  skip_without_python()
  rows <- pictures()
  fit <- teller(rows$x, rows$y, validation_data = list(rows$x[1:8, , ], rows$y[1:8]))
  expect_identical(glance(fit)$validation_rows, 8L)
  scores <- evaluate(fit, rows$x, rows$y)
  expect_identical(scores$metric, c("exact_match", "character_error_rate", "bleu", "chrf"))
  expect_identical(scores$score[1], 1)
  expect_identical(chrf(fit, rows$x, rows$y)$score, scores$score[4])
  several <- predict(fit, rows$x[1:2, , ], n_best = 2)
  expect_identical(several$.row, c(1L, 1L, 2L, 2L))
  expect_identical(several$.pred[c(1, 3)], rows$y[1:2])
})

test_that("missing images have rows, and are not learned from", {
  skip_without_python()
  rows <- pictures()
  listed <- lapply(1:32, function(row) rows$x[row, , ])
  listed[2] <- list(NULL)
  rows$y[5] <- NA
  expect_warning(fit <- teller(listed, rows$y, max_epochs = 1), "2 of 32 rows")
  expect_identical(is.na(predict(fit, listed[1:3])$.pred), c(FALSE, TRUE, FALSE))
  expect_identical(predict(fit, list(NULL))$.pred, NA_character_)
  expect_named(augment(fit, rows$x[1:2, , ]), c("image", ".pred"))
})

test_that("features of places and vectors are read, too", {
  skip_without_python()
  rows <- pictures()
  places <- lapply(1:32, function(row) rows$x[row, seq_len(2 + row %% 4), ])
  fit <- teller(places, rows$y, source = "places", max_epochs = 2)
  expect_type(predict(fit, places[1:4])$.pred, "character")
  expect_identical(length(attention_map(fit, places[[1]])$weights[1, , ]), 3L)
  vectors <- t(apply(rows$x, 1, as.vector))
  fit <- captioner(
    vectors, rows$y,
    attention = NULL, encoder = "mean", hidden_size = 8, max_epochs = 2, n_threads = 1
  )
  expect_identical(fit$parameters$source, "vector")
  expect_type(predict(fit, vectors[1:2, ])$.pred, "character")
  expect_error(attention_map(fit, vectors[1, ]), "no attention", class = "textseq_error")
  coloured <- array(runif(16 * 6 * 8 * 3), c(16, 6, 8, 3))
  fit <- teller(coloured, rows$y[1:16], max_epochs = 1)
  expect_type(predict(fit, coloured[1, , , , drop = FALSE])$.pred, "character")
})

test_that("what is no image is refused", {
  refused <- function(code, message) expect_error(code, message, class = "textseq_error")
  refused(captioner("a.png", "a"), "array of numbers")
  sizes <- list(matrix(1, 2, 2), matrix(1, 2, 3))
  refused(captioner(sizes, c("a", "b")), "2 x 2, and image 2 of 2 x 3")
  refused(captioner(list("a.png"), "a"), "array of numbers")
})
