# Runs R code for textseq.r.run_r(): what it reads and what comes of it are files of a folder.

local({
  arguments <- commandArgs(TRUE)
  folder <- arguments[1]
  here <- new.env(parent = baseenv())
  for (file in c("wire.R", "values.R")) sys.source(file.path(arguments[2], file), here)
  # Bound now: what the code names in the global environment hides none of them.
  answer <- function(...) {
    saveRDS(list(...), file.path(folder, "answer.rds"), version = 2, compress = FALSE)
  }
  if (!suppressPackageStartupMessages(requireNamespace("textseq", quietly = TRUE))) {
    return(answer(missing = TRUE))
  }
  suppressPackageStartupMessages(library("textseq", character.only = TRUE))
  data <- here$wire_decode(readRDS(file.path(folder, "data.rds")))
  for (name in names(data)) assign(name, data[[name]], globalenv())
  notes <- character()
  tryCatch(
    withCallingHandlers(
      {
        code <- parse(file.path(folder, "code.R"), keep.source = FALSE, encoding = "UTF-8")
        value <- NULL
        for (expression in code) value <- eval(expression, globalenv())
        told <- here$wire_encode(here$tell(value))
        answer(value = told, warnings = as.list(enc2utf8(unique(notes))))
      },
      warning = function(note) {
        notes <<- c(notes, conditionMessage(note))
        invokeRestart("muffleWarning")
      }
    ),
    error = function(cause) {
      answer(error = enc2utf8(conditionMessage(cause)), class = class(cause)[1])
    }
  )
})
