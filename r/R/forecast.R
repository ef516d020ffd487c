#' Draw a forecast
#'
#' The rows before the forecast, the forecast, and its intervals as bands.
#'
#' @param object A forecast of [predict()][predict.textseq_forecaster].
#' @param series Names of the series to draw; by default as many as nine panels hold.
#' @param ... Not used.
#' @return A ggplot.
#' @inherit predict.textseq_forecaster examples
#' @export
autoplot.textseq_forecast <- function(object, series = NULL, ...) {
  shown <- shown_series(object, series, "forecast")
  ahead <- panels_of(shown$rows)
  titles <- attr(object, "titles")
  history <- panels_of(attr(object, "history"))
  history <- history[history$panel %in% ahead$panel, ]
  figure <- ggplot2::ggplot(mapping = ggplot2::aes(x = .data$time)) +
    bands(ahead) +
    ggplot2::geom_line(
      ggplot2::aes(y = .data$.value, linetype = "observed", colour = "observed"), history,
      na.rm = TRUE
    ) +
    ggplot2::geom_line(
      ggplot2::aes(y = .data$.pred, linetype = "forecast", colour = "forecast"), ahead
    ) +
    ggplot2::scale_linetype_manual(NULL, values = c(observed = "solid", forecast = "dashed")) +
    ggplot2::scale_colour_manual(NULL, values = c(observed = ink, forecast = accent)) +
    ggplot2::guides(x = ggplot2::guide_axis(check.overlap = TRUE)) +
    ggplot2::labs(
      x = titles$time %||% names(shown$rows)[2],
      y = titles$value %||% paste(attr(object, "targets"), collapse = ", "),
      caption = shown$note
    ) +
    message_title(forecast_message(object)) +
    theme_textseq()
  in_panels(figure, ahead$panel)
}

# The rows of the series that are drawn, named in the first column, and how many there are.
shown_series <- function(object, series, what) {
  object <- joined_ids(object)
  ids <- unique(object[[1]])
  # Nine panels can be read.
  most <- max(9 %/% length(attr(object, "targets")), 1)
  shown <- series %||% ids[seq_len(min(length(ids), most))]
  unknown <- setdiff(shown, ids)
  if (length(unknown) > 0) {
    abort(
      sprintf("The %s has no series %s.", what, paste(unknown, collapse = ", ")),
      class = "textseq_error"
    )
  }
  list(
    rows = object[object[[1]] %in% shown, ],
    note = if (length(shown) < length(ids)) {
      sprintf("%d of %d series; `series =` names others", length(shown), length(ids))
    }
  )
}

in_panels <- function(figure, panels) {
  if (length(unique(panels)) == 1) {
    return(figure)
  }
  figure + ggplot2::facet_wrap(ggplot2::vars(.data$panel), scales = "free_y") +
    ggplot2::theme(strip.text = ggplot2::element_text(size = ggplot2::rel(0.75)))
}

forecast_message <- function(object) {
  steps <- max(table(paste(object[[1]], object[["variable"]])))
  levels <- interval_levels(object)
  if (length(levels) == 0) {
    return(sprintf("The next %d steps", steps))
  }
  sprintf(
    "The next %d steps; the bands should hold %s of what comes", steps,
    paste(levels, "%", collapse = ", ")
  )
}

# The names of the series in one column, the first.
joined_ids <- function(object) {
  columns <- attr(object, "id_cols") %||% names(object)[1]
  object[[columns[1]]] <- joined_key(unclass(object)[columns])
  object[setdiff(names(object), columns[-1])]
}

# Names of the panels, and times and values under fixed names.
panels_of <- function(frame) {
  panel <- as.character(frame[[1]])
  if (!is.null(frame[["variable"]])) panel <- paste0(panel, "\n", frame$variable)
  values <- frame[grepl("^\\.(pred|value)", names(frame))]
  tibble::as_tibble(c(list(panel = panel, time = span_dates(frame[[2]])), as.list(values)))
}

interval_levels <- function(frame) {
  ends <- grep("^\\.pred_lower_", names(frame), value = TRUE)
  sort(as.numeric(sub("^\\.pred_lower_", "", ends)))
}

# The widest band first and lightest.
bands <- function(ahead) {
  levels <- rev(interval_levels(ahead))
  labels <- sprintf("%s %%", levels)
  greys <- stats::setNames(grDevices::grey.colors(length(levels), 0.92, 0.8), labels)
  layers <- Map(function(level, label) {
    ends <- sprintf(c(".pred_lower_%s", ".pred_upper_%s"), level)
    band <- tibble::tibble(
      panel = ahead$panel, time = ahead$time, low = ahead[[ends[1]]], high = ahead[[ends[2]]],
      level = factor(label, labels)
    )
    ggplot2::geom_ribbon(
      ggplot2::aes(ymin = .data$low, ymax = .data$high, fill = .data$level), band
    )
  }, levels, labels)
  list(unname(layers), ggplot2::scale_fill_manual(values = greys))
}
