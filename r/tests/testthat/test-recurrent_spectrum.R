test_that("eigenvalues are those of the weights", {
  skip_without_python()
  fit <- tiny_texts("rnn")
  found <- recurrent_spectrum(fit)
  values <- eigen(weights_by_name(fit)$layer1.W_hh)$values
  expect_equal(sort(Mod(values)), sort(sqrt(found$eigenvalues$real^2 + found$eigenvalues$imaginary^2)))
  expect_equal(svd(weights_by_name(fit)$layer1.W_hh)$d, found$singular_values$value)
  expect_length(found$memory, 0)
  expect_figure(found)
})

test_that("every gate has a panel", {
  skip_without_python()
  for (fit in list(tiny_texts(), tiny_texts("bilstm"))) {
    found <- recurrent_spectrum(fit)
    built <- expect_figure(found)
    expect_equal(nrow(built$layout$layout), nrow(found$table))
  }
})
