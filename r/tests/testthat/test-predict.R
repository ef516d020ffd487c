skip_without_python()

fit <- text_classifier(label ~ text, films(), encoder = "mean", max_epochs = 8, random_state = 1)

test_that("there is one row an input, in their order", {
  found <- predict(fit, c(NA, "a good film", NA, "a bad film", ""))
  expect_s3_class(found, "tbl_df")
  expect_identical(as.character(found$.pred_class[1:4]), c(NA, "pos", NA, "neg"))
  expect_false(is.na(found$.pred_class[5]))
  probabilities <- predict(fit, c(NA, "a good film"), type = "prob")
  expect_identical(is.na(probabilities$.pred_pos), c(TRUE, FALSE))
  expect_equal(sum(probabilities[2, ]), 1)
  expect_identical(predict(fit, NA)$.pred_class, factor(NA, c("pos", "neg")))
})

test_that("no row in is no row out, with all columns and types", {
  expect_identical(
    predict(fit, character()), tibble::tibble(.pred_class = factor(character(), c("pos", "neg")))
  )
  expect_identical(
    predict(fit, films()[0, ], type = "prob"),
    tibble::tibble(.pred_pos = double(), .pred_neg = double())
  )
})

test_that("data frames may hold more columns, in any order, but not fewer", {
  rows <- tibble::tibble(other = 1:2, text = factor(c("a good film", "a bad film")))
  expect_identical(predict(fit, rows), predict(fit, c("a good film", "a bad film")))
  expect_error(
    predict(fit, rows["other"]), "`new_data` has no column text", class = "textseq_error"
  )
  expect_error(
    predict(fit, list("good")), "character vector or a data frame", class = "textseq_error"
  )
  expect_error(predict(fit, 1:3), "One column of texts", class = "textseq_error")
})

test_that("a model of unnamed texts takes any lone column of texts", {
  unnamed <- text_classifier(films()$text, films()$label, encoder = "mean", max_epochs = 1)
  expect_identical(nrow(predict(unnamed, data.frame(sentence = "good"))), 1L)
  expect_identical(
    predict(unnamed, data.frame(n = 1, sentence = "good")), predict(unnamed, "good")
  )
  expect_error(
    predict(unnamed, data.frame(n = 1, one = "good", two = "bad")), "There are 3: n, one, two",
    class = "textseq_error"
  )
})

test_that("the encoding of a text does not matter", {
  utf8 <- "un film na\u00eff"
  latin1 <- iconv(utf8, "UTF-8", "latin1")
  rows <- data.frame(text = rep(c(utf8, "un film"), 20), label = rep(c("a", "b"), 20))
  own <- text_classifier(label ~ text, rows, encoder = "mean", max_epochs = 8, random_state = 1)
  expect_identical(Encoding(latin1), "latin1")
  expect_identical(predict(own, latin1, type = "prob"), predict(own, utf8, type = "prob"))
  expect_gt(predict(own, latin1, type = "prob")$.pred_a, 0.5)
})

test_that("sets, intervals and what is not sure are those of Python", {
  many <- films(400)
  many$text <- paste(many$text, rep(letters[1:20], 20))
  sure <- text_classifier(label ~ text, many, encoder = "mean", max_epochs = 3, random_state = 1)
  new <- c(NA, many$text[1:4], "unheard of")
  p <- predict(sure, new, type = "prob")
  highest <- pmax(p$.pred_pos, p$.pred_neg)
  level <- sort(highest)[2]
  found <- predict(sure, new, abstain = level + 1e-9)$.pred_class
  expect_identical(is.na(found), is.na(highest) | highest < level + 1e-9)
  expect_identical(levels(found), c("pos", "neg"))
  sets <- predict(sure, new, type = "set", coverage = 0.95)$.pred_set
  expect_identical(sets[[1]], NA_character_)
  all <- predict(sure, many, type = "set", coverage = 0.95)$.pred_set
  expect_gt(mean(mapply(`%in%`, many$label, all)), 0.85)
  expect_identical(nrow(predict(sure, character(), type = "set")), 0L)
  expect_error(predict(sure, new, type = "set", coverage = 0.999), "needs 999 validation rows")
  expect_error(predict(sure, new, abstain = 80), "must be a probability", class = "textseq_error")
  expect_error(
    predict(sure, new, type = "prob", abstain = 0.8), "goes with `type = \"class\"`",
    class = "textseq_error"
  )
  many$stars <- ifelse(many$label == "pos", 5, 1) + rep(c(0.1, -0.1), 200)
  number <- text_regressor(stars ~ text, many, encoder = "mean", max_epochs = 3, random_state = 1)
  ends <- predict(number, new, level = c(80, 90))
  expect_named(ends, c(
    ".pred", ".pred_lower_80", ".pred_upper_80", ".pred_lower_90", ".pred_upper_90"
  ))
  expect_equal(ends$.pred, predict(number, new)$.pred)
  expect_true(all(ends$.pred_lower_90 <= ends$.pred_lower_80, na.rm = TRUE))
  expect_equal(ends$.pred_upper_80 - ends$.pred, ends$.pred - ends$.pred_lower_80)
  expect_named(predict(number, character(), level = 80), c(".pred", ".pred_lower_80", ".pred_upper_80"))
})

test_that("another type of prediction is refused", {
  expect_error(predict(fit, "good", type = "numeric"), "must be one of")
})

test_that("answers by a threshold and by costs are those of Python", {
  rows <- films(400)
  rows$text <- paste(rows$text, rep(letters[1:20], 20))
  fitted_by <- function(given) {
    text_classifier(
      label ~ text, rows,
      encoder = "mean", max_epochs = 1, random_state = 1, wide = NULL, decision_threshold = given
    )
  }
  new <- c(NA, rows$text[1:40])
  p <- predict(fitted_by(NULL), new, type = "prob")
  level <- stats::median(p$.pred_pos, na.rm = TRUE)
  # The second of the sorted classes is "pos", though the factor has it first.
  said <- ifelse(p$.pred_pos >= level, "pos", "neg")
  by_level <- fitted_by(level)
  expect_identical(as.character(predict(by_level, new)$.pred_class), said)
  expect_equal(predict(by_level, new, type = "prob"), p)
  expect_identical(as.character(augment(by_level, new)$.pred_class), said)
  expect_identical(levels(predict(by_level, new)$.pred_class), c("pos", "neg"))
  shown <- evaluate(by_level, rows)
  right <- mean(as.character(predict(by_level, rows)$.pred_class) == as.character(rows$label))
  expect_equal(shown$score[shown$metric == "accuracy"], right)
  # Taking "neg" for "pos" costs (1 - level) / level times the other mistake: the same answers.
  costs <- matrix(c(0, 1, level / (1 - level), 0), 2, dimnames = rep(list(c("pos", "neg")), 2))
  expect_identical(as.character(predict(fitted_by(costs), new)$.pred_class), said)
  # By the names of a list, too; and a fit is kept whole.
  named <- lapply(split(as.data.frame(costs), rownames(costs)), as.list)
  again <- unserialize(serialize(fitted_by(named), NULL))
  forget_models()
  expect_identical(as.character(predict(again, new)$.pred_class), said)
  reached <- fitted_by(c(recall = 0.9))$receipt$decision
  expect_gte(reached$recall, 0.9)
  expect_error(fitted_by(unname(costs)), "need the names of classes", class = "textseq_error")
  expect_error(fitted_by(list(precision = 90)), "must be at most 1")
})
