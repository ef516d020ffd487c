#' Word vectors
#'
#' `word_vectors()` reads pretrained vectors from a file: GloVe, word2vec (text or binary) or
#' fastText text, plain or packed by gzip, xz or zip. `train_word_vectors()` trains some on texts
#' (skip-gram, a window of 5 words).
#'
#' A word that is not known as it is spelt is looked up in lower case. A table of subwords brings
#' its own tokenizer along, by which models and [embed_mean()] then cut texts.
#' @param source A path, the name of a sample (`"glove.6B.50d.top20k"`), or that of a download which
#'   `textseq vectors download` fetched before (`"glove.6B.50d"`, or `"potion-base-8m"`); or a table
#'   of subwords: a folder of model2vec, or WordLlama's safetensors file. Or the numbers themselves:
#'   a matrix of one row a word, named by it.
#' @param words Words, or a vocabulary ([text_vocabulary()]), if only their vectors are wanted.
#' @return Word vectors, for the `vectors` of a model, [embed_mean()] and the functions below.
#'   [saveRDS()] keeps them: trained vectors, and those of chosen `words`, hold their numbers;
#'   those of a whole file are read from it again when they are needed.
#' @references Pennington, Socher and Manning (2014), "GloVe: Global Vectors for Word
#'   Representation", EMNLP. Mikolov et al. (2013), "Distributed Representations of Words and
#'   Phrases and their Compositionality", NIPS. Bojanowski et al. (2017), "Enriching Word Vectors
#'   with Subword Information", TACL.
#' @examplesIf textseq_available()
#' vectors <- word_vectors("glove.6B.50d.top20k")
#' vectors
#' nearest_words(vectors, "film", n = 3)
#' as.matrix(vectors, words = c("good", "bad"))[, 1:4]
#' coverage(vectors, c("a good film", "a baaad film"))
#' @export
word_vectors <- function(source, words = NULL) {
  if (inherits(words, "textseq_vocabulary")) words <- words$table$token[-(1:2)]
  if (is.matrix(source)) {
    return(vectors_of_matrix(source, words))
  }
  if (!is.character(source) || length(source) != 1 || is.na(source)) {
    abort(
      sprintf("`source` must be a path, a name or a matrix, not %s.", class(source)[1]),
      class = "textseq_error", call = NULL
    )
  }
  new_vectors(py_call("open_vectors", source = source, words = words))
}

#' @rdname word_vectors
#' @param texts A character vector of texts, or a list of character vectors: their tokens.
#' @param method `"word2vec"`, or `"fasttext"`, which also learns from pieces of words.
#' @param dim Numbers a word.
#' @param min_count Words that occur less often are left out.
#' @param epochs Passes over the texts.
#' @param random_state A whole number; by default one of R's random numbers, so that `set.seed()`
#'   makes vectors repeat.
#' @param n_threads With more than one, vectors do not repeat.
#' @export
train_word_vectors <- function(texts, method = "word2vec", dim = 100, min_count = 2, epochs = 10,
                               random_state = NULL, n_threads = 1) {
  parameters <- list(
    dim = dim, min_count = min_count, epochs = epochs, random_state = random_state,
    n_threads = n_threads
  )
  new_vectors(py_call(
    "train_vectors",
    texts = known_texts(texts), method = method, parameters = with_seed(parameters)
  ))
}

vectors_of_matrix <- function(matrix, words) {
  if (!is.numeric(matrix) || is.null(rownames(matrix))) {
    abort(
      c(
        "A matrix of word vectors holds numbers, a row a word, and is named by the words.",
        x = if (is.numeric(matrix)) "Its rows have no names." else "It does not hold numbers.",
        i = "Name them: `rownames(matrix) <- words`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  if (!is.null(words)) matrix <- matrix[rownames(matrix) %in% words, , drop = FALSE]
  numbers <- matrix(as.double(matrix), nrow(matrix))
  new_vectors(py_call("make_vectors", words = rownames(matrix), numbers = numbers))
}

new_vectors <- function(described) with_class(described, "textseq_vectors")

as_vectors <- function(vectors) {
  if (is.character(vectors) || is.matrix(vectors)) return(word_vectors(vectors))
  if (!inherits(vectors, "textseq_vectors")) {
    abort(
      c(
        sprintf("`vectors` must be word vectors, not %s.", class(vectors)[1]),
        i = "Read some by `word_vectors(path)`, or train them by `train_word_vectors(texts)`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  vectors
}

#' @export
as_handle.textseq_vectors <- function(x) {
  list(textseq_vectors = unclass(x)[c("id", "name", "source", "dim", "words", "numbers")])
}

#' @export
print.textseq_vectors <- function(x, ...) {
  cat(sprintf(
    "Word vectors%s: %s words, %d numbers each\n",
    if (is.null(x$name)) "" else paste0(" ", x$name), format(x$n_words, big.mark = ","), x$dim
  ))
  cat(paste(x$shown, collapse = ", "), if (x$n_words > length(x$shown)) ", ...", "\n", sep = "")
  if (!is.null(x$source)) cat("read from ", x$source, "\n", sep = "")
  invisible(x)
}

#' Look into word vectors
#'
#' `as.matrix()` returns the numbers, `nearest_words()` the words whose vectors point the same way,
#' `coverage()` how much of some texts has a vector.
#' @param x Word vectors. For `coverage()`, what they should cover: a character vector of texts, a
#'   list of tokens, or a vocabulary ([text_vocabulary()]).
#' @param words The words to return; all of them by default.
#' @param ... Not used.
#' @return `as.matrix()`: one row a word, named by it, `NA` for a word without a vector.
#'   `nearest_words()`: a tibble of `word` and `similarity`, the cosine, nearest first.
#'   `coverage()`: the shares of words that have a vector, and the commonest that have none; for
#'   `tidy()`, those without one as a tibble, and `glance()`, the shares.
#' @inherit word_vectors examples
#' @export
as.matrix.textseq_vectors <- function(x, words = NULL, ...) {
  check_dots(...)
  rows <- py_call("vector_rows", vectors = x, words = words)
  rows$matrix[!rows$known, ] <- NA
  rownames(rows$matrix) <- rows$words
  rows$matrix
}

#' @rdname as.matrix.textseq_vectors
#' @param vectors Word vectors, or a path or a sample's name.
#' @param word A word, which is left out of the answer; or numbers, a vector of that many
#'   dimensions or a matrix of one such row.
#' @param n How many words.
#' @export
nearest_words <- function(vectors, word, n = 10) {
  vectors <- as_vectors(vectors)
  # A row of as.matrix().
  if (is.matrix(word) && nrow(word) == 1) word <- as.vector(word)
  is_word <- is.character(word) && length(word) == 1
  is_vector <- is.numeric(word) && is.null(dim(word)) && length(word) == vectors$dim
  if (anyNA(word) || !(is_word || is_vector)) {
    abort(
      c(
        sprintf("`word` must be a single word, or a vector of %d numbers.", vectors$dim),
        x = if (anyNA(word)) {
          "It has missing values, as a word has that is not known."
        } else {
          sprintf("It is of class %s and length %d.", class(word)[1], length(word))
        }
      ),
      class = "textseq_error", call = NULL
    )
  }
  if (!is_count(n)) {
    abort(
      sprintf("`n` must be a whole number, 1 or more, not %s.", deparse1(n)),
      class = "textseq_error", call = NULL
    )
  }
  py_call("nearest_words", vectors = vectors, word = unname(word), most = n)
}

#' @rdname as.matrix.textseq_vectors
#' @export
coverage <- function(vectors, x) {
  if (!inherits(x, "textseq_vocabulary")) x <- text_vocabulary(x)
  counted <- py_call(
    "vector_coverage",
    vectors = as_vectors(vectors), counted = x$table[-(1:2), ]
  )
  with_class(counted, "textseq_coverage")
}

#' @export
print.textseq_coverage <- function(x, ...) {
  shares <- glance(x)
  cat(sprintf(
    "%.1f %% of %s distinct words have a vector, %.1f %% of %s words\n",
    100 * shares$share_of_types, format(x$n_types, big.mark = ","),
    100 * shares$share_of_tokens, format(x$n_tokens, big.mark = ",")
  ))
  if (nrow(x$table) > 0) {
    top <- utils::head(x$table, 10)
    cat("commonest without one:", paste(sprintf("%s (%d)", top$word, top$count), collapse = ", "))
    cat("\n")
  }
  invisible(x)
}

#' @export
tidy.textseq_coverage <- function(x, ...) x$table

#' @export
glance.textseq_coverage <- function(x, ...) {
  tibble::tibble(
    n_types = x$n_types, n_types_found = x$n_types_found,
    share_of_types = x$n_types_found / max(x$n_types, 1),
    n_tokens = x$n_tokens, n_tokens_found = x$n_tokens_found,
    share_of_tokens = x$n_tokens_found / max(x$n_tokens, 1)
  )
}
