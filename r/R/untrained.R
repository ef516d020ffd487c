# Networks that an instrument looks at before they are trained.

inspect_untrained <- function(instrument, given, options = NULL) {
  found <- py_call(
    "inspect_untrained",
    instrument = instrument, kind = given$kind, data = given$data, columns = given$columns,
    parameters = with_seed(given$parameters), options = options
  )
  new_inspection(instrument, found)
}

# What a formula picks; its predictors tell texts from series.
formula_data <- function(formula, data, dots) {
  columns <- formula_columns(formula, data)
  data <- columns$data
  dots <- split_roles(model_parameters(dots))
  id_col <- dots$roles$id_col %||% "unique_id"
  predictors <- setdiff(columns$predictors, c(id_col, dots$roles$time_col))
  first <- data[[predictors[1]]]
  if (is.list(first)) {
    return(labelled_data(first, outcome_of(data, columns$outcome), dots$parameters))
  }
  if (!all(vapply(data[predictors], is.numeric, TRUE))) {
    return(labelled_data(data[predictors], outcome_of(data, columns$outcome), dots$parameters))
  }
  long <- long_series(data, predictors, id_col, dots$roles$time_col, columns$outcome)
  labelled_data(long$X, long$y, dots$parameters)
}

# Texts or series with outcomes; without them, what a forecaster is fitted to.
plain_data <- function(x, y, dots) {
  dots <- model_parameters(dots)
  if (!is.null(y)) {
    return(labelled_data(x, y, dots))
  }
  if (stats::is.ts(x)) dots <- ts_parameters(x, dots)
  if (inherits(x, "tbl_ts")) dots <- tsibble_roles(x, dots)
  dots <- split_roles(dots)
  x <- series_frame(x)
  key <- series_key(x, dots$roles$id_col)
  if (!is.null(key)) dots$roles$id_col <- key$id
  list(
    kind = "Forecaster", data = list(X = join_key(x, key)), columns = dots$roles,
    parameters = dots$parameters
  )
}

# The model that data is for, and the data as Python takes it.
labelled_data <- function(x, y, parameters) {
  of_texts <- is.character(x) || is.factor(x) ||
    (is.data.frame(x) && !all(vapply(x, is.numeric, TRUE)))
  named <- if (of_texts) texts_beside(x, parameters$text_columns)
  rows <- if (of_texts) complete_rows(text_rows(x, named), y, named) else complete_series(x, y)
  kind <- parameters$estimator %||% paste0(
    if (of_texts) "text_" else "series_", if (are_fractions(y)) "regressor" else "classifier"
  )
  kinds <- c(
    text_classifier = "TextClassifier", text_regressor = "TextRegressor",
    series_classifier = "SeriesClassifier", series_regressor = "SeriesRegressor"
  )
  rlang::arg_match0(kind, names(kinds), "estimator")
  number <- grepl("regressor", kind)
  parameters$estimator <- NULL
  list(
    kind = kinds[[kind]],
    data = list(
      X = if (of_texts) plain_texts(rows$x) else rows$x,
      y = if (number) number_outcome(rows$y) else class_outcome(rows$y)
    ),
    parameters = parameters
  )
}

# Whether an outcome can only be meant as numbers, as compare_encoders() has it, too.
are_fractions <- function(y) {
  is.numeric(y) && !is_indicators(y) && any(y != round(y), na.rm = TRUE)
}

# Tells the names of columns from the parameters of the model.
split_roles <- function(dots) {
  known <- c("id_col", "time_col", "target_col", "past", "future", "static", "freq")
  list(
    roles = Filter(Negate(is.null), dots[names(dots) %in% known]),
    parameters = dots[!names(dots) %in% known]
  )
}
