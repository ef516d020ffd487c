# Fitting to texts, and texts to predict: what text_classifier() and text_regressor() share.

fit_text_formula <- function(model, formula, data, parameters, validation_data, checkpoint,
                             verbose, unlabelled = NULL) {
  if (rlang::is_string(data)) {
    return(fit_text_files(
      model, formula, data, parameters, validation_data, checkpoint, verbose, unlabelled
    ))
  }
  columns <- formula_columns(formula, data)
  picked <- function(data) {
    list(data[columns$predictors], outcome_of(data, columns$outcome))
  }
  if (!is.null(validation_data)) {
    validation_data <- formula_columns(formula, validation_data, "`validation_data`")$data
    check_columns(validation_data, columns$predictors, "`validation_data`")
    validation_data <- picked(validation_data)
  }
  if (is.data.frame(unlabelled)) {
    check_columns(unlabelled, columns$predictors, "`unlabelled`")
    unlabelled <- as.data.frame(unlabelled)[columns$predictors]
  }
  all <- picked(columns$data)
  fit_texts(
    model, all[[1]], all[[2]], parameters, validation_data, checkpoint, verbose, unlabelled, columns
  )
}

fit_texts <- function(model, x, y, parameters, validation_data, checkpoint, verbose,
                      unlabelled = NULL, columns = NULL) {
  if (names_files(x)) {
    abort(
      c(
        sprintf("`x` is a path, \"%s\", whose columns a formula names.", x),
        i = sprintf("Write `%s(label ~ text, \"%s\")`.", sub("^textseq_", "", model$class[1]), x)
      ),
      class = "textseq_error", call = NULL
    )
  }
  named <- texts_beside(x, parameters$text_columns)
  rows <- complete_rows(text_rows(x, named), y, named)
  if (!is.null(validation_data)) {
    check_validation(validation_data)
    held_out <- text_rows(validation_data[[1]], named)
    held_out <- complete_rows(held_out, validation_data[[2]], named)
    validation_data <- list(plain_texts(held_out$x), held_out_outcome(model, held_out$y, rows$y))
  }
  data <- list(
    X = plain_texts(rows$x), y = plain_outcome(model, rows$y), validation_data = validation_data
  )
  if (!is.null(unlabelled)) {
    more <- text_rows(unlabelled, named)
    there <- stats::complete.cases(more[named %||% names(more)])
    data$unlabelled <- plain_texts(more[there, , drop = FALSE])
  }
  fit_model(
    model$kind, model$class,
    data = data,
    parameters = parameters, checkpoint = checkpoint, verbose = verbose,
    predictors = if (is.data.frame(x)) names(x), outcome = columns$outcome,
    outcome_from = columns$outcome_from, formula = columns$formula, factor = outcome_levels(y)
  )
}

plain_outcome <- function(model, y) {
  if (model$outcome != "class") {
    return(number_outcome(y))
  }
  y <- class_outcome(y)
  if (is.double(y) && !is.object(y) && any(y %% 1 != 0)) {
    abort(
      c(
        sprintf("The outcome holds numbers with decimals, such as %s.", format(y[y %% 1 != 0][1])),
        i = "To predict numbers there are `text_regressor()` and `series_regressor()`.",
        i = "If they are classes, say so by `factor(y)`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  y
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
  if (length(object$beside) > 0) {
    return(new_rows_beside(object, new_data))
  }
  columns <- columns_to_read(object, new_data)
  if (is.data.frame(new_data) && !is.null(columns)) {
    check_columns(new_data, columns, "`new_data`")
    new_data <- as.data.frame(new_data)[columns]
  } else if (!is.data.frame(new_data) && !is.atomic(new_data)) {
    new_data_unknown(new_data, "a character vector or a data frame")
  }
  texts <- text_columns(new_data)
  if (length(object$predictors) == 2 && length(texts) == 1) {
    abort(
      c(
        "The model was fitted to two texts a row, and `new_data` has one.",
        i = sprintf(
          "Pass a data frame with the columns %s.", paste(object$predictors, collapse = " and ")
        )
      ),
      class = "textseq_error", call = NULL
    )
  }
  there <- stats::complete.cases(texts)
  list(X = plain_texts(texts[there, , drop = FALSE]), there = there)
}

# The columns that the fit was fitted to; where it knows none, the only one of texts.
columns_to_read <- function(object, new_data) {
  if (!is.null(object$predictors) || !is.data.frame(new_data)) {
    return(object$predictors)
  }
  texts <- names(new_data)[vapply(new_data, is_text, TRUE)]
  if (length(texts) == 1) texts
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
