#' What a decoder attends to
#'
#' The weight of each step of one source, or of each place of one image, in each token that the
#' decoder says.
#'
#' @param object A fit of [seq2seq()] or [captioner()] with attention; in [autoplot()] and [tidy()]
#'   an attention map.
#' @param x One source: a text, or a matrix (channels, time) or a vector of numbers, or a list of
#'   one vector of tokens; or one image, in the form that was fitted. In [tidy()] and `print()` an
#'   attention map.
#' @param ... Not used.
#' @return A `textseq_attention_map`: a list of `weights`, a matrix with a row for each token of
#'   the output and a column for each step of the source, whose rows add up to 1; `source`; and
#'   `output`, whose last token is the end. Of an image `weights` is an array (tokens, rows, columns
#'   of places), and `image` its pixels from 0 to 1. [tidy()] gives a tibble with one row a weight.
#' @examplesIf textseq_available()
#' numbers <- rep(c("1", "2", "1 2", "2 1"), 8)
#' words <- rep(c("one", "two", "one two", "two one"), 8)
#' set.seed(1)
#' fit <- seq2seq(numbers, words, hidden_size = 32, max_epochs = 20)
#' seen <- attention_map(fit, "2 1")
#' seen
#' autoplot(seen)
#' @export
attention_map <- function(object, x, ...) UseMethod("attention_map")

#' @export
attention_map.textseq_seq2seq <- function(object, x, ...) {
  check_attention(object)
  # A lone matrix is a series of several channels, not several series.
  one <- sources_of(if (is.numeric(x)) list(x) else x)
  if (length(one) != 1 || is_missing(one)) {
    abort(
      c(
        "`x` must be one source that is not missing.",
        x = sprintf("There are %d.", length(one)),
        i = "Tokens of one text go into a list: `list(c(\"I\", \"am\"))`."
      ),
      class = "textseq_error"
    )
  }
  open_in_python(object)
  seen <- py_call("attention_of", id = object$id, src = one)
  if (ncol(seen$weights) == 0) {
    abort(
      "`x` has no token or step, so that there is nothing to attend to.",
      class = "textseq_error", call = NULL
    )
  }
  dimnames(seen$weights) <- list(output = seen$output, source = seen$source)
  with_class(seen, "textseq_attention_map")
}

check_attention <- function(fit) {
  if (is.null(fit$parameters$attention)) {
    abort(
      c(
        "This fit has no attention to look at: its parameter `attention` is NULL.",
        i = "Fit one with `attention = \"additive\"` or `\"dot\"`."
      ),
      class = "textseq_error", call = NULL
    )
  }
}

#' @rdname attention_map
#' @export
tidy.textseq_attention_map <- function(x, ...) {
  tibble::tibble(
    output_step = as.vector(row(x$weights)), output = x$output[.data$output_step],
    source_step = as.vector(col(x$weights)), source = x$source[.data$source_step],
    weight = as.vector(x$weights)
  )
}

#' @export
print.textseq_attention_map <- function(x, ...) {
  strongest <- max.col(x$weights, ties.method = "first")
  cat(
    "Each token and what it attends to most:",
    sprintf(
      "  %s <- %s (%.2f)", x$output, x$source[strongest],
      x$weights[cbind(seq_along(strongest), strongest)]
    ),
    sep = "\n"
  )
  invisible(x)
}

# Sides up to which each weight is written into its square.
most_written <- 14

#' @rdname attention_map
#' @export
autoplot.textseq_attention_map <- function(object, ...) {
  weights <- tidy(object)
  # Of many steps each has little weight: white to grey spans what occurs.
  most <- max(weights$weight)
  source <- shortened(object$source, 16)
  output <- shortened(object$output, 16)
  level <- length(source) * (max(nchar(source, "width")) + 1) <= 40
  figure <- ggplot2::ggplot(
    weights, ggplot2::aes(.data$source_step, .data$output_step, fill = .data$weight)
  ) +
    ggplot2::geom_tile(colour = "white") +
    ggplot2::scale_fill_gradient(
      "attention weight",
      low = "white", high = "grey25", limits = c(0, most),
      breaks = c(0, most / 2, most), labels = function(ends) format(signif(ends, 2))
    ) +
    ggplot2::scale_x_continuous(
      "source",
      breaks = label_places(object$source), labels = function(at) source[at],
      expand = c(0, 0), position = "top",
      guide = ggplot2::guide_axis(check.overlap = TRUE)
    ) +
    ggplot2::scale_y_reverse(
      "output",
      breaks = label_places(object$output), labels = function(at) output[at],
      expand = c(0, 0)
    ) +
    message_title("What each output token attends to") +
    theme_textseq() +
    ggplot2::theme(
      panel.grid = ggplot2::element_blank(), legend.position = "right",
      legend.title = ggplot2::element_text(margin = ggplot2::margin(b = 8)),
      axis.text.x.top = if (!level) ggplot2::element_text(angle = 90, hjust = 0, vjust = 0.5)
    )
  if (max(dim(object$weights)) > most_written) {
    return(figure)
  }
  figure + ggplot2::geom_text(
    ggplot2::aes(label = sprintf("%.2f", .data$weight)),
    colour = ifelse(weights$weight > 0.6 * most, "white", ink), size = 3,
    check_overlap = TRUE
  )
}

# Places of the tokens that have a label: all of them, as far as labels fit.
label_places <- function(tokens, most = 60) {
  seq(1, length(tokens), by = ceiling(length(tokens) / most))
}
