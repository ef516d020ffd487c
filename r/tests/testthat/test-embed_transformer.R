test_that("vectors of a sentence encoder are those of Python", {
  folder <- minilm_folder()
  printed <- python(c(
    "from textseq import TransformerEmbedder",
    "texts = ['A good film', 'what a movie', '']",
    "for options in ({}, dict(pooling='first', normalize=False, max_length=4)):",
    sprintf("    embedder = TransformerEmbedder(%s, n_threads=1, **options).fit()", deparse(folder)),
    "    for row in embedder.transform(texts):",
    "        print(*map(float, row))"
  ))
  numbers <- do.call(rbind, lapply(strsplit(printed, " "), as.numeric))
  texts <- c(a = "A good film", b = "what a movie", c = "")
  vectors <- embed_transformer(texts, folder, n_threads = 1)
  expect_identical(dimnames(vectors), list(NULL, paste0("dimension", 1:384)))
  # To the last bit: by the same matrix products, though R has others of the same names.
  expect_equal(unname(vectors), numbers[1:3, ], tolerance = 0)
  expect_equal(rowSums(vectors^2), rep(1, 3), tolerance = 1e-6)
  other <- embed_transformer(
    factor(texts, unique(texts)), folder,
    pooling = "first", normalize = FALSE, max_length = 4, n_threads = 1
  )
  expect_equal(unname(other), numbers[4:6, ], tolerance = 0)
})

test_that("texts of one meaning are nearer than those that share words", {
  vectors <- embed_transformer(
    c("the movie was wonderful", "a great film", "the car was red"), minilm_folder()
  )
  near <- tcrossprod(vectors)
  expect_gt(near[1, 2], near[1, 3])
})

test_that("a missing text has no vector", {
  folder <- minilm_folder()
  vectors <- embed_transformer(c("good", NA, "bad"), folder)
  expect_identical(is.na(vectors[, 1]), c(FALSE, TRUE, FALSE))
  expect_identical(dim(embed_transformer(NA_character_, folder)), c(1L, 384L))
  expect_identical(dim(embed_transformer(character(), folder)), c(0L, 384L))
})

test_that("what can't be read or used is told in R's words", {
  folder <- minilm_folder()
  expect_error(embed_transformer("a", 1), "`model` must be one string", class = "textseq_error")
  expect_error(embed_transformer(1, folder), "character vector of texts", class = "textseq_error")
  expect_error(
    embed_transformer("a", "neuralmind/none"), "hf download neuralmind/none",
    class = "textseq_value_error"
  )
  expect_error(
    embed_transformer("a", tempdir()), "has no config.json", class = "textseq_value_error"
  )
  expect_error(embed_transformer("a", folder, normalize = "no"), "TRUE or FALSE, got \"no\"")
  expect_error(embed_transformer("a", folder, pooling = "men"), "did you mean \"mean\"")
  expect_error(embed_transformer("a", folder, max_length = 600), "max_length = 600 is more than")
})

test_that("a name is looked up in the cache that R names", {
  folder <- minilm_folder()
  hub <- tempfile("hub")
  on.exit(unlink(hub, recursive = TRUE))
  own <- file.path(hub, "models--tiny--minilm")
  for (part in c("snapshots", "refs")) dir.create(file.path(own, part), recursive = TRUE)
  writeLines("abc", file.path(own, "refs", "main"))
  file.symlink(folder, file.path(own, "snapshots", "abc"))
  with_environment(c(HF_HUB_CACHE = hub), {
    vectors <- embed_transformer("good", "tiny/minilm")
  })
  expect_equal(vectors, embed_transformer("good", folder), tolerance = 0)
})
