# The rows that can be learned from.

check_columns <- function(data, columns, name) {
  missing <- setdiff(columns, names(data))
  if (length(missing) > 0) {
    abort(
      c(
        sprintf("%s has no column %s.", name, paste(missing, collapse = ", ")),
        i = sprintf("Its columns are %s.", paste(names(data), collapse = ", "))
      ),
      class = "textseq_error", call = NULL
    )
  }
}

# A data frame's column, the only one if no name is known.
one_column_of <- function(data, column) {
  if (is.null(column)) {
    if (length(data) != 1) {
      abort(
        c(
          sprintf("One column is needed, and there are %d: %s.", length(data), few(names(data))),
          i = "Pick it: `data[\"path\"]`, or use a formula."
        ),
        class = "textseq_error", call = NULL
      )
    }
    column <- names(data)
  }
  check_columns(data, column, "The data frame")
  data[[column]]
}

# Drops the rows in which a text or an outcome is missing, and says so; other columns may miss some.
complete_rows <- function(x, y, texts = NULL) {
  kept <- kept_rows(stats::complete.cases(x[texts %||% names(x)]), y, "text")
  list(x = x[kept, , drop = FALSE], y = take_outcome(y, kept))
}

# Tells which rows to learn from: `there` has one logical a text or series.
kept_rows <- function(there, y, what) {
  if (NROW(y) != length(there)) {
    abort(
      c(
        sprintf("Every %s needs one outcome.", what),
        x = sprintf("There are %d in `x` and %d in `y`.", length(there), NROW(y))
      ),
      class = "textseq_error", call = NULL
    )
  }
  infinite <- if (is.numeric(y) && is.null(dim(y))) which(is.infinite(y))
  if (length(infinite) > 0) {
    abort(
      c(
        sprintf("The outcome of %s %d is %s.", what, infinite[1], y[infinite[1]]),
        i = "Replace it, by NA if it is missing."
      ),
      class = "textseq_error", call = NULL
    )
  }
  kept <- there & stats::complete.cases(y)
  if (!all(kept)) {
    rlang::warn(
      sprintf(
        "%d of %d rows miss a %s or an outcome and are left out.", sum(!kept), length(kept), what
      ),
      class = c("textseq_rows_dropped", "textseq_warning")
    )
  }
  if (!any(kept)) {
    abort(
      sprintf("No row has both a %s and an outcome.", what),
      class = "textseq_error", call = NULL
    )
  }
  kept
}

take_outcome <- function(y, rows) if (is.null(dim(y))) y[rows] else y[rows, , drop = FALSE]

# One text a row or two, as Python takes them: a list of strings or a frame of two columns.
text_columns <- function(x) {
  given <- x
  x <- if (is.list(x) && !is.data.frame(x)) list() else as.data.frame(x)
  texts <- vapply(x, function(column) is_text(column) || all(is.na(column)), TRUE)
  if (!all(texts) || !length(x) %in% 1:2) {
    abort(
      c(
        "One column of texts is needed, or two to compare.",
        wrong_texts(given, names(x)[!texts])
      ),
      class = "textseq_error", call = NULL
    )
  }
  x[] <- lapply(x, as.character)
  x
}

is_text <- function(x) is.character(x) || is.factor(x)

wrong_texts <- function(given, columns) {
  if (!is.data.frame(given)) {
    what <- if (is.null(given)) "NULL" else paste("of class", paste(class(given), collapse = "/"))
    return(c(x = sprintf("This is %s.", what), i = "Pass a character vector or a data frame."))
  }
  if (length(given) %in% 1:2) {
    classes <- vapply(given[columns], function(column) class(column)[1], "")
    return(c(
      x = sprintf("No texts: %s.", paste0(columns, " (", classes, ")", collapse = ", ")),
      i = "Pick another column, or make it texts by `as.character()`."
    ))
  }
  c(
    x = sprintf("There are %d: %s.", length(given), few(names(given))),
    i = "Pick it: `data[\"text\"]`, or use a formula like `label ~ text`."
  )
}

plain_texts <- function(x) if (length(x) == 1) x[[1]] else x
