#' Does the order of words matter to a model?
#'
#' Scores a model on texts or series with their words or steps in random order, against the same
#' in order. A drop says that this model leans on order, not that the task needs it: a model
#' without order, fitted to the same rows, may still score as high. Best on rows that the model was
#' not fitted to.
#'
#' Of a [sequence_tagger()] the tags go with their tokens; of a [seq2seq()] the sources are
#' shuffled, and targets have their log-likelihood; of a [language_model()] the tokens of a text,
#' window by window.
#' @param fit A fit; if on tokens, then on such as are no n-grams.
#' @param new_data Texts or series, as for [predict()].
#' @param y Their outcomes, by default the column that the fit's formula names; none for a
#'   language model.
#' @param n_shuffles Times that every row is shuffled anew.
#' @param random_state A seed; drawn from R's own random numbers if it is `NULL`.
#' @return A [textseq_inspection] with
#' \describe{
#'   \item{table}{One row a reading, "in order" first: `reading`, `score`, `drop` (the score in
#'     order less this one), `changed` (share of rows that are predicted otherwise).}
#'   \item{metric}{"accuracy", "subset accuracy", "r2", "token accuracy" or "log-likelihood a
#'     token".}
#'   \item{score, shuffled_scores}{In order, and of each shuffle.}
#'   \item{drop, low, high}{What shuffling costs on average, and its 95 % interval over rows.}
#'   \item{p_value}{That such a drop comes by chance where order does not matter.}
#' }
#' @references Pham, Bui, Mai & Nguyen (2021), "Out of Order: How Important Is the Sequential Order
#'   of Words in a Sentence in Natural Language Understanding Tasks?".
#' @examplesIf textseq_available()
#' texts <- rep(c("good not bad", "bad not good"), 20)
#' labels <- rep(c("pos", "neg"), 20)
#' fit <- text_classifier(texts, labels, encoder = "gru", hidden_size = 8, random_state = 1)
#' found <- order_matters(fit, texts, labels, random_state = 1)
#' found
#' autoplot(found)
#' @export
order_matters <- function(fit, new_data, y = NULL, n_shuffles = 5, random_state = NULL) {
  check_fit(fit)
  check_rows_model(fit)
  options <- with_seed(list(n_shuffles = n_shuffles, random_state = random_state))
  inspect("order_matters", fit, rows_with_outcomes(fit, new_data, y), options)
}

#' @rdname textseq_inspection
#' @export
autoplot.textseq_order_matters <- function(object, ...) {
  readings <- c(paste(object$words$shuffled, "in order"), "shuffled")
  place <- function(reading) factor(reading, rev(readings))
  means <- data.frame(
    reading = place(readings), score = c(object$score, mean(object$shuffled_scores))
  )
  shuffles <- data.frame(reading = place(readings[2]), score = object$shuffled_scores)
  # The interval is that of the drop, laid off from the score in order.
  interval <- data.frame(
    reading = place(readings[2]), low = object$score - object$high,
    high = object$score - object$low
  )
  # Scores that are all but equal should look so.
  ends <- range(interval$low, interval$high, object$score, object$shuffled_scores)
  margin <- max(0.1 * diff(ends), 0.01)
  ggplot2::ggplot(means, ggplot2::aes(.data$score, .data$reading)) +
    ggplot2::geom_linerange(
      ggplot2::aes(xmin = .data$low, xmax = .data$high, y = .data$reading), interval,
      inherit.aes = FALSE, colour = accent, linewidth = 0.8
    ) +
    ggplot2::geom_point(data = shuffles, shape = "|", size = 5, colour = ink) +
    ggplot2::geom_point(
      ggplot2::aes(fill = .data$reading),
      shape = 21, size = 3.5, colour = accent
    ) +
    ggplot2::geom_text(
      ggplot2::aes(label = sprintf("%.3f", .data$score)),
      vjust = -1.2, size = 3.3
    ) +
    ggplot2::scale_fill_manual(
      values = stats::setNames(c(accent, paper), readings), guide = "none"
    ) +
    ggplot2::scale_x_continuous(breaks = breaks_to_1) +
    ggplot2::coord_cartesian(xlim = c(ends[1] - margin, ends[2] + margin)) +
    ggplot2::labs(
      x = wrapped(
        sprintf("%s; ticks: shuffles; line: 95 %% interval of the drop", object$metric)
      ),
      y = NULL
    ) +
    message_title(object$message) +
    theme_textseq() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank())
}
