#' @importFrom generics explain
#' @export
generics::explain

#' Which steps decided
#'
#' Attributes a model's answer to the tokens of a text or the steps of a series, in two ways.
#' Occlusion leaves each step out and takes the change of the answer, so that the others keep the
#' weight that they have: a text closes up behind a token, but a vector of zeros stands in its place
#' where the network averages (encoder "mean"; pooling "mean", "attention" or "concat"); a step of a
#' series is read as if its values were missing. Integrated gradients follow the answer from inputs
#' of zero to these and deal the change out to the steps; they must sum to that change, which is
#' checked. Where the two differ, steps act together.
#'
#' Of a model that answers step by step one answer is explained: the tag that a [sequence_tagger()]
#' gives a token, by all tokens of its row; what a [language_model()] expects behind a token, by
#' those up to it; a token that a [seq2seq()] says, by the source, after what it has said before. A
#' vector of zeros stands in the place of what is left out. That tells what an answer hangs on; what
#' a decoder attends to is another thing, which [attention_map()] tells.
#' @param x A fit of one text or series a row, or of [sequence_tagger()], [seq2seq()] or
#'   [language_model()].
#' @param sequence One text; or one series: a vector, or a matrix of one row a channel. Or one row
#'   of a data frame, as for [predict()]. Of a tagger the tokens of one row, a character vector.
#' @param target The class, label, tag or token to explain; by default the most probable one, or
#'   what is said.
#' @param step Of a model that answers step by step, whose answer is explained, from 1 as in the
#'   tables: a token that is tagged; one behind which another is expected, the last by default; a
#'   token of a translation. By default that of which the model is least sure.
#' @param ... Not used.
#' @return A [textseq_inspection] with
#' \describe{
#'   \item{table}{One row a step: `step`; of a text `token` and `known` (to the vocabulary), of a
#'     series `value`; `occlusion`, what the answer loses when the step is left out;
#'     `integrated_gradients`. In log-odds of the class, or in the units of a regressor's outcome.
#'     Of a series of several channels `value[1]` and so on, and what each channel has of the
#'     step, `integrated_gradients[1]` and so on.}
#'   \item{target, answer}{What is explained, and its probability, or the predicted number.}
#'   \item{output, baseline}{Its log-odds for this row, and for one whose inputs are all 0.}
#'   \item{completeness_gap}{What the integrated gradients lack of explaining all of it.}
#' }
#' @references Li, Monroe & Jurafsky (2016), "Understanding Neural Networks through Representation
#'   Erasure"; Sundararajan, Taly & Yan (2017), "Axiomatic Attribution for Deep Networks".
#' @examplesIf textseq_available()
#' texts <- rep(c("so good a film", "so bad a film"), 20)
#' fit <- text_classifier(texts, rep(c("pos", "neg"), 20), encoder = "mean", random_state = 1)
#' found <- explain(fit, "a good film, and not long", target = "pos")
#' found
#' autoplot(found)
#' @export
#' @rawNamespace S3method(dplyr::explain, textseq_fit)
explain.textseq_fit <- function(x, sequence, target = NULL, ..., step = NULL) {
  check_dots(...)
  if (is.factor(target)) target <- as.character(target)
  options <- list(target = target, step = step)
  inspect("explain", x, list(sequence = one_sequence(x, sequence)), options)
}

#' @rdname textseq_inspection
#' @export
autoplot.textseq_explain <- function(object, ...) {
  if (of_series(object)) {
    return(series_attributions(object))
  }
  if (nrow(object$table) <= 40) token_bars(object) else attribution_columns(object)
}

# What bars below and above 0 say, and their unit.
attribution_sides <- function(object) {
  if (object$target == "prediction") {
    return(list(against = "lowers it", speaking = "raises it", unit = ""))
  }
  target <- shortened(object$target, 40)
  list(against = paste("against", target), speaking = paste("for", target), unit = " (log-odds)")
}

sides_caption <- function(object) {
  sides <- attribution_sides(object)
  ggplot2::labs(
    caption = wrapped(
      sprintf("below 0: %s; above: %s", sides$against, sides$speaking), 8.8,
      share = 0.95
    )
  )
}

side_fill <- function() {
  ggplot2::scale_fill_manual(values = c("FALSE" = paper, "TRUE" = accent), guide = "none")
}

token_bars <- function(object) {
  table <- object$table
  ggplot2::ggplot(table, ggplot2::aes(y = .data$step)) +
    ggplot2::geom_vline(xintercept = 0, colour = ink, linewidth = 0.4) +
    ggplot2::geom_col(
      ggplot2::aes(.data$occlusion, fill = .data$occlusion > 0),
      orientation = "y", width = 0.62, colour = accent
    ) +
    ggplot2::geom_point(
      ggplot2::aes(.data$integrated_gradients, shape = "integrated gradients"),
      fill = second, colour = ink, size = 2.4
    ) +
    side_fill() +
    ggplot2::scale_shape_manual(values = 23) +
    ggplot2::scale_y_reverse(breaks = table$step, labels = token_labels(table)) +
    ggplot2::labs(
      x = wrapped(paste0(
        "bar: lost when left out", attribution_sides(object)$unit, unknown_note(table)
      )),
      y = "token, in reading order"
    ) +
    sides_caption(object) +
    message_title(object$message) +
    theme_textseq() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank())
}

attribution_columns <- function(object) {
  table <- object$table
  ggplot2::ggplot(table, ggplot2::aes(.data$step, .data$occlusion)) +
    ggplot2::geom_hline(yintercept = 0, colour = ink, linewidth = 0.4) +
    ggplot2::geom_col(ggplot2::aes(fill = .data$occlusion > 0), colour = accent, linewidth = 0.3) +
    side_fill() +
    ggplot2::ylab(wrapped(
      paste0("lost when left out", attribution_sides(object)$unit),
      share = 0.5, side = "height"
    )) +
    sides_caption(object) +
    message_title(object$message) +
    theme_textseq() +
    step_axis(object, abs(table$occlusion), most = 30)
}

series_attributions <- function(object) {
  n_channels <- ncol(object$steps$scaled)
  numbered <- function(name) {
    if (n_channels == 1) name else sprintf("%s[%d]", name, seq_len(n_channels))
  }
  values <- as.matrix(object$table[numbered("value")])
  shares <- as.matrix(object$table[numbered("integrated_gradients")])
  # Channels with a panel each: those with the largest attributions.
  shown <- sort(utils::head(order(-colSums(abs(shares))), 4))
  sides <- attribution_sides(object)
  panel_of <- if (n_channels == 1) "value" else sprintf("channel %d", seq_len(n_channels))
  left_out <- paste0("left out", sides$unit)
  panels <- c(panel_of[shown], left_out)
  steps <- object$table$step
  long <- do.call(rbind, lapply(shown, function(channel) {
    data.frame(
      step = steps, value = values[, channel], share = shares[, channel] / max(abs(shares), 1e-300),
      panel = panel_of[channel]
    )
  }))
  long$panel <- factor(long$panel, panels)
  bars <- data.frame(
    step = steps, value = object$table$occlusion, gradients = object$table$integrated_gradients,
    panel = factor(left_out, panels)
  )
  note <- sprintf(
    "filled: %s; hollow: %s; marks and line by integrated gradients", sides$speaking, sides$against
  )
  if (length(shown) < n_channels) {
    note <- sprintf("%s; %d of %d channels", note, length(shown), n_channels)
  }
  marked <- long[abs(long$share) >= 0.05 & !is.na(long$value), ]
  ggplot2::ggplot(long, ggplot2::aes(.data$step, .data$value)) +
    ggplot2::geom_line(colour = muted, na.rm = TRUE) +
    ggplot2::geom_point(
      ggplot2::aes(size = abs(.data$share), fill = .data$share > 0), marked,
      shape = 21, colour = accent
    ) +
    ggplot2::geom_hline(
      ggplot2::aes(yintercept = .data$at), data.frame(panel = factor(left_out, panels), at = 0),
      colour = ink, linewidth = 0.4
    ) +
    ggplot2::geom_col(
      ggplot2::aes(fill = .data$value > 0), bars,
      colour = accent, linewidth = 0.3
    ) +
    ggplot2::geom_line(ggplot2::aes(y = .data$gradients), bars, colour = second) +
    ggplot2::scale_size_area(max_size = 5, guide = "none") +
    side_fill() +
    ggplot2::labs(y = NULL, caption = wrapped(note, 8.8, share = 0.95)) +
    message_title(object$message) +
    theme_textseq() +
    stacked_panels(ggplot2::vars(.data$panel)) +
    step_axis(object, rowSums(abs(shares)))
}
