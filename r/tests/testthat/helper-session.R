# R code that loads this textseq in another R session, installed or not.
loading_textseq <- function() {
  here <- find.package("textseq")
  if (file.exists(file.path(here, "Meta"))) {
    sprintf("library(textseq, lib.loc = %s)", encodeString(dirname(here), quote = "\""))
  } else {
    sprintf("pkgload::load_all(%s, quiet = TRUE)", encodeString(here, quote = "\""))
  }
}

# Calls a function in a new R session, where textseq is attached.
new_session <- function(code, ...) {
  callr::r(
    function(loading, code, arguments) {
      eval(parse(text = loading))
      environment(code) <- globalenv()
      do.call(code, arguments)
    },
    list(loading_textseq(), code, list(...))
  )
}
