# Networks that an instrument looks at before they are trained.

inspect_untrained <- function(instrument, given, parameters, options = NULL) {
  found <- py_call(
    "inspect_untrained",
    instrument = instrument, kind = given$kind, data = given$data, columns = given$columns,
    parameters = with_seed(parameters), options = options
  )
  new_inspection(instrument, found)
}

formula_data <- function(formula, data) {
  columns <- formula_columns(formula, data)
  plain_data(data[columns$predictors], outcome_of(data, columns$outcome))
}

# The model that data is for, and the data as Python takes it.
plain_data <- function(x, y) {
  if (is.data.frame(x) && is.null(y)) {
    return(list(kind = "Forecaster", data = list(X = x)))
  }
  of_texts <- is.data.frame(x) || is.character(x)
  if (of_texts) {
    rows <- complete_rows(text_columns(if (is.character(x)) data.frame(text = x) else x), y)
    x <- plain_texts(rows$x)
    y <- rows$y
  }
  answer <- if (is.numeric(y) && is.null(dim(y))) "Regressor" else "Classifier"
  list(kind = paste0(if (of_texts) "Text" else "Series", answer), data = list(X = x, y = plain_outcome(y)))
}
