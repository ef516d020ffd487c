# Whole series as R has them, to what Python reads: what series_classifier() and
# series_regressor() share.

fit_series_formula <- function(model, formula, data, parameters, id_col, time_col, validation_data,
                               checkpoint, verbose) {
  columns <- formula_columns(formula, data)
  columns$predictors <- setdiff(columns$predictors, c(id_col, time_col))
  listed <- length(columns$predictors) == 1 && is.list(data[[columns$predictors]])
  gathered <- function(data, name) {
    if (listed) {
      return(list(data[[columns$predictors]], outcome_of(data, columns$outcome)))
    }
    long <- long_series(data, columns$predictors, id_col, time_col, columns$outcome, name)
    list(long$X, long$y)
  }
  if (!is.null(validation_data)) {
    validation_data <- formula_columns(formula, validation_data, "`validation_data`")$data
    validation_data <- gathered(validation_data, "`validation_data`")
  }
  all <- gathered(columns$data, "`data`")
  if (!listed) columns <- c(columns, id_col = id_col, time_col = time_col)
  fit_series(model, all[[1]], all[[2]], parameters, validation_data, checkpoint, verbose, columns)
}

fit_series <- function(model, x, y, parameters, validation_data, checkpoint, verbose,
                       columns = NULL) {
  rows <- complete_series(x, y)
  if (!is.null(validation_data)) {
    check_validation(validation_data)
    held_out <- complete_series(validation_data[[1]], validation_data[[2]])
    validation_data <- list(held_out$x, held_out_outcome(model, held_out$y, rows$y))
  }
  fit_model(
    model$kind, model$class,
    data = list(X = rows$x, y = plain_outcome(model, rows$y), validation_data = validation_data),
    parameters = parameters, checkpoint = checkpoint, verbose = verbose,
    predictors = columns$predictors, outcome = columns$outcome,
    outcome_from = columns$outcome_from, formula = columns$formula,
    id_col = columns$id_col, time_col = columns$time_col, factor = outcome_levels(y)
  )
}

complete_series <- function(x, y) {
  x <- plain_series(x)
  kept <- kept_rows(series_there(x), y, "series")
  list(x = take_series(x, kept), y = take_outcome(y, kept))
}

# An array (series, channels, time), a matrix (series, time), or a list of matrices
# (channels, time) and vectors, all of doubles.
plain_series <- function(x, name = "`x`") {
  if (is.data.frame(x)) x <- as.matrix(x)
  if (is.list(x)) {
    x <- lapply(unname(x), one_series, name = name)
    infinite <- which(vapply(x, function(series) any(is.infinite(series)), TRUE))
  } else if (length(dim(x)) %in% 2:3 && is_numbers(x)) {
    x <- array(as.double(x), dim(x))
    infinite <- which(rowSums(is.infinite(x)) > 0)
  } else if (is.null(dim(x)) && is_numbers(x)) {
    return(plain_series(list(x), name))
  } else {
    series_unknown(x, name)
  }
  if (length(infinite) > 0) {
    abort(
      c(
        sprintf("%s holds an infinite value in series %d.", name, infinite[1]),
        i = "Replace it, by NA if it is missing."
      ),
      class = "textseq_error", call = NULL
    )
  }
  x
}

one_series <- function(series, name) {
  if (length(series) == 0) {
    return(double())
  }
  if (!is_numbers(series) || length(dim(series)) > 2) series_unknown(series, name)
  # R's ts of several channels holds a channel a column.
  if (inherits(series, "mts")) series <- t(series)
  if (length(dim(series)) == 2) array(as.double(series), dim(series)) else as.double(series)
}

is_numbers <- function(x) is.numeric(x) || (is.logical(x) && all(is.na(x)))

series_unknown <- function(x, name) {
  abort(
    c(
      sprintf("%s must hold series of numbers.", name),
      x = sprintf("It holds a value of class %s.", paste(class(x), collapse = "/")),
      i = paste(
        "Pass an array (series, channels, time), a matrix (series, time), or a list of vectors",
        "or of matrices (channels, time); for a long data frame there is the formula."
      )
    ),
    class = "textseq_error", call = NULL
  )
}

# A series of which no value is known is missing itself.
series_there <- function(x) {
  if (is.list(x)) {
    return(vapply(x, function(series) !all(is.na(series)), TRUE))
  }
  rowSums(!is.na(x)) > 0
}

take_series <- function(x, rows) {
  if (is.list(x)) {
    return(x[rows])
  }
  # All of every further dimension, however many there are.
  others <- rep(list(TRUE), length(dim(x)) - 1)
  do.call(`[`, c(list(x, rows), others, drop = FALSE))
}

long_series <- function(data, value_cols, id_col, time_col, label_col = NULL, name = "`data`") {
  check_columns(data, c(value_cols, id_col, time_col, label_col), name)
  long <- py_call(
    "long_series",
    data = as.data.frame(data)[c(id_col, time_col, label_col, value_cols)], value_cols = value_cols,
    id_col = id_col, time_col = time_col, label_col = label_col
  )
  if (!is.null(label_col) && is.factor(data[[label_col]])) {
    labels <- data[[label_col]]
    long$y <- factor(long$y, levels(labels), ordered = is.ordered(labels))
  }
  long
}

# What Python reads of new series, which of them are there, and what names them.
new_series <- function(object, new_data) {
  ids <- NULL
  if (is.data.frame(new_data)) {
    check_columns(new_data, c(object$predictors, object$id_col, object$time_col), "`new_data`")
    if (!is.null(object$id_col)) {
      if (nrow(new_data) == 0) {
        return(list(X = NULL, there = logical(), ids = new_data[object$id_col]))
      }
      long <- long_series(
        new_data, object$predictors, object$id_col, object$time_col,
        name = "`new_data`"
      )
      ids <- tibble::tibble(!!object$id_col := long$ids)
      new_data <- long$X
    } else if (!is.null(object$predictors)) {
      new_data <- new_data[[object$predictors]]
    }
  }
  x <- plain_series(new_data, "`new_data`")
  there <- series_there(x)
  list(X = take_series(x, there), there = there, ids = ids)
}
