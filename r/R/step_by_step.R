#' A network recomputed by a for loop
#'
#' Recomputes a fitted recurrent network's answer to one text or series, step by step, and holds it
#' against the model's own, which takes a faster path. [weights_by_name()] returns the weights to do
#' the same in R.
#' @param fit A fit of one text or series a row, with encoder "rnn", "lstm", "gru" or "janet", in
#'   one direction or both.
#' @inheritParams explain.textseq_fit
#' @return A [textseq_inspection] with
#' \describe{
#'   \item{table}{One row a step (of each layer and direction, where there are several: `layer`):
#'     `step`; of a text `token`, `known` (to the vocabulary), `id`; of a series `value` and `x`,
#'     what the network reads of it; of a few units u each gate's activation, such as `forget[u]`,
#'     and the state, `h[u]`.}
#'   \item{states, gates}{Named lists of matrices of one row a step and one column a unit:
#'     `layer1.h`, `layer1.forget`, `layer1.backward.h`.}
#'   \item{units}{Those in the table and the figure, by the names of these columns.}
#'   \item{document_vector}{The states pooled over the steps: what the head reads.}
#'   \item{by_hand, by_network}{The probability of every class (or the prediction): recomputed, and
#'     as the model tells.}
#'   \item{difference}{The largest between the two.}
#'   \item{equations}{What was computed, in the names of [weights_by_name()].}
#' }
#' @examplesIf textseq_available()
#' texts <- rep(c("so good a film", "so bad a film"), 20)
#' fit <- text_classifier(
#'   texts, rep(c("pos", "neg"), 20),
#'   encoder = "rnn", hidden_size = 2, random_state = 1
#' )
#' found <- step_by_step(fit, "so good")
#' found
#' cat(found$equations)
#' autoplot(found)
#' @export
step_by_step <- function(fit, sequence) {
  check_fit(fit)
  if (answers_steps(fit)) {
    abort(
      c(
        sprintf("A %s answers step by step, and not a whole row at once.", fit$kind),
        i = "hidden_states() and explain() show what it answers."
      ),
      class = "textseq_error", call = NULL
    )
  }
  check_rows_model(fit, of_steps = FALSE)
  found <- inspect("step_by_step", fit, list(sequence = one_sequence(fit, sequence)))
  found$states <- lapply(found$states, name_units)
  found$gates <- lapply(found$gates, name_units)
  found$units <- as.character(found$units)
  found
}

#' @rdname textseq_inspection
#' @export
autoplot.textseq_step_by_step <- function(object, ...) {
  names <- grep("\\.h$", names(object$states), value = TRUE)
  last <- names[length(names)]
  names <- if (grepl("backward", last)) utils::tail(names, 2) else last
  lines <- do.call(rbind, lapply(names, function(name) {
    states <- object$states[[name]][, object$units, drop = FALSE]
    data.frame(
      step = rep(seq_len(nrow(states)), ncol(states)), state = as.vector(states),
      unit = rep(paste("unit", object$units), each = nrow(states)), name = state_panel(name)
    )
  }))
  lines$unit <- factor(lines$unit, paste("unit", object$units))
  lines$name <- factor(lines$name, unique(lines$name))
  states <- object$states[[names[1]]][, object$units, drop = FALSE]
  moved <- rowSums(abs(rbind(states[1, ], diff(states))))
  ggplot2::ggplot(
    lines,
    ggplot2::aes(
      .data$step, .data$state,
      colour = .data$unit, linetype = .data$unit, shape = .data$unit
    )
  ) +
    ggplot2::geom_line(linewidth = 0.8) +
    (if (nrow(states) <= 80) ggplot2::geom_point(size = 2)) +
    ggplot2::scale_colour_manual(values = line_colors) +
    ggplot2::scale_linetype_manual(values = line_types) +
    ggplot2::scale_shape_manual(values = solid_shapes) +
    ggplot2::ylab(NULL) +
    message_title(object$message) +
    theme_textseq() +
    stacked_panels(ggplot2::vars(.data$name)) +
    step_axis(object, moved)
}

# "layer1.backward.h" in words.
state_panel <- function(name) {
  sub("\\.backward", ", backward", sub("layer([0-9]+)(.*)\\.h$", "layer \\1 state\\2", name))
}
