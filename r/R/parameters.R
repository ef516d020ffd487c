#' The parameters of a model
#'
#' @param kind Which model: `"text_classifier"`, `"text_regressor"`, `"series_classifier"`,
#'   `"series_regressor"`, `"forecaster"`, `"language_model"`, `"seq2seq"` or `"sequence_tagger"`;
#'   or a fit.
#' @return A tibble of `parameter` and `default`, as one would write it; of a fit also `value`, which
#'   it has, every `"auto"` decided. Python's help of the same class tells what each is for.
#' @examplesIf textseq_available()
#' textseq_parameters("text_classifier")
#' @export
textseq_parameters <- function(kind = "text_classifier") {
  fit <- if (inherits(kind, "textseq_fit")) kind
  kinds <- sub("^textseq_", "", vapply(fit_classes, `[`, "", 1))
  if (is.null(fit)) {
    kind <- rlang::arg_match(kind, unname(kinds))
  }
  of <- fit$kind %||% names(kinds)[kinds == kind]
  defaults <- py_call("parameter_defaults", kind = of)
  # R's own argument, which the bar of Python is not.
  table <- parameter_table(defaults[names(defaults) != "verbose"])
  names(table)[2] <- "default"
  if (!is.null(fit)) {
    values <- parameter_table(fit$parameters)
    table$value <- values$value[match(table$parameter, values$parameter)]
  }
  table
}
