test_that("a few tokens are bars, and many are columns", {
  skip_without_python()
  fit <- tiny_texts()
  short <- explain(fit, "good , not bad", target = factor("neg"))
  expect_identical(short$target, "neg")
  built <- expect_figure(short)
  expect_identical(built$layout$panel_params[[1]]$y$get_labels(), c("good", ",", "(not)", "bad"))
  long <- explain(fit, paste(rep("good , not bad", 20), collapse = " "))
  expect_equal(as.numeric(expect_figure(long)$data[[2]]$x), 1:80)
})

test_that("integrated gradients deal out the change of the answer", {
  skip_without_python()
  found <- explain(tiny_texts(), "good , not bad")
  dealt <- found$output - found$baseline + found$completeness_gap
  expect_equal(sum(found$table$integrated_gradients), dealt)
  expect_lt(abs(found$completeness_gap), 1e-3)
})

test_that("channels of a series have panels of their own", {
  skip_without_python()
  series <- waves()$x[1, , ]
  series[1, 3] <- NA
  found <- explain(tiny_series(), series)
  expect_true(is.na(found$table[["value[1]"]][3]))
  expect_equal(nrow(expect_figure(found)$layout$layout), 3)
})

test_that("a class that is not there is named", {
  skip_without_python()
  expect_error(explain(tiny_texts(), "good", "best"), "choose from 'neg', 'pos'", class = "textseq_value_error")
})

test_that("dplyr, whose generic has the same name, may be attached before or after", {
  skip_if_not_installed("callr")
  skip_if_not_installed("dplyr")
  dplyr <- "library(\"dplyr\")"
  for (attached in list(c(loading_textseq(), dplyr), c(dplyr, loading_textseq()))) {
    said <- callr::r(
      function(attached) {
        for (code in attached) eval(parse(text = code), globalenv())
        fit <- structure(list(kind = "LanguageModel"), class = "textseq_fit")
        tryCatch(get("explain")(fit, "good"), error = class)
      },
      list(attached)
    )
    expect_true("textseq_error" %in% said)
  }
})

test_that("an argument that is not there is refused", {
  expect_error(
    explain(structure(list(), class = "textseq_fit"), "a", traget = "b"), "Did you mean `target`",
    class = "textseq_error"
  )
})
