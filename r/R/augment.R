#' @rdname textseq_fit
#' @export
augment.textseq_classifier <- function(x, new_data, ...) {
  check_dots(...)
  check_new_data(new_data)
  rows <- new_rows(x, new_data)
  probabilities <- spread_rows(answers(x, rows, "predict_proba"), rows$there)
  types <- c("class", "prob")
  columns <- unlist(lapply(types, label_columns, object = x, probabilities = probabilities), FALSE)
  beside(new_data, tibble::new_tibble(columns), rows, x)
}

#' @rdname textseq_fit
#' @export
augment.textseq_regressor <- function(x, new_data, ...) {
  check_dots(...)
  check_new_data(new_data)
  rows <- new_rows(x, new_data)
  numbers <- spread_rows(answers(x, rows, "predict"), rows$there)[, 1]
  found <- beside(new_data, tibble::tibble(.pred = numbers), rows, x)
  if (!is.null(x$formula) && all(x$outcome_from %in% names(new_data))) {
    truth <- outcome_columns(x$formula, new_data, "`new_data`")[[1]]
    found$.resid <- number_outcome(truth) - found$.pred
  }
  found
}

beside <- function(new_data, predictions, rows, object) {
  if (!is.null(rows$ids)) {
    places <- match(new_data[[object$id_col]], rows$ids[[1]])
    predictions <- predictions[places, ]
  }
  if (!is.data.frame(new_data)) {
    new_data <- if (startsWith(object$kind, "Text")) {
      tibble::tibble(text = as.character(new_data))
    } else {
      tibble::tibble(series = listed_series(plain_series(new_data)))
    }
  }
  side_by_side(new_data, predictions)
}

side_by_side <- function(new_data, predictions) {
  twice <- names(predictions)[duplicated(names(predictions))]
  if (length(twice) > 0) {
    abort(
      c(
        sprintf("Two columns of predictions would be named %s.", twice[1]),
        i = "Rename that class, or call `predict()` for each type of predictions."
      ),
      class = "textseq_error", call = NULL
    )
  }
  taken <- intersect(names(predictions), names(new_data))
  if (length(taken) > 0) {
    abort(
      c(
        sprintf("`new_data` has a column %s already.", taken[1]),
        i = sprintf("Leave it out, `new_data$%s <- NULL`, or rename it.", taken[1])
      ),
      class = "textseq_error", call = NULL
    )
  }
  tibble::as_tibble(cbind(tibble::as_tibble(new_data), predictions))
}

listed_series <- function(x) {
  if (is.list(x)) {
    return(x)
  }
  lapply(
    seq_len(nrow(x)),
    function(row) if (length(dim(x)) == 2) x[row, ] else array(x[row, , ], dim(x)[-1])
  )
}
