test_that("the figure shows the gradient and what it rests on, on log axes", {
  skip_without_python()
  found <- gradient_flow(tiny_texts("bilstm"), films())
  built <- expect_figure(found)
  expect_equal(built$layout$panel_scales_y[[1]]$trans$name, "log-10")
  panels <- levels(built$layout$layout[["panel"]] %||% built$plot$data$panel)
  expect_identical(panels, c("norm of dL/dh_t", "norm of ds_T/ds_t"))
  expect_setequal(unique(built$plot$data$line), c(NA, "norm of dL/dc_t", "bound: product of norms"))
  expect_setequal(levels(built$plot$data$cell), c("forward", "backward"))
})

test_that("a few distances are printed, the last one among them", {
  skip_without_python()
  found <- gradient_flow(tiny_series(), waves()$x, waves()$y)
  expect_identical(shown_rows(found)$steps_before_end, c(0L, 1L, 3L, 10L, 14L))
})

test_that("an exploding gradient is seen and drawn", {
  skip_without_python()
  rows <- films(8)
  rows$text <- strrep(paste0(rows$text, " "), 30)
  found <- gradient_flow(
    label ~ text, rows,
    encoder = "rnn", activation = "relu", init = "orthogonal", init_gain = 1e5, hidden_size = 3,
    num_layers = 1, random_state = 1, n_threads = 1
  )
  expect_identical(found$kind, "exploding")
  expect_false(all(is.finite(found$table$bound)))
  expect_figure(found)
})
