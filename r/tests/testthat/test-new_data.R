test_that("rows that miss a text or an outcome are left out with one warning", {
  skip_without_python()
  fit <- tiny_texts()
  rows <- films(12)
  holes <- rbind(rows, list(NA, "pos"), list("a good film", NA))
  expect_warning(found <- gradient_flow(fit, holes), class = "textseq_rows_dropped")
  expect_equal(found$table, gradient_flow(fit, rows)$table)
  expect_equal(saturation(fit, holes[1:13, ])$table, saturation(fit, rows)$table)
})

test_that("outcomes come from the column of the formula, or are asked for", {
  skip_without_python()
  fit <- tiny_texts()
  rows <- films(12)
  expect_equal(gradient_flow(fit, rows)$table, gradient_flow(fit, rows$text, rows$label)$table)
  expect_error(gradient_flow(fit, rows$text), "Pass them as `y`", class = "textseq_error")
  expect_error(gradient_flow(fit, rows["text"]), "no column label", class = "textseq_error")
  expect_error(gradient_flow(fit, rows$text, "pos"), "one outcome", class = "textseq_error")
})

test_that("one sequence is a text, a row, a vector or a matrix", {
  skip_without_python()
  fit <- tiny_texts()
  expect_equal(explain(fit, films(1)), explain(fit, "a good film"))
  expect_error(explain(fit, c("a", "b")), "It has 2", class = "textseq_error")
  expect_error(explain(fit, NA_character_), "1 are missing", class = "textseq_error")
  series <- waves()$x[1, , ]
  expect_equal(explain(tiny_series(), series), explain(tiny_series(), list(series)))
  expect_error(explain(tiny_series(), waves()$x), "series of numbers", class = "textseq_error")
})

test_that("several labels a row are read as they were fitted", {
  skip_without_python()
  rows <- films(40)
  labels <- cbind(good = grepl("good", rows$text), long = grepl("long", rows$text)) + 0
  fit <- text_classifier(
    rows$text, labels,
    encoder = "mean", max_epochs = 2, random_state = 1, verbose = FALSE
  )
  found <- order_matters(fit, rows$text, labels, n_shuffles = 1)
  expect_identical(found$metric, "subset accuracy")
  expect_identical(explain(fit, "good", "long")$target, "long")
})

test_that("two texts a row are read as they were fitted", {
  skip_without_python()
  rows <- data.frame(one = films()$text, two = rev(films()$text), same = films()$label)
  fit <- text_classifier(
    same ~ one + two, rows,
    encoder = "gru", hidden_size = 3, max_epochs = 1, random_state = 1, verbose = FALSE
  )
  rows$two[2] <- NA
  expect_warning(found <- gradient_flow(fit, rows), class = "textseq_rows_dropped")
  expect_equal(found$table, gradient_flow(fit, rows[-2, ])$table)
  expect_error(explain(fit, rows[1, ]), "compares two texts", class = "textseq_value_error")
})

test_that("windows of a forecaster are read from what it was fitted to", {
  skip_without_python()
  fit <- tiny_forecaster()
  expect_true(all(gradient_flow(fit, AirPassengers)$table$windows == 24))
  expect_true("windows" %in% names(saturation(fit, AirPassengers)$over_time))
  expect_error(explain(fit, AirPassengers), "A Forecaster is not looked at", class = "textseq_error")
})
