test_that("states and gates come by name, with units as names of columns", {
  skip_without_python()
  found <- step_by_step(tiny_texts(), "good , not bad")
  expect_identical(names(found$gates), paste0("layer1.", c("reset", "update", "candidate")))
  expect_equal(unname(found$states$layer1.h[, found$units[1]]), found$table[[sprintf("h[%s]", found$units[1])]])
  expect_equal(unname(found$by_hand), unname(found$by_network), tolerance = 1e-5)
  expect_named(found$by_hand, c("neg", "pos"))
  expect_match(found$equations, "z_t = sigmoid(W_xz x_t", fixed = TRUE)
  expect_figure(found)
})

test_that("both directions have a panel", {
  skip_without_python()
  built <- expect_figure(step_by_step(tiny_texts("bilstm"), "good , not bad"))
  expect_equal(nrow(built$layout$layout), 2)
})
