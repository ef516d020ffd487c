#' What the recurrent weights do to a state
#'
#' Computes the eigenvalues and singular values of each recurrent matrix. In the plain rnn a small
#' state after t steps without input is W^t times itself: it fades if all eigenvalues are within
#' the unit circle, and grows if one is outside. In gated cells the gate that keeps the state
#' decides instead, by its bias to begin with.
#' @param fit A fit with a recurrent encoder.
#' @return A [textseq_inspection] with
#' \describe{
#'   \item{table}{One row for each layer, direction and gate: `matrix` (its name in
#'     [weights_by_name()]), `radius` (its largest absolute eigenvalue), `norm` (its largest
#'     singular value), `half_life` (steps after which radius^t is a half; of the rnn only),
#'     `memory_low`, `memory` and `memory_high` (quartiles over units of the steps for which the
#'     gate that keeps the state does so by its bias; of this gate only).}
#'   \item{eigenvalues}{A tibble: `layer`, `direction`, `gate`, `real`, `imaginary`.}
#'   \item{singular_values}{A tibble: `layer`, `direction`, `gate`, `value`.}
#'   \item{memory}{Of every unit, what the table has the quartiles of.}
#' }
#' @references Pascanu, Mikolov & Bengio (2013), "On the difficulty of training recurrent neural
#'   networks"; Tallec & Ollivier (2018), "Can recurrent neural networks warp time?".
#' @examplesIf textseq_available()
#' texts <- rep(c("so good a film", "so bad a film"), 20)
#' fit <- text_classifier(
#'   texts, rep(c("pos", "neg"), 20),
#'   encoder = "rnn", hidden_size = 8, max_epochs = 3, random_state = 1
#' )
#' spectrum <- recurrent_spectrum(fit)
#' spectrum
#' autoplot(spectrum)
#' @export
recurrent_spectrum <- function(fit) inspect("recurrent_spectrum", fit)

#' @rdname textseq_inspection
#' @export
autoplot.textseq_recurrent_spectrum <- function(object, ...) {
  values <- object$eigenvalues
  values$cell <- cell_names(values)
  values$gate <- factor(values$gate, unique(values$gate))
  several <- nlevels(values$cell) > 1
  angles <- seq(0, 2 * pi, length.out = 200)
  circle <- data.frame(real = cos(angles), imaginary = sin(angles))
  radii <- stats::aggregate(
    list(radius = sqrt(values$real^2 + values$imaginary^2)),
    list(cell = values$cell, gate = values$gate), max
  )
  radii$radius <- sprintf("%.2f", radii$radius)
  far <- max(1, abs(values$real), abs(values$imaginary)) * 1.08
  ggplot2::ggplot(values, ggplot2::aes(.data$real, .data$imaginary)) +
    ggplot2::geom_path(data = circle, colour = muted) +
    ggplot2::geom_point(shape = 1, colour = accent, stroke = 0.8) +
    ggplot2::geom_text(
      ggplot2::aes(x = 0, y = 1.22 * far, label = .data$radius), radii,
      size = 3, colour = muted
    ) +
    (if (several) {
      # Figures are wider than high.
      more_cells <- nlevels(values$cell) > nlevels(values$gate)
      ggplot2::facet_grid(
        if (more_cells) gate ~ cell else cell ~ gate,
        labeller = ggplot2::label_wrap_gen(8)
      )
    } else {
      ggplot2::facet_wrap(ggplot2::vars(.data$gate), nrow = ceiling(nlevels(values$gate) / 3))
    }) +
    ggplot2::scale_x_continuous(breaks = c(-1, 0, 1), limits = c(-far, far)) +
    ggplot2::scale_y_continuous(breaks = c(-1, 0, 1), limits = c(-far, 1.3 * far)) +
    ggplot2::coord_equal() +
    ggplot2::labs(
      x = wrapped("real part of the eigenvalues; number: spectral radius", share = 0.9),
      y = "imaginary part"
    ) +
    message_title(object$message) +
    theme_textseq() +
    # Panels as high as wide stand in the middle, and so must a title that is wider.
    ggplot2::theme(
      plot.title = ggplot2::element_text(hjust = 0.5),
      strip.text.y = ggplot2::element_text(angle = 0, hjust = 0)
    )
}
