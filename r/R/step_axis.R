# The axis of the steps of one text or series.

of_series <- function(found) "scaled" %in% names(found$steps)

# A token as a figure can show it: white space visible, an unknown one in parentheses.
token_labels <- function(table) {
  blank <- !nzchar(trimws(table$token))
  long <- nchar(table$token) > 14
  label <- ifelse(long, paste0(substr(table$token, 1, 13), "..."), table$token)
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
  few <- length(importance) <= 9
  name <- "token, in reading order"
  if (length(shown) < length(importance)) {
    name <- sprintf("%s; %d of %d are named, where it moves", name, length(shown), length(importance))
  }
  list(
    ggplot2::scale_x_continuous(breaks = shown, labels = token_labels(table)[shown]),
    ggplot2::xlab(paste0(name, unknown_note(table))),
    ggplot2::theme(
      axis.text.x = ggplot2::element_text(
        angle = if (few) 30 else 90, hjust = 1, vjust = if (few) 1 else 0.5
      ),
      panel.grid.major.x = ggplot2::element_blank()
    )
  )
}

unknown_note <- function(table) {
  if (all(table$known)) "" else "\nin parentheses: unknown to the model"
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
