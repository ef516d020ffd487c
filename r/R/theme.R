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
      plot.caption = ggplot2::element_text(colour = muted, hjust = 0)
    )
}

# A title states the figure's message, in lines that fit its width.
message_title <- function(message, width = 72) {
  ggplot2::ggtitle(paste(strwrap(message, width), collapse = "\n"))
}

# Strips of panels that stand for the titles of their y axes.
panel_strips <- function() {
  ggplot2::theme(
    strip.placement = "outside",
    strip.text.y.left = ggplot2::element_text(colour = muted, size = ggplot2::rel(1.1)),
    panel.spacing = ggplot2::unit(1, "lines")
  )
}
