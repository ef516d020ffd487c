# Waves as R has them, to what Python reads: paths of audio files, or samples and their rates.

# `column` names that of a data frame, if it is known; `rate` is of waves that do not tell theirs.
waves_of <- function(x, rate = NULL, column = NULL) {
  if (is.data.frame(x)) x <- one_column_of(x, column)
  if (is_text(x)) {
    return(path.expand(as.character(x)))
  }
  if (is.matrix(x) && is.numeric(x)) x <- asplit(x, 1)
  if (is.numeric(x) || inherits(x, "Wave")) x <- list(x)
  if (!is.list(x)) waves_unknown(x)
  x <- lapply(unname(x), one_wave)
  rates <- rates_of(x, rate)
  samples <- lapply(x, as.double)
  # Without any rate the model's own holds.
  if (is.null(rates)) samples else new_waves(samples, rates)
}

new_waves <- function(samples, rate) {
  with_class(list(samples = samples, rate = rate), "textseq_waves")
}

#' @export
as_handle.textseq_waves <- function(x) list(textseq_waves = unclass(x)[c("samples", "rate")])

# Numbers with, where the wave tells one, an attribute `rate`: as the package audio has it, or of
# an object of tuneR, whose slots are attributes.
one_wave <- function(wave) {
  if (is.null(wave) || (is.logical(wave) && all(is.na(wave)))) {
    return(NULL)
  }
  if (inherits(wave, "Wave")) {
    of <- function(name) attr(wave, name, exact = TRUE)
    samples <- if (isTRUE(of("stereo"))) (of("left") + of("right")) / 2 else of("left")
    # Eight bits are 0 to 255, more are signed; without PCM they are parts already.
    if (isTRUE(of("pcm"))) samples <- (samples - 128 * (of("bit") == 8)) / 2^(of("bit") - 1)
    return(structure(samples, rate = of("samp.rate")))
  }
  if (!is.numeric(wave)) waves_unknown(wave)
  structure(as.vector(wave), rate = attr(wave, "rate", exact = TRUE))
}

rates_of <- function(waves, rate) {
  if (!is.null(rate) && (!is.numeric(rate) || !length(rate) %in% c(1, length(waves)))) {
    abort(
      c(
        "`rate` must be samples a second: one number, or one of each wave.",
        x = sprintf("It is %s, of %s.", few(deparse(rate), 1), counted(length(waves), "wave"))
      ),
      class = "textseq_error", call = NULL
    )
  }
  told <- lapply(waves, attr, "rate", exact = TRUE)
  tells <- lengths(told) > 0
  rates <- rep_len(as.double(rate %||% NA), length(waves))
  rates[tells] <- unlist(told[tells])
  # Where a wave is missing none is needed.
  rates[lengths(waves) == 0] <- rates[!is.na(rates)][1]
  if (all(is.na(rates))) {
    return(NULL)
  }
  if (anyNA(rates)) {
    abort(
      c(
        sprintf("Wave %d does not tell its rate, and others do.", which(is.na(rates))[1]),
        i = "Pass `rate`, in samples a second: one number, or one of each wave."
      ),
      class = "textseq_error", call = NULL
    )
  }
  rates
}

waves_unknown <- function(x) {
  abort(
    c(
      "Waves are paths of audio files, or a list of vectors of samples with their `rate`.",
      x = sprintf("This is of class %s.", paste(class(x), collapse = "/"))
    ),
    class = "textseq_error", call = NULL
  )
}

waves_there <- function(x) {
  if (inherits(x, "textseq_waves")) x <- x$samples
  if (is.character(x)) !is.na(x) else lengths(x) > 0
}

take_waves <- function(x, rows) {
  if (inherits(x, "textseq_waves")) new_waves(x$samples[rows], x$rate[rows]) else x[rows]
}
