#' Transcribe waves, and score transcripts
#'
#' `predict()` tells what is said in each wave, `augment()` puts it beside the waves. `evaluate()`
#' counts errors: words, or characters, that are wrong, missing or too many, a word or character of
#' the truth.
#'
#' @param object A fit of [transcriber()].
#' @param new_data Waves in a form that [transcriber()] takes, or a data frame with the column that
#'   was fitted.
#' @param type `"text"` for what is said; `"time"` for when and how probably each symbol of it is;
#'   `"prob"` for the probability of every symbol at every step.
#' @param y What is said; by default the column that the fit's formula names.
#' @param rate Samples a second of waves that do not tell it; by default those of the fit.
#' @param beam_size 1 takes the most probable symbol at every step. More look for the most probable
#'   symbols, over all ways to lay them on the steps, among so many beginnings.
#' @param language_model A fit of [language_model()] to the same symbols, which has its say with a
#'   `beam_size` above 1: `language_weight` times its log-probability is added.
#' @param language_weight See `language_model`.
#' @param symbol_bonus Added for each symbol, in nats, where a language model makes answers short.
#' @param ... Not used.
#' @return `predict()`: a tibble with one row a wave and what is said in `.pred`, a list column
#'   where symbols were fitted; the row of a missing wave is `NA`. With `type = "time"` a row a
#'   symbol: the number of its wave in `.row`, `.pred_symbol`, `start` and `end` in seconds from the
#'   wave's first sample, and its `probability` at the surest of these steps. CTC may say a symbol
#'   at any moment while it sounds, or a little later. With `type = "prob"` `.pred` is a list of
#'   matrices (steps, symbols), whose rows are named by the seconds at which steps begin; the first
#'   column, `<blank>`, is that no symbol is said.
#'
#'   `evaluate()`: a tibble with one row a `metric`, its `score` and `n`, the number of waves:
#'   `exact_match`, the share of waves of which all is right; `character_error_rate` and
#'   `word_error_rate`; of symbols `symbol_error_rate`. Rates may be above 1.
#' @inherit transcriber examples
#' @export
predict.textseq_transcriber <- function(object, new_data, type = c("text", "time", "prob"), ...,
                                        rate = NULL, beam_size = 1, language_model = NULL,
                                        language_weight = 0.5, symbol_bonus = 0) {
  check_dots(...)
  check_new_data(new_data)
  type <- rlang::arg_match(type)
  waves <- waves_of(new_data, rate, object$predictors)
  there <- waves_there(waves)
  options <- list(
    beam_size = beam_size, language_model = language_model, language_weight = language_weight,
    symbol_bonus = symbol_bonus
  )
  heard <- if (any(there)) heard_in(object, take_waves(waves, there), type, options)
  if (type == "time") {
    return(tibble::tibble(
      .row = which(there)[heard$row], .pred_symbol = as.character(heard$symbol),
      start = as.double(heard$start), end = as.double(heard$end),
      probability = as.double(heard$probability)
    ))
  }
  said <- if (is.list(heard)) rep(list(NA), length(there)) else rep(NA_character_, length(there))
  said[there] <- heard
  tibble::tibble(.pred = said)
}

# What Python hears in waves that are there.
heard_in <- function(object, waves, type, options) {
  if (type == "text") {
    said <- ask(object, "predict", list(X = waves), options)
    return(if (is.list(said)) lapply(said, as.character) else said)
  }
  open_in_python(object)
  if (type == "time") {
    return(py_call("symbols_heard", id = object$id, X = waves, options = options))
  }
  found <- py_call("symbol_probabilities", id = object$id, X = waves)
  lapply(found$probabilities, function(steps) {
    seconds <- format((seq_len(nrow(steps)) - 1) * found$seconds, digits = 15, trim = TRUE)
    structure(steps, dimnames = list(seconds = seconds, symbol = c("<blank>", found$symbols)))
  })
}

#' @rdname predict.textseq_transcriber
#' @param x As `object`.
#' @export
augment.textseq_transcriber <- function(x, new_data, ..., rate = NULL) {
  check_dots(...)
  check_new_data(new_data)
  waves <- if (is.data.frame(new_data)) new_data else tibble::tibble(wave = new_data)
  side_by_side(tibble::as_tibble(waves), predict(x, new_data, rate = rate))
}

#' @rdname predict.textseq_transcriber
#' @export
evaluate.textseq_transcriber <- function(x, new_data, y = NULL, ..., rate = NULL, beam_size = 1) {
  check_dots(...)
  check_new_data(new_data)
  rows <- spoken_rows(new_data, y %||% outcome_in(x, new_data), rate, x$predictors)
  open_in_python(x)
  tibble::as_tibble(py_call(
    "evaluate_answers",
    id = x$id, src = rows$x, tgt = rows$y, options = list(beam_size = beam_size)
  ))
}
