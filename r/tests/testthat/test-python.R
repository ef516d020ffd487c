# Finding Python: each way in which it can be missing has a condition with cause and cure.

# A session of its own, with an environment of its own; what the code prints comes back.
session <- function(code, ..., library_path = .libPaths()) {
  script <- tempfile(fileext = ".R")
  on.exit(unlink(script))
  writeLines(c("library(textseq)", code), script)
  variables <- c(
    R_LIBS = paste(library_path, collapse = .Platform$path.sep), TEXTSEQ_PYTHON = "",
    RETICULATE_PYTHON = "", VIRTUAL_ENV = "", WORKON_HOME = tempfile(), ...
  )
  variables <- variables[!duplicated(names(variables), fromLast = TRUE)]
  suppressWarnings(system2(
    file.path(R.home("bin"), "Rscript"), c("--vanilla", script),
    env = paste0(names(variables), "=", shQuote(variables)), stdout = TRUE, stderr = TRUE
  ))
}

classes <- "tryCatch(textseq_config(), error = function(e) { cat(class(e), '\\n'); cat(conditionMessage(e), '\\n') })"

fake_python <- function(...) {
  folder <- tempfile()
  dir.create(folder)
  python <- file.path(folder, "python3")
  writeLines(c("#!/bin/sh", ...), python)
  Sys.chmod(python, "755")
  python
}

test_that("no Python at all", {
  skip_on_os("windows")
  said <- paste(session(classes, PATH = "/bin-that-is-not"), collapse = "\n")
  expect_match(said, "textseq_python_missing")
  expect_match(said, "there is no python on the search path")
  expect_match(said, "install_textseq()", fixed = TRUE)
})

test_that("a Python that was named but is not there", {
  said <- paste(session(classes, TEXTSEQ_PYTHON = "/no/such/python"), collapse = "\n")
  expect_match(said, "textseq_python_missing")
  expect_match(said, "There is no Python at /no/such/python (named by TEXTSEQ_PYTHON)", fixed = TRUE)
})

test_that("a Python that is too old", {
  skip_on_os("windows")
  said <- paste(session(classes, RETICULATE_PYTHON = fake_python("echo 3.8", "echo yes")), collapse = "\n")
  expect_match(said, "textseq_python_wrong")
  expect_match(said, "is 3.8")
})

test_that("a Python without textseq", {
  skip_on_os("windows")
  said <- paste(session(classes, TEXTSEQ_PYTHON = fake_python("echo 3.12", "echo")), collapse = "\n")
  expect_match(said, "textseq_module_missing")
  expect_match(said, "-m pip install textseq", fixed = TRUE)
})

test_that("the session can be mended after a wrong Python", {
  skip_without_python()
  code <- c(
    "wrong <- inherits(tryCatch(textseq_config(), error = identity), 'textseq_python_missing')",
    sprintf("Sys.setenv(TEXTSEQ_PYTHON = '%s')", find_python()$python),
    "cat(wrong, textseq_available(), textseq_config()$said_by, '\\n')"
  )
  said <- session(code, TEXTSEQ_PYTHON = "/no/such/python")
  expect_match(utils::tail(said, 1), "TRUE TRUE TEXTSEQ_PYTHON")
})

test_that("loading the package starts no Python", {
  said <- session(
    "cat(reticulate::py_available(initialize = FALSE), '\\n')",
    TEXTSEQ_PYTHON = "/no/such/python", PATH = "/bin-that-is-not"
  )
  expect_match(paste(said, collapse = "\n"), "FALSE")
})

test_that("a folder named textseq in the working directory is not taken for the package", {
  skip_without_python()
  code <- c(
    "setwd(tempdir())", "dir.create('textseq')",
    "sms <- textseq_sample('sms_spam')[1:40, ]",
    "fit <- text_classifier(label ~ text, sms, encoder = 'mean', max_epochs = 1)",
    "cat(class(explain(fit, 'free prize')), '\n')",
    "cat('' %in% reticulate::import('sys')$path, '\n')"
  )
  said <- session(code, TEXTSEQ_PYTHON = find_python()$python)
  expect_match(paste(said, collapse = "\n"), "textseq_explain textseq_inspection \nTRUE")
})

test_that("TEXTSEQ_PYTHON is believed before RETICULATE_PYTHON", {
  places <- with_environment(
    c(TEXTSEQ_PYTHON = "/one", RETICULATE_PYTHON = "/two"), python_places()
  )
  expect_identical(vapply(places, `[[`, "", "python")[1:2], c("/one", "/two"))
})

test_that("what use_python() asked for is believed", {
  skip_without_python()
  code <- c(
    "Sys.unsetenv('RETICULATE_PYTHON')", # reticulate obeys it even if it is empty
    sprintf("reticulate::use_python('%s', required = TRUE)", find_python()$python),
    "textseq_config()",
    "cat(textseq_config()$said_by, '\\n')"
  )
  expect_match(utils::tail(session(code), 1), "use_python()", fixed = TRUE)
})

test_that("a tilde is the home folder, and reticulate's `managed` no Python", {
  places <- with_environment(
    c(TEXTSEQ_PYTHON = "~/python", RETICULATE_PYTHON = "managed"), python_places()
  )
  expect_identical(places, list(list(python = path.expand("~/python"), said_by = "TEXTSEQ_PYTHON")))
})

test_that("an active virtual environment is found", {
  folder <- tempfile()
  dir.create(file.path(folder, "bin"), recursive = TRUE)
  file.create(file.path(folder, "bin", "python"))
  places <- with_environment(
    c(TEXTSEQ_PYTHON = "", RETICULATE_PYTHON = "", VIRTUAL_ENV = folder, WORKON_HOME = tempfile()),
    python_places()
  )
  expect_identical(places[[1]]$said_by, "VIRTUAL_ENV")
})

test_that("textseq_config tells what is used", {
  skip_without_python()
  expect_match(textseq_config()$version, "^3[.]")
  # On the output, not among the messages.
  expect_length(capture.output(shown <- print(textseq_config())), 2)
  expect_silent(capture.output(print(shown)))
})
