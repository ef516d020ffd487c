#' The parameters of a model
#'
#' @param kind Which model: `"text_classifier"`, `"text_regressor"`, `"series_classifier"`,
#'   `"series_regressor"`, `"forecaster"`, `"language_model"`, `"seq2seq"`, `"sequence_tagger"`,
#'   `"question_answerer"`, `"transcriber"` or `"captioner"`; or a fit.
#' @return A tibble of `parameter`, `default`, as one would write it, what is `allowed` and a
#'   `description`; of a fit also `value`, which it has, every `"auto"` decided. Printed, it is cut
#'   to the screen: `print(table, width = Inf)`, or look into one, as in the example.
#' @examplesIf textseq_available()
#' table <- textseq_parameters("text_classifier")
#' table
#' cat(strwrap(table$description[table$parameter == "max_length"]), sep = "\n")
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
  help <- py_call("parameter_help", kind = of)
  told <- match(table$parameter, help$parameter)
  tibble::add_column(table, allowed = help$allowed[told], description = help$description[told])
}
