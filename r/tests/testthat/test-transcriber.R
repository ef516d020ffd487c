# One or two tones, with silence around them.
tones <- function(hertz, rate = 8000) {
  silence <- rep(0, rate / 20)
  sounds <- lapply(hertz, function(one) {
    c(sin(2 * pi * one * seq_len(rate / 5) / rate + runif(1, 0, 6)), silence)
  })
  c(silence, unlist(sounds))
}

spoken <- function(n = 40) {
  set.seed(7)
  text <- rep(c("low", "high", "low high", "high high"), length.out = n)
  hertz <- c(low = 500, high = 1500)
  tibble::tibble(
    text = text, wave = lapply(strsplit(text, " "), function(words) tones(hertz[words])),
    who = rep(c("ana", "bob"), each = n / 2)
  )
}

hearer <- function(x, ..., max_epochs = 12) {
  transcriber(
    x, ...,
    symbol = "word", stride = 3, hidden_size = 16, num_layers = 1, learning_rate = 0.01,
    batch_size = 4, max_epochs = max_epochs, masks = 0, noise = FALSE, n_threads = 1,
    random_state = 3
  )
}

# A WAV file of 16 bits, as R writes one by itself.
write_wav <- function(wave, path, rate = 8000) {
  file <- file(path, "wb")
  on.exit(close(file))
  put <- function(x, size) writeBin(as.integer(x), file, size = size, endian = "little")
  writeBin(charToRaw("RIFF"), file)
  put(36 + 2 * length(wave), 4)
  writeBin(charToRaw("WAVEfmt "), file)
  put(16, 4)
  for (one in c(1, 1)) put(one, 2)
  for (one in c(rate, 2 * rate)) put(one, 4)
  for (one in c(2, 16)) put(one, 2)
  writeBin(charToRaw("data"), file)
  put(2 * length(wave), 4)
  put(round(wave * 32767), 2)
  path
}

test_that("R and Python hear the same, from a formula, columns, files and a model file", {
  skip_without_python()
  rows <- spoken()
  fit <- hearer(text ~ wave, rows, rate = 8000)
  file <- tempfile(fileext = ".textseq")
  textseq_save(fit, file)
  paths <- vapply(1:4, function(row) {
    write_wav(rows$wave[[row]], tempfile(fileext = ".wav"))
  }, "")
  there <- python(c(
    "from textseq import load_model",
    sprintf("model = load_model(%s)", shQuote(file)),
    sprintf("paths = [%s]", paste(shQuote(paths), collapse = ", ")),
    "print('|'.join(model.predict(paths)))",
    "times = [one for wave in model.predict_times(paths) for one in wave]",
    "for one in times: print(*one, sep='|')"
  ))
  said <- predict(fit, rows[1:4, ])$.pred
  expect_identical(said, rows$text[1:4])
  expect_identical(predict(fit, paths)$.pred, strsplit(there[1], "|", fixed = TRUE)[[1]])
  expect_identical(predict(textseq_load(file), rows$wave[1:4])$.pred, said)
  times <- predict(fit, paths, type = "time")
  found <- do.call(rbind, strsplit(there[-1], "|", fixed = TRUE))
  expect_named(times, c(".row", ".pred_symbol", "start", "end", "probability"))
  expect_identical(times$.row, rep(1:4, lengths(strsplit(said, " "))))
  expect_identical(times$.pred_symbol, found[, 1])
  expect_equal(
    as.matrix(times[3:5]), matrix(as.double(found[, 2:4]), ncol = 3),
    ignore_attr = TRUE, tolerance = 1e-4
  )
  by_columns <- hearer(rows["wave"], rows$text, rate = 8000)
  expect_identical(predict(by_columns, rows), predict(fit, rows))
})

test_that("a fit is made again by update()", {
  skip_without_python()
  rows <- spoken()
  fit <- transcriber(
    text ~ wave, rows,
    rate = 8000, symbol = "word", hidden_size = 4, num_layers = 1, max_epochs = 1, random_state = 1
  )
  again <- update(fit, max_epochs = 2)
  expect_identical(nrow(again$history), 2L)
  expect_identical(again$parameters$symbol, "word")
})

test_that("probabilities are matrices of steps, and errors are counted", {
  skip_without_python()
  rows <- spoken()
  fit <- hearer(text ~ wave, rows, rate = 8000, groups = rows$who, validation_data = rows[1:8, ])
  expect_identical(glance(fit)$validation_rows, 8L)
  steps <- predict(fit, rows[1:2, ], type = "prob")$.pred
  expect_identical(colnames(steps[[1]]), c("<blank>", "high", "low"))
  expect_equal(unname(rowSums(steps[[1]])), rep(1, nrow(steps[[1]])), tolerance = 1e-5)
  expect_equal(as.double(rownames(steps[[1]])[1:3]), c(0, 0.03, 0.06))
  wrong <- rows[1:4, ]
  wrong$text <- c("high", "high", "low high", "high high low")
  scores <- evaluate(fit, wrong)
  expect_identical(scores$metric, c("exact_match", "character_error_rate", "word_error_rate"))
  # One of seven words is another, one is too many.
  expect_equal(scores$score[c(1, 3)], c(2 / 4, 2 / 7))
  expect_identical(scores$n, rep(4L, 3))
  expect_identical(evaluate(fit, wrong$wave, wrong$text), scores)
  expect_identical(predict(fit, rows, beam_size = 4)$.pred, rows$text)
  expect_error(predict(fit, rows, language_model = fit), "beam_size", class = "textseq_error")
})

test_that("missing waves have rows, and are not learned from", {
  skip_without_python()
  rows <- spoken()
  rows$wave[3] <- list(NULL)
  rows$text[4] <- NA
  expect_warning(
    fit <- hearer(text ~ wave, rows, rate = 8000, groups = rows$who, max_epochs = 1),
    "2 of 40 rows miss a wave or an outcome"
  )
  expect_identical(is.na(predict(fit, rows[1:3, ])$.pred), c(FALSE, FALSE, TRUE))
  expect_identical(nrow(predict(fit, rows[3, ], type = "time")), 0L)
  expect_identical(predict(fit, list())$.pred, character())
  expect_identical(predict(fit, NA_character_)$.pred, NA_character_)
  expect_named(augment(fit, rows[1:2, ]), c("text", "wave", "who", ".pred"))
  expect_named(augment(fit, rows$wave[1:2]), c("wave", ".pred"))
})

test_that("symbols are lists of character vectors", {
  skip_without_python()
  rows <- spoken()
  fit <- hearer(rows$wave, strsplit(rows$text, " "), rate = 8000)
  said <- predict(fit, rows$wave[1:3])$.pred
  expect_identical(said, strsplit(rows$text[1:3], " "))
  expect_identical(
    evaluate(fit, rows$wave, strsplit(rows$text, " "))$metric, c("exact_match", "symbol_error_rate")
  )
})

test_that("waves tell their rate themselves, or by an argument", {
  # As tuneR::readWave() returns it.
  local <- new.env()
  kind <- methods::setClass(
    "Wave",
    slots = c(
      left = "numeric", right = "numeric", stereo = "logical", samp.rate = "numeric",
      bit = "numeric", pcm = "logical"
    ),
    where = local
  )
  wave <- kind(
    left = c(0, 16384), right = c(0, -32768), stereo = TRUE, samp.rate = 8000, bit = 16, pcm = TRUE
  )
  sample <- structure(c(0.5, -0.5), rate = 16000, class = "audioSample")
  read <- waves_of(list(wave, NULL, sample, c(1L, 2L)), rate = 4000)
  expect_identical(read$samples, list(c(0, -0.25), double(), c(0.5, -0.5), c(1, 2)))
  expect_identical(read$rate, c(8000, 8000, 16000, 4000))
  bytes <- kind(
    left = c(128, 0), right = double(), stereo = FALSE, samp.rate = 8000, bit = 8, pcm = TRUE
  )
  expect_identical(waves_of(bytes)$samples, list(c(0, -1)))
  expect_identical(waves_of(matrix(1:4, 2))[[2]], c(2, 4))
  refused <- function(code, message) expect_error(code, message, class = "textseq_error")
  refused(waves_of(list(wave, c(1, 2))), "Wave 2 does not tell its rate")
  refused(waves_of(list(1, 2), rate = "8 kHz"), "samples a second")
  refused(waves_of(list("a.wav")), "list of vectors of samples")
  refused(waves_of(data.frame(a = "a.wav", b = "b")), "One column is needed")
  refused(transcriber(list(1, 2), c("a", "b"), rate = 1, groups = 1), "who speaks it")
})
