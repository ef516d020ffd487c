#' Find a learning rate
#'
#' Trains a fresh network on ever higher learning rates, from batch to batch. At first nothing
#' happens, then the loss falls, then training breaks down and the loss turns up: the suggestion
#' is a twentieth of the rate of that turn.
#' @param x What a model would be fitted to, with its parameters in `...`: a formula like
#'   `label ~ text`, texts, series, or the data frame of a forecaster. Or a fit, whose parameters
#'   are taken; it stays as it is.
#' @param new_data Texts, series or a data frame, as for [predict()].
#' @inheritParams gradient_flow
#' @param lowest,highest The first batch's rate, and the last one's.
#' @param n_batches Batches to train on, over and over the rows if these are few.
#' @return A [textseq_inspection] with
#' \describe{
#'   \item{table}{One row a batch: `learning_rate`, `loss` of a fixed sample of the rows after it,
#'     `smoothed`.}
#'   \item{suggestion}{The rate to fit with.}
#'   \item{turn}{The rate at which the smoothed loss turns up; `NULL` if it never does.}
#' }
#' @references Smith (2017), "Cyclical Learning Rates for Training Neural Networks", section 3.3.
#' @examplesIf textseq_available()
#' texts <- data.frame(
#'   text = rep(c("so good a film", "so bad a film"), 20), label = rep(c("pos", "neg"), 20)
#' )
#' set.seed(1)
#' rates <- find_learning_rate(label ~ text, texts, encoder = "mean")
#' rates$suggestion
#' autoplot(rates)
#' @export
find_learning_rate <- function(x, ...) UseMethod("find_learning_rate", leading(x, ...))

#' @rdname find_learning_rate
#' @export
find_learning_rate.textseq_fit <- function(
    x, new_data, y = NULL, ..., lowest = 1e-6, highest = 10, n_batches = 100) {
  check_dots(...)
  check_new_data(new_data)
  options <- list(lowest = lowest, highest = highest, n_batches = n_batches)
  inspect("find_learning_rate", x, rows_with_outcomes(x, new_data, y), options)
}

#' @rdname find_learning_rate
#' @export
find_learning_rate.formula <- function(
    formula = x, data, ..., lowest = 1e-6, highest = 10, n_batches = 100, x) {
  options <- list(lowest = lowest, highest = highest, n_batches = n_batches)
  inspect_untrained("find_learning_rate", formula_data(formula, data, list(...)), options)
}

#' @rdname find_learning_rate
#' @export
find_learning_rate.default <- function(
    x, y = NULL, ..., lowest = 1e-6, highest = 10, n_batches = 100) {
  options <- list(lowest = lowest, highest = highest, n_batches = n_batches)
  inspect_untrained("find_learning_rate", plain_data(x, y, list(...)), options)
}

#' @export
shown_rows.textseq_find_learning_rate <- function(x) {
  x$table[round(seq(1, nrow(x$table), length.out = min(12, nrow(x$table)))), ]
}

#' @rdname textseq_inspection
#' @export
autoplot.textseq_find_learning_rate <- function(object, ...) {
  table <- object$table
  # The loss after the turn may be of any size; what comes before is what matters.
  before <- table$smoothed[table$learning_rate <= (object$turn %||% Inf)]
  low <- min(table$smoothed, table$loss, na.rm = TRUE)
  top <- max(table$smoothed[1], before)
  margin <- max(top - low, 0.1 * top)
  marks <- data.frame(
    rate = c(object$suggestion, object$turn),
    name = c("suggestion", if (!is.null(object$turn)) "turn")
  )
  ggplot2::ggplot(table, ggplot2::aes(.data$learning_rate, .data$loss)) +
    ggplot2::geom_vline(
      ggplot2::aes(xintercept = .data$rate, linetype = .data$name), marks,
      colour = ink, show.legend = FALSE
    ) +
    ggplot2::geom_point(ggplot2::aes(colour = "loss"), size = 0.9) +
    ggplot2::geom_line(ggplot2::aes(y = .data$smoothed, colour = "smoothed"), linewidth = 0.9) +
    ggplot2::geom_label(
      ggplot2::aes(
        .data$rate, top + 0.75 * margin,
        label = sprintf("%s\n%.2g", .data$name, .data$rate)
      ),
      marks,
      hjust = 1.05, vjust = 1, size = 3.2, fill = paper, label.size = 0
    ) +
    ggplot2::scale_linetype_manual(values = c(suggestion = "solid", turn = "dotted")) +
    ggplot2::scale_colour_manual(
      values = c(loss = muted, smoothed = accent),
      guide = ggplot2::guide_legend(
        override.aes = list(linetype = c("blank", "solid"), shape = c(16, NA))
      )
    ) +
    ggplot2::scale_x_log10() +
    ggplot2::coord_cartesian(ylim = c(low - 0.05 * margin, top + 0.75 * margin)) +
    ggplot2::labs(x = "learning rate, log scale", y = "loss of a fixed sample") +
    message_title(object$message) +
    theme_textseq()
}
