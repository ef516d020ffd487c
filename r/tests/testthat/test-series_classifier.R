skip_without_python()

speeds <- rep(c(0.3, 0.9), 30)
kinds <- rep(c("slow", "fast"), 30)
waves <- round(sin(outer(speeds, 1:24)), 6)

small <- function(x, y, ...) {
  series_classifier(
    x, y, ...,
    encoder = "gru", hidden_size = 6, max_epochs = 2, random_state = 1, n_threads = 2
  )
}

test_that("every form of the same series gives the same model", {
  fit <- small(waves, kinds)
  expect_s3_class(
    fit, c("textseq_series_classifier", "textseq_classifier", "textseq_fit"), exact = TRUE
  )
  others <- list(
    small(array(waves, c(60, 1, 24)), kinds),
    small(as.data.frame(waves), kinds),
    small(lapply(1:60, function(row) waves[row, ]), kinds),
    small(lapply(1:60, function(row) waves[row, , drop = FALSE]), kinds),
    small(lapply(1:60, function(row) ts(waves[row, ])), kinds)
  )
  for (other in others) {
    expect_identical(other$receipt$weights_sha256, fit$receipt$weights_sha256)
  }
  expected <- predict(fit, waves, type = "prob")
  expect_identical(predict(fit, array(waves, c(60, 1, 24)), type = "prob"), expected)
  expect_identical(predict(fit, waves[2, ], type = "prob"), expected[2, ])
})

test_that("the channels of an array stay where they are", {
  two <- aperm(array(c(waves, -2 * waves), c(60, 24, 2)), c(1, 3, 2))
  listed <- lapply(1:60, function(row) rbind(waves[row, ], -2 * waves[row, ]))
  several <- lapply(1:60, function(row) ts(cbind(waves[row, ], -2 * waves[row, ])))
  fit <- small(two, kinds)
  expect_identical(small(listed, kinds)$receipt$weights_sha256, fit$receipt$weights_sha256)
  expect_identical(small(several, kinds)$receipt$weights_sha256, fit$receipt$weights_sha256)
  expect_error(predict(fit, waves), "1 channels", class = "textseq_value_error")
})

test_that("R and Python give the same probabilities", {
  path <- tempfile(fileext = ".csv")
  on.exit(unlink(path))
  utils::write.csv(waves, path, row.names = FALSE)
  said <- python(sprintf("
import pandas as pd
from textseq import SeriesClassifier
X = pd.read_csv('%s').to_numpy()
model = SeriesClassifier(encoder='gru', hidden_size=6, max_epochs=2, random_state=1, n_threads=2)
for row in model.fit(X, ['slow', 'fast'] * 30).predict_proba(X[:9]):
    print(*map(repr, map(float, row)))", path))
  ours <- as.matrix(predict(small(waves, kinds), waves[1:9, ], type = "prob"))
  theirs <- as.matrix(utils::read.table(text = said))
  expect_equal(ours, theirs, tolerance = 1e-6, ignore_attr = TRUE)
})

test_that("values may be missing, and series", {
  gaps <- waves
  gaps[cbind(1:60, 5)] <- NA
  fit <- small(gaps, kinds)
  found <- predict(fit, list(waves[1, ], NULL, c(NA, 0.5, 1L), NA, double()))
  expect_identical(is.na(found$.pred_class), c(FALSE, TRUE, FALSE, TRUE, TRUE))
  gaps[3, ] <- NA
  expect_identical(which(is.na(predict(fit, gaps)$.pred_class)), 3L)
  expect_warning(small(gaps, kinds), "1 of 60 rows miss a series", class = "textseq_rows_dropped")
  expect_identical(nrow(predict(fit, gaps[0, ])), 0L)
})

test_that("long data frames are gathered, whatever the order of their rows", {
  long <- data.frame(
    unique_id = rep(sprintf("s%02d", 1:60), each = 24), step = rep(1:24, 60),
    height = as.vector(t(waves)), kind = factor(rep(kinds, each = 24), c("slow", "fast"))
  )
  fit <- series_classifier(
    kind ~ height, long[sample(nrow(long)), ],
    time_col = "step", encoder = "gru", hidden_size = 6, max_epochs = 1, random_state = 1
  )
  found <- predict(fit, long[sample(48), c("step", "height", "unique_id")], type = "prob")
  expect_named(found, c("unique_id", ".pred_slow", ".pred_fast"))
  expect_setequal(found$unique_id, c("s01", "s02"))
  in_order <- predict(fit, long[1:48, ], type = "prob")
  expect_equal(in_order[match(found$unique_id, in_order$unique_id), ], found)
  expect_equal(in_order[[2]], predict(fit, waves[1:2, ], type = "prob")[[1]])
  expect_named(predict(fit, long[0, ]), c("unique_id", ".pred_class"))
  expect_error(predict(fit, long["step"]), "no column height, unique_id", class = "textseq_error")
  expect_error(
    series_classifier(kind ~ height, long, id_col = "id"), "no column id",
    class = "textseq_error"
  )
})

test_that("a column may hold the series", {
  rows <- tibble::tibble(kind = kinds, wave = lapply(1:60, function(row) waves[row, ]))
  fit <- series_classifier(
    kind ~ wave, rows,
    validation_data = rows[1:8, ], encoder = "gru", hidden_size = 6, max_epochs = 1
  )
  expect_identical(fit$receipt$validation_rows, 8L)
  expect_identical(names(augment(fit, rows[1:3, ])), c(
    "kind", "wave", ".pred_class", ".pred_fast", ".pred_slow"
  ))
})

test_that("what is no series is refused", {
  expect_error(
    series_classifier(kinds, kinds), "must hold series of numbers", class = "textseq_error"
  )
  expect_error(series_classifier(list(1:3, "a"), 1:2), "class character", class = "textseq_error")
  waves[4, 2] <- Inf
  expect_error(
    series_classifier(waves, kinds), "infinite value in series 4", class = "textseq_error"
  )
})
