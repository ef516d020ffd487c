# The axis of the steps of one text or series.

of_series <- function(found) "scaled" %in% names(found$steps)

# A token as a figure can show it: white space visible, an unknown one in parentheses.
token_labels <- function(table) {
  blank <- !nzchar(trimws(table$token))
  label <- shortened(table$token, 16)
  label[blank] <- "\u2423"
  ifelse(table$known, label, sprintf("(%s)", label))
}

# Names the tokens below an axis of steps; of very many those that are important.
step_axis <- function(found, importance, most = 40) {
  # Of several layers the table has the same steps again.
  table <- found$table[seq_along(importance), ]
  if (of_series(found)) {
    return(list(
      ggplot2::scale_x_continuous(breaks = whole_breaks), ggplot2::xlab("step")
    ))
  }
  shown <- spread_out(importance, most)
  labels <- token_labels(table)[shown]
  # What stands side by side is not turned; of few long tokens a slant is enough.
  room <- length(importance) * (max(nchar(labels, "width")) + 1)
  angle <- if (room <= 48) 0 else if (length(importance) <= 9) 30 else 90
  name <- "token, in reading order"
  if (length(shown) < length(importance)) {
    name <- sprintf(
      "%d of %d tokens, where it moves", length(shown), length(importance)
    )
  }
  list(
    ggplot2::scale_x_continuous(breaks = shown, labels = labels),
    ggplot2::xlab(wrapped(paste0(name, unknown_note(table)))),
    ggplot2::theme(
      axis.text.x = ggplot2::element_text(
        angle = angle, hjust = if (angle == 0) 0.5 else 1, vjust = if (angle == 90) 0.5 else 1
      ),
      panel.grid.major.x = ggplot2::element_blank()
    )
  )
}

unknown_note <- function(table) {
  if (all(table$known)) "" else "; in parentheses: unknown to the model"
}

# The most important steps, no two of them nearer than fits.
spread_out <- function(importance, most) {
  apart <- max(1, length(importance) / most)
  shown <- integer()
  for (step in order(-importance)) {
    if (all(abs(step - shown) >= apart)) shown <- c(shown, step)
  }
  sort(shown)
}

whole_breaks <- function(limits) {
  breaks <- unique(round(pretty(limits, 8)))
  breaks[breaks >= limits[1] & breaks <= limits[2]]
}
