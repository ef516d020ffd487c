trained <- function(...) {
  train_word_vectors(films()$text, dim = 4, epochs = 2, ...)
}

test_that("vectors of a file are those of Python", {
  skip_without_python()
  vectors <- textseq_sample("glove.6B.50d.top20k")
  expect_identical(c(vectors$n_words, vectors$dim), c(20000L, 50L))
  expect_null(vectors$numbers)
  printed <- python("
from textseq import load_sample
vectors = load_sample('glove.6B.50d.top20k')
print(*map(float, vectors['Film']))
near = vectors.most_similar('film', 3)
print(*near['word'])
print(*map(float, near['similarity']))
")
  numbers <- as.numeric(strsplit(printed[1], " ")[[1]])
  expect_equal(as.matrix(vectors, words = c("film", "Film", "zzqx"))[2, ], numbers)
  near <- nearest_words(vectors, "film", 3)
  expect_identical(near$word, strsplit(printed[2], " ")[[1]])
  expect_equal(near$similarity, as.numeric(strsplit(printed[3], " ")[[1]]))
  expect_identical(nearest_words(vectors, numbers, 1)$word, "film")
  row <- as.matrix(vectors, words = "film")
  expect_identical(nearest_words(vectors, row, 1)$word, "film")
})

test_that("as.matrix() has NA for unknown words, and all words by default", {
  skip_without_python()
  vectors <- word_vectors("glove.6B.50d.top20k", words = c("good", "bad", "zzqx"))
  expect_identical(vectors$n_words, 2L)
  all <- as.matrix(vectors)
  expect_identical(sort(rownames(all)), c("bad", "good"))
  some <- as.matrix(vectors, words = c("zzqx", "bad"))
  expect_identical(some["bad", ], all["bad", ])
  expect_true(all(is.na(some["zzqx", ]) & !is.nan(some["zzqx", ])))
})

test_that("set.seed() makes trained vectors repeat", {
  skip_without_python()
  set.seed(1)
  first <- trained()
  set.seed(1)
  expect_identical(trained(), first)
  expect_identical(trained(random_state = 3), trained(random_state = 3))
  expect_false(identical(trained(random_state = 4)$id, trained(random_state = 3)$id))
  tokens <- strsplit(films()$text, " ")
  expect_identical(
    train_word_vectors(tokens, dim = 4, epochs = 2, random_state = 3)$id,
    trained(random_state = 3)$id
  )
})

test_that("vectors survive saveRDS() and a new session", {
  skip_without_python()
  own <- trained(random_state = 1)
  file <- word_vectors("glove.6B.50d.top20k")
  path <- tempfile(fileext = ".rds")
  saveRDS(list(own = own, file = file), path)
  there <- new_session(function(path) {
    kept <- readRDS(path)
    list(all = as.matrix(kept$own), near = nearest_words(kept$file, "film", 2))
  }, path = path)
  expect_identical(there$all, as.matrix(own))
  expect_identical(there$near, nearest_words(file, "film", 2))
  expect_lt(file.size(path), 10000)
})

test_that("a file that has changed since is not taken for the old one", {
  skip_without_python()
  path <- tempfile(fileext = ".txt")
  writeLines(c("good 1 0", "bad 0 1"), path)
  vectors <- word_vectors(path)
  expect_identical(as.matrix(vectors, words = "bad")[1, ], c(0, 1))
  writeLines(c("good 1 0", "bad 0 2"), path)
  again <- word_vectors(path)
  expect_identical(as.matrix(again, words = "bad")[1, ], c(0, 2))
  saved <- vectors
  saved$id <- strrep("0", 64)
  expect_error(as.matrix(saved), "read it again", class = "textseq_value_error")
})

test_that("coverage counts words and tells the commonest without a vector", {
  skip_without_python()
  vectors <- word_vectors("glove.6B.50d.top20k")
  found <- coverage(vectors, c("a good zzqx film", "zzqx qqzz"))
  expect_output(print(found), "60.0 % of 5 distinct words have a vector, 50.0 % of 6 words")
  expect_identical(tidy(found)$word, c("zzqx", "qqzz"))
  expect_equal(glance(found)$share_of_tokens, 0.5)
  expect_identical(coverage(vectors, text_vocabulary(c("a good zzqx film", "zzqx qqzz"))), found)
})

test_that("models take vectors", {
  skip_without_python()
  vectors <- trained(random_state = 1)
  films <- films(40)
  fit <- text_classifier(
    films$text, films$label,
    encoder = "mean", vectors = vectors, max_epochs = 2, random_state = 1
  )
  expect_identical(ncol(document_vectors(fit, "good")), 4L)
})

test_that("wrong vectors are refused", {
  skip_without_python()
  expect_error(word_vectors(1), "a path, a name or a matrix", class = "textseq_error")
  expect_error(word_vectors("/nowhere.txt"), "nowhere", class = "textseq_vector_file_error")
  small <- word_vectors("glove.6B.50d.top20k", words = c("good", "bad"))
  for (wrong in list(c("a", "b"), 1:49, matrix(1, 2, 50))) {
    expect_error(nearest_words(small, wrong), "single word.* 50 numbers", class = "textseq_error")
  }
  for (wrong in list(NA, as.matrix(small, words = "zzqx"))) {
    expect_error(nearest_words(small, wrong), "missing values", class = "textseq_error")
  }
  expect_error(nearest_words(small, "zzqx"), "^'zzqx' has no vector", class = "textseq_key_error")
  expect_error(nearest_words(small, "good", 0), "1 or more, not 0", class = "textseq_error")
  expect_error(embed_mean("a", 1), "must be word vectors", class = "textseq_error")
})

test_that("a matrix with names is word vectors", {
  numbers <- matrix(1:8 / 8, 4, dimnames = list(c("good", "bad", "a", "film"), NULL))
  vectors <- word_vectors(numbers)
  expect_equal(as.matrix(vectors), numbers)
  expect_identical(rownames(as.matrix(word_vectors(numbers, "bad"))), "bad")
  expect_identical(nearest_words(numbers, "a", 1), nearest_words(vectors, "a", 1))
  fitted <- function(vectors) {
    fit <- text_classifier(
      label ~ text, films(),
      vectors = vectors, encoder = "mean", max_epochs = 1, random_state = 1
    )
    fit$receipt$weights_sha256
  }
  expect_identical(fitted(numbers), fitted(vectors))
  expect_error(word_vectors(unname(numbers)), "Its rows have no names", class = "textseq_error")
})
