# Calls a function in an R of its own, which loads this package from where this one has it.
new_session <- function(code, ...) {
  home <- getNamespaceInfo("textseq", "path")
  run <- function(code, arguments, home, installed) {
    if (installed) {
      library("textseq", lib.loc = dirname(home), character.only = TRUE)
    } else {
      getExportedValue("pkgload", "load_all")(home, quiet = TRUE)
    }
    environment(code) <- globalenv()
    do.call(code, arguments)
  }
  callr::r(run, list(code, list(...), home, file.exists(file.path(home, "Meta"))))
}
