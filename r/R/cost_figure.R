# Score over training time: what is paid for quality.

# What kinds of models are called in legends, with the marks that Python's figures have for them.
model_kinds <- c(baseline = "cheap baseline", network = "network", estimator = "other estimator")

kind_scales <- function() {
  named <- function(values) stats::setNames(values, model_kinds)
  list(
    ggplot2::scale_shape_manual(values = named(c(22, 21, 23))),
    ggplot2::scale_fill_manual(values = named(c(paper, accent, accent)))
  )
}

cost_figure <- function(object) {
  if (object$result == "forecasts") {
    abort(
      c(
        "Only a comparison of encoders has a figure of its cost.",
        i = "`autoplot()` without `type` draws that of forecasts."
      ),
      class = "textseq_error", call = NULL
    )
  }
  table <- object$table
  table$score <- table[[object$metric]]
  # The model that always answers the same costs nothing and would squeeze all others.
  constant <- always_the_same(object, table)
  shown <- table[!constant | all(constant), ]
  shown$kind <- model_kinds[shown$kind]
  shown$seconds <- pmax(shown$train_seconds, 1e-6)
  shown$best <- shown$model %in% object$frontier
  steps <- shown[match(object$frontier, shown$model), ]
  # On to the right edge: so much is had for any higher cost.
  steps <- rbind(steps, replace(steps[nrow(steps), ], "seconds", max(shown$seconds) * 1.5))
  left_out <- setdiff(table$model, shown$model)
  ggplot2::ggplot(shown, ggplot2::aes(.data$seconds, .data$score)) +
    ggplot2::geom_step(data = steps, colour = muted, linewidth = 0.5) +
    ggplot2::geom_point(
      ggplot2::aes(shape = .data$kind, fill = .data$kind),
      size = 3, colour = accent
    ) +
    # The line rises to the right: above and left of it there is room, and below and right of it.
    ggplot2::geom_text(
      ggplot2::aes(
        label = paste0(
          ifelse(.data$best, "", "  "), shortened(.data$model, 28), ifelse(.data$best, "  ", "")
        ),
        colour = .data$best, hjust = ifelse(.data$best, 1, 0), vjust = ifelse(.data$best, -0.5, 1.4)
      ),
      size = 3.4
    ) +
    ggplot2::scale_x_log10(
      breaks = time_breaks, labels = time_labels,
      expand = ggplot2::expansion(mult = c(0.2, 0.12))
    ) +
    ggplot2::scale_y_continuous(expand = ggplot2::expansion(mult = 0.1)) +
    ggplot2::scale_colour_manual(values = c(`TRUE` = ink, `FALSE` = muted), guide = "none") +
    kind_scales() +
    message_title(object$cost_message) +
    ggplot2::labs(
      x = "training time of one fit, log scale", y = wrapped(object$measure, side = "height"),
      caption = wrapped(
        paste0(
          "On the line: no other model is both cheaper and better.",
          if (length(left_out) > 0) {
            sprintf(
              " Not shown: %s, always the same answer.", paste(left_out, collapse = ", ")
            )
          }
        ), 8.8,
        share = 0.95
      )
    ) +
    theme_textseq()
}

# Of a log axis: powers of ten up to ten seconds, and from there what clocks count by.
time_breaks <- function(limits) {
  far <- c(10^(-6:1), 60, 600, 3600, 36000)
  near <- sort(c(outer(c(1, 2, 5), 10^(-6:0)), 10, 20, 60, 120, 300, 600, 1200, 3600, 7200))
  within <- function(breaks) breaks[breaks >= limits[1] & breaks <= limits[2]]
  if (length(within(far)) > 2) within(far) else within(near)
}

time_labels <- function(seconds) {
  units <- c(h = 3600, min = 60, s = 1, ms = 1e-3, "\u00b5s" = 1e-6)
  unit <- vapply(seconds, function(one) which(c(one >= 0.999 * units, TRUE))[1], 1L)
  unit <- pmin(unit, length(units))
  numbers <- format(signif(seconds / units[unit], 3), trim = TRUE, drop0trailing = TRUE)
  paste(numbers, names(units)[unit])
}
