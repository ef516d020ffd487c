skip_without_python()

heights <- seq(1, 4, length.out = 64)
waves <- round(outer(heights, sin(1:20)), 6)

test_that("numbers are told in their units, and as Python tells them", {
  path <- tempfile(fileext = ".csv")
  on.exit(unlink(path))
  utils::write.csv(waves, path, row.names = FALSE)
  said <- python(sprintf("
import numpy as np, pandas as pd
from textseq import SeriesRegressor
X = pd.read_csv('%s').to_numpy()
model = SeriesRegressor(hidden_size=8, max_epochs=20, random_state=1, n_threads=2)
print(*map(repr, map(float, model.fit(X, np.linspace(1, 4, 64)).predict(X))), sep='\\n')", path))
  fit <- series_regressor(
    waves, heights,
    hidden_size = 8, max_epochs = 20, random_state = 1, n_threads = 2
  )
  found <- predict(fit, waves)
  expect_s3_class(
    fit, c("textseq_series_regressor", "textseq_regressor", "textseq_fit"), exact = TRUE
  )
  expect_equal(found$.pred, as.numeric(said), tolerance = 1e-6)
  expect_gt(stats::cor(found$.pred, heights), 0.9)
})

test_that("a column of series and its number are a formula", {
  rows <- tibble::tibble(height = heights, wave = lapply(1:64, function(row) waves[row, ]))
  fit <- series_regressor(height ~ wave, rows, hidden_size = 8, max_epochs = 1)
  found <- augment(fit, rows[1:3, ])
  expect_equal(found$.resid, found$height - found$.pred)
})
