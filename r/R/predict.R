#' Predictions of a fit
#'
#' One row an input, in their order, also for texts and series that are missing: their
#' predictions are `NA`. Of a long data frame of series (see [series_classifier()]) there is one row
#' a series, in the order in which the frame first names them, behind the column that names it.
#'
#' @param object A fit.
#' @param new_data New texts or series in one of the forms that the model was fitted to: a
#'   character vector, or a data frame with the columns that were fitted (others may be there
#'   too; where the fit knows no names, the only column of texts is read);
#'   an array, matrix, list or data frame of series. A lone vector of numbers is one series.
#' @param type `"class"` for the most probable class, or `"prob"` for the probability of each.
#' @param ... Not used.
#' @return A tibble. Of classifiers `.pred_class`, a factor whose levels are those of the outcome,
#'   or, by `type = "prob"`, a column `.pred_<level>` of each level; a level that no row had
#'   has probability 0. Where several labels may hold, `.pred_class_<label>` is 0 or 1, and
#'   `.pred_<label>` the label's probability. Of regressors `.pred`.
#' @examplesIf textseq_available()
#' films <- data.frame(text = rep(c("good", "bad"), 20), label = rep(c("pos", "neg"), 20))
#' fit <- text_classifier(label ~ text, films, encoder = "mean", max_epochs = 5)
#' predict(fit, data.frame(text = c("good", NA)))
#' predict(fit, c("good", NA), type = "prob")
#' @name predict.textseq_fit
NULL

#' @rdname predict.textseq_fit
#' @export
predict.textseq_text_classifier <- function(object, new_data, type = c("class", "prob"), ...) {
  check_dots(...)
  check_new_data(new_data)
  predict_labels(object, new_data, rlang::arg_match(type))
}

#' @rdname predict.textseq_fit
#' @export
predict.textseq_series_classifier <- predict.textseq_text_classifier

#' @rdname predict.textseq_fit
#' @export
predict.textseq_text_regressor <- function(object, new_data, ...) {
  check_dots(...)
  check_new_data(new_data)
  rows <- new_rows(object, new_data)
  numbers <- spread_rows(answers(object, rows, "predict"), rows$there)
  tibble::as_tibble(c(rows$ids, list(.pred = numbers[, 1])))
}

#' @rdname predict.textseq_fit
#' @export
predict.textseq_series_regressor <- predict.textseq_text_regressor

predict_labels <- function(object, new_data, type) {
  rows <- new_rows(object, new_data)
  probabilities <- spread_rows(answers(object, rows, "predict_proba"), rows$there)
  tibble::as_tibble(c(rows$ids, label_columns(object, probabilities, type)))
}

new_rows <- function(object, new_data) {
  if (startsWith(object$kind, "Text")) new_texts(object, new_data) else new_series(object, new_data)
}

# What Python answers to the rows that are there: a matrix of one row each.
answers <- function(object, rows, method) {
  if (any(rows$there)) as.matrix(ask(object, method, data = list(X = rows$X)))
}

# Puts answers where their rows are, NA elsewhere.
spread_rows <- function(found, there) {
  spread <- matrix(NA_real_, length(there), max(ncol(found), 1))
  if (any(there)) spread[there, ] <- found
  spread
}

label_columns <- function(object, probabilities, type) {
  classes <- as.character(object$classes)
  if (nrow(probabilities) == 0 || ncol(probabilities) != length(classes)) {
    probabilities <- matrix(NA_real_, nrow(probabilities), length(classes))
  }
  if (object$multilabel) {
    prefix <- ".pred_"
    if (type == "class") {
      probabilities <- (probabilities > 0.5) + 0L
      prefix <- ".pred_class_"
    }
    return(stats::setNames(matrix_columns(probabilities), paste0(prefix, classes)))
  }
  if (type == "class") {
    return(list(.pred_class = best_class(object, probabilities, classes)))
  }
  columns <- matrix_columns(probabilities)[match(object$levels, classes)]
  # A level of the factor that no row had.
  columns[lengths(columns) == 0] <- list(probabilities[, 1] * 0)
  stats::setNames(columns, paste0(".pred_", object$levels))
}

best_class <- function(object, probabilities, classes) {
  best <- max.col(replace(probabilities, is.na(probabilities), 0), ties.method = "first")
  best[is.na(probabilities[, 1])] <- NA
  factor(classes[best], levels = object$levels, ordered = object$ordered)
}

matrix_columns <- function(x) lapply(seq_len(ncol(x)), function(column) x[, column])
