#' A page in which a fit can be played with
#'
#' One HTML page that holds the fitted model and computes with it in the browser. It needs no other
#' file and asks for nothing from the network: type or choose a row, and see step by step what
#' becomes of it.
#' @param fit What a model function returned.
#' @param path Where to write; a file of that name is replaced.
#' @param new_data Texts, series or a data frame to choose rows from on the page, as for
#'   [predict()], best such as the model did not learn from; those that it answers wrong are among
#'   the twenty that are brought along at most. Without, the page has a row of its own making.
#' @param y Their outcomes, by default the column that the fit's formula names; none for a
#'   forecaster or a language model.
#' @param precision "float32" or "float16" for the weights; "auto" takes float16 where float32 would
#'   be over 20 MB.
#' @param max_words Keep so many of the commonest words, and n-grams beside the network, and those
#'   of the rows that the page brings along; the page says so.
#' @param title Of the page.
#' @return The path, invisibly.
#' @examplesIf textseq_available()
#' texts <- data.frame(
#'   text = rep(c("so good a film, and long", "so bad a film, and long"), 20),
#'   label = rep(c("pos", "neg"), 20)
#' )
#' set.seed(1)
#' fit <- text_classifier(label ~ text, texts, encoder = "gru", hidden_size = 4, max_epochs = 3)
#' page <- textseq_page(fit, tempfile(fileext = ".html"), texts)
#' if (interactive()) browseURL(page)
#' @export
textseq_page <- function(fit, path, new_data = NULL, y = NULL, precision = "auto",
                         max_words = NULL, title = NULL) {
  check_fit(fit)
  rows <- if (!is.null(new_data)) rows_with_outcomes(fit, new_data, y)
  open_in_python(fit)
  options <- list(precision = precision, max_words = max_words, title = title)
  py_call(
    "write_page",
    id = fit$id, path = path.expand(path), data = rows,
    options = options[!vapply(options, is.null, TRUE)]
  )
  invisible(path)
}
