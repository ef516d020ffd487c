# Several columns that together name a series, as the key of a tsibble may be. To Python they are
# one column, whose values are theirs, joined.

# `columns`, the name of the `id` column that Python reads, and their `values` beside its own; NULL
# for a single column, which stays as it is.
series_key <- function(x, columns) {
  if (length(columns) < 2) {
    return(NULL)
  }
  grow_key(list(columns = columns, id = paste(columns, collapse = "/")), x)
}

# The key with the values of these rows, too.
grow_key <- function(key, x) {
  check_columns(x, key$columns, "The data frame")
  found <- unique(as.data.frame(x)[key$columns])
  unnamed <- which(!stats::complete.cases(found))
  if (length(unnamed) > 0) {
    missing <- key$columns[is.na(unlist(lapply(found[unnamed[1], ], as.character)))][1]
    abort(
      c(
        sprintf(
          "Column %s has no value in row %d.", missing, which(is.na(x[[missing]]))[1]
        ),
        i = "Leave the row out, or name its series."
      ),
      class = "textseq_error", call = NULL
    )
  }
  values <- cbind(stats::setNames(list(joined_key(found)), key$id), found, stringsAsFactors = FALSE)
  key$values <- unique(rbind(key$values, as.data.frame(values)))
  twice <- anyDuplicated(key$values[[1]])
  if (twice > 0) {
    abort(
      c(
        sprintf("Two series would both be called %s.", key$values[[1]][twice]),
        i = sprintf("Leave the \"/\" out of the columns %s.", paste(key$columns, collapse = ", "))
      ),
      class = "textseq_error", call = NULL
    )
  }
  key
}

joined_key <- function(columns) do.call(paste, c(unname(lapply(columns, as.character)), sep = "/"))

# The rows as Python takes them.
join_key <- function(x, key) {
  if (is.null(x) || is.null(key)) {
    return(x)
  }
  check_columns(x, key$columns, "The data frame")
  x[[key$id]] <- joined_key(as.data.frame(x)[key$columns])
  x[setdiff(names(x), key$columns)]
}

# What Python answers, by the columns that the user knows.
split_key <- function(frame, key) {
  if (is.null(key)) {
    return(frame)
  }
  place <- match(key$id, names(frame))
  columns <- key$values[match(frame[[place]], key$values[[1]]), key$columns]
  rownames(columns) <- NULL
  tibble::as_tibble(c(frame[seq_len(place - 1)], columns, frame[-seq_len(place)]))
}
