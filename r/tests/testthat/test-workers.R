skip_without_python()
skip_if_not_installed("callr")

fit <- text_classifier(label ~ text, films(), encoder = "gru", hidden_size = 4, max_epochs = 1)
expected <- predict(fit, films()$text, type = "prob")

test_that("saveRDS keeps a fit for a new session", {
  path <- tempfile(fileext = ".rds")
  on.exit(unlink(path))
  saveRDS(fit, path)
  found <- new_session(
    function(path, text) predict(readRDS(path), text, type = "prob"),
    path = path, text = films()$text
  )
  expect_identical(found, expected)
})

test_that("workers of a cluster receive fits", {
  cluster <- parallel::makePSOCKcluster(1)
  on.exit(parallel::stopCluster(cluster))
  found <- parallel::clusterCall(
    cluster,
    function(loading, fit, text) {
      eval(parse(text = loading))
      stats::predict(fit, text, type = "prob")
    },
    loading_textseq(), fit, films()$text
  )
  expect_identical(found[[1]], expected)
})

test_that("a forked process says so instead of waiting forever", {
  skip_on_os("windows")
  found <- parallel::mclapply(1:2, function(n) {
    tryCatch(predict(fit, "good"), textseq_forked = conditionMessage)
  }, mc.cores = 2)
  expect_match(found[[2]], "makeCluster")
  expect_identical(nrow(predict(fit, "good")), 1L)
})

test_that("a worker needs no library() for what it receives", {
  skip_without_python()
  skip_if_not(file.exists(file.path(find.package("textseq"), "Meta")))
  fit <- text_classifier(label ~ text, films(), encoder = "mean", max_epochs = 1)
  said <- callr::r(
    function(fit) list(predict(fit, "good"), utils::capture.output(print(fit))[1]), list(fit),
    libpath = c(dirname(find.package("textseq")), .libPaths())
  )
  expect_identical(said[[1]], predict(fit, "good"))
  expect_match(said[[2]], "^<text_classifier>")
})
