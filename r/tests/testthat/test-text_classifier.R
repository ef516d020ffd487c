skip_without_python()

test_that("formula, data frame and vector fit the same model", {
  rows <- films()
  fits <- list(
    text_classifier(label ~ text, rows, encoder = "mean", max_epochs = 2, random_state = 1),
    text_classifier(rows["text"], rows$label, encoder = "mean", max_epochs = 2, random_state = 1),
    text_classifier(rows$text, rows$label, encoder = "mean", max_epochs = 2, random_state = 1)
  )
  for (fit in fits) {
    expect_s3_class(
      fit, c("textseq_text_classifier", "textseq_classifier", "textseq_fit"), exact = TRUE
    )
    expect_identical(fit$receipt$weights_sha256, fits[[1]]$receipt$weights_sha256)
  }
})

test_that("set.seed() makes fits repeat", {
  fitted <- function(seed) {
    set.seed(seed)
    text_classifier(label ~ text, films(), encoder = "mean", max_epochs = 1)$receipt$weights_sha256
  }
  expect_identical(fitted(1), fitted(1))
  expect_false(fitted(1) == fitted(2))
})

test_that("R and Python give the same probabilities", {
  set.seed(3)
  words <- c("good", "bad", "film", "na\u00efve", "\u00e9t\u00e9", "long", "bright")
  rows <- data.frame(
    text = replicate(240, paste(sample(words, 6, TRUE), collapse = " ")),
    label = sample(c("pos", "neg", "none"), 240, TRUE)
  )
  path <- tempfile(fileext = ".csv")
  on.exit(unlink(path))
  utils::write.csv(rows, path, row.names = FALSE, fileEncoding = "UTF-8")
  said <- python(sprintf("
import pandas as pd
from textseq import TextClassifier
rows = pd.read_csv('%s')
model = TextClassifier(encoder='lstm', hidden_size=8, max_epochs=2, random_state=7, n_threads=2)
model.fit(rows['text'], rows['label'])
for row in model.predict_proba(rows['text'][:20]):
    print(*map(repr, map(float, row)))", path))
  theirs <- as.matrix(utils::read.table(text = said))
  fit <- text_classifier(
    label ~ text, rows,
    encoder = "lstm", hidden_size = 8, max_epochs = 2, random_state = 7, n_threads = 2
  )
  ours <- as.matrix(predict(fit, rows[1:20, ], type = "prob"))
  expect_equal(ours, theirs, tolerance = 1e-6, ignore_attr = TRUE)
})

test_that("a factor's levels keep their order, unused ones too", {
  rows <- films()
  rows$label <- factor(rows$label, c("pos", "never", "neg"))
  fit <- text_classifier(label ~ text, rows, encoder = "mean", max_epochs = 8, random_state = 1)
  expect_identical(levels(predict(fit, "good")$.pred_class), c("pos", "never", "neg"))
  probabilities <- predict(fit, c("a good film", "a bad film"), type = "prob")
  expect_named(probabilities, c(".pred_pos", ".pred_never", ".pred_neg"))
  expect_identical(probabilities$.pred_never, c(0, 0))
  expect_gt(probabilities$.pred_pos[1], 0.5)
  expect_gt(probabilities$.pred_neg[2], 0.5)
})

test_that("an ordered factor is answered by one", {
  rows <- films()
  rows$label <- factor(rows$label, c("neg", "pos"), ordered = TRUE)
  fit <- text_classifier(label ~ text, rows, encoder = "mean", max_epochs = 1)
  expect_s3_class(predict(fit, "good")$.pred_class, "ordered")
})

test_that("labels may be of any type", {
  text <- films()$text
  is_good <- films()$label == "pos"
  cases <- list(
    list(y = is_good, levels = c("FALSE", "TRUE")),
    list(y = ifelse(is_good, 10L, 9L), levels = c("9", "10")),
    list(y = ifelse(is_good, 10, 9), levels = c("9", "10")),
    list(y = ifelse(is_good, "b", "a"), levels = c("a", "b")),
    list(y = as.Date("2020-01-01") + is_good, levels = c("2020-01-01", "2020-01-02"))
  )
  for (case in cases) {
    fit <- text_classifier(text, case$y, encoder = "mean", max_epochs = 8, random_state = 1)
    found <- predict(fit, c("a good film", "a bad film"))$.pred_class
    expect_identical(found, factor(rev(case$levels), case$levels))
  }
})

test_that("several labels may hold of a text", {
  rows <- films()
  rows$good <- as.integer(rows$label == "pos")
  rows$film <- grepl("film", rows$text)
  fit <- text_classifier(
    good + film ~ text, rows, encoder = "mean", max_epochs = 12, random_state = 1
  )
  text <- c("a good film", NA, "bad , and long")
  expect_identical(
    predict(fit, text),
    tibble::tibble(.pred_class_good = c(1L, NA, 0L), .pred_class_film = c(1L, NA, 0L))
  )
  expect_identical(augment(fit, text), tibble::tibble(
    text = text, predict(fit, text), predict(fit, text, type = "prob")
  ))
  probabilities <- predict(fit, text, type = "prob")
  expect_identical(unname(probabilities > 0.5), unname(predict(fit, text) == 1))
  matrix <- as.matrix(rows[c("good", "film")])
  again <- text_classifier(rows$text, matrix, encoder = "mean", max_epochs = 12, random_state = 1)
  expect_identical(again$levels, c("good", "film"))
  bare <- text_classifier(rows$text, unname(matrix), encoder = "mean", max_epochs = 1)
  expect_named(predict(bare, character()), c(".pred_class_label_1", ".pred_class_label_2"))
  expect_error(
    text_classifier(rows$text, cbind(a = rep(0:1, 40), b = 2L)), "but holds 2;",
    class = "textseq_value_error"
  )
})

test_that("rows without text or class are left out with a warning", {
  rows <- films()
  rows$text[1] <- NA
  rows$label[2] <- NA
  expect_warning(
    fit <- text_classifier(label ~ text, rows, encoder = "mean", max_epochs = 1),
    "2 of 80 rows miss a text or an outcome",
    class = "textseq_rows_dropped"
  )
  expect_identical(fit$receipt$rows, 78L)
  expect_error(text_classifier(NA_character_, "a"), "No row has both") |> suppressWarnings()
})

test_that("validation rows are taken from validation_data", {
  rows <- films()
  by_formula <- text_classifier(
    label ~ text, rows,
    validation_data = rows[1:10, ], encoder = "mean", max_epochs = 1, random_state = 1
  )
  by_vectors <- text_classifier(
    rows$text, rows$label,
    validation_data = list(rows$text[1:10], rows$label[1:10]), encoder = "mean", max_epochs = 1,
    random_state = 1
  )
  expect_identical(by_formula$receipt$validation_rows, 10L)
  expect_identical(by_vectors$history$validation_loss, by_formula$history$validation_loss)
  expect_error(
    text_classifier(rows$text, rows$label, validation_data = rows[1:10, ]), "a list of `x` and `y`"
  )
})

test_that("classes are weighed by names", {
  odds <- function(y, weights) {
    fit <- text_classifier(
      rep("the same", 40), y,
      encoder = "mean", max_epochs = 30, random_state = 1, class_weight = weights, n_threads = 1
    )
    predict(fit, "the same", type = "prob")[[2]]
  }
  expect_gt(odds(rep(c("a", "b"), 20), c(b = 20)), 0.75)
  expect_gt(odds(rep(1:2, 20), c("2" = 20)), 0.75)
  expect_gt(odds(rep(c(FALSE, TRUE), 20), c("TRUE" = 20)), 0.75)
  expect_error(odds(rep(c("a", "b"), 20), c(z = 20)), "class_weight names 'z'")
})

test_that("two columns of texts are compared", {
  pairs <- data.frame(
    one = rep(c("a", "b"), 40), two = rep(c("a", "b", "b", "a"), 20),
    same = rep(c("yes", "yes", "no", "no"), 20)
  )
  fit <- text_classifier(same ~ one + two, pairs, encoder = "mean", max_epochs = 1)
  expect_identical(nrow(predict(fit, pairs[c(1, 3), c("same", "two", "one")])), 2L)
  expect_identical(
    is.na(predict(fit, data.frame(one = c("a", "a"), two = c(NA, "a")))$.pred_class), c(TRUE, FALSE)
  )
  expect_error(predict(fit, "a"), "fitted to two texts.*one and two", class = "textseq_error")
})

test_that("what is wrong is said", {
  rows <- films()
  expect_error(text_classifier(label ~ txt, rows), "no column txt", class = "textseq_error")
  expect_error(text_classifier(~text, rows), "two sides", class = "textseq_error")
  expect_error(
    text_classifier(rows$text, rows$label[-1]), "80 in `x` and 79 in `y`", class = "textseq_error"
  )
  expect_error(text_classifier(rows["label"][0], 1), "There are 0", class = "textseq_error")
  expect_error(
    text_classifier(label ~ text, rows, hiden_size = 3), "did you mean hidden_size",
    class = "textseq_value_error"
  )
})

test_that("texts may be a factor", {
  rows <- films()
  fitted <- function(text) {
    fit <- text_classifier(text, rows$label, encoder = "mean", max_epochs = 1, random_state = 1)
    fit$receipt$weights_sha256
  }
  expect_identical(fitted(factor(rows$text)), fitted(rows$text))
})

test_that("it is told what are no texts", {
  refused <- function(x, message) {
    expect_error(text_classifier(x, 1:2), message, class = "textseq_error")
  }
  refused(NULL, "This is NULL")
  refused(1:2, "This is of class integer")
  refused(list("a", "b"), "This is of class list")
  refused(data.frame(n = 1:2), "No texts: n \\(integer\\).*as.character")
  refused(data.frame(a = 1, b = 2, c = 3), "There are 3: a, b, c")
})

test_that("a pretrained transformer reads texts, as it is or fine-tuned", {
  folder <- minilm_folder()
  fitted <- function(...) {
    text_classifier(
      label ~ text, films(24), encoder = "transformer", pretrained = folder, ...,
      random_state = 1, n_threads = 1, verbose = FALSE
    )
  }
  texts <- c("a good film", NA, "a bad film")
  frozen <- fitted(unfreeze = "none", max_epochs = 30)
  expect_identical(as.character(predict(frozen, texts)$.pred_class), c("pos", NA, "neg"))
  # The vectors that its last layer reads are those of the folder.
  vectors <- embed_transformer(texts, folder, normalize = FALSE, n_threads = 1)
  expect_equal(document_vectors(frozen, texts), unname(vectors), tolerance = 1e-5)
  tuned <- fitted(max_epochs = 1)
  moved <- document_vectors(tuned, texts) - document_vectors(frozen, texts)
  expect_gt(max(abs(moved), na.rm = TRUE), 1e-4)
  path <- tempfile(fileext = ".rds")
  on.exit(unlink(path))
  saveRDS(frozen, path)
  forget_models()
  expect_identical(predict(readRDS(path), texts), predict(frozen, texts))
})

test_that("a transformer that is not named is asked for, and told of in the help", {
  skip_without_python()
  expect_error(
    text_classifier(label ~ text, films(), encoder = "transformer"),
    "encoder = \"transformer\" needs pretrained", class = "textseq_value_error"
  )
  table <- textseq_parameters("text_classifier")
  expect_match(table$description[table$parameter == "pretrained"], "folder of a transformer")
  expect_match(table$allowed[table$parameter == "unfreeze"], "none")
})

test_that("texts without classes are learned from too", {
  rows <- films()
  more <- data.frame(text = c(rows$text[1:20], NA), label = NA)
  fitted <- function(...) {
    text_classifier(..., encoder = "mean", max_epochs = 2, random_state = 1)$receipt
  }
  of_frame <- fitted(label ~ text, rows, unlabelled = more)
  of_vector <- fitted(rows$text, rows$label, unlabelled = more$text)
  expect_identical(of_frame$unlabelled$rows, 20L)
  expect_identical(of_vector$weights_sha256, of_frame$weights_sha256)
  expect_error(fitted(label ~ text, rows, unlabelled = data.frame(a = "b")), "text")
})
