#' Learn on from new rows
#'
#' Where [update()][update.textseq_fit] fits again, this goes on from what a fit knows, with new
#' rows alone: a network for fewer passes, the linear model of n-grams drawn to the weights that it
#' had. New classes are learned as they come: give rows of old ones beside them,
#' as what no row speaks for is forgotten. Words stay those that the fit, or its `vectors`, knew.
#' @param fit A fit of [text_classifier()], [text_regressor()], [series_classifier()] or
#'   [series_regressor()], which stays as it is.
#' @param new_data New texts or series, as [predict()][predict.textseq_fit] takes them.
#' @param y Their outcomes, by default the column that the fit's formula names.
#' @param verbose Whether to show a progress bar.
#' @return A fit of the same class. The levels of new classes stand behind the old.
#' @examplesIf textseq_available()
#' films <- data.frame(text = rep(c("good", "bad"), 60), label = rep(c("pos", "neg"), 60))
#' fit <- text_classifier(label ~ text, films, encoder = "mean", max_epochs = 5)
#' more <- data.frame(text = rep(c("good", "good bad"), 60), label = rep(c("pos", "both"), 60))
#' textseq_update(fit, more)
#' @export
textseq_update <- function(fit, new_data, y = NULL, verbose = interactive()) {
  if (!inherits(fit, c("textseq_classifier", "textseq_regressor"))) {
    abort(
      sprintf("`textseq_update()` takes classifiers and regressors, not a %s.", class(fit)[1]),
      class = "textseq_error", call = NULL
    )
  }
  check_flag(verbose, "verbose")
  check_new_data(new_data)
  rows <- rows_with_outcomes(fit, new_data, y)
  bar <- if (verbose) training_bar(fit$parameters$encoder)
  described <- noting_interrupts(
    py_call("update_model", model = fit$model, data = rows, progress = bar)
  )
  described$history <- tibble::as_tibble(described$history)
  fit[names(described)] <- described
  fit$levels <- union(fit$levels, as.character(described$classes))
  fit
}
