# The look that all figures share; colours as in textseq/figures.py, no two equally bright, so
# that they stay apart in grey. Beside colour always goes a linetype or a shape.

ink <- "#1f2328"
muted <- "#59636e"
paper <- "#fefefe"
accent <- "#12508f"
second <- "#d9822c"

# Lines and marks of the first, second, ... thing shown.
line_colors <- c(accent, second, muted, ink)
line_types <- c("solid", "dashed", "dotted", "dotdash")
line_shapes <- c(21, 22, 24, 23, 25, 4)
solid_shapes <- c(16, 15, 18, 17)

theme_textseq <- function() {
  ggplot2::theme_minimal(base_size = 11) +
    ggplot2::theme(
      plot.title = ggplot2::element_text(face = "bold", size = 12, colour = ink),
      plot.title.position = "plot",
      plot.margin = ggplot2::margin(6, 14, 6, 6),
      plot.background = ggplot2::element_rect(fill = paper, colour = NA),
      axis.title = ggplot2::element_text(colour = muted, size = ggplot2::rel(0.9)),
      panel.grid.minor = ggplot2::element_blank(),
      legend.position = "top", legend.justification = "left", legend.box = "vertical",
      legend.box.just = "left", legend.spacing.y = ggplot2::unit(0.2, "lines"),
      legend.margin = ggplot2::margin(b = 4), legend.title = ggplot2::element_blank(),
      plot.caption = ggplot2::element_text(colour = muted, hjust = 0),
      plot.caption.position = "plot"
    )
}

# A title states the figure's message.
message_title <- function(message) ggplot2::ggtitle(wrapped(message, 12, share = 0.96, em = 0.59))

# Text that is broken into lines where the figure ends. Its size is known only when it is drawn:
# grid calls as.character() then. `share` of the figure's width or height is free, `size` is in
# points, and a letter is `em` of it wide.
wrapped <- function(text, size = 9.9, share = 0.75, em = 0.54, side = c("width", "height")) {
  structure(
    text,
    class = "textseq_wrapped", letters_per_inch = 72 * share / (size * em),
    side = match(match.arg(side), c("width", "height"))
  )
}

#' @export
as.character.textseq_wrapped <- function(x, ...) {
  # Without a device dev.size() would open one.
  inches <- if (grDevices::dev.cur() == 1) c(7, 7) else grDevices::dev.size()
  letters <- inches[attr(x, "side")] * attr(x, "letters_per_inch")
  paste(strwrap(unclass(x), max(letters, 12)), collapse = "\n")
}

# A name as a figure has room for it.
shortened <- function(name, most) {
  long <- nchar(name, "width") > most
  name[long] <- paste0(trimws(strtrim(name[long], most - 3), "right"), "...")
  name
}

# Panels below one another, and their strips in place of titles of the y axes: level and in
# lines, as strips along the axis would have to be shorter than their panel is high.
stacked_panels <- function(panel) {
  list(
    ggplot2::facet_grid(
      rows = panel, scales = "free_y", switch = "y", labeller = ggplot2::label_wrap_gen(15)
    ),
    ggplot2::theme(
      strip.placement = "outside",
      strip.text.y.left = ggplot2::element_text(
        colour = muted, size = ggplot2::rel(1.1), angle = 0, hjust = 1
      ),
      panel.spacing = ggplot2::unit(0.8, "lines")
    )
  )
}

# Breaks of an axis of scores that are 1 at most.
breaks_to_1 <- function(limits) {
  breaks <- pretty(limits)
  breaks[breaks < 1 + 1e-9]
}
