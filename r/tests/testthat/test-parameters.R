skip_without_python()

test_that("every model's parameters are listed as one would write them", {
  kinds <- sub("^textseq_", "", vapply(fit_classes, `[`, "", 1))
  for (kind in kinds) {
    table <- textseq_parameters(kind)
    expect_named(table, c("parameter", "default", "allowed", "description"))
    expect_true(all(nchar(table$allowed) > 3 & nchar(table$description) > 7))
    expect_true(all(c("encoder", "random_state") %in% table$parameter))
    expect_false("verbose" %in% table$parameter)
  }
  table <- textseq_parameters("text_classifier")
  default <- function(name) table$default[table$parameter == name]
  expect_identical(default("encoder"), "lstm")
  expect_identical(default("max_features"), "30000")
  expect_identical(default("vectors"), "NULL")
  expect_identical(default("lowercase"), "TRUE")
  expect_identical(default("ngram_range"), "c(1, 1)")
  expect_identical(default("head_sizes"), "auto")
  series <- textseq_parameters("series_classifier")
  expect_identical(series$default[series$parameter == "head_sizes"], "c()")
})

test_that("a fit's own values stand beside the defaults", {
  fit <- text_classifier(label ~ text, films(), encoder = "mean", max_epochs = 2)
  table <- textseq_parameters(fit)
  expect_identical(table$value[table$parameter == "max_epochs"], "2")
  expect_identical(table$default[table$parameter == "max_epochs"], "auto")
})

test_that("an unknown model is refused", {
  expect_error(textseq_parameters("transformer"), "must be one of")
})
