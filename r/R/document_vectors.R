#' Vectors of texts or series
#'
#' The vectors that the last layer of a classifier or regressor reads: what the network makes of a
#' whole text or series, for clustering, searching and plotting.
#' @param object A fit of [text_classifier()], [text_regressor()], [series_classifier()] or
#'   [series_regressor()].
#' @param new_data Texts or series, as [predict()][predict.textseq_fit] takes them.
#' @return A matrix of one row an input, `NA` for those that are missing.
#' @examplesIf textseq_available()
#' films <- data.frame(text = rep(c("good", "bad"), 20), label = rep(c("pos", "neg"), 20))
#' fit <- text_classifier(label ~ text, films, encoder = "mean", embedding_dim = 4, max_epochs = 5)
#' document_vectors(fit, c("good", "bad", NA))
#' @export
document_vectors <- function(object, new_data) {
  if (!inherits(object, c("textseq_classifier", "textseq_regressor"))) {
    abort(
      c(
        "`object` must be a fitted classifier or regressor.",
        x = sprintf("It is of class %s.", paste(class(object), collapse = "/"))
      ),
      class = "textseq_error", call = NULL
    )
  }
  rows <- new_rows(object, new_data)
  vectors <- if (any(rows$there)) {
    spread_rows(answers(object, rows, "transform"), rows$there)
  } else {
    matrix(NA_real_, length(rows$there), length(ask(object, "get_feature_names_out")))
  }
  if (!is.null(rows$ids)) rownames(vectors) <- as.character(rows$ids[[1]])
  vectors
}
