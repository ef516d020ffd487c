#' @rdname attention_map
#' @export
tidy.textseq_image_attention <- function(x, ...) {
  places <- which(!is.na(x$weights), arr.ind = TRUE)
  tibble::tibble(
    output_step = unname(places[, 1]), output = x$output[.data$output_step],
    row = unname(places[, 2]), column = unname(places[, 3]), weight = as.vector(x$weights)
  )
}

#' @export
print.textseq_image_attention <- function(x, ...) {
  strongest <- apply(x$weights, 1, which.max)
  rows <- dim(x$weights)[2]
  cat(
    "Each token and the place that it attends to most:",
    sprintf(
      "  %s <- row %d, column %d (%.2f)", x$output,
      (strongest - 1) %% rows + 1, (strongest - 1) %/% rows + 1, apply(x$weights, 1, max)
    ),
    sep = "\n"
  )
  invisible(x)
}

#' @rdname attention_map
#' @export
autoplot.textseq_image_attention <- function(object, ...) {
  weights <- tidy(object)
  most <- stats::ave(weights$weight, weights$output_step, FUN = max)
  # Grey lies over what is not attended to: none over what is most.
  weights$veil <- 0.7 * (1 - weights$weight / most)
  shown <- sprintf("%s %.2f", shortened(object$output, 14), apply(object$weights, 1, max))
  weights$panel <- factor(weights$output_step, labels = shown)
  size <- dim(object$weights)[2:3]
  figure <- ggplot2::ggplot(weights, ggplot2::aes(.data$column, .data$row))
  if (!is.null(object$image)) {
    figure <- figure + ggplot2::annotation_raster(
      object$image, 0.5, size[2] + 0.5, -size[1] - 0.5, -0.5,
      interpolate = FALSE
    )
  }
  figure +
    ggplot2::geom_tile(ggplot2::aes(alpha = .data$veil), fill = "grey35", colour = NA) +
    ggplot2::facet_wrap(ggplot2::vars(.data$panel)) +
    ggplot2::scale_alpha_identity() +
    ggplot2::scale_y_reverse("row of places", breaks = places_named, expand = c(0, 0)) +
    ggplot2::scale_x_continuous("column of places", breaks = places_named, expand = c(0, 0)) +
    ggplot2::coord_fixed() +
    message_title("What each token looks at, and its largest weight") +
    theme_textseq() +
    ggplot2::theme(panel.grid = ggplot2::element_blank())
}

# Whole numbers within the ends, few enough to read.
places_named <- function(ends) {
  within <- seq(ceiling(min(abs(ends))), floor(max(abs(ends))))
  within[within %% ceiling(length(within) / 8) == 0]
}
