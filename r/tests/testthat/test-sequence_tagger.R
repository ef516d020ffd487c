words <- rep(list(c("see", "the", "sea"), c("the", "old", "sea"), "ships"), 12)
tags <- rep(list(c("O", "B-it", "I-it"), c("B-it", "I-it", "I-it"), "B-it"), 12)
long <- data.frame(
  sentence = rep(seq_along(words), lengths(words)), word = unlist(words), name = unlist(tags)
)

tagger <- function(x, ..., max_epochs = 4) {
  sequence_tagger(
    x, ...,
    hidden_size = 8, embedding_dim = 8, max_epochs = max_epochs, n_threads = 1, random_state = 6
  )
}

tag_long <- function(x, ...) {
  tagger(x, id_col = "sentence", token_col = "word", tag_col = "name", ...)
}

test_that("R and Python tag the same", {
  skip_without_python()
  fit <- tagger(words, tags)
  path <- tempfile(fileext = ".textseq")
  there <- python(c(
    "from textseq import SequenceTagger",
    "words = [['see', 'the', 'sea'], ['the', 'old', 'sea'], ['ships']] * 12",
    "tags = [['O', 'B-it', 'I-it'], ['B-it', 'I-it', 'I-it'], ['B-it']] * 12",
    "model = SequenceTagger(hidden_size=8, embedding_dim=8, max_epochs=4, n_threads=1,",
    "    random_state=6).fit(words, tags)",
    "asked = [['see', 'the', 'old', 'ships']]",
    "print(*model.predict(asked)[0])",
    "print(*map(repr, model.predict_proba(asked)[0].ravel(order='F').tolist()))",
    "print(repr(model.span_f1(words, tags)))",
    sprintf("model.save(%s)", shQuote(path))
  ))
  asked <- list(c("see", "the", "old", "ships"))
  expect_identical(predict(fit, asked)$.pred_class[[1]], strsplit(there[1], " ")[[1]])
  found <- predict(fit, asked, type = "prob")$.pred[[1]]
  expect_identical(colnames(found), c("B-it", "I-it", "O"))
  expect_equal(as.vector(found), as.numeric(strsplit(there[2], " ")[[1]]), tolerance = 1e-6)
  expect_equal(span_f1(fit, words, tags), as.numeric(there[3]), tolerance = 1e-6)

  opened <- textseq_load(path)
  forget_models()
  expect_identical(predict(opened, words), predict(fit, words))
  expect_equal(
    predict(opened, long, type = "prob", id_col = "sentence", token_col = "word"),
    predict(tag_long(long), long, type = "prob"),
    tolerance = 1e-6
  )
})

test_that("set.seed() makes fits repeat", {
  skip_without_python()
  found <- lapply(c(1, 1, 2), function(seed) {
    set.seed(seed)
    fit <- sequence_tagger(words, tags, hidden_size = 4, embedding_dim = 4, max_epochs = 1)
    predict(fit, words[1], type = "prob")$.pred
  })
  expect_identical(found[[1]], found[[2]])
  expect_false(identical(found[[1]], found[[3]]))
})

test_that("a long data frame has one prediction a token, in its order", {
  skip_without_python()
  fit <- tag_long(long, validation_data = long[1:7, ])
  listed <- predict(fit, words[1:3])$.pred_class
  first <- long[1:7, ]
  expect_identical(as.character(predict(fit, first)$.pred_class), unlist(listed))
  # Rows of a text need not lie together.
  order <- c(4, 1, 5, 7, 2, 6, 3)
  expect_warning(mixed <- predict(fit, first[order, ]), class = "textseq_ids_apart")
  expect_identical(mixed$.pred_class, predict(fit, first)$.pred_class[order])
  found <- predict(fit, first, type = "prob")
  expect_named(found, c(".pred_B-it", ".pred_I-it", ".pred_O"))
  expect_equal(rowSums(found), rep(1, 7), tolerance = 1e-5)
  expect_identical(span_f1(fit, long), span_f1(fit, words, tags))
  expect_named(augment(fit, first), c("sentence", "word", "name", ".pred_class"))
  expect_error(predict(fit, first["word"]), "no column sentence", class = "textseq_error")
})

test_that("spans have places, and a report a row a type", {
  skip_without_python()
  fit <- tagger(words, tags, max_epochs = 40, learning_rate = 0.02)
  spans <- predict(fit, words[c(1, 3, 2)], type = "span")
  expect_named(spans, c(".row", ".pred_type", "first", "last", "probability"))
  expect_true(all(spans$probability > 0 & spans$probability <= 1))
  said <- predict(fit, words[c(1, 3, 2)])$.pred_class
  begins <- unlist(lapply(said, function(tags) which(startsWith(tags, "B-"))))
  expect_identical(spans$first, begins)
  expect_identical(spans$.row, rep(1:3, vapply(said, function(x) sum(startsWith(x, "B-")), 1L)))
  expect_true(all(spans$.pred_type == "it") && all(spans$last >= spans$first))
  expect_identical(nrow(predict(fit, list(NULL), type = "span")), 0L)
  missing <- predict(fit, list(NULL, words[[1]]), type = "span")
  expect_identical(unique(missing$.row), 2L)

  of_long <- predict(
    fit, transform(long, sentence = paste0("s", sentence))[1:7, ], type = "span",
    id_col = "sentence", token_col = "word"
  )
  expect_named(of_long, c("sentence", ".pred_type", "first", "last", "probability"))
  expect_true(all(of_long$sentence %in% c("s1", "s2", "s3")))

  report <- span_report(fit, words, tags)
  expect_identical(report$type, c("it", "micro avg", "macro avg"))
  expect_identical(report$support, rep(36L, 3))
  expect_equal(report$f1[2], span_f1(fit, words, tags))
  expect_identical(
    span_report(fit, long, id_col = "sentence", token_col = "word", tag_col = "name"), report
  )
})

test_that("tags may weigh, with a linear head", {
  skip_without_python()
  expect_error(tagger(words, tags, class_weight = c("B-it" = 2)), 'head = "crf" learns')
  fit <- tagger(words, tags, head = "linear", class_weight = c("B-it" = 2), max_epochs = 1)
  expect_identical(glance(fit)$score_name, "weighted token accuracy")
})

test_that("sentences that are counted anew in each document are told by both ids", {
  skip_without_python()
  before <- long$sentence - 1
  documents <- data.frame(doc_id = before %/% 3, sentence_id = before %% 3 + 1, long[-1])
  ids <- c("doc_id", "sentence_id")
  fit_by <- function(...) tagger(documents, token_col = "word", tag_col = "name", ...)
  # 12 documents of the same three sentences.
  expect_warning(
    merged <- fit_by(id_col = "sentence_id"), "the same `sentence_id` stand apart",
    class = "textseq_ids_apart"
  )
  expect_identical(glance(merged)$nobs, 3L)
  expect_no_warning(fit <- fit_by(id_col = ids))
  by_one <- tag_long(long)
  expect_identical(glance(fit)$nobs, glance(by_one)$nobs)
  expect_identical(predict(fit, documents), predict(by_one, long))
  expect_identical(span_f1(fit, documents), span_f1(by_one, long))
  expect_identical(
    predict(by_one, documents, id_col = ids)$.pred_class, predict(by_one, long)$.pred_class
  )
  spans <- predict(fit, documents, type = "span")
  expect_named(spans, c(ids, ".pred_type", "first", "last", "probability"))
  path <- tempfile(fileext = ".textseq")
  textseq_save(fit, path)
  forget_models()
  expect_identical(predict(textseq_load(path), documents), predict(fit, documents))
  documents$doc_id[1] <- NA
  expect_identical(which(is.na(predict(fit, documents)$.pred_class)), 1L)
  expect_error(predict(fit, long), "no column doc_id, sentence_id", class = "textseq_error")
})

test_that("what misses has NA, and nothing has no rows", {
  skip_without_python()
  gaps <- long
  gaps$word[1] <- NA
  expect_warning(fit <- tag_long(gaps), "1 of 36 rows", class = "textseq_rows_dropped")
  expect_identical(is.na(predict(fit, gaps)$.pred_class), rep(c(TRUE, FALSE), c(3, nrow(long) - 3)))
  found <- predict(fit, gaps[1:4, ], type = "prob")
  expect_identical(is.na(found$.pred_O), c(TRUE, TRUE, TRUE, FALSE))
  gaps$sentence[5] <- NA
  expect_identical(which(is.na(predict(fit, gaps)$.pred_class)), c(1:3, 5L))
  expect_identical(nrow(predict(fit, long[0, ])), 0L)
  expect_identical(nrow(predict(fit, long[1, ])), 1L)

  said <- predict(fit, list("sea", NULL, character(), c("the", NA)))$.pred_class
  expect_identical(lengths(said), c(1L, 1L, 0L, 1L))
  expect_identical(said[c(2, 4)], list(NA, NA))
  expect_identical(nrow(predict(fit, list())), 0L)
  expect_identical(predict(fit, list(NULL), type = "prob")$.pred, list(NA))
})

test_that("frames of series are tagged", {
  skip_without_python()
  set.seed(1)
  frames <- lapply(1:24, function(row) rbind(rep(c(-1, 1), c(4, row %% 3 + 2)), 0))
  states <- lapply(frames, function(x) factor(ifelse(x[1, ] > 0, "up", "down")))
  fit <- tagger(frames, states, max_epochs = 30)
  expect_identical(predict(fit, frames[2])$.pred_class[[1]], as.character(states[[2]]))
  numbered <- lapply(states, as.integer)
  fit <- tagger(frames, numbered, max_epochs = 30)
  expect_identical(predict(fit, frames[2])$.pred_class[[1]], numbered[[2]])
})

test_that("what does not fit together is refused", {
  skip_without_python()
  expect_error(sequence_tagger(words, tags[-1]), "36 in `x` and 35 in `y`", class = "textseq_error")
  short <- replace(tags, 2, list("O"))
  expect_error(
    sequence_tagger(words, short), "Sequence 2 has 3 steps and 1 tag", class = "textseq_error"
  )
  # Missing rows are counted, too.
  expect_error(sequence_tagger(replace(words, 1, list(NULL)), short), "Sequence 2")
  expect_error(sequence_tagger(list(1:3), list("O")), "3 steps and 1 tag", class = "textseq_error")
  expect_error(sequence_tagger(words, unlist(tags)), "list of vectors", class = "textseq_error")
  expect_error(sequence_tagger(long), "no column id, token, tag", class = "textseq_error")
  expect_error(
    sequence_tagger(words, tags, validation_data = list("the sea", list("O"))),
    "`validation_data` must be a list of the tokens", class = "textseq_error"
  )
  plain <- tagger(words, lapply(words, nchar))
  expect_error(predict(plain, "the old sea"), "tokenize_texts", class = "textseq_error")
  expect_error(span_f1(plain, words, lapply(words, nchar)), class = "textseq_value_error")
})
