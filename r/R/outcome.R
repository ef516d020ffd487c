# What a model learns to answer: classes, several labels a row, or numbers.

outcome_of <- function(data, columns) {
  if (length(columns) == 1) data[[columns]] else as.data.frame(data)[columns]
}

# Classes as Python takes them: whole numbers whole, a factor as it is, indicators as a frame
# whose names are the labels.
class_outcome <- function(y) {
  if (is_indicators(y)) {
    labels <- colnames(y) %||% paste0("label_", seq_len(ncol(y)))
    y <- as.data.frame(y)
    y[] <- lapply(y, function(column) if (is.logical(column)) as.integer(column) else column)
    return(stats::setNames(y, labels))
  }
  y <- one_column(y)
  if (is.factor(y)) {
    return(y)
  }
  if (is.object(y) || !is.atomic(y)) y <- as.character(y)
  if (is.double(y) && all(y == round(y) & abs(y) < .Machine$integer.max)) as.integer(y) else y
}

number_outcome <- function(y) {
  if (is_indicators(y)) {
    abort(
      c(
        "The outcome must be one column of numbers.",
        x = sprintf("It has %d: %s.", ncol(y), paste(colnames(y), collapse = ", ")),
        i = "Name one; their sum would be `I(a + b)` in a formula."
      ),
      class = "textseq_error", call = NULL
    )
  }
  y <- one_column(y)
  if (!is.numeric(y) && !is.logical(y)) {
    abort(
      c(
        "The outcome must be numbers.",
        x = sprintf("It is of class %s.", paste(class(y), collapse = "/")),
        i = "For classes there are `text_classifier()` and `series_classifier()`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  as.double(y)
}

is_indicators <- function(y) length(dim(y)) == 2 && ncol(y) > 1

one_column <- function(y) {
  if (is.data.frame(y)) y[[1]] else if (is.matrix(y)) y[, 1] else y
}

# The classes in R's order: all levels of a factor. Of others Python's order is R's.
outcome_levels <- function(y) {
  y <- if (is_indicators(y)) NULL else one_column(y)
  if (is.factor(y)) list(levels = levels(y), ordered = is.ordered(y))
}
