#' A lab in which small networks learn
#'
#' One HTML page that needs no other file, no network and no model: open it in a browser. Small
#' networks learn in it while one looks on: to remember the first of many words, to echo, to count
#' odd and even, to tell rising from falling numbers, the sentiment of short sentences, a sine.
#' Guided steps, in English and Portuguese, have learners make training fail, ask why, and mend it;
#' notes for teachers stand below them.
#' @param path Where to write; a file of that name is replaced.
#' @return The path, invisibly.
#' @references Hochreiter and Schmidhuber (1997), "Long Short-Term Memory", Neural Computation 9.
#'   Pascanu, Mikolov and Bengio (2013), "On the difficulty of training recurrent neural networks",
#'   ICML. Le, Jaitly and Hinton (2015), "A Simple Way to Initialize Recurrent Networks of Rectified
#'   Linear Units", arXiv 1504.00941.
#' @examplesIf textseq_available()
#' page <- textseq_lab(tempfile(fileext = ".html"))
#' if (interactive()) browseURL(page)
#' @export
textseq_lab <- function(path) {
  py_call("write_lab", path = path.expand(path))
  invisible(path)
}
