# Fitting to texts, and texts to predict: what text_classifier() and text_regressor() share.

fit_text_formula <- function(model, formula, data, parameters, validation_data, verbose) {
  columns <- formula_columns(formula, data)
  if (!is.null(validation_data)) {
    check_columns(validation_data, unlist(columns), "`validation_data`")
    validation_data <- list(
      validation_data[columns$predictors], outcome_of(validation_data, columns$outcome)
    )
  }
  fit_texts(
    model, data[columns$predictors], outcome_of(data, columns$outcome), parameters,
    validation_data, verbose,
    outcome = columns$outcome
  )
}

fit_texts <- function(model, x, y, parameters, validation_data, verbose, outcome = NULL) {
  rows <- complete_rows(text_columns(x), y)
  if (!is.null(validation_data)) {
    check_validation(validation_data)
    held_out <- complete_rows(text_columns(validation_data[[1]]), validation_data[[2]])
    validation_data <- list(plain_texts(held_out$x), plain_outcome(model, held_out$y))
  }
  fit_model(
    model$kind, model$class,
    data = list(
      X = plain_texts(rows$x), y = plain_outcome(model, rows$y), validation_data = validation_data
    ),
    parameters = parameters, verbose = verbose,
    predictors = if (is.data.frame(x)) names(x), outcome = outcome, factor = outcome_levels(y)
  )
}

plain_outcome <- function(model, y) {
  if (model$outcome == "class") class_outcome(y) else number_outcome(y)
}

check_validation <- function(validation_data) {
  if (is.data.frame(validation_data) || length(validation_data) != 2) {
    abort(
      "`validation_data` must be a list of `x` and `y`; with a formula it is a data frame.",
      class = "textseq_error", call = NULL
    )
  }
}

# What Python reads of new texts, and which of them are there.
new_texts <- function(object, new_data) {
  if (is.data.frame(new_data) && !is.null(object$predictors)) {
    check_columns(new_data, object$predictors, "`new_data`")
    new_data <- new_data[object$predictors]
  } else if (!is.data.frame(new_data) && !is.atomic(new_data)) {
    new_data_unknown(new_data, "a character vector or a data frame")
  }
  texts <- text_columns(new_data)
  there <- stats::complete.cases(texts)
  list(X = plain_texts(texts[there, , drop = FALSE]), there = there)
}

new_data_unknown <- function(new_data, expected) {
  abort(
    c(
      sprintf("`new_data` must be %s.", expected),
      x = sprintf("It is of class %s.", paste(class(new_data), collapse = "/"))
    ),
    class = "textseq_error", call = NULL
  )
}
