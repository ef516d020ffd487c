skip_without_python()

fit <- text_classifier(label ~ text, films(), encoder = "mean", max_epochs = 2, random_state = 1)

test_that("a file that R writes is opened by R and by Python", {
  path <- tempfile(fileext = ".textseq")
  on.exit(unlink(path))
  expect_identical(textseq_save(fit, path), path)
  again <- textseq_load(path)
  expect_s3_class(again, class(fit), exact = TRUE)
  expect_identical(again$model, fit$model)
  expect_identical(again$levels, c("pos", "neg"))
  expect_identical(predict(again, films()), predict(fit, films()))
  expect_identical(evaluate(again, films()), evaluate(fit, films()))
  expect_identical(again$history, fit$history)
  ours <- predict(fit, "good", type = "prob")
  expect_identical(predict(again, "good", type = "prob"), ours)
  said <- python(sprintf(
    "from textseq import load_model\nprint(*load_model('%s').predict_proba(['good'])[0].tolist())",
    path
  ))
  expect_equal(
    as.numeric(strsplit(said, " ")[[1]]), c(ours$.pred_neg, ours$.pred_pos), tolerance = 1e-6
  )
})

test_that("files of Python open as fits of their kind, and go back as they were", {
  folder <- tempfile()
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  python(sprintf("
import numpy as np, pandas as pd
from textseq import *
folder, tiny = '%s/', dict(max_epochs=1, random_state=0, n_threads=1)
texts, waves = ['a good film', 'a bad film'] * 20, np.sin(np.outer(np.arange(40), np.arange(12)))
TextClassifier(encoder='mean', **tiny).fit(texts, [3, 1] * 20).save(folder + 'text_classifier')
TextRegressor(encoder='mean', **tiny).fit(texts, [3, 1] * 20).save(folder + 'text_regressor')
is_even = [True, False] * 20
SeriesClassifier(hidden_size=4, **tiny).fit(waves, is_even).save(folder + 'series_classifier')
SeriesRegressor(hidden_size=4, **tiny).fit(waves, np.arange(40)).save(folder + 'series_regressor')
days = pd.date_range('2020-01-01', periods=200)
frame = pd.DataFrame({'unique_id': 'a', 'ds': days, 'y': np.sin(np.arange(200.0))})
small = dict(hidden_size=4, **tiny)
Forecaster(h=2, input_size=8, encoder='gru', **small).fit(frame).save(folder + 'forecaster')
small |= dict(embedding_dim=4)
LanguageModel(**small).fit(texts).save(folder + 'language_model')
Seq2Seq(**small).fit(texts, texts).save(folder + 'seq2seq')
tokens = [text.split() for text in texts]
SequenceTagger(**small).fit(tokens, tokens).save(folder + 'sequence_tagger')
", folder))
  for (kind in c(
    "text_classifier", "text_regressor", "series_classifier", "series_regressor", "forecaster",
    "language_model", "seq2seq", "sequence_tagger"
  )) {
    path <- file.path(folder, kind)
    opened <- textseq_load(path)
    expect_identical(class(opened)[1], paste0("textseq_", kind))
    expect_match(capture.output(print(opened))[1], kind)
    expect_identical(nrow(glance(opened)), 1L)
    expect_s3_class(autoplot(opened), "ggplot")
    copy <- textseq_save(opened, file.path(folder, "copy"))
    expect_identical(unname(tools::md5sum(copy)), unname(tools::md5sum(path)))
  }
  expect_named(
    predict(textseq_load(file.path(folder, "text_classifier")), "good", type = "prob"),
    c(".pred_1", ".pred_3")
  )
  found <- predict(textseq_load(file.path(folder, "series_classifier")), sin(1:12))
  expect_identical(levels(found$.pred_class), c("FALSE", "TRUE"))
})

test_that("what is no model file is refused", {
  path <- tempfile()
  expect_error(textseq_load(path), "no model file", class = "textseq_model_file_error")
  writeLines("hello", path)
  expect_error(textseq_load(path), basename(path), class = "textseq_model_file_error")
  saveRDS(fit, path)
  expect_error(textseq_load(path), "`readRDS\\(\\)`", class = "textseq_model_file_error")
  writeLines("hello", path)
  expect_error(textseq_load(tempdir()), "no model file", class = "textseq_model_file_error")
  expect_error(textseq_save(1, path), "must be a fit", class = "textseq_error")
  expect_error(textseq_save(fit, file.path(path, "x")), "can't be written", class = "textseq_error")
  expect_identical(readLines(path), "hello")
})

test_that("a fit outlives Python's memory of it", {
  others <- lapply(1:33, function(seed) {
    text_classifier(label ~ text, films(), encoder = "mean", max_epochs = 1, random_state = seed)
  })
  expect_false(py_call("knows", id = fit$id))
  expect_identical(nrow(predict(fit, "good")), 1L)
})
