# The columns that a formula names, and the rows that can be learned from.

# Picks columns; nothing is computed of them, since one-hot codes of whole texts help nobody.
formula_columns <- function(formula, data) {
  if (!is.data.frame(data)) {
    abort(sprintf("`data` must be a data frame, not %s.", class(data)[1]), class = "textseq_error")
  }
  if (length(formula) != 3) {
    abort("The formula needs two sides, as in label ~ text.", class = "textseq_error")
  }
  outcome <- all.vars(formula[[2]])
  predictors <- all.vars(formula[[3]])
  if (identical(predictors, ".")) predictors <- setdiff(names(data), outcome)
  missing <- setdiff(c(outcome, predictors), names(data))
  if (length(missing) > 0) {
    abort(
      c(
        sprintf("`data` has no column %s.", paste(missing, collapse = ", ")),
        i = sprintf("Its columns are %s.", paste(names(data), collapse = ", "))
      ),
      class = "textseq_error"
    )
  }
  list(outcome = outcome, predictors = predictors)
}

# Drops the rows in which a text or an outcome is missing, and says so.
complete_rows <- function(x, y) {
  kept <- stats::complete.cases(x) & stats::complete.cases(y)
  if (!all(kept)) {
    rlang::warn(
      sprintf("%d of %d rows miss a text or an outcome and are left out.", sum(!kept), length(kept)),
      class = c("textseq_rows_dropped", "textseq_warning")
    )
  }
  if (!any(kept)) {
    abort("No row has both a text and an outcome.", class = "textseq_error")
  }
  list(
    x = x[kept, , drop = FALSE],
    y = if (is.null(dim(y))) y[kept] else y[kept, , drop = FALSE]
  )
}

# One text a row or two, as Python takes them: a list of strings or a frame of two columns.
text_columns <- function(x) {
  x <- as.data.frame(x)
  texts <- vapply(x, function(column) is.character(column) || is.factor(column), TRUE)
  if (!all(texts) || !length(x) %in% 1:2) {
    abort(
      c(
        "One column of texts is needed, or two to compare.",
        x = sprintf(
          "There are %d: %s.", length(x),
          paste(names(x), vapply(x, function(column) class(column)[1], ""), collapse = ", ")
        )
      ),
      class = "textseq_error"
    )
  }
  x[] <- lapply(x, as.character)
  x
}
