test_that("texts show what they show in Python", {
  skip_without_python()
  fit <- tiny_texts()
  data <- films()
  expected <- python_tables(
    fit, c(
      "recurrent_spectrum(model)", "gradient_flow(model, X, y)", "saturation(model, X)",
      "hidden_states(model, 'good , not bad')", "explain(model, 'good , not bad', 'neg')",
      "order_matters(model, X, y, random_state=7)", "step_by_step(model, 'good , not bad')",
      "find_learning_rate(model, X, y, n_batches=20)"
    ), data
  )
  text <- "good , not bad"
  found <- list(
    recurrent_spectrum(fit), gradient_flow(fit, data), saturation(fit, data$text),
    hidden_states(fit, text), explain(fit, text, "neg"),
    order_matters(fit, data["text"], data$label, random_state = 7), step_by_step(fit, text),
    find_learning_rate(fit, data, n_batches = 20)
  )
  for (place in seq_along(found)) {
    expect_s3_class(found[[place]], "textseq_inspection")
    seen <- tidy(found[[place]])
    # Units are counted from 1.
    for (unit in 2:0) {
      names(expected[[place]]) <- sub(
        sprintf("[%d]", unit), sprintf("[%d]", unit + 1), names(expected[[place]]),
        fixed = TRUE
      )
    }
    # Classes stand in the order of the factor's levels.
    expect_setequal(names(seen), names(expected[[place]]))
    expect_table(seen[names(expected[[place]])], expected[[place]])
  }
})

test_that("a finding prints its verdict and then its table", {
  skip_without_python()
  found <- order_matters(tiny_texts(), films(), n_shuffles = 2, random_state = 1)
  lines <- utils::capture.output(print(found))
  said <- paste(lines[seq_len(which(lines == "")[1] - 1)], collapse = " ")
  expect_identical(said, found$verdict)
  expect_match(lines[which(lines == "")[1] + 1], "tibble: 3")
  # Columns that hold nothing here are not shown.
  expect_false(any(grepl("dead_units", utils::capture.output(saturation(tiny_texts(), films())))))
})

test_that("findings outlive the session that made them", {
  skip_without_python()
  found <- hidden_states(tiny_texts(), "a good film")
  file <- tempfile(fileext = ".rds")
  saveRDS(found, file)
  expect_identical(readRDS(file), found)
  expect_figure(readRDS(file))
})

test_that("what is no fit is refused before Python is asked", {
  for (look in list(recurrent_spectrum, weights_by_name)) {
    expect_error(look(3), "`fit` must be a fitted model, not numeric", class = "textseq_error")
  }
  expect_error(saturation("a", "b"), "not character", class = "textseq_error")
})

test_that("titles have no signs that a graphics device may lack", {
  skip_without_python()
  expect_match(explain(tiny_texts(), "good")$message, "^\"good\" says most")
})

test_that("what reads row by row names its fits to a forecaster", {
  skip_without_python()
  rows <- data.frame(ds = 1:30, y = sin(1:30))
  fit <- forecaster(rows, 2, hidden_size = 4, max_epochs = 1, random_state = 1)
  for (look in list(explain, hidden_states, step_by_step, order_matters)) {
    said <- expect_error(look(fit, rows), "Forecaster is not looked at", class = "textseq_error")
    named <- "(series_regressor|language_model)\\(\\)\\..*saturation\\(\\) take forecasters"
    expect_match(conditionMessage(said), named)
  }
})
