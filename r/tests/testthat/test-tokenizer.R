test_that("tokens are those of Python, NA is NA", {
  skip_without_python()
  texts <- c("It doesn't cost $1,000.", NA, "", "Ol\u00e1, Capitu!")
  expect_identical(tokenize_texts(texts), list(
    c("it", "does", "n't", "cost", "$", "1,000", "."), NA_character_, character(),
    c("ol\u00e1", ",", "capitu", "!")
  ))
  characters <- text_tokenizer("char", lowercase = FALSE)
  expect_identical(tokenize_texts("Ab c", characters), list(c("A", "b", " ", "c")))
  bigrams <- text_tokenizer(ngram_range = c(1, 2))
  expect_identical(tokenize_texts("so it", bigrams), list(c("so", "it", "so it")))
  expect_identical(tokenize_texts(NA_character_), list(NA_character_))
  expect_identical(tokenize_texts(character()), list())
  expect_identical(tokenize_texts(factor(texts)), tokenize_texts(texts))
})

test_that("learned pieces are kept", {
  skip_without_python()
  pieces <- text_tokenizer("bpe", rep("low lower lowest", 5), vocab_size = 262)
  expect_output(print(pieces), "learned pieces of bytes, 262 pieces")
  kept <- unserialize(serialize(pieces, NULL))
  expect_identical(tokenize_texts("slow lowest", kept), list(c("s", "low", "\u0120lowe", "st")))
  expect_error(text_tokenizer("bpe"), "learns its pieces from texts", class = "textseq_error")
  expect_error(tokenize_texts("a", "words"), "\"bpe\".*It is \"words\"", class = "textseq_error")
  expect_error(tokenize_texts("a", toupper), "class function", class = "textseq_error")
  expect_error(tokenize_texts(films()), "data\\$text", class = "textseq_error")
})

test_that("models take a tokenizer", {
  skip_without_python()
  films <- films(40)
  fit <- text_classifier(
    films$text, films$label,
    encoder = "mean", tokenizer = text_tokenizer("char"), max_epochs = 1, random_state = 1
  )
  expect_match(fit$parameters$tokenizer, "char")
})
