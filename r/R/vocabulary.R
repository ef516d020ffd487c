#' Number the tokens of texts
#'
#' A vocabulary gives every token an id: 0 is padding, 1 is any token that is not in it, then come
#' the tokens of the texts from the most frequent on; equally frequent ones in the order of their
#' code points.
#' @param x A character vector of texts, or a list of character vectors: their tokens.
#' @param tokenizer What [text_tokenizer()] returns, or its `kind`.
#' @param min_df Leave out tokens of fewer than this many texts or, below 1, than this share of
#'   them.
#' @param max_features Keep at most this many tokens, the most frequent. The pieces of a `"bpe"`
#'   tokenizer all have an id, whatever `min_df` and `max_features`.
#' @return A vocabulary, for [text_to_ids()] and [one_hot()]: a list of `table`, a tibble of `id`,
#'   `token`, `count` and `document_count` (how many texts hold it), which `tidy()` returns, too;
#'   of the `tokenizer`; of `n_documents`; and of `longest`, the tokens of the longest text.
#' @seealso [text_to_ids()]
#' @examplesIf textseq_available()
#' vocabulary <- text_vocabulary(c("eu gosto de gatos", "eu gosto de gatos e de cachorros"))
#' vocabulary
#' tidy(vocabulary)
#' @export
text_vocabulary <- function(x, tokenizer = "word", min_df = 1, max_features = NULL) {
  texts <- known_texts(x)
  tokenizer <- if (!is_tokens(x)) as_tokenizer(tokenizer, texts)
  learned <- py_call(
    "learn_vocabulary",
    texts = texts, tokenizer = tokenizer,
    parameters = list(min_df = min_df, max_features = max_features)
  )
  with_class(
    list(
      table = learned$table, tokenizer = tokenizer, n_documents = learned$n_documents,
      longest = learned$longest
    ),
    "textseq_vocabulary"
  )
}

#' @export
print.textseq_vocabulary <- function(x, ...) {
  cat(sprintf(
    "A vocabulary of %s from %s\n", counted(nrow(x$table), "token"),
    counted(x$n_documents, "text")
  ))
  print(x$table, n = 10)
  invisible(x)
}

#' @export
tidy.textseq_vocabulary <- function(x, ...) x$table

#' Turn texts into ids, and ids into one-hot rows
#'
#' `text_to_ids()` returns the ids of texts' tokens, filled up with 0; `one_hot()` returns, for
#' every id, a row with a one in the column of its token. A one-hot row times a matrix of
#' embeddings is the token's row of that matrix: that is all an embedding layer does.
#' @param x A character vector of texts, or a list of character vectors: their tokens.
#' @param vocabulary What [text_vocabulary()] returns.
#' @param length How many tokens of a text are kept, from its start; by default as many as the
#'   longest text that the vocabulary was made from has, so that every matrix is as wide.
#' @param pad Whether all texts get the same length. Otherwise they are cut only where `length` is
#'   given.
#' @return `text_to_ids()`: an integer matrix, one row a text, `NA` for a missing text; without
#'   `pad` a list of integer vectors. `one_hot()`: an array (texts, steps, tokens), or of an
#'   integer vector, one text, a matrix (steps, tokens). Its columns are named by the tokens;
#'   padding is a row of zeros.
#' @examplesIf textseq_available()
#' texts <- c("eu gosto de gatos", "eu gosto de gatos e de cachorros")
#' vocabulary <- text_vocabulary(texts)
#' ids <- text_to_ids(texts, vocabulary)
#' ids
#' one_hot(ids[1, ], vocabulary)
#' embeddings <- matrix(rnorm(nrow(vocabulary$table) * 3), ncol = 3)
#' one_hot(ids[1, ], vocabulary) %*% embeddings
#' @export
text_to_ids <- function(x, vocabulary, length = NULL, pad = TRUE) {
  check_vocabulary(vocabulary)
  check_flag(pad, "pad")
  if (is.null(length) && pad) length <- max(1L, vocabulary$longest)
  if (!is.null(length) && !is_count(length)) {
    abort(
      sprintf("`length` must be a whole number, 1 or more, not %s.", deparse1(length)),
      class = "textseq_error", call = NULL
    )
  }
  found <- found_ids(x, vocabulary)
  ids <- found$ids
  text <- rep(seq_along(found$lengths), found$lengths)
  step <- sequence(found$lengths)
  if (!is.null(length)) {
    kept <- step <= length
    ids <- ids[kept]
    text <- text[kept]
    step <- step[kept]
  }
  if (!pad) {
    return(unname(split(ids, factor(text, seq_along(found$lengths)))))
  }
  padded <- matrix(0L, length(found$lengths), length)
  padded[cbind(text, step)] <- ids
  padded[text[is.na(ids)], ] <- NA
  padded
}

#' @rdname text_to_ids
#' @param ids What `text_to_ids()` returns: a matrix, or an integer vector of one text.
#' @export
one_hot <- function(ids, vocabulary) {
  check_vocabulary(vocabulary)
  tokens <- vocabulary$table$token
  if (!is.numeric(ids) || any(!ids %in% c(NA, vocabulary$table$id))) {
    wrong <- if (is.numeric(ids)) setdiff(ids, c(NA, vocabulary$table$id))[1] else class(ids)[1]
    abort(
      c(
        sprintf("`ids` must be numbers from 0 to %d.", length(tokens) - 1L),
        x = sprintf("There is %s.", wrong),
        i = "Make them by `text_to_ids(x, vocabulary)`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  size <- if (is.matrix(ids)) dim(ids) else length(ids)
  ones <- array(0L, c(size, length(tokens)), c(rep(list(NULL), length(size)), list(tokens)))
  # Columns are the last dimension, so that the cell of an id lies that many cells further on.
  cells <- length(ids)
  seen <- which(ids > 0)
  ones[seen + cells * as.vector(ids)[seen]] <- 1L
  missing <- which(is.na(ids))
  ones[outer(missing, cells * (seq_along(tokens) - 1), `+`)] <- NA
  ones
}

# The ids of all texts end to end, and how many each has: of unknown tokens, the special ones
# among them, 1; a missing text has one NA.
found_ids <- function(x, vocabulary) {
  words <- vocabulary$table$token[-(1:2)]
  ids_of <- function(tokens) {
    ids <- match(tokens, words) + 1L
    ids[is.na(ids)] <- 1L
    ids
  }
  if (is_tokens(x)) {
    missing <- vapply(x, anyNA, TRUE)
    x[missing] <- list(NA_character_)
    tokens <- wire_character(wire_strings(as.character(unlist(x))))
    return(list(ids = ifelse(is.na(tokens), NA, ids_of(tokens)), lengths = lengths(x)))
  }
  if (is.null(vocabulary$tokenizer)) {
    abort(
      c(
        "This vocabulary was made from tokens, so that it has no tokenizer for texts.",
        i = "Pass tokens here, too: `text_to_ids(tokenize_texts(x), vocabulary)`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  cut <- cut_texts(x, vocabulary$tokenizer)
  lengths <- rep(1L, length(cut$known))
  lengths[cut$known] <- cut$lengths
  ids <- rep(NA_integer_, sum(lengths))
  ids[rep(cut$known, lengths)] <- ids_of(cut$distinct)[cut$codes + 1L]
  list(ids = ids, lengths = lengths)
}

check_vocabulary <- function(vocabulary) {
  if (!inherits(vocabulary, "textseq_vocabulary")) {
    abort(
      c(
        sprintf("`vocabulary` must be a vocabulary, not %s.", class(vocabulary)[1]),
        i = "Make one by `text_vocabulary(texts)`."
      ),
      class = "textseq_error", call = NULL
    )
  }
}

is_count <- function(x) is.numeric(x) && length(x) == 1 && !is.na(x) && x >= 1 && x %% 1 == 0
