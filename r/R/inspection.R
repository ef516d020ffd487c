# What all instruments share: how they are asked, printed and turned into tables.

inspect <- function(instrument, fit, data = NULL, options = NULL) {
  check_fit(fit)
  open_in_python(fit)
  found <- py_call("inspect", instrument = instrument, id = fit$id, data = data, options = options)
  new_inspection(instrument, found)
}

new_inspection <- function(instrument, found) {
  # Not every graphics device has curly quotes.
  found$message <- chartr("\u201c\u201d", "\"\"", found$message)
  with_class(found, c(paste0("textseq_", instrument), "textseq_inspection"))
}

check_fit <- function(fit) {
  if (!inherits(fit, "textseq_fit")) {
    abort(
      c(
        sprintf("`fit` must be a fitted model, not %s.", class(fit)[1]),
        i = "Pass what text_classifier() or another model function returned."
      ),
      class = "textseq_error", call = NULL
    )
  }
}

#' What instruments return
#'
#' Every instrument returns a list with `table`, a tibble of what was measured, `verdict`, what it
#' means and what to do about it, and further fields that its own page tells. Printing shows the
#' verdict and the head of the table, `tidy()` returns the table, and `autoplot()` draws it.
#'
#' The units of a network, the channels of a series, its steps and the columns named after them,
#' such as `h[1]`, are counted from 1: unit 1 is `found$states[, 1]`.
#' @param x,object What an instrument returned.
#' @param ... Not used.
#' @return `tidy()`: a tibble. `print()`: `x`, invisibly. `autoplot()`: a ggplot.
#' @seealso [gradient_flow()], [recurrent_spectrum()], [saturation()], [hidden_states()],
#'   [explain()][explain.textseq_fit], [order_matters()], [step_by_step()], [find_learning_rate()]
#' @name textseq_inspection
NULL

#' @rdname textseq_inspection
#' @export
print.textseq_inspection <- function(x, ...) {
  cat(strwrap(x$verdict), "", sep = "\n")
  rows <- shown_rows(x)
  print(rows[!vapply(rows, function(column) all(is.na(column)), TRUE)], n = 12)
  invisible(x)
}

# The rows of the table that are worth printing.
shown_rows <- function(x) UseMethod("shown_rows")

#' @export
shown_rows.textseq_inspection <- function(x) x$table

#' @rdname textseq_inspection
#' @export
tidy.textseq_inspection <- function(x, ...) x$table

name_units <- function(states) {
  colnames(states) <- seq_len(ncol(states))
  states
}

# Names each layer and direction, as far as it takes to tell them apart.
cell_names <- function(table) {
  names <- table$direction
  if (length(unique(table$layer)) > 1) {
    short <- c(forward = "fwd", backward = "bwd", decoder = "decoder")[names]
    names <- sprintf("layer %d", table$layer)
    if (length(unique(short)) > 1) names <- paste0(names, ", ", short)
  }
  factor(names, levels = unique(names))
}

# The look of lines, one for each layer and direction.
cell_scales <- function() {
  list(
    ggplot2::scale_colour_manual(values = rep(line_colors, 3)),
    ggplot2::scale_shape_manual(values = rep(line_shapes, 2))
  )
}

# Of a line of many points about six carry a mark.
marked_points <- function(table, by) {
  apart <- lapply(split(seq_len(nrow(table)), by, drop = TRUE), function(rows) {
    rows[seq(1, length(rows), by = ceiling(length(rows) / 6))]
  })
  table[sort(unlist(apart)), ]
}
