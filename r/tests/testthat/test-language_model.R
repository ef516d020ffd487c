lines <- rep(c("the cat sat on the mat.", "a dog ran to the cat."), 20)

letters_model <- function(x = lines, ...) {
  language_model(
    x, "char", ...,
    hidden_size = 12, num_layers = 1, embedding_dim = 8, dropout = 0, learning_rate = 0.02,
    max_epochs = 3, n_threads = 1
  )
}

in_python <- c(
  "from textseq import LanguageModel",
  "lines = ['the cat sat on the mat.', 'a dog ran to the cat.'] * 20",
  "model = LanguageModel('char', hidden_size=12, num_layers=1, embedding_dim=8, dropout=0,",
  "    learning_rate=0.02, max_epochs=3, n_threads=1, random_state=5).fit(lines)"
)

test_that("R and Python score and write the same", {
  skip_without_python()
  fit <- letters_model(random_state = 5)
  there <- python(c(
    in_python,
    "print(repr(model.perplexity(['a cat'])), repr(model.bits_per_character(['a cat'])))",
    "print(*map(float, model.score_samples(['the cat', 'tac'])))",
    "print(model.generate('the', 12, temperature=0.7, top_k=5, random_state=4))",
    "print(repr(model.perplexity(['the cat'] * 9, adapt=True, cache=5)))"
  ))
  numbers <- as.numeric(unlist(strsplit(there[1:2], " ")))
  texts <- data.frame(text = c("the cat", "tac"))
  expect_equal(perplexity(fit, "a cat"), numbers[1], tolerance = 1e-6)
  expect_equal(bits_per_character(fit, "a cat"), numbers[2], tolerance = 1e-6)
  again <- rep("the cat", 9)
  running <- perplexity(fit, again, adapt = TRUE, cache = 5)
  expect_equal(running, as.numeric(there[length(there)]), tolerance = 1e-6)
  expect_false(isTRUE(all.equal(running, perplexity(fit, again))))
  expect_equal(predict(fit, texts)$.score, numbers[3:4], tolerance = 1e-6)
  written <- generate(
    fit, "the",
    max_new_tokens = 12, temperature = 0.7, top_k = 5, random_state = 4
  )
  expect_identical(written, there[3])
  stopped <- generate(
    fit, "the",
    max_new_tokens = 12, temperature = 0.7, top_k = 5, random_state = 4,
    stop = c(substr(written, 9, 9), substr(written, 5, 5))
  )
  expect_lt(nchar(stopped), 5)
  expect_true(startsWith(written, stopped))
})

test_that("drafts are a row for each prompt, those of Python", {
  skip_without_python()
  fit <- letters_model(random_state = 5)
  there <- python(c(
    in_python,
    "print(*model.generate('the', 12, n_drafts=3, top_k=5, random_state=4), sep='\\n')",
    "print(model.generate('the', 30, repetition_penalty=1.5, random_state=4))",
    "print(model.generate('the', 30, no_repeat_ngram_size=2, random_state=4))"
  ))
  drafts <- generate(
    fit, c("the", NA),
    max_new_tokens = 12, n_drafts = 3, top_k = 5, random_state = 4
  )
  expect_identical(drafts, rbind(there[1:3], NA_character_))
  once <- generate(fit, "the", max_new_tokens = 12, n_drafts = 1, top_k = 5, random_state = 4)
  expect_identical(once, matrix(there[1]))
  fewer <- generate(fit, "the", max_new_tokens = 30, repetition_penalty = 1.5, random_state = 4)
  expect_identical(fewer, there[4])
  apart <- generate(fit, "the", max_new_tokens = 30, no_repeat_ngram_size = 2, random_state = 4)
  expect_identical(apart, there[5])
  expect_error(generate(fit, n_drafts = 0), "n_drafts must be", class = "textseq_value_error")
  expect_error(
    generate(fit, repetition_penalty = 0), "repetition_penalty must be",
    class = "textseq_value_error"
  )
})

test_that("what contradicts a model to go on from is refused", {
  skip_without_python()
  expect_error(
    language_model(lines, "word", pretrained = letters_model(random_state = 1), hidden_size = 9),
    "hidden_size = 9, but the pretrained model has hidden_size = 12",
    class = "textseq_value_error"
  )
})

test_that("set.seed() makes fits and texts repeat", {
  skip_without_python()
  run <- function(seed) {
    set.seed(seed)
    fit <- letters_model()
    list(predict(fit, "a dog")$.score, generate(fit, c("a", "a"), max_new_tokens = 20))
  }
  first <- run(1)
  expect_identical(run(1), first)
  expect_false(identical(run(2)[[1]], first[[1]]))
  # Each prompt is gone on with by draws of its own.
  expect_false(first[[2]][1] == first[[2]][2])
})

test_that("missing texts have rows, and no texts none", {
  skip_without_python()
  fit <- letters_model(random_state = 1)
  scores <- predict(fit, c("a", NA, "the cat"))
  expect_identical(is.na(scores$.score), c(FALSE, TRUE, FALSE))
  expect_identical(predict(fit, NA)$.score, NA_real_)
  expect_identical(predict(fit, character()), tibble::tibble(.score = double()))
  expect_identical(nrow(predict(fit, "one")), 1L)
  expect_identical(generate(fit, c(NA, ""), max_new_tokens = 3, random_state = 1)[1], NA_character_)
  expect_identical(generate(fit, character()), character())
  expect_named(augment(fit, c("a", NA)), c("text", ".score"))
  expect_warning(perplexity(fit, c("the cat", NA)), class = "textseq_rows_dropped")
})

test_that("texts that can not be read are refused", {
  skip_without_python()
  fit <- letters_model(random_state = 1)
  expect_error(generate(fit, 5), "class numeric", class = "textseq_error")
  expect_error(perplexity(fit, character()), "no text", class = "textseq_error")
  expect_warning(perplexity(fit, c("a", NA)), "1 of 2 texts is missing and left out")
  expect_error(letters_model(""), "no text has a token", class = "textseq_value_error")
})

test_that("a formula and a data frame pick the column", {
  skip_without_python()
  data <- data.frame(n = seq_along(lines), text = lines)
  plain <- letters_model(random_state = 1)
  fit <- language_model(
    ~text, data, "char",
    hidden_size = 12, num_layers = 1, embedding_dim = 8, dropout = 0, learning_rate = 0.02,
    max_epochs = 3, n_threads = 1, random_state = 1
  )
  expect_identical(predict(fit, data[1:2, ]), predict(plain, lines[1:2]))
  expect_named(augment(fit, data[1:2, ]), c("n", "text", ".score"))
  expect_identical(perplexity(fit, data[1:2, ]), perplexity(plain, lines[1:2]))
  expect_error(language_model(~other, data), "no column other", class = "textseq_error")
  expect_error(language_model(n ~ text, data), "~ text", class = "textseq_error")
  two <- data.frame(a = lines, b = lines)
  expect_error(language_model(two), "There are two: a, b", class = "textseq_error")
})

test_that("a language model is what others start from", {
  skip_without_python()
  reader <- language_model(
    lines, "word",
    hidden_size = 8, num_layers = 1, embedding_dim = 8, max_epochs = 1, random_state = 1
  )
  fit <- text_classifier(
    lines, rep(c("cat", "dog"), 20),
    pretrained = reader, max_epochs = 1, random_state = 1
  )
  expect_identical(nrow(predict(fit, "the cat")), 1L)
  more <- language_model(lines, "word", pretrained = reader, max_epochs = 1, random_state = 1)
  expect_identical(more$n_parameters, reader$n_parameters)
})

test_that("what Python says of wrong arguments arrives whole", {
  skip_without_python()
  fit <- letters_model(random_state = 1)
  expect_error(generate(fit, temperature = -1), "temperature", class = "textseq_value_error")
  expect_error(generate(fit, top_p = 2), "top_p", class = "textseq_value_error")
  expect_error(language_model(lines, "letter"), "level", class = "textseq_value_error")
})

test_that("Python's own file opens, and a fit outlives Python's memory", {
  skip_without_python()
  path <- tempfile(fileext = ".textseq")
  said <- python(c(
    in_python, sprintf("model.save(%s)", shQuote(path)), "print(repr(model.perplexity(['a cat'])))"
  ))
  fit <- textseq_load(path)
  forget_models()
  expect_equal(perplexity(fit, data.frame(any = "a cat")), as.numeric(said), tolerance = 1e-6)
})

test_that("a model of a vector reads the only column of texts", {
  fit <- language_model(
    rep("a good film", 20),
    hidden_size = 4, embedding_dim = 4, num_layers = 1, max_epochs = 1
  )
  rows <- data.frame(id = 1:2, text = c("a film", "good"))
  expect_identical(predict(fit, rows), predict(fit, rows$text))
  expect_identical(perplexity(fit, rows), perplexity(fit, rows$text))
})
