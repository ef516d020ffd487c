skip_without_python()

checkpoint_file <- function() tempfile(fileext = ".ckpt")

test_that("a fit of any kind that is over is not done again", {
  tiny <- list(hidden_size = 4, num_layers = 1, max_epochs = 2, n_threads = 1)
  rows <- films()
  words <- rep(list(c("see", "the", "sea"), c("the", "old", "sea")), 15)
  tags <- rep(list(c("verb", "det", "noun"), c("det", "adj", "noun")), 15)
  long <- data.frame(
    id = rep(seq_along(words), lengths(words)), token = unlist(words), tag = unlist(tags)
  )
  pairs <- data.frame(
    number = rep(c("1", "2", "1 2"), 12), word = rep(c("one", "two", "one two"), 12)
  )
  steps <- data.frame(
    unique_id = rep(1:40, each = 15), value = as.vector(apply(waves()$x[, 1, ], 1, c)),
    kind = rep(rep(waves()$y, 2), each = 15)
  )
  fits <- list(
    list(text_classifier, label ~ text, rows),
    list(text_classifier, rows$text, rows$label),
    list(text_regressor, as.integer(label) ~ text, rows),
    list(text_regressor, rows$text, as.integer(rows$label)),
    list(series_classifier, waves()$x, waves()$y),
    list(series_classifier, kind ~ value, steps),
    list(series_regressor, waves()$x, seq_len(20)),
    list(series_regressor, id ~ value, transform(steps, id = unique_id)),
    list(sequence_tagger, words, tags),
    list(sequence_tagger, long),
    list(seq2seq, word ~ number, pairs),
    list(seq2seq, pairs$number, pairs$word),
    list(language_model, ~text, rows),
    list(language_model, rows$text),
    list(forecaster, AirPassengers, h = 2, input_size = 12),
    list(forecaster, data.frame(ds = 1:60, y = sin(1:60)), h = 2, input_size = 12)
  )
  for (fit in fits) {
    path <- checkpoint_file()
    fitted <- function(...) {
      suppressWarnings(do.call(fit[[1]], c(fit[-1], tiny, checkpoint = path, ...)))
    }
    first <- fitted()
    expect_true(file.exists(path))
    # Of the seed that was drawn first, and of the seconds that it took.
    again <- fitted()
    expect_identical(again$receipt$weights_sha256, first$receipt$weights_sha256)
    expect_identical(again$history$seconds, first$history$seconds)
    expect_error(
      fitted(random_state = 1), "is of another fit: random_state was", class = "textseq_error"
    )
    unlink(path)
  }
})

# SIGTERM, by which machines are taken away, has the state written first.
for (signal in c(tools::SIGKILL, tools::SIGTERM)) {
  test_that(sprintf("a fit goes on where signal %d ended its process, as if nothing were", signal), {
    skip_on_os("windows")
    skip_if_not_installed("callr")
    path <- checkpoint_file()
    script <- tempfile(fileext = ".R")
    on.exit(unlink(c(path, script)))
    code <- c(
      "set.seed(1)",
      "texts <- replicate(400, paste(sample(letters, 40, TRUE), collapse = \" \"))",
      "fitted <- function(...) {",
      "  text_classifier(",
      "    texts, grepl(\"a\", texts), encoder = \"gru\", hidden_size = 16, num_layers = 1,",
      "    max_epochs = 12, patience = NULL, n_threads = 1, ...",
      "  )",
      "}"
    )
    kept <- sprintf("fitted(checkpoint = %s)", deparse(path))
    writeLines(c(loading_textseq(), code, kept), script)
    session <- callr::process$new(file.path(R.home("bin"), "Rscript"), script)
    on.exit(session$kill(), add = TRUE)
    end <- Sys.time() + 60
    while (session$is_alive() && !file.exists(path) && Sys.time() < end) Sys.sleep(0.02)
    session$signal(signal)
    session$wait(10000)
    expect_identical(session$get_exit_status(), -as.integer(signal))
    before <- tools::md5sum(path)
    eval(parse(text = code), environment())
    # Another seed would be drawn now.
    set.seed(2)
    ended <- fitted(checkpoint = path)
    expect_false(tools::md5sum(path) == before)
    whole <- fitted(random_state = ended$receipt$seed)
    expect_identical(ended$receipt$weights_sha256, whole$receipt$weights_sha256)
    expect_identical(tidy(ended)$loss, tidy(whole)$loss)
    expect_identical(nrow(tidy(ended)), 12L)
  })
}

test_that("a fit to files goes on, too", {
  with_files(function(at) {
    csv <- write_rows(reviews(), at("reviews.csv"))
    fitted <- function() {
      text_classifier(
        label ~ review, csv, encoder = "mean", max_epochs = 2, checkpoint = at("run.ckpt")
      )
    }
    first <- fitted()
    expect_identical(fitted()$history$seconds, first$history$seconds)
    write_rows(reviews(76), csv)
    expect_error(fitted(), "its data were others", class = "textseq_value_error")
  })
})

test_that("another fit is refused in words of R", {
  path <- checkpoint_file()
  on.exit(unlink(path))
  fitted <- function(..., rows = films(), n_threads = 1, checkpoint = path) {
    text_classifier(
      label ~ text, rows,
      encoder = "mean", max_epochs = 1, n_threads = n_threads, checkpoint = checkpoint, ...
    )
  }
  fit <- fitted()
  refused <- function(message, ...) {
    expect_error(fitted(...), message, class = "textseq_value_error")
  }
  refused("max_length was NULL and is 8; name another file", max_length = 8)
  refused("optimizer was \"adamw\" and is \"sgd\"", optimizer = "sgd")
  refused("class_weight was NULL and is c\\(pos = 2\\)", class_weight = c(pos = 2))
  refused("lowercase was TRUE and is FALSE", lowercase = FALSE)
  refused("its data were others", rows = films(60))
  refused(
    "n_threads was 1 and is 2 \\(textseq_checkpoint\\(path, any_threads = TRUE\\)", n_threads = 2
  )
  several <- fitted(n_threads = 2, checkpoint = textseq_checkpoint(path, any_threads = TRUE))
  expect_identical(several$history$seconds, fit$history$seconds)
  textseq_save(fit, path)
  refused("is a model of the kind text_classifier")
  writeLines("nonsense", path)
  refused("no fit can go on from")
})

test_that("update() goes on from a checkpoint, or from none", {
  path <- checkpoint_file()
  on.exit(unlink(path))
  rows <- films()
  fit <- text_classifier(label ~ text, rows, encoder = "mean", max_epochs = 1, checkpoint = path)
  expect_identical(update(fit)$history$seconds, fit$history$seconds)
  expect_error(update(fit, max_epochs = 2), "max_epochs was 1 and is 2")
  expect_identical(nrow(tidy(update(fit, max_epochs = 2, checkpoint = NULL))), 2L)
})

test_that("a checkpoint is a path, and what else is said is checked", {
  expect_identical(textseq_checkpoint("~/run.ckpt")$path, path.expand("~/run.ckpt"))
  expect_identical(as_checkpoint("~/run.ckpt"), textseq_checkpoint("~/run.ckpt"))
  expect_null(as_checkpoint(NULL))
  fitted <- function(checkpoint) {
    text_classifier(label ~ text, films(), encoder = "mean", checkpoint = checkpoint)
  }
  refused <- function(checkpoint, message) {
    expect_error(fitted(checkpoint), message, class = "textseq_error")
  }
  refused(TRUE, "`checkpoint` must be the path of a file, not TRUE")
  refused(c("a", "b"), "`checkpoint` must be the path of a file")
  refused(file.path(tempfile(), "run.ckpt"), "there is no folder")
  kept <- checkpoint_file()
  refused(textseq_checkpoint(kept, every_minutes = 0), "every_minutes must be")
  refused(textseq_checkpoint(kept, any_threads = "no"), "any_threads must be TRUE or FALSE")
  expect_error(textseq_checkpoint(NA), "`path` must be the path of a file", class = "textseq_error")
})

test_that("of many fits those that are over are not done again", {
  quick <- list(max_epochs = 1, hidden_size = 4, num_layers = 1, n_threads = 1)
  jobs <- list(
    function(...) compare_encoders(label ~ text, films(), "mean", n_seeds = 1, ...)$table,
    function(...) compare_forecasts(AirPassengers, 2, "gru", n_windows = 2, ...)$table,
    function(...) cross_validation(AirPassengers, 2, n_windows = 2, input_size = 12, ...)
  )
  for (job in jobs) {
    folder <- tempfile()
    fitted <- function(...) do.call(job, c(modifyList(quick, list(...)), checkpoint = folder))
    first <- fitted()
    files <- list.files(folder, full.names = TRUE)
    expect_gt(length(files), 1)
    times <- file.mtime(files)
    # Their seconds, too, are those that they took.
    expect_identical(fitted(), first)
    expect_identical(file.mtime(files), times)
    expect_error(fitted(max_epochs = 2), "is of another fit: max_epochs was 1 and is 2")
    unlink(folder, recursive = TRUE)
  }
  expect_error(
    compare_encoders(label ~ text, films(), "mean", checkpoint = 3),
    "`checkpoint` must be the path of a file", class = "textseq_error"
  )
})
