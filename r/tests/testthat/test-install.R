test_that("pip runs without R's search path of libraries", {
  skip_on_os(c("windows", "mac"))
  unset <- c("-c", shQuote("test -z \"$LD_LIBRARY_PATH\""))
  expect_silent(run_or_abort("sh", unset, "It is set."))
  expect_identical(system2("sh", unset), 1L) # as R itself would start it
})

test_that("a failure tells the command and its status", {
  skip_on_os("windows")
  expect_error(
    run_or_abort("sh", c("-c", shQuote("exit 3")), "pip did not install textseq."),
    "ended with status 3", class = "textseq_install_failed"
  )
})

test_that("a Python that is not there is refused before anything is made", {
  expect_error(
    install_textseq(python = "/no/such/python"), "no Python at \"/no/such/python\"",
    class = "textseq_python_wrong"
  )
})
