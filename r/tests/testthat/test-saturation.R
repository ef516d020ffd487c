test_that("every gate has a panel between 0 and 1", {
  skip_without_python()
  found <- saturation(tiny_series(), waves()$x)
  expect_identical(names(found$over_time)[5:8], c("step", "series", "activity", "saturated"))
  built <- expect_figure(found)
  expect_equal(nrow(built$layout$layout), 5)
  limits <- built$layout$panel_scales_y[[1]]$range$range
  expect_true(limits[1] <= 0 && limits[2] >= 1)
  expect_figure(saturation(tiny_texts("bilstm"), films()))
})
