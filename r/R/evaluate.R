#' @importFrom generics evaluate
#' @export
generics::evaluate

#' Score a fit on rows that it has not seen
#'
#' Rows that miss a text or series, or their outcome, are left out with a warning.
#' @param x A fit of [text_classifier()], [text_regressor()], [series_classifier()] or
#'   [series_regressor()]. Of the others [cross_validation()], [span_f1()], [perplexity()] and
#'   `evaluate()` of [translators][evaluate.textseq_seq2seq] and
#'   [transcribers][evaluate.textseq_transcriber] tell how good they are.
#' @param new_data Texts or series, as [predict()][predict.textseq_fit] takes them.
#' @param y Their outcomes, by default the column that the fit's formula names. Of files the name of
#'   a column.
#' @param ... Not used.
#' @return A tibble with one row a `metric`: accuracy, macro-F1 and, of two classes, the area under
#'   the ROC curve, `auc`; of several labels a row `subset accuracy`, macro-F1 and the mean `auc`;
#'   of numbers `r2`, `mae` and `rmse`. `score` is its value on the rows, `n` their number.
#' @examplesIf textseq_available()
#' films <- data.frame(text = rep(c("good", "bad"), 20), label = rep(c("pos", "neg"), 20))
#' fit <- text_classifier(label ~ text, films, encoder = "mean", max_epochs = 5)
#' evaluate(fit, films)
#' # What is taken for what:
#' found <- augment(fit, films)
#' table(truth = found$label, prediction = found$.pred_class)
#' @export
evaluate.textseq_fit <- function(x, new_data, y = NULL, ...) {
  check_dots(...)
  check_new_data(new_data)
  if (!inherits(x, c("textseq_classifier", "textseq_regressor"))) {
    abort(
      c(
        sprintf("`evaluate()` takes classifiers and regressors, not a %s.", class(x)[1]),
        i = paste(
          "Forecasts have `cross_validation()`, taggers `span_f1()` and language models",
          "`perplexity()`."
        )
      ),
      class = "textseq_error", call = NULL
    )
  }
  rows <- if (startsWith(x$kind, "Text") && names_files(new_data)) {
    files_with_outcomes(x, new_data, y)
  } else {
    rows_with_outcomes(x, new_data, y)
  }
  open_in_python(x)
  py_call("evaluate", id = x$id, data = rows)
}
