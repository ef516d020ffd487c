# Python is looked for when it is first needed, never when the package is loaded.

python_needed <- "3.11"
environment_name <- "r-textseq"

bridge <- function() {
  if (is.null(the$bridge)) {
    suspendInterrupts({
      start_python()
      the$bridge <- import_bridge()
    })
    the$process <- Sys.getpid()
  }
  refuse_fork()
  the$bridge
}

# A forked process has Python's memory without its threads, for which training waits forever.
refuse_fork <- function() {
  if (Sys.getpid() != the$process) {
    abort(
      c(
        "This process was forked from one that had started Python, whose threads did not follow.",
        i = paste(
          "Use workers that start afresh: `parallel::makeCluster(2)`, `callr::r()`,",
          "`future::plan(\"multisession\")`; or fork before textseq is first used."
        )
      ),
      class = c("textseq_forked", "textseq_python_error", "textseq_error"), call = NULL
    )
  }
}

# A folder of the name textseq in the working directory, such as a checkout, hides the package
# from Python, which looks there first: so it does not while the package is imported.
import_bridge <- function() {
  sys <- reticulate::import("sys", convert = FALSE)
  path <- reticulate::py_to_r(sys$path)
  on.exit(sys$path <- reticulate::r_to_py(as.list(path)))
  sys$path <- reticulate::r_to_py(as.list(setdiff(path, c("", ".", getwd()))))
  reticulate::import("textseq.r.bridge", convert = TRUE)
}

start_python <- function() {
  refuse_two_pythons()
  if (!is.null(the$found)) {
    return(invisible(the$found))
  }
  if (reticulate::py_available(initialize = FALSE)) {
    python <- reticulate::py_config()$python
    found <- list(python = python, said_by = "this R session, which has started it already")
    check_python(found)
    return(invisible(found))
  }
  found <- find_python()
  check_python(found)
  # Whatever use_python() asks for, reticulate believes this variable first, even if it is empty.
  Sys.setenv(RETICULATE_PYTHON = found$python)
  tryCatch(reticulate::py_config(), error = function(cause) {
    abort(
      c(
        sprintf("Python at %s does not start inside R.", found$python),
        x = conditionMessage(cause),
        i = "It must be built with a shared library; `install_textseq()` sets up one that is."
      ),
      class = c("textseq_python_wrong", "textseq_python_error", "textseq_error")
    )
  })
  the$found <- found
  invisible(found)
}

# R inside of Python (rpy2), and Python inside of that R again: reticulate before 1.41 aborts.
refuse_two_pythons <- function() {
  inside <- identical(commandArgs()[1], "rpy2")
  if (inside && utils::packageVersion("reticulate") < "1.41") {
    abort(
      c(
        "This R runs inside of Python (rpy2), where reticulate before 1.41 ends the process.",
        x = sprintf("reticulate here is %s.", utils::packageVersion("reticulate")),
        i = paste(
          "Use textseq from that Python directly, call textseq.r.run_r(), which starts an R of",
          "its own, or install.packages(\"reticulate\")."
        )
      ),
      class = c("textseq_two_pythons", "textseq_python_error", "textseq_error")
    )
  }
}

# The places where Python may be, and who says so, in the order in which they are believed.
python_places <- function() {
  environments <- c(TEXTSEQ_PYTHON = "TEXTSEQ_PYTHON", RETICULATE_PYTHON = "RETICULATE_PYTHON")
  places <- lapply(environments, function(name) {
    list(python = path.expand(Sys.getenv(name)), said_by = name)
  })
  # What newer versions of reticulate take for an order to find one.
  places <- Filter(function(place) !place$python %in% c("", "managed"), unname(places))
  if (length(places) > 0) {
    return(places)
  }
  chosen <- list(python = chosen_python(), said_by = "use_python()")
  own <- list(
    python = environment_python(file.path(reticulate::virtualenv_root(), environment_name)),
    said_by = "install_textseq()"
  )
  active <- Sys.getenv("VIRTUAL_ENV")
  active <- list(
    python = if (nzchar(active)) environment_python(active) else "", said_by = "VIRTUAL_ENV"
  )
  Filter(function(place) nzchar(place$python), list(chosen, own, active))
}

# What use_python(), use_virtualenv() or use_condaenv() of reticulate asked for in this session.
chosen_python <- function() {
  config <- suppressWarnings(tryCatch(reticulate::py_discover_config(), error = function(e) NULL))
  if (identical(config$forced, "use_python function")) config$python else ""
}

environment_python <- function(folder) {
  python <- file.path(
    folder, if (.Platform$OS.type == "windows") "Scripts/python.exe" else "bin/python"
  )
  if (file.exists(python)) python else ""
}

find_python <- function() {
  places <- python_places()
  if (length(places) > 0) {
    return(places[[1]])
  }
  python <- Sys.which(c("python3", "python"))
  python <- python[nzchar(python)]
  for (candidate in python) {
    if (nzchar(probe_python(candidate)$textseq)) {
      return(list(python = candidate, said_by = "the search path"))
    }
  }
  abort(
    c(
      "No Python with textseq was found.",
      x = paste(
        "TEXTSEQ_PYTHON and RETICULATE_PYTHON are not set, `use_python()` named none,",
        "`install_textseq()` was not run,",
        if (length(python) > 0) {
          sprintf("and there is none in %s.", paste(python, collapse = " and "))
        } else {
          "and there is no python on the search path."
        }
      ),
      i = paste(
        "Run `install_textseq()`, or name a Python that has it:",
        "`Sys.setenv(TEXTSEQ_PYTHON = \"/path/to/bin/python\")`."
      )
    ),
    class = c("textseq_python_missing", "textseq_python_error", "textseq_error")
  )
}

# Asks a Python for its version and textseq's, in a process of its own, so that a wrong one
# can be mended in this session: reticulate takes one Python a session.
probe_python <- function(python) {
  code <- paste(
    "import sys; print('%d.%d' % sys.version_info[:2])",
    "import importlib.util as u; print('yes' if u.find_spec('textseq') else '')",
    sep = "\n"
  )
  script <- tempfile(fileext = ".py")
  on.exit(unlink(script))
  writeLines(code, script)
  said <- suppressWarnings(tryCatch(
    system2(python, shQuote(script), stdout = TRUE, stderr = FALSE),
    error = function(cause) character()
  ))
  list(
    version = if (length(said) > 0) said[1] else "",
    textseq = if (length(said) > 1) said[2] else ""
  )
}

check_python <- function(found) {
  where <- sprintf("%s (named by %s)", found$python, found$said_by)
  probed <- probe_python(found$python)
  if (!nzchar(probed$version)) {
    abort(
      c(
        sprintf("There is no Python at %s.", where),
        i = "Name another with `Sys.setenv(TEXTSEQ_PYTHON = )`, or run `install_textseq()`."
      ),
      class = c("textseq_python_missing", "textseq_python_error", "textseq_error")
    )
  }
  if (numeric_version(probed$version) < python_needed) {
    abort(
      c(
        sprintf("textseq needs Python %s or newer.", python_needed),
        x = sprintf("Python at %s is %s.", where, probed$version),
        i = "Name another with `Sys.setenv(TEXTSEQ_PYTHON = )`, or run `install_textseq()`."
      ),
      class = c("textseq_python_wrong", "textseq_python_error", "textseq_error")
    )
  }
  if (!nzchar(probed$textseq)) {
    abort(
      c(
        sprintf("Python at %s has no textseq.", where),
        i = paste(
          sprintf("Run `%s -m pip install textseq`, or `install_textseq()`,", found$python),
          "or name another with `Sys.setenv(TEXTSEQ_PYTHON = )`."
        )
      ),
      class = c("textseq_module_missing", "textseq_python_error", "textseq_error")
    )
  }
}
