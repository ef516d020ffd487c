#' How far back the gradient reaches
#'
#' Measures how the gradient of the loss flows back through what is read: whether it vanishes,
#' explodes or does neither. At most 24 rows are looked at, without dropout, in double precision.
#' Of a model that answers step by step it is the loss of one answer: of a [sequence_tagger()] the
#' tag of the step read last, of a [language_model()] what it says at a window's end, of a
#' [seq2seq()] the target's last token before its end.
#'
#' The verdict is about the recurrence itself, the change of the last state by an earlier one,
#' ds_T/ds_t, as a pooling over all steps hands each its own gradient. It is "exploding" where its
#' norm passes 1000 at any distance; "vanishing" where it falls under 0.001, for good and in every
#' layer and direction, within half of the median row; else "healthy".
#'
#' From a formula, texts or series a network that has not been trained yet is looked at, with the
#' weights that training would start from.
#' @param x A fit with a recurrent encoder; or what such a model would be fitted to: a formula
#'   like `label ~ text`, texts, series, or the data frame of a forecaster.
#' @param new_data Texts, series or a data frame, as for [predict()].
#' @param y Their outcomes, by default the column that the fit's formula names; none for a
#'   forecaster or a language model. Of data that was not fitted yet, numbers with fractions make
#'   it a regression, anything else a classification (as [compare_encoders()] has it, too), and no
#'   `y` a forecaster.
#' @param formula The formula, which may be the first argument or named.
#' @param data A data frame.
#' @param ... Parameters of the model that is not trained yet, such as `encoder = "rnn"`, and its
#'   `estimator`, as in [compare_encoders()], if the outcome does not tell; of a long data frame
#'   also the names of its columns, as in [forecaster()].
#' @return A [textseq_inspection] with
#' \describe{
#'   \item{table}{One row for each layer, direction and number of steps before the end of
#'     reading, all figures medians over rows: `texts`, `series` or `windows` (how many are that
#'     long), `gradient` (norm of dL/dh_t), `cell_gradient` (of dL/dc_t, for the lstm),
#'     `step_jacobian` (spectral norm of ds_t+1/ds_t), `bound` (product of these norms from step t
#'     to the end), `product` (spectral norm of ds_T/ds_t, at most the bound). The direction
#'     "decoder" is that of a [seq2seq()]'s decoder; of its encoder there are also
#'     `start_gradient`, the part of `gradient` that comes through the decoder's first state, and
#'     `first_gradient`, that of the target's first token.}
#'   \item{kind}{"vanishing", "exploding" or "healthy".}
#'   \item{reach}{Most steps through which a state still moves a later one.}
#'   \item{length}{Steps of the median text or series.}
#'   \item{clipped_share}{Share of training's batches whose gradient was clipped.}
#' }
#' @references Pascanu, Mikolov & Bengio (2013), "On the difficulty of training recurrent neural
#'   networks", equations 5 to 7.
#' @examplesIf textseq_available()
#' texts <- data.frame(
#'   text = rep(c("so good a film, and long", "so bad a film, and long"), 20),
#'   label = rep(c("pos", "neg"), 20)
#' )
#' set.seed(1)
#' gradient_flow(label ~ text, texts, encoder = "rnn", hidden_size = 4)
#' fit <- text_classifier(label ~ text, texts, encoder = "gru", hidden_size = 4, max_epochs = 3)
#' flow <- gradient_flow(fit, texts)
#' flow$kind
#' autoplot(flow)
#' @export
gradient_flow <- function(x, ...) UseMethod("gradient_flow", leading(x, ...))

#' @rdname gradient_flow
#' @export
gradient_flow.textseq_fit <- function(x, new_data, y = NULL, ...) {
  check_dots(...)
  check_new_data(new_data)
  inspect("gradient_flow", x, rows_with_outcomes(x, new_data, y))
}

#' @rdname gradient_flow
#' @export
gradient_flow.formula <- function(formula = x, data, ..., x) {
  inspect_untrained("gradient_flow", formula_data(formula, data, list(...)))
}

#' @rdname gradient_flow
#' @export
gradient_flow.default <- function(x, y = NULL, ...) {
  inspect_untrained("gradient_flow", plain_data(x, y, list(...)))
}

#' @export
shown_rows.textseq_gradient_flow <- function(x) {
  far <- x$table$steps_before_end
  cell <- paste(x$table$layer, x$table$direction)
  last <- stats::ave(far, cell, FUN = max)
  x$table[far %in% c(0, 1, 3, 10, 30, 100, 300, 1000) | far == last, ]
}

#' @rdname textseq_inspection
#' @export
autoplot.textseq_gradient_flow <- function(object, ...) {
  table <- object$table
  table$cell <- cell_names(table)
  panels <- c("norm of dL/dh_t", "norm of ds_T/ds_t")
  lines <- rbind(
    flow_line(table, "gradient", panels[1]),
    if ("cell_gradient" %in% names(table)) {
      flow_line(table, "cell_gradient", panels[1], "norm of dL/dc_t")
    },
    if (by_attention(table)) {
      flow_line(table, "start_gradient", panels[1], "by the decoder's start")
    },
    flow_line(table, "product", panels[2]),
    flow_line(table, "bound", panels[2], "bound: product of norms")
  )
  lines$panel <- factor(lines$panel, panels)
  lines <- lines[!is.na(lines$value) & lines$value > 1e-250 & lines$value < 1e250, ]
  # Below that share of the largest a norm is nothing but rounding; a bound may be far above all.
  own <- lines[is.na(lines$line), ]
  largest <- tapply(own$value, own$panel, max)[as.character(lines$panel)]
  lines <- lines[lines$value >= largest * 1e-18 & lines$value <= largest * 1e6, ]
  own <- lines[is.na(lines$line), ]
  several <- nlevels(table$cell) > 1
  ggplot2::ggplot(lines, ggplot2::aes(.data$steps, .data$value, colour = .data$cell)) +
    ggplot2::geom_hline(
      ggplot2::aes(yintercept = .data$least),
      data.frame(panel = factor(panels[2], panels), least = 1e-3),
      linetype = "dotted", colour = muted
    ) +
    ggplot2::geom_line(
      ggplot2::aes(linetype = .data$line), lines[!is.na(lines$line), ],
      linewidth = 0.5
    ) +
    ggplot2::geom_line(data = own, linewidth = 0.8) +
    ggplot2::geom_point(
      ggplot2::aes(shape = .data$cell), marked_points(own, list(own$panel, own$cell)), fill = paper
    ) +
    ggplot2::scale_x_reverse(breaks = function(limits) rev(whole_breaks(sort(limits)))) +
    ggplot2::scale_y_log10() +
    ggplot2::scale_linetype_manual(values = c(
      "norm of dL/dc_t" = "dotdash", "bound: product of norms" = "dashed",
      "by the decoder's start" = "dotted"
    )) +
    cell_scales() +
    ggplot2::guides(
      colour = if (several) ggplot2::guide_legend() else "none",
      shape = if (several) ggplot2::guide_legend() else "none",
      linetype = ggplot2::guide_legend(order = 2)
    ) +
    ggplot2::labs(
      x = "steps t before the end of reading", y = NULL,
      caption = "dotted: 0.001, below which a state is not felt"
    ) +
    message_title(object$message) +
    theme_textseq() +
    stacked_panels(ggplot2::vars(.data$panel))
}

# Whether part of the gradient comes another way than through the decoder's start.
by_attention <- function(table) {
  if (!"start_gradient" %in% names(table)) {
    return(FALSE)
  }
  there <- which(!is.na(table$start_gradient))
  any(abs(table$start_gradient[there] - table$gradient[there]) > 1e-5 * table$gradient[there])
}

# One kind of line of the figure, in long form.
flow_line <- function(table, column, panel, line = NA_character_) {
  data.frame(
    steps = table$steps_before_end, value = table[[column]], cell = table$cell, panel = panel,
    line = line
  )
}
