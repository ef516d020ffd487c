#' How far a network's units are saturated
#'
#' A saturated unit hardly reacts to its input and passes hardly any gradient. Where a gate that
#' keeps the state is open (near 1) that is memory, not a fault. At most 500 rows are read.
#' A [seq2seq()]'s decoder, `direction` "decoder", reads what the model says to the sources.
#' @param fit A fit with a recurrent encoder or decoder.
#' @param new_data Texts, series or a data frame, as for [predict()].
#' @return A [textseq_inspection] with
#' \describe{
#'   \item{table}{One row for each layer, direction and gate, over all steps: `function` ("sigmoid",
#'     "tanh" or "relu"), `activity` (mean activation; of tanh the mean absolute one), `near_0` and
#'     `near_1` (shares of a sigmoid below 0.05 and above 0.95), `saturated` (share with next to no
#'     slope: both of these, or beyond 0.95 of tanh), `dead_units` (share of relu's units that are 0
#'     at every step). The lstm's `tanh(c)` is what its output gate lets through.}
#'   \item{over_time}{A tibble of `activity` and `saturated` for each step.}
#' }
#' @references Karpathy, Johnson & Li (2016), "Visualizing and Understanding Recurrent Networks".
#' @examplesIf textseq_available()
#' texts <- rep(c("so good a film", "so bad a film"), 20)
#' fit <- text_classifier(
#'   texts, rep(c("pos", "neg"), 20),
#'   encoder = "lstm", hidden_size = 4, max_epochs = 3, random_state = 1
#' )
#' found <- saturation(fit, texts)
#' found
#' autoplot(found)
#' @export
saturation <- function(fit, new_data) {
  check_fit(fit)
  inspect("saturation", fit, list(X = rows_alone(fit, new_data)))
}

#' @rdname textseq_inspection
#' @export
autoplot.textseq_saturation <- function(object, ...) {
  table <- object$over_time
  table$cell <- cell_names(table)
  table$gate <- factor(table$gate, unique(table$gate))
  # The last steps are those of a few long rows.
  rows <- table[[object$words$many]]
  table <- table[rows >= 0.1 * max(rows), ]
  kinds <- c("mean activation (tanh: its size)", "saturated share")
  lines <- rbind(
    cbind(table[c("step", "gate", "cell")], value = table$activity, kind = kinds[1]),
    cbind(table[c("step", "gate", "cell")], value = table$saturated, kind = kinds[2])
  )
  lines$kind <- factor(lines$kind, kinds)
  mean_lines <- lines[lines$kind == kinds[1], ]
  several <- nlevels(table$cell) > 1
  ggplot2::ggplot(lines, ggplot2::aes(.data$step, .data$value, colour = .data$cell)) +
    ggplot2::geom_line(ggplot2::aes(linetype = .data$kind, linewidth = .data$kind)) +
    ggplot2::geom_point(
      ggplot2::aes(shape = .data$cell),
      marked_points(mean_lines, list(mean_lines$gate, mean_lines$cell)),
      fill = paper
    ) +
    ggplot2::scale_linetype_manual(values = line_types) +
    ggplot2::scale_linewidth_manual(values = c(0.8, 0.5)) +
    cell_scales() +
    (if (!several) ggplot2::guides(colour = "none", shape = "none")) +
    ggplot2::scale_x_continuous(breaks = whole_breaks) +
    ggplot2::scale_y_continuous(breaks = c(0, if (nlevels(table$gate) < 4) 0.5, 1)) +
    ggplot2::expand_limits(y = c(0, 1)) +
    ggplot2::labs(x = "step, in the order of reading", y = NULL) +
    message_title(object$message) +
    theme_textseq() +
    stacked_panels(ggplot2::vars(.data$gate))
}
