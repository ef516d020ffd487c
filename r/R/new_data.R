# Data that an instrument looks at, in the forms that predict() takes.

# Rows with their outcomes; those that miss one or the other are left out.
rows_with_outcomes <- function(fit, new_data, y) {
  if (fit$kind == "Forecaster") {
    return(list(X = new_data))
  }
  rows <- complete_rows(as_rows(fit, new_data), y)
  list(X = plain_rows(rows$x), y = plain_outcome(rows$y))
}

# One text or one series.
one_sequence <- function(sequence) {
  if (is.data.frame(sequence)) sequence <- sequence[[1]]
  if (is.list(sequence)) sequence <- unlist(sequence, recursive = FALSE)
  if (is.factor(sequence)) sequence <- as.character(sequence)
  if (is.character(sequence) && length(sequence) != 1 || anyNA(sequence) && is.character(sequence)) {
    abort(
      c(
        sprintf("`sequence` must be one text, not %d.", length(sequence)),
        i = "Pass one, such as `x[1]`."
      ),
      class = "textseq_error"
    )
  }
  sequence
}

as_rows <- function(fit, new_data) {
  if (is.character(new_data)) data.frame(text = new_data) else new_data[fit$predictors]
}

plain_rows <- function(x) plain_texts(text_columns(x))

# Rows without outcomes.
rows_alone <- function(fit, new_data) {
  if (fit$kind == "Forecaster") {
    return(new_data)
  }
  x <- as_rows(fit, new_data)
  rows_with_outcomes(fit, new_data, rep(0, NROW(x)))$X
}
