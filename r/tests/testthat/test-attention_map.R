test_that("an attention map prints, tidies and is drawn", {
  skip_without_python()
  fit <- seq2seq(
    rep(c("1 2 3", "2 3 1"), 20), rep(c("a b c", "b c a"), 20),
    hidden_size = 8, embedding_dim = 8, max_epochs = 2, random_state = 1
  )
  seen <- attention_map(fit, "2 3 1")
  expect_equal(unname(rowSums(seen$weights)), rep(1, length(seen$output)), tolerance = 1e-5)
  expect_identical(seen$output[length(seen$output)], "<eos>")
  expect_output(print(seen), "<eos> <- ")
  long <- tidy(seen)
  expect_identical(nrow(long), length(seen$weights))
  cell <- long[long$output_step == 1 & long$source_step == 3, ]
  expect_identical(cell$weight, seen$weights[[1, 3]])
  expect_identical(cell$source, "1")

  figure <- autoplot(seen)
  expect_identical(as.vector(unclass(figure$labels$title)), "What each output token attends to")
  written <- ggplot2::ggplot_build(figure)$data[[2]]
  expect_identical(written$label, sprintf("%.2f", long$weight))
  # Numbers of many squares would not be readable.
  wide <- attention_map(fit, paste(rep("1 2", 10), collapse = " "))
  expect_length(autoplot(wide)$layers, 1)
  expect_error(attention_map(fit, NA_character_), "not missing", class = "textseq_error")
  expect_error(attention_map(fit, c("1", "2")), "There are 2", class = "textseq_error")
  expect_error(attention_map(fit, ""), "no token or step", class = "textseq_error")
})
