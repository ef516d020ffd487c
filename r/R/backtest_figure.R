#' Draw a backtest
#'
#' What came, and the forecasts from each cutoff over it, with their widest intervals as bands.
#'
#' @param object A result of [cross_validation()].
#' @param series Names of the series to draw; by default as many as nine panels hold.
#' @param ... Not used.
#' @return A ggplot.
#' @examplesIf textseq_available()
#' set.seed(1)
#' past <- cross_validation(
#'   AirPassengers, h = 12, n_windows = 2, hidden_size = 16, max_epochs = 5
#' )
#' autoplot(past)
#' @export
autoplot.textseq_backtest <- function(object, series = NULL, ...) {
  check_dots(...)
  shown <- shown_series(object, series, "backtest")
  rows <- shown$rows
  level <- utils::tail(interval_levels(rows), 1)
  ahead <- panels_of(rows)
  ahead$cutoff <- rows$cutoff
  truth <- panels_of(attr(object, "history"))
  truth <- truth[truth$panel %in% ahead$panel, ]
  title <- sprintf(
    "%s from %s", attr(object, "model"), counted(length(unique(rows$cutoff)), "cutoff")
  )
  if (length(level) == 1) title <- sprintf("%s; the bands should hold %s %%", title, level)
  figure <- ggplot2::ggplot(mapping = ggplot2::aes(x = .data$time)) +
    (if (length(level) == 1) {
      ggplot2::geom_ribbon(
        ggplot2::aes(
          ymin = .data[[paste0(".pred_lower_", level)]],
          ymax = .data[[paste0(".pred_upper_", level)]], group = .data$cutoff
        ),
        ahead,
        fill = "grey85"
      )
    }) +
    ggplot2::geom_vline(
      ggplot2::aes(xintercept = .data$cutoff), unique(ahead[c("panel", "cutoff")]),
      colour = muted, linetype = "dotted"
    ) +
    ggplot2::geom_line(
      ggplot2::aes(y = .data$.value, linetype = "observed", colour = "observed"), truth,
      na.rm = TRUE
    ) +
    ggplot2::geom_line(
      ggplot2::aes(
        y = .data$.pred, group = .data$cutoff, linetype = "forecast", colour = "forecast"
      ), ahead
    ) +
    ggplot2::scale_linetype_manual(NULL, values = c(observed = "solid", forecast = "dashed")) +
    ggplot2::scale_colour_manual(NULL, values = c(observed = ink, forecast = accent)) +
    ggplot2::guides(x = ggplot2::guide_axis(check.overlap = TRUE)) +
    ggplot2::labs(
      x = attr(object, "time_col"), y = paste(attr(object, "targets"), collapse = ", "),
      caption = paste(c("dotted: cutoffs", shown$note), collapse = "; ")
    ) +
    message_title(title) +
    theme_textseq()
  in_panels(figure, ahead$panel)
}

# The last rows before the first cutoff, as many as there are to come, and those that came.
backtest_history <- function(rows, frame, time_col, targets) {
  x <- rows$x
  # Without a column of ids Python gives the only series one.
  ids <- as.character(if (rows$id_col %in% names(x)) x[[rows$id_col]] else frame[[1]][1])
  ids <- rep_len(ids, nrow(x))
  x <- x[order(ids, x[[time_col]]), c(time_col, targets)]
  ids <- sort(ids)
  ahead <- max(table(frame[[1]], frame$cutoff), 12) * (length(unique(frame$cutoff)) + 2)
  last <- stats::ave(seq_along(ids), ids, FUN = function(places) rev(seq_along(places)))
  x <- x[last <= ahead, ]
  ids <- ids[last <= ahead]
  time <- as_spans(x[[time_col]], rows$spans)
  long <- lapply(targets, function(target) {
    tibble::tibble(
      id = ids, time = time, variable = target, .value = as.double(x[[target]])
    )
  })
  long <- do.call(rbind, long)
  if (length(targets) == 1) long$variable <- NULL
  long
}
