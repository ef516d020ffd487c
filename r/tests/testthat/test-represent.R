test_that("means of word vectors are those of Python", {
  skip_without_python()
  texts <- c("A good film", "bad zzqx", "zzqx", "good good")
  printed <- python("
from textseq import MeanEmbedder, load_sample
vectors = load_sample('glove.6B.50d.top20k')
texts = ['A good film', 'bad zzqx', 'zzqx', 'good good']
for idf in (False, True):
    for row in MeanEmbedder(vectors, idf=idf).fit(texts).transform(texts):
        print(*map(float, row))
")
  numbers <- do.call(rbind, lapply(strsplit(printed, " "), as.numeric))
  vectors <- word_vectors("glove.6B.50d.top20k")
  expect_equal(unname(embed_mean(texts, vectors)), numbers[1:4, ])
  expect_equal(unname(embed_mean(texts, vectors, idf = texts)), numbers[5:8, ])
  expect_identical(colnames(embed_mean("a", vectors))[50], "dimension50")
})

test_that("a missing text has no mean", {
  skip_without_python()
  vectors <- train_word_vectors(films()$text, dim = 3, epochs = 1, random_state = 1)
  means <- embed_mean(c("good", NA, "zzqx"), vectors)
  expect_equal(unname(means[1, ]), unname(as.matrix(vectors, words = "good")[1, ]))
  expect_true(all(is.na(means[2, ])))
  expect_identical(unname(means[3, ]), c(0, 0, 0))
  expect_identical(dim(embed_mean(NA_character_, vectors)), c(1L, 3L))
})
