test_that("the last answer is that of predict()", {
  skip_without_python()
  fit <- tiny_texts()
  found <- hidden_states(fit, "good , not bad")
  expected <- unlist(predict(fit, "good , not bad", type = "prob"))
  # In the order of the factor's levels, not in Python's.
  expect_equal(found$answers[4, ], c(pos = expected[[".pred_pos"]], neg = expected[[".pred_neg"]]),
    tolerance = 1e-6
  )
  expect_identical(grep("^p\\(", names(found$table), value = TRUE), c("p(pos)", "p(neg)"))
  expect_equal(found$table$`p(pos)`, unname(found$answers[, "pos"]))
  expect_identical(dimnames(found$states), list(NULL, c("1", "2", "3")))
  expect_identical(dim(found$states), c(4L, 3L))
})

test_that("figures of texts and series tell answers from states", {
  skip_without_python()
  built <- expect_figure(hidden_states(tiny_texts(), "good , not bad"))
  labels <- lapply(built$layout$panel_params, function(panel) panel$y$get_labels())
  labels <- lapply(labels, function(of_panel) of_panel[!is.na(of_panel)])
  expect_equal(as.numeric(labels[[1]]), c(0, 0.5, 1))
  expect_identical(sort(labels[[2]]), c("1", "2", "3"))
  series <- expect_figure(hidden_states(tiny_series(), waves()$x[1, , ]))
  expect_equal(nrow(series$layout$layout), 3)
})

test_that("three classes get three kinds of lines, and print by three columns", {
  skip_without_python()
  fit <- text_classifier(
    films()$text, rep(c("a", "b", "c", "d"), 20),
    encoder = "mean", max_epochs = 2, random_state = 1, verbose = FALSE
  )
  found <- hidden_states(fit, paste(rep("good , not bad", 30), collapse = " "))
  expect_length(shown_rows(found), 3 + 3 + 1)
  built <- expect_figure(found)
  lines <- built$data[[2]]
  expect_length(unique(lines$linetype), 3)
  # A hundred units are too many to name.
  expect_length(built$layout$panel_params[[2]]$y$get_labels(), 0)
})

test_that("a regressor's prediction keeps its own scale", {
  skip_without_python()
  fit <- text_regressor(
    films()$text, -1e6 - seq_len(80),
    encoder = "mean", max_epochs = 2, random_state = 1, verbose = FALSE
  )
  built <- expect_figure(hidden_states(fit, "a good film"))
  labels <- as.numeric(built$layout$panel_params[[1]]$y$get_labels())
  expect_gt(sum(labels < -0.9e6, na.rm = TRUE), 1)
})
