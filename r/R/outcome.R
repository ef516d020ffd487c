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
    if (anyNA(levels(y))) {
      abort(
        c(
          "A level of the outcome is NA.",
          i = "Name it: `levels(y)[is.na(levels(y))] <- \"none\"`; or drop it: `factor(y)`."
        ),
        class = "textseq_error", call = NULL
      )
    }
    return(y)
  }
  if (is.object(y) || !is.atomic(y)) y <- as.character(y)
  if (is.double(y) && all(y == round(y) & abs(y) < .Machine$integer.max)) as.integer(y) else y
}

# The outcome of rows held out, whose classes must be among those that are learned.
held_out_outcome <- function(model, y, learned) {
  if (model$outcome == "class" && !is_indicators(y)) {
    new <- setdiff(as.character(one_column(y)), as.character(one_column(learned)))
    if (length(new) > 0) {
      abort(
        c(
          sprintf("`validation_data` has classes that the other rows lack: %s.", few(new)),
          i = "Leave these rows out, or fit to some of their classes."
        ),
        class = "textseq_error", call = NULL
      )
    }
  }
  plain_outcome(model, y)
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

# as.numeric() of a factor numbers its levels, whatever they say: 10, 20 and 5 become 1, 2 and 3.
warn_of_level_numbers <- function(expression, data, env) {
  numbering <- c("as.numeric", "as.integer", "as.double", "unclass")
  for (call in calls_within(expression)) {
    if (!is.name(call[[1]]) || !as.character(call[[1]]) %in% numbering || length(call) != 2) next
    value <- tryCatch(eval(call[[2]], data, env), error = function(cause) NULL)
    if (!is.factor(value)) next
    said <- deparse1(call[[2]])
    rlang::warn(
      c(
        sprintf("`%s` numbers the levels of a factor: %s.", deparse1(call), numbered_levels(value)),
        i = sprintf("Numbers that it holds as text are `as.numeric(as.character(%s))`.", said)
      ),
      class = c("textseq_level_numbers", "textseq_warning")
    )
  }
}

numbered_levels <- function(factor) {
  few(sprintf("%s is %d", levels(factor), seq_along(levels(factor))), 4)
}

calls_within <- function(expression) {
  if (!is.call(expression)) {
    return(list())
  }
  c(list(expression), unlist(lapply(as.list(expression), calls_within), recursive = FALSE))
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
