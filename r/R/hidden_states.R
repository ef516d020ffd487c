#' What a network believes as it reads
#'
#' Follows a network through one text or series: its states, and its answer after each step. The
#' answer after t steps is that to the first t tokens or steps, read anew: also where the network
#' reads backwards, or pools over all its states. So is what a [seq2seq()] makes of the beginnings
#' of a source: how likely its answer is by then. A [sequence_tagger()]'s answer is the tag of each
#' step, given the whole row; a [language_model()]'s the token behind each, given those up to it.
#' @param fit A fit of one text or series a row, or of [sequence_tagger()], [seq2seq()] or
#'   [language_model()].
#' @inheritParams explain.textseq_fit
#' @return A [textseq_inspection] with
#' \describe{
#'   \item{table}{One row a step: `step`; of a text `token` and `known` (to the vocabulary), of a
#'     series `value`, or `value[1]` and so on of several channels; for each class `p(class)`, its
#'     probability after reading up to here (`prediction` of a regressor); `change`, what the step
#'     did to the answer that leads at the end. Of a tagger `tag` and `p(tag)` for each tag; of a
#'     language model `next`, what comes behind in the text, `guess`, what it holds likeliest, and
#'     their probabilities; of a translator `p(its answer)`, the geometric mean over its tokens.}
#'   \item{states}{A matrix of one row a step and one column a unit of the last layer, both
#'     directions side by side.}
#'   \item{answers}{The table's probabilities or predictions, as a matrix.}
#' }
#' @examplesIf textseq_available()
#' texts <- rep(c("so good a film", "so bad a film"), 20)
#' fit <- text_classifier(
#'   texts, rep(c("pos", "neg"), 20),
#'   encoder = "gru", hidden_size = 4, random_state = 1
#' )
#' found <- hidden_states(fit, "a good film, and not long")
#' found
#' dim(found$states)
#' autoplot(found)
#' @export
hidden_states <- function(fit, sequence) {
  found <- inspect("hidden_states", fit, list(sequence = one_sequence(fit, sequence)))
  found$states <- name_units(found$states)
  colnames(found$answers) <- found$names
  found$leading <- found$names[found$leading + 1]
  in_levels_order(found, fit$levels)
}

# Python sorts the classes; a factor has an order of its own.
in_levels_order <- function(found, levels) {
  if (!setequal(found$names, levels)) {
    return(found)
  }
  sorted <- answer_columns(found)
  found$names <- levels
  found$answers <- found$answers[, levels, drop = FALSE]
  names <- names(found$table)
  names[names %in% sorted] <- answer_columns(found)
  found$table <- found$table[names]
  found
}

#' @export
shown_rows.textseq_hidden_states <- function(x) {
  if (!"change" %in% names(x$table)) {
    return(x$table)
  }
  first <- utils::head(setdiff(names(x$table), c(answer_columns(x), "change")), 5)
  likely <- order(-x$answers[nrow(x$answers), ])[seq_len(min(3, length(x$names)))]
  x$table[c(first, answer_columns(x)[sort(likely)], "change")]
}

answer_columns <- function(x) {
  if (identical(x$names, "prediction")) x$names else sprintf("p(%s)", x$names)
}

#' @rdname textseq_inspection
#' @export
autoplot.textseq_hidden_states <- function(object, ...) {
  steps <- seq_len(nrow(object$table))
  answers <- object$answers
  leading <- match(object$leading, object$names)
  # The others are those that came closest to leading at any step.
  peaks <- apply(answers, 2, max)
  peaks[leading] <- Inf
  # Of two that sum to 1, one tells the other.
  one_tells <- ncol(answers) == 2 && all(abs(rowSums(answers) - 1) < 1e-5)
  shown <- order(-peaks)[seq_len(if (one_tells) 1 else min(3, ncol(answers)))]
  number <- identical(object$names, "prediction")
  names <- shortened(object$names, 24)
  answer_panel <- if (number) {
    "prediction"
  } else if (length(shown) == 1) {
    sprintf("probability of %s %s", names[shown], object$asked)
  } else {
    sprintf("probability %s", object$asked)
  }
  n_units <- ncol(object$states)
  units_panel <- if (n_units <= 12) {
    "unit"
  } else {
    sprintf("%d units, the upper ones rise with it", n_units)
  }
  panels <- c(answer_panel, units_panel)
  series <- if (of_series(object)) series_lines(object)
  panels <- c(if (!is.null(series)) series$panel[1], panels)
  lines <- data.frame(
    step = rep(steps, length(shown)), value = as.vector(answers[, shown]),
    class = rep(factor(shown, shown, names[shown]), each = length(steps)),
    panel = factor(answer_panel, panels)
  )
  # Units that rise with the leading answer come first; far below the answers, so that the axis
  # can tell the two panels apart.
  answer <- answers[, leading]
  units <- order(-colSums((answer - mean(answer)) * object$states), -object$states[nrow(answers), ])
  far <- 1e4 + 10 * max(abs(c(answers, series$value)), na.rm = TRUE)
  tiles <- data.frame(
    step = rep(steps, n_units), value = -far - rep(seq_len(n_units), each = length(steps)),
    state = as.vector(object$states[, units]), panel = factor(units_panel, panels)
  )
  largest <- stats::quantile(abs(object$states), 0.98, names = FALSE)
  tiles$state <- pmax(pmin(tiles$state, largest), -largest)
  most <- which.max(object$telling)
  ends <- if (!number) data.frame(step = 1, value = c(0, 1), panel = factor(answer_panel, panels))
  # Long names stand below one another, beside the bar of the states.
  long <- sum(nchar(names[shown], "width")) > 45
  classes <- if (length(shown) == 1) "none" else ggplot2::guide_legend(ncol = if (long) 1)
  plot <- ggplot2::ggplot(lines, ggplot2::aes(.data$step, .data$value)) +
    ggplot2::geom_tile(ggplot2::aes(fill = .data$state), tiles) +
    ggplot2::geom_line(
      ggplot2::aes(colour = .data$class, linetype = .data$class),
      linewidth = 0.8
    ) +
    (if (length(steps) <= 80) {
      ggplot2::geom_point(ggplot2::aes(colour = .data$class, shape = .data$class))
    }) +
    ggplot2::geom_point(
      data = data.frame(
        step = most, value = answers[most, leading], panel = factor(answer_panel, panels)
      ),
      shape = 1, size = 4, stroke = 1, colour = ink
    ) +
    (if (!is.null(ends)) ggplot2::geom_blank(data = ends)) +
    ggplot2::scale_y_continuous(
      breaks = function(limits) {
        if (limits[1] > -far / 2) return(pretty(limits, 3))
        if (n_units <= 12) -far - seq_len(n_units)
      },
      labels = function(breaks) {
        ifelse(
          breaks > -far / 2, format(breaks),
          colnames(object$states)[units][round(-far - breaks)]
        )
      },
      expand = ggplot2::expansion(0.02), guide = ggplot2::guide_axis(check.overlap = TRUE)
    ) +
    ggplot2::scale_fill_gradient2(
      "state",
      low = "#0b2f5b", mid = "#a3adb7", high = "#fff1cf", limits = c(-largest, largest),
      breaks = c(-largest, 0, largest), labels = function(ends) format(signif(ends, 2)),
      guide = ggplot2::guide_colourbar(title.vjust = 1, barheight = 0.6, order = 2)
    ) +
    ggplot2::scale_colour_manual(values = line_colors) +
    ggplot2::scale_linetype_manual(values = line_types) +
    ggplot2::scale_shape_manual(values = solid_shapes) +
    ggplot2::guides(colour = classes, linetype = classes, shape = classes) +
    ggplot2::labs(y = NULL, colour = NULL, linetype = NULL, shape = NULL) +
    message_title(object$message) +
    theme_textseq() +
    ggplot2::theme(
      legend.title = ggplot2::element_text(colour = muted),
      legend.box = if (long) "horizontal" else "vertical"
    ) +
    stacked_panels(ggplot2::vars(.data$panel))
  if (!is.null(series)) {
    series$panel <- factor(series$panel, panels)
    plot <- plot + channel_lines(series)
  }
  plot + step_axis(object, object$telling)
}

# The series itself: one channel in its own units, several as the network reads them.
series_lines <- function(object) {
  n_channels <- ncol(object$steps$scaled)
  values <- if (n_channels == 1) object$table$value else as.vector(object$steps$scaled)
  data.frame(
    step = rep(object$table$step, n_channels), value = values,
    channel = rep(seq_len(n_channels), each = nrow(object$table)),
    panel = series_panel(n_channels)
  )
}

series_panel <- function(n_channels) {
  if (n_channels == 1) {
    return("value")
  }
  if (n_channels > 3) {
    return(sprintf("%d channels, scaled", n_channels))
  }
  numbered <- sprintf("%d %s", seq_len(n_channels), line_types[seq_len(n_channels)])
  sprintf("channels, scaled: %s", paste(numbered, collapse = ", "))
}

channel_lines <- function(series) {
  few <- max(series$channel) <= 3
  lapply(split(series, series$channel), function(channel) {
    ggplot2::geom_line(
      data = channel, colour = muted, linewidth = if (few) 0.6 else 0.3, na.rm = TRUE,
      linetype = if (few) line_types[channel$channel[1]] else "solid"
    )
  })
}
