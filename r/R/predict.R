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
#'   For a fit to texts also the path of files of Parquet, CSV, TSV or JSON lines, or a glob, that
#'   are read some rows at a time; that of a folder ends in `/`.
#' @param type `"class"` for the most probable class, or the answer by the fit's
#'   `decision_threshold`; `"prob"` for the probability of each, or `"set"` for the classes that
#'   may be the row's own.
#' @param ... Not used.
#' @param abstain A probability: where the most probable class has less, `.pred_class` is `NA`.
#' @param coverage In how many of all rows the true class should be in the set. It is for rows from
#'   where the validation rows are from (split conformal prediction; Sadinle, Lei and Wasserman
#'   2019). A set may be empty, where every class is less probable than the true ones of the
#'   validation rows nearly all are.
#' @param level Percentages of rows whose number its interval should hold, such as `c(80, 95)`; it
#'   does for rows from where the validation rows are from (Lei et al. 2018).
#' @return A tibble. Of classifiers `.pred_class`, a factor whose levels are those of the outcome,
#'   or, by `type = "prob"`, a column `.pred_<level>` of each level; a level that no row had
#'   has probability 0. Where several labels may hold, `.pred_class_<label>` is 0 or 1, and
#'   `.pred_<label>` the label's probability. By `type = "set"`, `.pred_set` is a list of character
#'   vectors. Of regressors `.pred` and, with `level`, `.pred_lower_80`, `.pred_upper_80` and so on.
#' @examplesIf textseq_available()
#' films <- data.frame(text = rep(c("good", "bad"), 20), label = rep(c("pos", "neg"), 20))
#' fit <- text_classifier(label ~ text, films, encoder = "mean", max_epochs = 5)
#' predict(fit, data.frame(text = c("good", NA)))
#' predict(fit, c("good", NA), type = "prob")
#'
#' many <- films[rep(1:40, 6), ]
#' fit <- text_classifier(label ~ text, many, encoder = "mean", max_epochs = 5)
#' predict(fit, "good", abstain = 0.9)
#' predict(fit, "good", type = "set", coverage = 0.95)$.pred_set
#' @name predict.textseq_fit
NULL

#' @rdname predict.textseq_fit
#' @export
predict.textseq_text_classifier <- function(object, new_data, type = c("class", "prob", "set"), ...,
                                            abstain = NULL, coverage = 0.9) {
  check_dots(...)
  check_new_data(new_data)
  type <- rlang::arg_match(type)
  if (type == "set") {
    return(predict_sets(object, new_data, coverage))
  }
  predict_labels(object, new_data, type, check_abstain(abstain, object, type))
}

#' @rdname predict.textseq_fit
#' @export
predict.textseq_series_classifier <- predict.textseq_text_classifier

#' @rdname predict.textseq_fit
#' @export
predict.textseq_text_regressor <- function(object, new_data, ..., level = NULL) {
  check_dots(...)
  check_new_data(new_data)
  rows <- new_rows(object, new_data, of_files = TRUE)
  options <- if (!is.null(level)) list(level = level)
  numbers <- spread_rows(answers(object, rows, "predict", options), rows$there)
  ends <- sprintf(c(".pred_lower_%s", ".pred_upper_%s"), rep(format_levels(level), each = 2))
  if (!any(rows$there)) numbers <- matrix(NA_real_, nrow(numbers), 1 + 2 * length(level))
  columns <- stats::setNames(matrix_columns(numbers), c(".pred", if (length(level)) ends))
  tibble::as_tibble(c(rows$ids, columns))
}

format_levels <- function(level) vapply(level, format, "", trim = TRUE)

#' @rdname predict.textseq_fit
#' @export
predict.textseq_series_regressor <- predict.textseq_text_regressor

predict_labels <- function(object, new_data, type, abstain = NULL) {
  rows <- new_rows(object, new_data, of_files = TRUE)
  probabilities <- spread_rows(answers(object, rows, "predict_proba"), rows$there)
  if (!is.null(abstain)) {
    sure <- apply(probabilities, 1, max) >= abstain
    probabilities[!(sure %in% TRUE), ] <- NA
  }
  tibble::as_tibble(c(rows$ids, label_columns(object, probabilities, type)))
}

predict_sets <- function(object, new_data, coverage) {
  rows <- new_rows(object, new_data, of_files = TRUE)
  options <- list(coverage = coverage)
  inside <- spread_rows(answers(object, rows, "predict_set", options), rows$there)
  classes <- as.character(object$classes)
  sets <- lapply(seq_len(nrow(inside)), function(row) {
    if (is.na(inside[row, 1])) NA_character_ else classes[inside[row, ] > 0]
  })
  tibble::as_tibble(c(rows$ids, list(.pred_set = sets)))
}

check_abstain <- function(abstain, object, type) {
  if (is.null(abstain)) {
    return(NULL)
  }
  if (!is.numeric(abstain) || length(abstain) != 1 || is.na(abstain) ||
    abstain < 0 || abstain >= 1) {
    abort(
      c("`abstain` must be a probability: one number of at least 0 and under 1."),
      class = "textseq_error", call = NULL
    )
  }
  if (object$multilabel || type != "class") {
    abort(
      "`abstain` goes with `type = \"class\"`, and with fits of one class a row.",
      class = "textseq_error", call = NULL
    )
  }
  abstain
}

# Rows of files are read where they are answered, and nowhere else.
new_rows <- function(object, new_data, of_files = FALSE) {
  if (!startsWith(object$kind, "Text")) {
    return(new_series(object, new_data))
  }
  if (!names_files(new_data)) {
    return(new_texts(object, new_data))
  }
  if (!of_files) {
    abort(
      c(
        sprintf("`new_data` is a path, \"%s\".", new_data),
        i = "`predict()` and `evaluate()` read files; else read the rows into a data frame first."
      ),
      class = "textseq_error", call = NULL
    )
  }
  # All of them are there, however many they are.
  list(X = files_at(new_data, object$predictors), there = TRUE)
}

# What Python answers to the rows that are there: a matrix of one row each.
answers <- function(object, rows, method, options = NULL) {
  if (any(rows$there)) as.matrix(ask(object, method, data = list(X = rows$X), options = options))
}

# Puts answers where their rows are, NA elsewhere.
spread_rows <- function(found, there) {
  if (isTRUE(there)) {
    return(found)
  }
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
      probabilities <- decided(object, probabilities, function(some) (some > 0.5) + 0L)
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
  best <- decided(object, probabilities, function(some) {
    matrix(classes[max.col(some, ties.method = "first")])
  })
  factor(best[, 1], levels = object$levels, ordered = object$ordered)
}

# The answers to rows of probabilities, a row each, NA where these are: of a fit with a
# `decision_threshold` Python's, else the most probable.
decided <- function(object, probabilities, most_probable) {
  there <- !is.na(probabilities[, 1])
  several <- object$multilabel
  answers <- matrix(
    if (several) NA_integer_ else NA_character_,
    nrow(probabilities), if (several) ncol(probabilities) else 1
  )
  if (any(there)) {
    some <- probabilities[there, , drop = FALSE]
    found <- if (isTRUE(object$decides)) {
      as.matrix(ask(object, "decide", data = list(probabilities = some)))
    } else {
      most_probable(some)
    }
    answers[there, ] <- if (several) as.integer(found) else as.character(found)
  }
  answers
}

matrix_columns <- function(x) lapply(seq_len(ncol(x)), function(column) x[, column])
