# Rows of texts with other columns beside them.

# The columns of texts in a data frame that has others, too; NULL where it has none beside them.
texts_beside <- function(x, named = NULL) {
  if (!is.data.frame(x)) {
    return(NULL)
  }
  if (!is.null(named)) check_columns(x, named, "`x`")
  texts <- named %||% names(x)[vapply(x, is.character, TRUE)]
  if (length(texts) > 0 && length(texts) < length(x)) texts
}

# What Python reads of texts: columns of texts alone, or all columns, each of its own type.
text_rows <- function(x, named = NULL) {
  texts <- texts_beside(x, named)
  if (is.null(texts)) {
    return(text_columns(x))
  }
  x <- as.data.frame(x)
  x[texts] <- lapply(x[texts], as.character)
  x
}

# New rows of a fit that reads columns beside texts, of which values may be missing.
new_rows_beside <- function(object, new_data) {
  columns <- c(object$texts, object$beside)
  if (!is.data.frame(new_data)) {
    new_data_unknown(new_data, paste("a data frame with the columns", few(columns)))
  }
  check_columns(new_data, columns, "`new_data`")
  rows <- text_rows(as.data.frame(new_data)[columns], object$texts)
  there <- stats::complete.cases(rows[object$texts])
  list(X = rows[there, , drop = FALSE], there = there)
}
