# `...` is in a method for the sake of its generic. What comes in it is a slip, which would
# otherwise change nothing and go unnoticed.

check_dots <- function(...) {
  if (...length() == 0) {
    return(invisible())
  }
  known <- setdiff(names(formals(sys.function(-1))), "...")
  # A method's own class is none of the user's words.
  called <- sub("[.](textseq_.*|default)$", "", deparse1(sys.call(-1)[[1]]))
  name <- (...names() %||% "")[1]
  if (is.na(name) || !nzchar(name)) {
    abort(
      c(
        sprintf("`%s()` was given an argument too many.", called),
        i = sprintf("Its arguments are %s.", paste(known, collapse = ", "))
      ),
      class = "textseq_error", call = NULL
    )
  }
  distance <- utils::adist(name, known, ignore.case = TRUE)[1, ]
  near <- distance <= 2 & distance < nchar(name)
  abort(
    c(
      sprintf("`%s()` has no argument `%s`.", called, name),
      i = if (any(near)) {
        sprintf("Did you mean `%s`?", known[which.min(distance)])
      } else {
        sprintf("Its arguments are %s.", paste(known, collapse = ", "))
      }
    ),
    class = "textseq_error", call = NULL
  )
}

# Whatever is not TRUE would count as one or the other in silence.
check_flag <- function(value, name) {
  if (!isTRUE(value) && !isFALSE(value)) {
    abort(
      sprintf("`%s` must be TRUE or FALSE, not %s.", name, few(deparse(value), 1)),
      class = "textseq_error", call = NULL
    )
  }
}

# A fit does not keep what it was fitted to.
check_new_data <- function(new_data) {
  if (missing(new_data)) {
    abort(
      c(
        "`new_data` is missing.",
        i = "A fit does not keep the rows it was fitted to: pass them, or others."
      ),
      class = "textseq_error", call = NULL
    )
  }
}
