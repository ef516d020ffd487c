pairs <- data.frame(
  number = rep(c("1", "2", "1 2", "2 1"), 8), word = rep(c("one", "two", "one two", "two one"), 8)
)

translator <- function(x, ..., max_epochs = 3) {
  seq2seq(
    x, ...,
    hidden_size = 16, embedding_dim = 8, max_epochs = max_epochs, learning_rate = 0.02,
    n_threads = 1, random_state = 4
  )
}

in_python <- c(
  "from textseq import Seq2Seq",
  "numbers = ['1', '2', '1 2', '2 1'] * 8",
  "words = ['one', 'two', 'one two', 'two one'] * 8",
  "model = Seq2Seq(hidden_size=16, embedding_dim=8, max_epochs=15, n_threads=1,",
  "    learning_rate=0.02,",
  "    random_state=4).fit(numbers, words)"
)

test_that("R and Python say the same", {
  skip_without_python()
  fit <- translator(word ~ number, pairs, max_epochs = 15)
  path <- tempfile(fileext = ".textseq")
  there <- python(c(
    in_python,
    "print('|'.join(model.predict(['2 1', '1', '2 2 1'])))",
    "print('|'.join(model.predict(['2 1', '1', '2 2 1'], beam_size=1)))",
    "bleu, chrf = model.bleu(numbers, words), model.chrf(numbers, words)",
    "print(repr(bleu.score), repr(chrf.score))", "print(bleu.signature)",
    "print(*map(repr, model.attention_map('2 1').weights.ravel(order='F').tolist()))",
    sprintf("model.save(%s)", shQuote(path))
  ))
  asked <- c("2 1", "1", "2 2 1")
  expect_identical(predict(fit, asked)$.pred[1:2], c("two one", "one"))
  expect_identical(predict(fit, asked)$.pred, strsplit(there[1], "|", fixed = TRUE)[[1]])
  greedy <- predict(fit, data.frame(number = asked), beam_size = 1)
  expect_identical(greedy$.pred, strsplit(there[2], "|", fixed = TRUE)[[1]])
  scores <- rbind(bleu(fit, pairs$number, pairs$word), chrf(fit, pairs$number, pairs$word))
  expect_equal(scores$score, as.numeric(strsplit(there[3], " ")[[1]]), tolerance = 1e-6)
  expect_identical(scores$signature[1], there[4])
  weights <- as.numeric(strsplit(there[5], " ")[[1]])
  expect_equal(as.vector(attention_map(fit, "2 1")$weights), weights, tolerance = 1e-6)

  opened <- textseq_load(path)
  forget_models()
  expect_identical(predict(opened, data.frame(any = asked)), predict(fit, asked))
})

test_that("set.seed() makes fits repeat", {
  skip_without_python()
  weights <- lapply(c(1, 1, 2), function(seed) {
    set.seed(seed)
    fit <- seq2seq(word ~ number, pairs, hidden_size = 8, embedding_dim = 8, max_epochs = 1)
    attention_map(fit, "1 2")$weights
  })
  expect_identical(weights[[1]], weights[[2]])
  expect_false(identical(weights[[1]], weights[[3]]))
})

test_that("several answers are rows, drawn ones repeat, and scores are told at once", {
  skip_without_python()
  fit <- translator(word ~ number, pairs, max_epochs = 15)
  several <- predict(fit, c("1", NA, "2"), n_best = 2)
  expect_named(several, c(".row", ".pred", ".log_probability"))
  expect_identical(several$.row, c(1L, 1L, 3L, 3L))
  expect_identical(several$.pred[c(1, 3)], predict(fit, c("1", "2"))$.pred)
  expect_identical(predict(fit, NA_character_, n_best = 2)$.row, integer())
  set.seed(3)
  drawn <- predict(fit, pairs$number, temperature = 2, max_new_tokens = 3)
  set.seed(3)
  expect_identical(predict(fit, pairs$number, temperature = 2, max_new_tokens = 3), drawn)
  expect_warning(marked <- predict(fit, "1 9", unknown = "mark"), "training had not")
  expect_type(marked$.pred, "character")
  scores <- evaluate(fit, pairs$number, pairs$word)
  expect_identical(scores$metric, c("exact_match", "character_error_rate", "bleu", "chrf"))
  expect_identical(scores$score[3], bleu(fit, pairs$number, pairs$word)$score)
  expect_match(bleu(fit, pairs$number, pairs$word, tokenize = "char")$signature, "tok:char")
})

test_that("missing sources have rows, and no sources none", {
  skip_without_python()
  with_gaps <- rbind(pairs, data.frame(number = c(NA, "1"), word = c("one", NA)))
  expect_warning(
    fit <- translator(word ~ number, with_gaps), "2 of 34 rows",
    class = "textseq_rows_dropped"
  )
  expect_identical(is.na(predict(fit, c(NA, "1", NA))$.pred), c(TRUE, FALSE, TRUE))
  expect_identical(predict(fit, NA_character_)$.pred, NA_character_)
  expect_identical(predict(fit, character()), tibble::tibble(.pred = character()))
  expect_named(augment(fit, pairs[1, ]), c("number", "word", ".pred"))
  expect_error(predict(fit, data.frame(other = "1")), "no column number", class = "textseq_error")
  # Several references of a source.
  expect_match(chrf(fit, c("1", "2"), list(c("one", "1"), "two"))$signature, "nrefs:var")
})

test_that("tokens and symbols are lists of character vectors", {
  skip_without_python()
  numbers <- strsplit(pairs$number, " ")
  words <- lapply(strsplit(pairs$word, " "), factor)
  fit <- translator(numbers, words, validation_data = list(numbers[1:4], words[1:4]))
  said <- predict(fit, list(c("2", "1"), NULL, "1"))
  expect_type(said$.pred, "list")
  expect_type(said$.pred[[1]], "character")
  expect_identical(said$.pred[[2]], NA_character_)
  expect_identical(predict(fit, list())$.pred, character())
  expect_gte(bleu(fit, numbers, words)$score, 0)
  seen <- attention_map(fit, list(c("2", "1", "1")))
  expect_identical(seen$source, c("2", "1", "1"))
})

test_that("series and vectors are sources, too", {
  skip_without_python()
  set.seed(1)
  rising <- lapply(rep(5:8, 10), function(n) rbind(cumsum(runif(n)), rnorm(n)))
  rising[1:20] <- lapply(rising[1:20], function(x) -x)
  rising[[3]][1, 2] <- NA
  said <- rep(c("it falls", "it rises"), each = 20)
  fit <- translator(rising, said, encoder = "bigru")
  expect_identical(fit$parameters$source, "series")
  predicted <- predict(fit, c(rising[1:2], list(NULL)))$.pred
  expect_identical(is.na(predicted), c(FALSE, FALSE, TRUE))
  seen <- attention_map(fit, rising[[1]])
  expect_identical(seen$source, as.character(1:5))

  block <- array(unlist(rising[rep(1, 40)]), c(2, 5, 40))
  fit <- translator(aperm(block, c(3, 1, 2)), said)
  expect_identical(nrow(predict(fit, aperm(block, c(3, 1, 2))[1, , , drop = FALSE])), 1L)

  vectors <- matrix(rep(c(-1, 1), each = 20), 40, 3)
  fit <- translator(vectors, said, max_epochs = 40)
  expect_identical(fit$parameters$source, "vector")
  expect_identical(predict(fit, vectors[c(1, 40), ])$.pred, c("it falls", "it rises"))
  expect_error(attention_map(fit, vectors[1, ]), "no attention", class = "textseq_error")
})

test_that("what does not fit together is refused", {
  skip_without_python()
  expect_error(seq2seq(c("1", "2"), "one"), "2 in `x` and 1 in `y`", class = "textseq_error")
  expect_error(
    predict(translator(word ~ number, pairs), "1", beam_size = 0), "beam_size",
    class = "textseq_value_error"
  )
  expect_error(translator(word ~ none, pairs), "no column none", class = "textseq_error")
  expect_error(
    seq2seq(word ~ number, pairs, attention = "none"), "; choose from: .* NULL",
    class = "textseq_value_error"
  )
  expect_error(
    seq2seq(pairs["number"], pairs$word, validation_data = pairs), "list of `x` and `y`",
    class = "textseq_error"
  )
})
