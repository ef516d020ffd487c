#' Turn sequences into sequences of another length
#'
#' Trains an encoder-decoder with attention: translation, transcription, captions. The encoder
#' reads a text, a series or a vector; the decoder says the target token by token.
#'
#' @param x Sources: a character vector, or a data frame with one column of texts; a list of
#'   character vectors, which are texts cut into tokens; a list of matrices (channels, time) or
#'   numeric vectors, or an array (n, channels, time), which are series; a matrix with one vector a
#'   row. Or a formula like `fra ~ eng`, which picks columns of `data`.
#' @param formula The formula, which may be the first argument or named.
#' @param data A data frame.
#' @param y Targets: a character vector, or a list of character vectors, which are symbols.
#' @param ... Parameters of the model, as [textseq_parameters()] lists them: `encoder = "bigru"`,
#'   `attention = "dot"`, `max_epochs = 5`. Without a `random_state` R's own random numbers draw
#'   one, so that `set.seed()` makes fits repeat.
#' @param source What is read, `"text"`, `"series"` or `"vector"`: by default what `x` looks like.
#' @param validation_data Rows that choose the best epoch, instead of a tenth of those given: a
#'   data frame for the formula, a list of `x` and `y` otherwise.
#' @inheritParams text_classifier
#' @return A fit, for [predict()], [bleu()], [attention_map()], [glance()] and [autoplot()]. It
#'   holds the whole model, so that [saveRDS()] keeps it.
#' @examplesIf textseq_available()
#' pairs <- data.frame(
#'   number = rep(c("1", "2", "1 2", "2 1"), 8),
#'   word = rep(c("one", "two", "one two", "two one"), 8)
#' )
#' set.seed(1)
#' fit <- seq2seq(word ~ number, pairs, hidden_size = 32, max_epochs = 20)
#' predict(fit, c("2 1", "1", NA))
#' chrf(fit, pairs$number, pairs$word)
#' @export
seq2seq <- function(x, ...) UseMethod("seq2seq", leading(x, ...))

#' @rdname seq2seq
#' @export
seq2seq.formula <- function(formula = x, data, ..., validation_data = NULL, checkpoint = NULL,
                            verbose = interactive(), x) {
  rows <- formula_sides(formula, data, validation_data)
  fit <- seq2seq(
    rows$x, rows$y, ...,
    validation_data = rows$validation, checkpoint = checkpoint, verbose = verbose
  )
  with_call(fit, match.call(), rows$formula)
}

#' @rdname seq2seq
#' @export
seq2seq.default <- function(x, y, ..., source = NULL, validation_data = NULL, checkpoint = NULL,
                            verbose = interactive()) {
  source <- source %||% source_kind(x)
  pairs <- complete_pairs(sources_of(x), targets_of(y))
  validation <- if (!is.null(validation_data)) {
    check_validation(validation_data)
    unname(complete_pairs(sources_of(validation_data[[1]]), targets_of(validation_data[[2]])))
  }
  fit <- fit_model(
    "Seq2Seq", "textseq_seq2seq",
    data = list(src = pairs$x, tgt = pairs$y, validation_data = validation),
    parameters = list(source = source, ...), checkpoint = checkpoint, verbose = verbose,
    predictors = if (is.data.frame(x)) names(x)
  )
  with_call(fit, match.call())
}

#' Predict, and score predictions
#'
#' `predict()` says the target of each source, `augment()` puts it beside the sources. `bleu()` and
#' `chrf()` compare predictions with references, as sacrebleu does; a score is comparable with
#' others of the same signature only. `evaluate()` tells these and the shares of right answers and
#' of wrong characters.
#'
#' What is cut short, and words that the model does not know, are counted in warnings.
#'
#' @param object A fit of [seq2seq()], or of [captioner()], whose sources are images.
#' @param new_data Sources in the form that was fitted, or a data frame with their column.
#' @param y References: a character vector; or a list of character vectors, the references of one
#'   source each, or its symbols where those were fitted. In `evaluate()` by default the column that
#'   the fit's formula names.
#' @param beam_size Beginnings that are followed at once, instead of the model's own; 1 is greedy
#'   and fast.
#' @param n_best Answers to each source: the best of a search, or with `temperature` or `top_k` so
#'   many that are drawn.
#' @param max_new_tokens Most tokens of an answer; by default as many as training and the source's
#'   length tell.
#' @param unknown What is said of words that the model does not know, instead of the model's own:
#'   `"copy"` (the word), `"mark"` (`<unk>`) or `"never"` (another word).
#' @param temperature Draw tokens by their probabilities instead of a search: under 1 likely ones
#'   grow likelier, and 0 takes the likeliest.
#' @param top_k Draw from so many of the likeliest tokens only.
#' @param random_state A number that decides what is drawn, as in Python. By default R's own random
#'   numbers draw one, so that `set.seed()` makes answers repeat.
#' @param tokenize What cuts texts into the words of BLEU, by sacrebleu's names: `"13a"`, `"zh"`,
#'   `"char"`, `"ja-mecab"` and others; by default what the references' script asks for.
#' @param ... Not used.
#' @return `predict()`: a tibble with one row a source and the target in `.pred`, a list column if
#'   targets are symbols; the row of a missing source is `NA`. With `n_best` a row an answer: the
#'   number of its source in `.row`, `.pred`, and its `.log_probability`. `bleu()` and `chrf()`: a
#'   tibble of one row with `metric`, `score` (0 to 100) and sacrebleu's `signature`. `evaluate()`:
#'   one row a `metric` with its `score` and `n`, the number of rows.
#' @inherit seq2seq examples
#' @export
predict.textseq_seq2seq <- function(object, new_data, beam_size = NULL, n_best = NULL,
                                    max_new_tokens = NULL, unknown = NULL, temperature = NULL,
                                    top_k = NULL, random_state = NULL, ...) {
  check_dots(...)
  check_new_data(new_data)
  sources <- new_sources(object, new_data)
  there <- !is_missing(sources)
  if (!is.null(temperature) || !is.null(top_k)) {
    random_state <- random_state %||% sample.int(.Machine$integer.max, 1)
  }
  options <- list(
    beam_size = beam_size, n_best = n_best, max_new_tokens = max_new_tokens, unknown = unknown,
    temperature = temperature, top_k = top_k, random_state = random_state
  )
  if (!is.null(n_best)) {
    return(several_answers(object, sources, there, options))
  }
  said <- rep(NA_character_, length(there))
  if (any(there)) {
    answer <- ask(object, "predict", list(src = rows_in(sources, there)), options)
    if (is.list(answer)) {
      said <- as.list(said)
      answer <- lapply(answer, as.character)
    }
    said[there] <- answer
  }
  tibble::tibble(.pred = said)
}

several_answers <- function(object, sources, there, options) {
  if (!any(there)) {
    return(tibble::tibble(.row = integer(), .pred = character(), .log_probability = double()))
  }
  open_in_python(object)
  found <- py_call(
    "several_answers",
    id = object$id, src = rows_in(sources, there), options = options
  )
  said <- found$answer
  tibble::tibble(
    .row = which(there)[as.integer(found$row)],
    .pred = if (is.list(said)) lapply(said, as.character) else said,
    .log_probability = as.double(found$log_probability)
  )
}

#' @rdname predict.textseq_seq2seq
#' @param x As `object`.
#' @export
augment.textseq_seq2seq <- function(x, new_data, ...) {
  check_dots(...)
  check_new_data(new_data)
  predictions_beside(x, new_data, "source")
}

#' @rdname predict.textseq_seq2seq
#' @export
evaluate.textseq_seq2seq <- function(x, new_data, y = NULL, ...) {
  check_dots(...)
  check_new_data(new_data)
  y <- targets_of(y %||% outcome_in(x, new_data))
  pairs <- complete_pairs(new_sources(x, new_data), y)
  open_in_python(x)
  tibble::as_tibble(py_call("evaluate_answers", id = x$id, src = pairs$x, tgt = pairs$y))
}

#' @rdname predict.textseq_seq2seq
#' @export
bleu <- function(object, new_data, y, beam_size = NULL, ...) UseMethod("bleu")

#' @rdname predict.textseq_seq2seq
#' @export
bleu.textseq_seq2seq <- function(object, new_data, y, beam_size = NULL, tokenize = NULL,
                                 max_new_tokens = NULL, unknown = NULL, ...) {
  check_dots(...)
  check_new_data(new_data)
  options <- list(tokenize = tokenize, max_new_tokens = max_new_tokens, unknown = unknown)
  score_of_corpus(object, "bleu", new_data, y, beam_size, options)
}

#' @rdname predict.textseq_seq2seq
#' @export
chrf <- function(object, new_data, y, beam_size = NULL, ...) UseMethod("chrf")

#' @rdname predict.textseq_seq2seq
#' @export
chrf.textseq_seq2seq <- function(object, new_data, y, beam_size = NULL, max_new_tokens = NULL,
                                 unknown = NULL, ...) {
  check_dots(...)
  check_new_data(new_data)
  options <- list(max_new_tokens = max_new_tokens, unknown = unknown)
  score_of_corpus(object, "chrf", new_data, y, beam_size, options)
}

score_of_corpus <- function(object, metric, new_data, y, beam_size, options) {
  pairs <- complete_pairs(new_sources(object, new_data), targets_of(y))
  open_in_python(object)
  found <- py_call(
    "corpus_score",
    id = object$id, metric = metric, src = pairs$x, tgt = pairs$y, beam_size = beam_size,
    options = options
  )
  tibble::tibble(metric = metric, score = found$score, signature = found$signature)
}

# New sources in the form that was fitted.
new_sources <- function(object, new_data) UseMethod("new_sources")

#' @export
new_sources.textseq_seq2seq <- function(object, new_data) {
  sources_of(new_data, columns_to_read(object, new_data))
}

source_kind <- function(x) {
  if (is.data.frame(x) || is.character(x) || is.factor(x) || is_tokens(x)) {
    return("text")
  }
  if (is.matrix(x)) "vector" else "series"
}

# Sources of any form as texts, a list of tokens, or series. `column` names that of a data frame.
sources_of <- function(x, column = NULL) {
  if (is.data.frame(x) || is.character(x) || is.factor(x)) {
    single_texts(x, column)
  } else if (is_tokens(x)) {
    tokens_of(x)
  } else {
    plain_series(x)
  }
}

# Whether a list is of texts that are cut already; the first that is there tells.
is_tokens <- function(x) {
  if (!is.list(x) || is.data.frame(x)) {
    return(FALSE)
  }
  there <- Filter(function(one) !all(is.na(one)), x)
  length(there) == 0 || is.character(there[[1]]) || is.factor(there[[1]])
}

tokens_of <- function(x) {
  lapply(unname(x), function(tokens) if (!is.null(tokens)) as.character(tokens))
}

targets_of <- function(y) if (is_tokens(y)) tokens_of(y) else single_texts(y)

# A text is missing if any of its tokens is; a series only if all of its values are.
is_missing <- function(x) {
  if (is.character(x)) is.na(x) else if (is_tokens(x)) any_missing(x) else !series_there(x)
}

any_missing <- function(x) vapply(x, function(one) is.null(one) || anyNA(one), TRUE)

rows_in <- function(x, kept) if (is.character(x)) x[kept] else take_series(x, kept)

# Drops the rows in which either side is missing, and says so.
complete_pairs <- function(x, y) {
  missing <- if (is.list(y)) any_missing(y) else is.na(y)
  kept <- kept_rows(!is_missing(x), ifelse(missing, NA, TRUE), "sequence")
  list(x = rows_in(x, kept), y = y[kept])
}
