# The argument that a model function's methods go by: `x`, or, wherever it stands, a formula that
# is named, as in R's own models; their methods take it by either name.
leading <- function(x, ...) {
  given <- list(...)
  if (inherits(given[["formula"]], "formula")) {
    return(given[["formula"]])
  }
  if (missing(x)) {
    abort(
      c(
        "There is nothing to learn from: the first argument is missing.",
        i = if (length(given) > 0) {
          sprintf("What is given is named %s.", paste0("`", names(given), "`", collapse = ", "))
        }
      ),
      class = "textseq_error", call = NULL
    )
  }
  if (length(given) > 0 && inherits(given[[1]], "formula")) {
    abort(
      c(
        "The formula comes first, or by its name.",
        i = sprintf("Write `%s, data`, or `data, formula = ...`.", deparse1(given[[1]]))
      ),
      class = "textseq_error", call = NULL
    )
  }
  x
}
