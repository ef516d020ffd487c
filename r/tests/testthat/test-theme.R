# What a title becomes on a device of that many inches.
drawn_text <- function(text, width, ...) {
  grDevices::pdf(NULL, width = width)
  on.exit(grDevices::dev.off())
  as.character(wrapped(text, ...))
}

test_that("titles are broken where the figure ends, and stay what they say", {
  long <- paste(rep("a word", 20), collapse = " ")
  lines <- function(...) lengths(strsplit(drawn_text(long, ...), "\n"))
  expect_gt(lines(3), lines(6))
  expect_identical(lines(40), 1L)
  expect_gt(lines(40, side = "height"), 1)
  expect_identical(gsub("\n", " ", drawn_text(long, 3)), long)
  expect_identical(drawn_text("short", 7), "short")
  figure <- ggplot2::ggplot() + message_title(long)
  grDevices::pdf(NULL, width = 3)
  on.exit(grDevices::dev.off())
  drawn <- ggplot2::ggplotGrob(figure)
  label <- drawn$grobs[[which(drawn$layout$name == "title")]]$children[[1]]$label
  expect_match(label, "\n")
})

test_that("long names end in dots, and scores at 1", {
  expect_identical(shortened(c("short", "a name of many letters"), 12), c("short", "a name of..."))
  expect_identical(max(breaks_to_1(c(0.95, 1.05))), 1)
})

test_that("layers and directions are named as far as it takes", {
  cells <- expand.grid(direction = c("forward", "backward"), layer = 1:2, stringsAsFactors = FALSE)
  expect_identical(levels(cell_names(cells[1:2, ])), c("forward", "backward"))
  expect_identical(levels(cell_names(cells[c(1, 3), ])), c("layer 1", "layer 2"))
  expect_identical(levels(cell_names(cells))[4], "layer 2, bwd")
})
