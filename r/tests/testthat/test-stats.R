test_that("generics of stats answer, or say what there is instead", {
  skip_without_python()
  fit <- text_classifier(label ~ text, films(), encoder = "mean", max_epochs = 1)
  picked <- model.frame(fit, cbind(films(4), n = 1))
  expect_identical(picked, films(4)[c("label", "text")])
  for (generic in list(
    model.frame, fitted, residuals, coef, weights, deviance, df.residual, sigma, family, terms,
    model.matrix
  )) {
    expect_error(generic(fit), "There is no `", class = "textseq_error")
  }
  expect_error(residuals(fit), "augment\\(fit, rows\\)", class = "textseq_error")
})
