#' Is Python with textseq here?
#'
#' `textseq_available()` looks for it as the first call of a model would, and tells whether it was
#' found; `textseq_config()` tells what was found, and starts Python.
#'
#' Python is looked for in this order: a Python that this session runs already; the environment
#' variables `TEXTSEQ_PYTHON` and `RETICULATE_PYTHON`; what [reticulate::use_python()] and its
#' like asked for; the environment of [install_textseq()];
#' an active virtual environment; `python3` or `python` on the search path, if it has textseq.
#' Loading this package starts nothing.
#' @return `textseq_available()`: `TRUE` or `FALSE`. `textseq_config()`: a list of the path of
#'   Python, who named it, and the versions of Python, textseq and reticulate.
#' @examples
#' textseq_available()
#' @export
textseq_available <- function() {
  if (!is.null(the$bridge)) {
    return(TRUE)
  }
  tryCatch(
    {
      refuse_two_pythons()
      found <- if (reticulate::py_available(initialize = FALSE)) {
        list(python = reticulate::py_config()$python, said_by = "this R session")
      } else {
        find_python()
      }
      check_python(found)
      TRUE
    },
    textseq_python_error = function(cause) FALSE
  )
}

#' @rdname textseq_available
#' @export
textseq_config <- function() {
  found <- start_python()
  versions <- py_call("versions_here")
  structure(
    c(found, versions, reticulate = as.character(utils::packageVersion("reticulate"))),
    class = "textseq_config"
  )
}

#' @export
print.textseq_config <- function(x, ...) {
  cli::cat_line(sprintf(
    "textseq %s, Python %s, reticulate %s", x$textseq, x$version, x$reticulate
  ))
  cli::cat_line(sprintf("%s, named by %s", x$python, x$said_by))
  invisible(x)
}
