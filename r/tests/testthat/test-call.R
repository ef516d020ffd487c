test_that("an error of Python is one condition with its class", {
  skip_without_python()
  error <- expect_error(
    py_call("open_model", model = as.raw(1:3)),
    class = "textseq_model_file_error"
  )
  expect_s3_class(error, "textseq_value_error")
  expect_s3_class(error, "textseq_error")
  expect_match(error$python_traceback, "Traceback")
})

test_that("a call without arguments works", {
  skip_without_python()
  expect_match(py_call("versions_here")$textseq, "^0")
})
