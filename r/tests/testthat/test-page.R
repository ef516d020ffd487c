test_that("a page is written, with rows that the fit answers wrong", {
  skip_without_python()
  path <- tempfile(fileext = ".html")
  on.exit(unlink(path))
  rows <- films()
  rows$label <- rev(rows$label)
  fit <- tiny_texts("gru")
  expect_invisible(textseq_page(fit, path, rows, precision = "float16", title = "Films"))
  page <- paste(readLines(path, warn = FALSE, encoding = "UTF-8"), collapse = "\n")
  expect_match(page, "\"wrong\":true", fixed = TRUE)
  expect_match(page, "\"title\":\"Films\"", fixed = TRUE)
  expect_match(page, "{\"key\":\"precision\",\"bits\":16}", fixed = TRUE)
})

test_that("what no page shows is refused in words of R", {
  skip_without_python()
  expect_error(textseq_page("fit", "p.html"), class = "textseq_error")
  fit <- tiny_texts("gru")
  expect_error(
    textseq_page(fit, tempfile(fileext = ".html"), precision = "half"),
    "`precision = \"half\"|precision = \"half\"",
    class = "textseq_error"
  )
})
