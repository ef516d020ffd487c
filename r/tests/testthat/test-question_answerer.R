stories <- data.frame(
  question = rep(c("Where is Ana?", "Where is Bob?"), 15),
  passage = "Ana is in Rome. Bob is in Old Oslo.",
  answer = rep(c("Rome", "Old Oslo"), 15)
)

answerer <- function(x, ..., max_epochs = 12) {
  question_answerer(
    x, ...,
    hidden_size = 8, embedding_dim = 8, n_passes = 1, learning_rate = 0.02,
    max_epochs = max_epochs, n_threads = 1, random_state = 4
  )
}

test_that("R and Python say the same, by a formula and by columns", {
  skip_without_python()
  fit <- answerer(answer ~ question + passage, stories)
  path <- tempfile(fileext = ".textseq")
  there <- python(c(
    "from textseq import QuestionAnswerer",
    "rows = [('Where is Ana?', 'Ana is in Rome. Bob is in Old Oslo.'),",
    "    ('Where is Bob?', 'Ana is in Rome. Bob is in Old Oslo.')]",
    "model = QuestionAnswerer(hidden_size=8, embedding_dim=8, n_passes=1, learning_rate=0.02,",
    "    max_epochs=12, n_threads=1, random_state=4).fit(rows * 15, ['Rome', 'Old Oslo'] * 15)",
    "best = [one[0] for one in model.predict_spans(rows)]",
    "print('|'.join(one.text for one in best))",
    "print(*(repr(one.probability) for one in best))",
    sprintf("model.save(%s)", shQuote(path))
  ))
  said <- predict(fit, stories[1:2, ])$.pred
  expect_identical(said, strsplit(there[1], "|", fixed = TRUE)[[1]])
  best <- predict(fit, stories[1:2, ], n_best = 3)
  expect_identical(best$.row, rep(1:2, each = 3))
  expect_identical(best$.pred[c(1, 4)], said)
  numbers <- as.double(strsplit(there[2], " ")[[1]])
  expect_equal(best$.pred_probability[c(1, 4)], numbers, tolerance = 1e-5)
  expect_identical(substring(stories$passage[1], best$first, best$last), best$.pred)
  by_columns <- answerer(stories[c("question", "passage")], stories$answer)
  expect_identical(predict(by_columns, stories[1:2, ]), predict(fit, stories[1:2, ]))
  expect_identical(predict(textseq_load(path), stories[1:2, 1:2])$.pred, said)
})

test_that("missing rows have no answer, and are not learned from", {
  skip_without_python()
  some <- stories
  some$answer[3] <- NA
  expect_warning(
    fit <- answerer(answer ~ question + passage, some, max_epochs = 1),
    "1 of 30 rows miss a question or an outcome"
  )
  some$passage[2] <- NA
  expect_identical(is.na(predict(fit, some[1:3, ])$.pred), c(FALSE, TRUE, FALSE))
  expect_identical(unique(predict(fit, some[1:3, ], n_best = 2)$.row), c(1L, 3L))
  expect_identical(nrow(predict(fit, some[2, ], n_best = 2)), 0L)
  expect_named(augment(fit, some[1:2, ]), c("question", "passage", "answer", ".pred"))
})

test_that("what is no question and passage is refused", {
  skip_without_python()
  refused <- function(code, message) expect_error(code, message, class = "textseq_error")
  refused(question_answerer("Where?", "Rome"), "data frame of two columns")
  refused(
    answerer(stories[c("question", "passage")], rep("Paris", 30)),
    "which does not stand in its passage"
  )
})
