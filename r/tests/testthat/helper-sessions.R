# R code that loads this textseq in another R session, installed or not.
loading_textseq <- function() {
  here <- find.package("textseq")
  if (file.exists(file.path(here, "Meta"))) {
    sprintf("library(textseq, lib.loc = %s)", encodeString(dirname(here), quote = "\""))
  } else {
    sprintf("pkgload::load_all(%s, quiet = TRUE)", encodeString(here, quote = "\""))
  }
}

# Calls a function in a new R session; textseq is attached there.
in_new_session <- function(func, arguments = list()) {
  callr::r(
    function(loading, func, arguments) {
      eval(parse(text = loading))
      environment(func) <- globalenv()
      do.call(func, arguments)
    },
    list(loading_textseq(), func, arguments)
  )
}
