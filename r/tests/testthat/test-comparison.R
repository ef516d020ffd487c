compared <- function() {
  compare_encoders(label ~ text, films(40), "mean", n_seeds = 2, random_state = 1, max_epochs = 3)
}

# Of a figure that is given its scores: a baseline each of the kinds that there are, and a network.
three_rows <- function(found) {
  keep <- function(rows) rows[rows$model != "tf-idf + NB-LR", ]
  found[c("table", "scores")] <- lapply(found[c("table", "scores")], keep)
  found
}

test_that("a comparison is printed, tidied and glanced at", {
  skip_without_python()
  found <- compared()
  expect_output(print(found), "tf-idf")
  printed <- utils::capture.output(print(found))
  expect_match(paste(printed, collapse = " "), found$headline[1], fixed = TRUE)
  sentences <- printed[!grepl("|", printed, fixed = TRUE) & !grepl("-+-", printed, fixed = TRUE)]
  expect_true(all(nchar(sentences) < getOption("width")))
  # No line breaks where Python's did.
  found$headline <- paste(rep("word", 40), collapse = " ")
  wide <- local({
    old <- options(width = 300)
    on.exit(options(old))
    utils::capture.output(print(found))
  })
  expect_identical(wide[1], found$headline)
  overview <- utils::capture.output(summary(found))
  expect_match(overview, "majority class", all = FALSE)
  expect_match(overview, "p_adjusted", all = FALSE)
  expect_s3_class(tidy(found), "tbl_df")
  expect_identical(nrow(tidy(found)), 4L)
  expect_identical(glance(found)$score, tidy(found)$accuracy[1])
  expect_identical(glance(found)$best, tidy(found)$model[1])
  expect_identical(names(paired_tests(found))[1:3], c("first", "second", "difference"))
  expect_error(paired_tests(1), "comparison is needed", class = "textseq_error")
})

test_that("the figure has every model and seed, and a message", {
  skip_without_python()
  found <- compared()
  figure <- autoplot(found)
  expect_identical(as.vector(unclass(figure$labels$title)), found$headline[1])
  drawn <- ggplot2::ggplot_build(figure)
  expect_identical(nrow(drawn$data[[3]]), 2L)
  off <- nrow(drawn$data[[4]])
  expect_identical(nrow(drawn$data[[2]]) + off, 4L)
  expect_length(unique(drawn$data[[2]]$shape), 2)
  expect_identical(as.vector(drawn$layout$panel_params[[1]]$y$get_labels()), rev(found$table$model))
})

test_that("a model that always answers the same leaves the scale to the others", {
  skip_without_python()
  found <- three_rows(compared())
  found$table$accuracy <- c(0.93, 0.92, 0.5)
  found$table$interval <- NA_real_
  found$table$model <- c("tf-idf + LR", "mean", "majority class")
  drawn <- ggplot2::ggplot_build(autoplot(found))
  expect_identical(drawn$data[[4]]$label, "0.500, left of this scale")
  expect_identical(as.vector(drawn$layout$panel_params[[1]]$y$get_labels()), rev(found$table$model))
  expect_gt(drawn$layout$panel_params[[1]]$x.range[1], 0.9)
})

test_that("a comparison has what its models take on disk", {
  skip_without_python()
  found <- compared()
  expect_gt(min(tidy(found)$disk_bytes), 100)
  expect_false("dollars_per_1000" %in% names(tidy(found)))
  expect_match(utils::capture.output(print(found)), "[|] +disk [|] parameters", all = FALSE)
})

test_that("the figure of cost has the frontier that Python found, and times in words", {
  skip_without_python()
  found <- compared()
  expect_true(all(found$frontier %in% found$table$model) && length(found$frontier) > 0)
  found <- three_rows(found)
  found$table$accuracy <- c(0.93, 0.92, 0.5)
  found$table$train_seconds <- c(200, 0.004, 0.001)
  found$table$model <- c("mean", "tf-idf + LR", "majority class")
  found$frontier <- c("tf-idf + LR", "mean")
  figure <- autoplot(found, type = "cost")
  expect_match(found$cost_message, "a fit")
  expect_identical(as.vector(unclass(figure$labels$title)), found$cost_message)
  drawn <- ggplot2::ggplot_build(figure)
  line <- drawn$data[[1]]
  expect_equal(line$x[c(1, 2)], log10(c(0.004, 200)))
  expect_gt(line$x[nrow(line)], log10(200))
  expect_equal(line$y, c(0.92, 0.93, 0.93))
  expect_identical(nrow(drawn$data[[2]]), 2L)
  axis <- drawn$layout$panel_params[[1]]$x$get_labels()
  expect_true(all(c("10 ms", "1 s", "1 min") %in% axis))
  expect_match(as.character(figure$labels$caption), "Not shown: majority")
  expect_error(autoplot(found, type = "price"), "arg")
  found$result <- "forecasts"
  expect_error(autoplot(found, type = "cost"), "a comparison of encoders", class = "textseq_error")
})

test_that("times are written in the largest unit that they hold once", {
  expect_identical(
    time_labels(c(2e-6, 0.002, 0.5, 1, 60, 600, 7200)),
    c("2 \u00b5s", "2 ms", "500 ms", "1 s", "1 min", "10 min", "2 h")
  )
  expect_identical(time_breaks(c(0.3, 20)), c(0.5, 1, 2, 5, 10, 20))
})

test_that("estimators that are no networks have a mark of their own", {
  skip_without_python()
  found <- compared()
  found$table$kind[1] <- "estimator"
  for (type in c("scores", "cost")) {
    expect_true(23 %in% ggplot2::ggplot_build(autoplot(found, type = type))$data[[2]]$shape)
  }
})

test_that("intervals end where scores do", {
  skip_without_python()
  found <- three_rows(compared())
  found$table$accuracy <- c(0.98, 0.97, 0.96)
  found$table$interval <- 0.5
  drawn <- ggplot2::ggplot_build(autoplot(found))$data[[1]]
  expect_identical(drawn$xmax, c(1, 1, 1))
  expect_equal(sort(drawn$xmin), c(0.46, 0.47, 0.48))
})

test_that("a comparison that was saved writes its page in a new session", {
  skip_without_python()
  found <- compared()
  path <- tempfile(fileext = ".rds")
  saveRDS(found, path)
  page <- new_session(function(path) {
    kept <- readRDS(path)
    page <- textseq_report(kept, tempfile(fileext = ".html"))
    list(page = readLines(page, warn = FALSE), shown = utils::capture.output(print(kept)))
  }, path = path)
  here <- textseq_report(found, tempfile(fileext = ".html"))
  expect_identical(page$page, readLines(here, warn = FALSE))
  expect_identical(page$shown, utils::capture.output(print(found)))
  expect_true(any(grepl(found$receipt$data_sha256, page$page)))
  expect_error(
    textseq_report(found, file.path(tempfile(), "page.html")), "page.html' .*there is no folder",
    class = "textseq_file_not_found_error"
  )
})
