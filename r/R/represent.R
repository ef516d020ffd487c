#' Turn texts into the mean of their words' vectors
#'
#' Words without a vector are left out of the mean; a text that has none at all becomes zeros.
#' @param x A character vector of texts.
#' @param vectors What [word_vectors()], [train_word_vectors()] or [textseq_sample()] returns, or
#'   a path or a sample's name.
#' @param tokenizer What [text_tokenizer()] returns, or its `kind`; a table of subwords has its own.
#' @param idf Texts (of a training set, mostly) by which rare words count for more: a word that
#'   `df` of the `n` texts hold weighs `log((1 + n) / (1 + df)) + 1`.
#' @return A matrix, one row a text and one column a dimension of the vectors; `NA` for a missing
#'   text.
#' @seealso [embed_transformer()], [embed_api()]
#' @references Shen et al. (2018), "Baseline Needs More Love: On Simple Word-Embedding-Based
#'   Models and Associated Pooling Mechanisms", ACL.
#' @examplesIf textseq_available()
#' vectors <- textseq_sample("glove.6B.50d.top20k")
#' means <- embed_mean(c("a good film", "a bad film", NA), vectors)
#' means[, 1:4]
#' @export
embed_mean <- function(x, vectors, tokenizer = "word", idf = NULL) {
  x <- plain_strings(x)
  if (!is.null(idf)) idf <- plain_strings(idf)
  vectors <- as_vectors(vectors)
  means <- matrix(NA_real_, length(x), vectors$dim)
  colnames(means) <- paste0("dimension", seq_len(vectors$dim))
  known <- !is.na(x)
  if (any(known)) {
    means[known, ] <- py_call(
      "embed_mean",
      texts = unname(x[known]), vectors = vectors,
      tokenizer = as_tokenizer(tokenizer, c(idf, x)),
      weighted_by = if (!is.null(idf)) known_texts(idf)
    )
  }
  means
}
