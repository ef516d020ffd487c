#' Cut texts into tokens
#'
#' `text_tokenizer()` makes a tokenizer: into words, as the corpus of the GloVe vectors was cut;
#' into characters, as a reader sees them; or into pieces of bytes that it learns from texts, so
#' that no text is unknown to it. `tokenize_texts()` cuts texts by one.
#' @param kind `"word"`, `"char"` or `"bpe"` (byte pair encoding).
#' @param texts A character vector to learn from. Only `"bpe"` learns.
#' @param lowercase Whether texts are turned to lower case first.
#' @param ngram_range The fewest and the most neighbouring tokens that form a token, joined by a
#'   space.
#' @param vocab_size The most pieces that `"bpe"` learns, its 256 bytes included.
#' @return `text_tokenizer()`: a tokenizer, which can be the `tokenizer` of a model. It holds what
#'   it learned, so that [saveRDS()] keeps it. `tokenize_texts()`: a list of character vectors, one
#'   a text; of a missing text `NA`.
#' @references Sennrich, Haddow and Birch (2016), "Neural Machine Translation of Rare Words with
#'   Subword Units", ACL.
#' @seealso [text_vocabulary()], which numbers tokens.
#' @examplesIf textseq_available()
#' tokenize_texts(c("It doesn't cost $1,000.", "Eu gosto de gatos!"))
#' pieces <- text_tokenizer("bpe", rep("low lower lowest", 5), vocab_size = 262)
#' tokenize_texts("slow", pieces)
#' @export
text_tokenizer <- function(kind = "word", texts = NULL, lowercase = TRUE, ngram_range = c(1, 1),
                           vocab_size = 20000) {
  kinds <- c("word", "char", "bpe")
  if (!is.character(kind) || length(kind) != 1 || !kind %in% kinds) {
    abort(
      c(
        sprintf(
          "A tokenizer must be %s, or what text_tokenizer() returns.",
          paste0("\"", kinds, "\"", collapse = ", ")
        ),
        x = if (is.character(kind)) {
          sprintf("It is %s.", paste0("\"", kind, "\"", collapse = ", "))
        } else {
          sprintf("It is of class %s.", class(kind)[1])
        }
      ),
      class = "textseq_error", call = NULL
    )
  }
  if (identical(kind, "bpe") && is.null(texts)) {
    abort(
      c(
        "A \"bpe\" tokenizer learns its pieces from texts, and there are none.",
        i = "Pass some: `text_tokenizer(\"bpe\", texts)`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  learned <- py_call(
    "learn_tokenizer",
    kind = kind, texts = if (identical(kind, "bpe")) known_texts(texts),
    parameters = list(lowercase = lowercase, ngram_range = ngram_range, vocab_size = vocab_size)
  )
  with_class(
    list(
      kind = kind, lowercase = lowercase, ngram_range = ngram_range, pieces = learned$pieces,
      state = learned$state
    ),
    "textseq_tokenizer"
  )
}

#' @rdname text_tokenizer
#' @param x A character vector or a factor.
#' @param tokenizer What [text_tokenizer()] returns, or its `kind`.
#' @export
tokenize_texts <- function(x, tokenizer = "word") {
  cut <- cut_texts(x, tokenizer)
  tokens <- as.list(rep(NA_character_, length(cut$known)))
  text <- factor(rep(seq_along(cut$lengths), cut$lengths), seq_along(cut$lengths))
  tokens[cut$known] <- split(cut$distinct[cut$codes + 1L], text)
  tokens
}

#' @export
print.textseq_tokenizer <- function(x, ...) {
  what <- switch(x$kind, word = "words", char = "characters", bpe = "learned pieces of bytes")
  notes <- c(
    if (x$kind == "bpe") sprintf("%s pieces", format(x$pieces, big.mark = ",")),
    if (!x$lowercase) "upper case is kept",
    if (any(x$ngram_range != 1)) {
      sprintf("runs of %d to %d tokens", as.integer(x$ngram_range[1]), as.integer(x$ngram_range[2]))
    }
  )
  cat("A tokenizer into ", paste(c(what, notes), collapse = ", "), "\n", sep = "")
  invisible(x)
}

#' @export
as_handle.textseq_tokenizer <- function(x) list(textseq_tokenizer = x$state)

as_tokenizer <- function(tokenizer, texts) {
  if (inherits(tokenizer, "textseq_tokenizer")) {
    return(tokenizer)
  }
  text_tokenizer(tokenizer, texts[!is.na(texts)])
}

# The distinct tokens, the place of every token among them from 0, and how many each text has.
cut_texts <- function(x, tokenizer) {
  x <- plain_strings(x)
  known <- !is.na(x)
  cut <- list(distinct = character(), codes = integer(), lengths = integer())
  if (any(known)) {
    cut <- py_call("cut_texts", texts = x[known], tokenizer = as_tokenizer(tokenizer, x))
  }
  c(lapply(cut, unname), list(known = unname(known)))
}

# Texts to learn from: those that are not missing.
known_texts <- function(x) {
  if (!is_tokens(x)) x <- plain_strings(x)
  missing <- if (is_tokens(x)) vapply(x, anyNA, TRUE) else is.na(x)
  if (any(missing)) {
    rlang::warn(
      sprintf(
        "%d of %s %s missing and left out.", sum(missing), counted(length(x), "text"),
        if (sum(missing) == 1) "is" else "are"
      ),
      class = c("textseq_rows_dropped", "textseq_warning")
    )
  }
  unname(x[!missing])
}

# Texts as a character vector.
plain_strings <- function(x) {
  if (is.factor(x)) x <- as.character(x)
  if (!is.character(x)) {
    abort(
      c(
        "A character vector of texts is needed.",
        x = sprintf("This is of class %s.", class(x)[1]),
        i = if (is.data.frame(x)) "Name its column of texts: `data$text`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  x
}
