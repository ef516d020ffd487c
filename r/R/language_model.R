#' Learn what comes next in texts
#'
#' Trains a language model of words, characters or pieces of words: it tells how probable a text
#' is, and writes.
#'
#' @param x A character vector, a whole book may be one string; a data frame with one column of
#'   texts; or a formula like `~ text`, which picks a column of `data`.
#' @param formula The formula, which may be the first argument or named.
#' @param data A data frame.
#' @param level What a token is: `"word"`, `"char"` or `"bpe"` (pieces of words).
#' @param ... Parameters of the model, as [textseq_parameters()] lists them: `encoder = "gru"`,
#'   `hidden_size = 256`, `max_epochs = 5`. Without a `random_state` R's own random numbers draw
#'   one, so that `set.seed()` makes fits repeat.
#' @param validation_data Texts that choose the best epoch, in the form of `x`, instead of the
#'   last tenth of those given. A data frame for the formula.
#' @inheritParams text_classifier
#' @return A fit, for [generate()], [perplexity()], [predict()], [augment()], [glance()] and
#'   [autoplot()]. It holds the whole model, so that [saveRDS()] keeps it; as `pretrained =` it
#'   is what [text_classifier()] starts from.
#' @examplesIf textseq_available()
#' set.seed(1)
#' fit <- language_model(
#'   rep("the cat sat on the mat. ", 40), "char",
#'   hidden_size = 24, num_layers = 1, dropout = 0, learning_rate = 0.02, max_epochs = 10
#' )
#' generate(fit, "the c", max_new_tokens = 30)
#' perplexity(fit, "the cat sat")
#' predict(fit, c("the cat sat", "tac eht", NA))
#' @export
language_model <- function(x, ...) UseMethod("language_model", leading(x, ...))

#' @rdname language_model
#' @export
language_model.formula <- function(formula = x, data, level = "word", ..., validation_data = NULL,
                                   checkpoint = NULL, verbose = interactive(), x) {
  check_data(data, "`data`")
  column <- if (length(formula) == 2) formula_predictors(formula, data)
  if (length(column) != 1) {
    abort("The formula needs one column, as in ~ text.", class = "textseq_error", call = NULL)
  }
  if (!is.null(validation_data)) validation_data <- single_texts(validation_data, column)
  fit <- language_model(
    data[column], level, ...,
    validation_data = validation_data, checkpoint = checkpoint, verbose = verbose
  )
  environment(formula) <- globalenv()
  with_call(fit, match.call(), formula)
}

#' @rdname language_model
#' @export
language_model.default <- function(x, level = "word", ..., validation_data = NULL,
                                   checkpoint = NULL, verbose = interactive()) {
  validation <- if (!is.null(validation_data)) present_texts(validation_data)
  fit <- fit_model(
    "LanguageModel", "textseq_language_model",
    data = list(texts = present_texts(x), validation_data = validation),
    parameters = list(level = level, ...), checkpoint = checkpoint, verbose = verbose,
    predictors = if (is.data.frame(x)) names(x)
  )
  with_call(fit, match.call())
}

#' @importFrom generics generate
#' @export
generics::generate

#' Let a language model write
#'
#' @param x A fit of [language_model()].
#' @param prompt The text so far, of any length; `""` lets a text begin. Several are gone on with
#'   one by one.
#' @param max_new_tokens Most tokens to write: a longer text breaks off there. It ends before where
#'   its end is drawn.
#' @param n_drafts So many texts behind each prompt.
#' @param temperature Under 1 likely tokens grow likelier; 0 takes the likeliest each time.
#' @param top_k Draw from so many of the likeliest tokens only.
#' @param top_p Draw only from the fewest tokens whose probabilities reach this sum.
#' @param repetition_penalty What the log-probability of tokens that the prompt or the text has
#'   already is multiplied by: above 1, 1.2 for example, they are less likely.
#' @param no_repeat_ngram_size No run of so many tokens comes twice.
#' @param stop End before this is said, for example before the next line: `"\\n"`. Of several,
#'   the first that is said ends a text.
#' @param random_state A number that decides what is drawn, as in Python. By default R's own
#'   random numbers draw one for each prompt, so that `set.seed()` makes texts repeat.
#' @param ... Not used.
#' @return What follows each prompt, a character vector; `NA` for one that is `NA`. With `n_drafts`
#'   a character matrix with a row for each prompt and a column for each draft.
#' @inherit language_model examples
#' @export
generate.textseq_language_model <- function(x, prompt = "", max_new_tokens = 200, n_drafts = NULL,
                                            temperature = 1, top_k = NULL, top_p = NULL,
                                            repetition_penalty = 1, no_repeat_ngram_size = NULL,
                                            stop = NULL, random_state = NULL, ...) {
  check_dots(...)
  if (!is.character(prompt) && !all(is.na(prompt))) {
    abort(
      c(
        "`prompt` must be texts, a character vector.",
        x = sprintf("It is of class %s.", class(prompt)[1])
      ),
      class = "textseq_error", call = NULL
    )
  }
  seeds <- random_state %||% sample.int(.Machine$integer.max, length(prompt))
  go_on <- function(prompt, seed) {
    if (is.na(prompt)) {
      return(rep(NA_character_, n_drafts %||% 1))
    }
    unlist(ask(x, "generate", options = list(
      prompt = prompt, max_new_tokens = max_new_tokens, n_drafts = n_drafts,
      temperature = temperature, top_k = top_k, top_p = top_p,
      repetition_penalty = repetition_penalty, no_repeat_ngram_size = no_repeat_ngram_size,
      stop = stop, random_state = seed
    )))
  }
  drafts <- Map(go_on, prompt, seeds[rep_len(seq_along(seeds), length(prompt))])
  written <- as.character(unlist(drafts))
  if (is.null(n_drafts)) {
    return(written)
  }
  matrix(written, length(prompt), n_drafts, byrow = TRUE)
}

#' How well a language model knows texts
#'
#' `perplexity()` is exp of the mean surprise of a token, and compares models of the same tokens;
#' `bits_per_character()` compares models of characters, words and pieces, too. `predict()` gives
#' the log-probability of each text, `augment()` puts it beside the texts.
#'
#' @param object A fit of [language_model()].
#' @param new_data Texts: a character vector, or a data frame with a column of them. Those that
#'   are `NA` are left out with a warning, and have an `NA` row in `predict()`.
#' @param adapt Whether a copy of the model goes on learning from the texts that it has scored
#'   already (dynamic evaluation): they are read one by one in their order. The fit stays as it is.
#' @param cache So many tokens, the last that were read, are likelier again in like states.
#' @param ... Not used.
#' @return A number; of `predict()` and `augment()` a tibble with a row a text, its log-probability
#'   in nats in `.score`.
#' @inherit language_model examples
#' @export
perplexity <- function(object, new_data, ...) UseMethod("perplexity")

#' @rdname perplexity
#' @export
perplexity.textseq_language_model <- function(object, new_data, adapt = FALSE,
                                              cache = NULL, ...) {
  check_dots(...)
  check_new_data(new_data)
  texts <- present_texts(new_data, columns_to_read(object, new_data))
  ask(object, "perplexity", list(texts = texts), list(adapt = adapt, cache = cache))
}

#' @rdname perplexity
#' @export
bits_per_character <- function(object, new_data, ...) UseMethod("bits_per_character")

#' @rdname perplexity
#' @export
bits_per_character.textseq_language_model <- function(object, new_data, adapt = FALSE,
                                                      cache = NULL, ...) {
  check_dots(...)
  check_new_data(new_data)
  texts <- present_texts(new_data, columns_to_read(object, new_data))
  ask(object, "bits_per_character", list(texts = texts), list(adapt = adapt, cache = cache))
}

#' @rdname perplexity
#' @export
predict.textseq_language_model <- function(object, new_data, adapt = FALSE, cache = NULL, ...) {
  check_dots(...)
  check_new_data(new_data)
  texts <- single_texts(new_data, columns_to_read(object, new_data))
  scores <- rep(NA_real_, length(texts))
  there <- !is.na(texts)
  if (any(there)) {
    how <- list(adapt = adapt, cache = cache)
    scores[there] <- ask(object, "score_samples", list(texts = texts[there]), how)
  }
  tibble::tibble(.score = scores)
}

#' @rdname perplexity
#' @param x As `object`.
#' @export
augment.textseq_language_model <- function(x, new_data, ...) {
  check_dots(...)
  check_new_data(new_data)
  predictions_beside(x, new_data, "text")
}

# `name` is what the inputs are called where they are no data frame.
predictions_beside <- function(x, new_data, name) {
  inputs <- if (is.data.frame(new_data)) {
    tibble::as_tibble(new_data)
  } else if (is.array(new_data)) {
    tibble::new_tibble(stats::setNames(list(listed_series(plain_series(new_data))), name))
  } else {
    tibble::new_tibble(stats::setNames(list(unname(new_data)), name))
  }
  side_by_side(inputs, predict(x, new_data))
}

present_texts <- function(x, column = NULL) {
  texts <- known_texts(single_texts(x, column))
  if (length(texts) == 0) {
    abort("There is no text that is not missing.", class = "textseq_error", call = NULL)
  }
  texts
}

# One column of texts, NA where missing; `column` names that of a data frame, if it is known.
single_texts <- function(x, column = NULL) {
  if (is.data.frame(x) && !is.null(column)) {
    check_columns(x, column, "`new_data`")
    x <- x[column]
  }
  x <- text_columns(x)
  if (length(x) > 1) {
    abort(
      c(
        "One column of texts is needed.",
        x = sprintf("There are two: %s.", paste(names(x), collapse = ", ")),
        i = sprintf("Pick one: `data[\"%s\"]`.", names(x)[1])
      ),
      class = "textseq_error"
    )
  }
  x[[1]]
}
