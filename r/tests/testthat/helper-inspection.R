# Tiny fits that the instruments look at; each is trained once.
fits <- new.env()

fit_once <- function(name, code) {
  if (is.null(fits[[name]])) fits[[name]] <- code
  fits[[name]]
}

tiny_texts <- function(encoder = "gru", ...) {
  fit_once(paste(encoder, ...), text_classifier(
    label ~ text, films(),
    encoder = encoder, ..., hidden_size = 3, embedding_dim = 4, num_layers = 1, max_epochs = 2,
    random_state = 1, n_threads = 1, verbose = FALSE
  ))
}

# Waves of two channels, slow ones and fast ones.
waves <- function() {
  speeds <- rep(c(0.3, 0.9), 10)
  x <- vapply(seq_len(15), function(step) c(sin(speeds * step), cos(speeds * step)), numeric(40))
  list(x = array(x, c(20, 2, 15)), y = rep(c("slow", "fast"), 10))
}

tiny_series <- function() {
  fit_once("series", series_classifier(
    waves()$x, waves()$y,
    encoder = "lstm", hidden_size = 3, num_layers = 1, max_epochs = 2, random_state = 1,
    n_threads = 1, verbose = FALSE
  ))
}

tiny_forecaster <- function() {
  fit_once("forecaster", forecaster(
    AirPassengers,
    h = 2, input_size = 12, encoder = "gru", hidden_size = 3, num_layers = 1, max_epochs = 1,
    random_state = 1, n_threads = 1, verbose = FALSE
  ))
}

# Python's own tables of instruments on a fit, each a data frame: in a process of its own,
# from the fit's file. `calls` are Python expressions of `model`, `X` and `y`.
python_tables <- function(fit, calls, data = NULL) {
  file <- tempfile(fileext = ".textseq")
  writeBin(fit$model, file)
  rows <- tempfile(fileext = ".csv")
  if (!is.null(data)) utils::write.csv(data, rows, row.names = FALSE)
  out <- vapply(calls, function(call) tempfile(fileext = ".csv"), "")
  python(c(
    "import pandas as pd",
    "from textseq import *",
    sprintf("model = load_model(%s)", deparse(file)),
    if (!is.null(data)) {
      c(
        sprintf("data = pd.read_csv(%s)", deparse(rows)),
        "X, y = data['text'].tolist(), data['label'].tolist()"
      )
    },
    sprintf("(%s).table.to_csv(%s, index=False)", calls, vapply(out, deparse, ""))
  ))
  lapply(out, function(file) {
    tibble::as_tibble(utils::read.csv(
      file,
      check.names = FALSE, stringsAsFactors = FALSE, na.strings = ""
    ))
  })
}

expect_table <- function(found, expected) {
  expect_identical(names(found), names(expected))
  # What pandas writes as True, or leaves empty, has R's type anew.
  expected[] <- Map(function(column, like) as.vector(column, typeof(like)), expected, found)
  expect_equal(as.data.frame(found), as.data.frame(expected), tolerance = 1e-6)
}

# A figure that can be drawn, titled by its message, with names on both axes or panels.
expect_figure <- function(found) {
  plot <- autoplot(found)
  built <- ggplot2::ggplot_build(plot)
  expect_s3_class(plot, "ggplot")
  expect_identical(as.vector(unclass(plot$labels$title)), found$message)
  expect_gt(nchar(plot$labels$x), 3)
  panels <- names(built$layout$facet_params$rows)
  if (is.null(panels)) expect_true(nchar(plot$labels$y %||% "reading") > 2)
  for (layer in built$data) {
    expect_false(any(is.infinite(unlist(layer[intersect(c("x", "y"), names(layer))]))))
  }
  invisible(built)
}
