skip_without_python()
skip_on_os("windows")
skip_if_not_installed("callr")

# Runs a script in a session of its own, and sends Ctrl-C when it says that it is ready.
interrupted <- function(script, wait = 1) {
  path <- tempfile(fileext = ".R")
  writeLines(c(loading_textseq(), script), path)
  session <- callr::process$new(
    file.path(R.home("bin"), "Rscript"), path,
    stdout = "|", stderr = "2>&1"
  )
  on.exit({
    session$kill()
    unlink(path)
  })
  said <- character()
  end <- Sys.time() + 60
  while (session$is_alive() && !"ready" %in% said && Sys.time() < end) {
    session$poll_io(1000)
    said <- c(said, session$read_output_lines())
  }
  Sys.sleep(wait)
  tools::pskill(session$get_pid(), tools::SIGINT)
  session$wait(60000)
  # Of one that does not end there is no end to read.
  if (!session$is_alive()) said <- c(said, session$read_all_output_lines())
  paste(said, collapse = "\n")
}

texts <- '
set.seed(1)
text <- replicate(400, paste(sample(letters, 40, TRUE), collapse = " "))
label <- rep(c("a", "b"), 200)
fitted <- function(...) text_classifier(text, label, ..., encoder = "gru", hidden_size = 32)
'

for (verbose in c(FALSE, TRUE)) {
  test_that(sprintf("Ctrl-C ends a fit and not the session, with verbose = %s", verbose), {
    said <- interrupted(c(texts, sprintf(
      '
first <- fitted(max_epochs = 1)
cat("ready\\n")
fit <- fitted(max_epochs = 5000, verbose = %s)
cat("\\ninterrupted:", fit$interrupted, "epochs:", nrow(fit$history) > 0, "\\n")
cat("predicted:", nrow(predict(fit, text)), "\\n")
cat("second:", fitted(max_epochs = 1)$interrupted, "\\n")
', verbose
    )), wait = 4)
    expect_match(said, "Interrupted in epoch [0-9]+; the weights of epoch [0-9]+ stay")
    expect_match(said, "interrupted: TRUE epochs: TRUE", fixed = TRUE)
    expect_match(said, "predicted: 400", fixed = TRUE)
    expect_match(said, "second: FALSE", fixed = TRUE)
  })
}

test_that("Ctrl-C interrupts predictions, and R itself, also after a fit", {
  said <- interrupted(c(texts, '
fit <- fitted(max_epochs = 1)
cat("ready\\n")
asked <- tryCatch({
  # A second one, should the first be heard by nobody.
  system(sprintf("(sleep 8; kill -INT %d) &", Sys.getpid()))
  for (n in 1:3000) predict(fit, text)
}, interrupt = function(cause) "stopped")
cat("predict:", asked, "\\n")
own <- tryCatch({
  tools::pskill(Sys.getpid(), tools::SIGINT)
  for (n in 1:100) Sys.sleep(0.1)
}, interrupt = function(cause) "stopped")
cat("R:", own, "\\n")
'))
  expect_match(said, "predict: stopped", fixed = TRUE)
  expect_match(said, "R: stopped", fixed = TRUE)
})

test_that("Ctrl-C at any moment leaves Python as it was", {
  said <- interrupted(c(texts, '
fit <- fitted(max_epochs = 1)
heard <- 0
for (n in 1:30) {
  wait <- sprintf("(sleep %.2f; kill -INT %d) &", 0.1 + n / 100, Sys.getpid())
  system(wait)
  heard <- heard + tryCatch({
    for (m in 1:3000) predict(fit, text)
    0
  }, interrupt = function(cause) 1)
}
cat("heard:", heard, "predicted:", nrow(predict(fit, text)), "\n")
'))
  # One may fall between two programs' handlers, and be heard by neither.
  heard <- as.integer(sub(".*heard: ([0-9]+) predicted: 400.*", "\\1", said))
  expect_gte(heard, 25)
})

# A quick machine may train by then.
for (wait in 1:2) {
  test_that(sprintf("Ctrl-C %d s after the start does not spoil torch", wait), {
    said <- interrupted(c(texts, '
cat("ready\n")
first <- tryCatch(fitted(max_epochs = 5000), interrupt = function(cause) "stopped")
cat("stopped:", identical(first, "stopped") || first$interrupted, "\n")
cat("predicted:", nrow(predict(fitted(max_epochs = 1), text)), "\n")
'), wait = wait)
    expect_match(said, "stopped: TRUE", fixed = TRUE)
    expect_match(said, "predicted: 400", fixed = TRUE)
  })
}
