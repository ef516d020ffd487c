# Data that an instrument looks at, in the forms that predict() takes.

# Rows with their outcomes; those that miss one or the other are left out.
rows_with_outcomes <- function(fit, new_data, y) {
  if (fit$kind == "Forecaster") {
    return(list(X = join_key(series_frame(new_data), fit$key)))
  }
  if (answers_steps(fit)) {
    return(steps_with_targets(fit, new_data, y))
  }
  check_rows_model(fit, forecasters = TRUE)
  rows <- new_rows(fit, new_data)
  y <- y %||% outcome_in(fit, new_data)
  kept <- kept_rows(rows$there, y, if (startsWith(fit$kind, "Text")) "text" else "series")
  y <- take_outcome(y, kept)
  list(
    X = take_rows(rows$X, kept[rows$there]),
    y = if (endsWith(fit$kind, "Classifier")) class_outcome(y) else number_outcome(y)
  )
}

# Rows without outcomes; those that are missing are left out.
rows_alone <- function(fit, new_data) {
  if (fit$kind == "Forecaster") {
    return(join_key(series_frame(new_data), fit$key))
  }
  if (answers_steps(fit)) {
    return(steps_alone(fit, new_data))
  }
  check_rows_model(fit, forecasters = TRUE)
  rows <- new_rows(fit, new_data)
  if (!any(rows$there)) {
    abort("`new_data` has no row that is not missing.", class = "textseq_error", call = NULL)
  }
  rows$X
}

# Whether a model answers step by step.
answers_steps <- function(fit) fit$kind %in% c("SequenceTagger", "Seq2Seq", "LanguageModel")

# What such a model reads, and what it should answer; what misses either is left out.
steps_with_targets <- function(fit, new_data, y) {
  if (fit$kind == "LanguageModel") {
    return(list(X = present_texts(new_data)))
  }
  if (fit$kind == "SequenceTagger") {
    rows <- if (is.data.frame(new_data)) {
      token_rows(new_data, token_columns(fit, list()))
    } else {
      tagged_pairs(new_data, y, "new_data")
    }
    return(list(X = rows$x, y = rows$y))
  }
  sources <- sources_of(new_data, columns_to_read(fit, new_data))
  pairs <- complete_pairs(sources, targets_of(y %||% outcome_in(fit, new_data)))
  list(X = pairs$x, y = pairs$y)
}

steps_alone <- function(fit, new_data) {
  if (fit$kind == "LanguageModel") {
    return(present_texts(new_data))
  }
  rows <- if (fit$kind == "SequenceTagger" && is.data.frame(new_data)) {
    columns <- token_columns(fit, list())
    sources_of(split_by(new_data[[columns[["token"]]]], token_places(new_data, columns)))
  } else {
    sources_of(new_data, if (fit$kind == "Seq2Seq") columns_to_read(fit, new_data))
  }
  rows_in(rows, !is_missing(rows))
}

# One row of such a model: tokens are a row that is cut already.
one_of_steps <- function(fit, sequence) {
  if (fit$kind == "LanguageModel") {
    return(as.character(sequence))
  }
  if (is.list(sequence) && !is.data.frame(sequence) && length(sequence) == 1) {
    sequence <- sequence[[1]]
  }
  if (is.data.frame(sequence)) {
    rows <- steps_alone(fit, sequence)
    return(if (is.character(rows)) rows else rows[1])
  }
  if (is.numeric(sequence)) {
    return(if (is.matrix(sequence)) sequence else matrix(sequence, nrow = 1))
  }
  # A text of a translator is one string, and so is a row of one token.
  if (fit$kind == "Seq2Seq" && length(sequence) == 1) {
    return(as.character(sequence))
  }
  list(as.character(sequence))
}

# What follows one row at a time, or shuffles within it, has no forecasters.
check_rows_model <- function(fit, forecasters = FALSE, of_steps = TRUE) {
  if (!grepl("^(Text|Series)", fit$kind) && !answers_steps(fit)) {
    abort(
      c(
        sprintf("A %s is not looked at by this instrument.", fit$kind),
        i = paste0(
          "It takes a fit of text_classifier(), text_regressor(), series_classifier()",
          if (of_steps) {
            ", series_regressor(), sequence_tagger(), seq2seq() or language_model()"
          } else {
            " or series_regressor()"
          },
          if (forecasters) ", and of forecaster()." else "."
        ),
        i = if (fit$kind == "Forecaster") {
          "gradient_flow(), recurrent_spectrum() and saturation() take forecasters."
        }
      ),
      class = "textseq_error", call = NULL
    )
  }
}

# The column of new_data that the fit's formula names as outcome.
outcome_in <- function(fit, new_data) {
  if (!is.data.frame(new_data) || is.null(fit$formula)) {
    abort(
      c("The outcomes of `new_data` are needed.", i = "Pass them as `y`."),
      class = "textseq_error", call = NULL
    )
  }
  columns <- formula_columns(fit$formula, new_data, "`new_data`")
  if (is.null(fit$id_col)) {
    return(outcome_of(columns$data, columns$outcome))
  }
  long_series(
    columns$data, fit$predictors, fit$id_col, fit$time_col, columns$outcome, "`new_data`"
  )$y
}

take_rows <- function(x, rows) {
  if (is.data.frame(x)) {
    x[rows, , drop = FALSE]
  } else if (is.character(x)) {
    x[rows]
  } else {
    take_series(x, rows)
  }
}

# One text or one series.
one_sequence <- function(fit, sequence) {
  check_fit(fit)
  if (answers_steps(fit)) {
    return(one_of_steps(fit, sequence))
  }
  check_rows_model(fit)
  if (startsWith(fit$kind, "Series") && !is.list(sequence)) {
    return(one_series(sequence, "`sequence`"))
  }
  rows <- new_rows(fit, sequence)
  if (length(rows$there) != 1 || !rows$there) {
    abort(
      c(
        "`sequence` must be one text or series.",
        x = sprintf("It has %d, of which %d are missing.", length(rows$there), sum(!rows$there)),
        i = "Pass one, such as `texts[1]`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  if (is.list(rows$X) && !is.data.frame(rows$X)) rows$X[[1]] else rows$X
}
