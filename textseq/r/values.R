# What pandas has a form of its own for: frames with names of rows, matrices, time series.
# wire.R carries the parts; base R alone, since rpy2 reads this file too.

tell <- function(x) {
  if (inherits(x, "table")) x <- as.data.frame(x)
  if (is.data.frame(x)) {
    rows <- attr(x, "row.names")
    return(list(frame = x, rows = if (is.character(rows)) rows, columns = names(x)))
  }
  if (inherits(x, "ts")) {
    return(list(ts = tell_columns(x), names = colnames(x), tsp = stats::tsp(x)))
  }
  if (is.matrix(x)) {
    return(list(frame = tell_columns(x), rows = rownames(x), columns = colnames(x)))
  }
  if (is.list(x) && !inherits(x, "POSIXlt")) {
    return(list(list = lapply(x, tell)))
  }
  list(vector = if (length(dim(x)) == 1) drop(x) else x)
}

tell_columns <- function(x) {
  columns <- if (is.matrix(x)) lapply(seq_len(ncol(x)), function(place) x[, place]) else list(x)
  columns <- lapply(columns, as.vector)
  structure(
    columns, names = sprintf("%d", seq_along(columns)),
    row.names = .set_row_names(NROW(x)), class = "data.frame"
  )
}

# Bytes, or what went wrong: an error would be printed on its way through rpy2.
told_bytes <- function(x) {
  tryCatch(serialize(wire_encode(tell(x)), NULL, version = 2), error = conditionMessage)
}

# A data set of a package, or the names of those that it has.
dataset_bytes <- function(name, package) {
  items <- utils::data(package = package)$results[, "Item"]
  # Where a file holds several, items are told as "name (file)".
  known <- sub(" \\(.*", "", items)
  file <- sub(".* \\((.*)\\)$", "\\1", items)[match(name, known)]
  if (is.na(file)) {
    return(told_bytes(list(known = known)))
  }
  found <- new.env()
  utils::data(list = file, package = package, envir = found)
  told_bytes(list(dataset = found[[name]]))
}
