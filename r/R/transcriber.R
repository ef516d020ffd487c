#' Write down what is said
#'
#' Trains a network that reads waves and says what is spoken in them: characters, words or phones.
#' A wave becomes frames of a log-mel spectrogram; connectionist temporal classification (CTC)
#' learns which symbols they say, without being told when.
#'
#' @param x Waves: a character vector of paths of WAV, FLAC, OGG or MP3 files (which need Python's
#'   soundfile: `pip install textseq[audio]`); a list of numeric vectors of samples, of `Wave`
#'   objects as tuneR reads them, or of samples as the package audio has them; a matrix with one
#'   wave a row; or a data frame with one column of either. Or a formula like `text ~ path`, which
#'   picks columns of `data`.
#' @param formula The formula, which may be the first argument or named.
#' @param data A data frame.
#' @param y What is said: a character vector, or a list of character vectors, which are symbols.
#' @param ... Parameters of the model, as [textseq_parameters()] lists them: `symbol = "word"`,
#'   `join = 7`, `max_epochs = 5`. Without a `random_state` R's own random numbers draw one, so that
#'   `set.seed()` makes fits repeat.
#' @param rate Samples a second, of waves that do not tell it: one number, or one of each wave.
#' @param groups Who speaks each wave, a vector: what one person says stands on one side of the
#'   validation split, and only that is joined.
#' @param validation_data Rows that choose the best epoch, instead of a tenth of those given: a
#'   data frame for the formula, a list of `x` and `y` otherwise. One `rate` is theirs, too.
#' @inheritParams text_classifier
#' @return A fit, for [predict()], [evaluate()], [glance()] and [autoplot()]. It holds the whole
#'   model, so that [saveRDS()] keeps it.
#' @examplesIf textseq_available()
#' tone <- function(hertz) {
#'   c(rep(0, 400), sin(2 * pi * hertz * seq_len(1600) / 8000 + runif(1, 0, 6)), rep(0, 400))
#' }
#' set.seed(1)
#' said <- rep(c("low", "high"), 20)
#' waves <- lapply(c(low = 500, high = 1500)[said], tone)
#' fit <- transcriber(
#'   waves, said,
#'   rate = 8000, symbol = "word", stride = 3, hidden_size = 16, num_layers = 1,
#'   learning_rate = 0.01, batch_size = 4, max_epochs = 16, masks = 0, noise = FALSE
#' )
#' predict(fit, list(tone(1450), tone(550)), rate = 8000)
#' predict(fit, list(tone(1450)), type = "time", rate = 8000)
#' @export
transcriber <- function(x, ...) UseMethod("transcriber", leading(x, ...))

#' @rdname transcriber
#' @export
transcriber.formula <- function(formula = x, data, ..., rate = NULL, groups = NULL,
                                validation_data = NULL, checkpoint = NULL, verbose = interactive(),
                                x) {
  rows <- formula_sides(formula, data, validation_data)
  fit <- transcriber(
    rows$x, rows$y, ...,
    rate = rate, groups = groups, validation_data = rows$validation,
    checkpoint = checkpoint, verbose = verbose
  )
  with_call(fit, match.call(), rows$formula)
}

#' @rdname transcriber
#' @export
transcriber.default <- function(x, y, ..., rate = NULL, groups = NULL, validation_data = NULL,
                                checkpoint = NULL, verbose = interactive()) {
  rows <- spoken_rows(x, y, rate)
  validation <- if (!is.null(validation_data)) {
    check_validation(validation_data)
    unname(spoken_rows(validation_data[[1]], validation_data[[2]], rate)[c("x", "y")])
  }
  if (!is.null(groups)) groups <- speakers_of(groups, rows$kept)
  fit <- fit_model(
    "Transcriber", "textseq_transcriber",
    data = list(X = rows$x, y = rows$y, validation_data = validation, groups = groups),
    parameters = list(...), checkpoint = checkpoint, verbose = verbose,
    predictors = if (is.data.frame(x)) names(x)
  )
  with_call(fit, match.call())
}

# Drops the rows in which a wave or what is said is missing, and says so.
spoken_rows <- function(x, y, rate, column = NULL) {
  waves <- waves_of(x, rate, column)
  y <- targets_of(y)
  missing <- if (is.list(y)) any_missing(y) else is.na(y)
  kept <- kept_rows(waves_there(waves), ifelse(missing, NA, TRUE), "wave")
  list(x = take_waves(waves, kept), y = y[kept], kept = kept)
}

speakers_of <- function(groups, kept) {
  if (length(groups) != length(kept)) {
    abort(
      c(
        "`groups` must tell of each wave who speaks it.",
        x = sprintf("It has %d, of %s.", length(groups), counted(length(kept), "wave"))
      ),
      class = "textseq_error", call = NULL
    )
  }
  as.character(groups)[kept]
}
