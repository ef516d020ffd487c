#' Install Python's textseq
#'
#' Makes a virtual environment for textseq and installs it there. Later sessions find it by
#' themselves; see [textseq_available()].
#'
#' @param package What pip installs: the package's name, or the path of a checkout.
#' @param python The Python (3.11 or newer) that the environment is made with.
#' @param pip_options Options of pip, such as an index of packages for the CPU alone:
#'   `"--extra-index-url https://download.pytorch.org/whl/cpu"`.
#' @return The path of the environment's Python, invisibly.
#' @examples
#' \dontrun{
#' install_textseq()
#' }
#' @export
install_textseq <- function(package = "textseq", python = Sys.which("python3"),
                            pip_options = character()) {
  check <- probe_python(python)
  if (!nzchar(check$version) || numeric_version(check$version) < python_needed) {
    abort(
      c(
        sprintf("textseq needs Python %s or newer to be installed with.", python_needed),
        x = if (nzchar(check$version)) {
          sprintf("%s is Python %s.", python, check$version)
        } else {
          sprintf("There is no Python at \"%s\".", python)
        },
        i = "Name one: `install_textseq(python = \"/path/to/python3\")`."
      ),
      class = c("textseq_python_wrong", "textseq_python_error", "textseq_error")
    )
  }
  folder <- file.path(reticulate::virtualenv_root(), environment_name)
  run_or_abort(python, c("-m", "venv", shQuote(folder)), "The environment was not made.")
  made <- environment_python(folder)
  run_or_abort(
    made, c("-m", "pip", "install", "--upgrade", pip_options, shQuote(package)),
    "pip did not install textseq."
  )
  invisible(made)
}

run_or_abort <- function(command, arguments, failure) {
  # R's own LD_LIBRARY_PATH makes a Python take the libraries of R's system for its own, and
  # lose SSL by it.
  status <- system2(command, arguments, env = "LD_LIBRARY_PATH=")
  if (status != 0) {
    called <- paste(c(command, arguments), collapse = " ")
    abort(
      c(failure, x = sprintf("`%s` ended with status %d.", called, status)),
      class = c("textseq_install_failed", "textseq_error")
    )
  }
}
