# Generics of stats whose defaults look for a part of some name in whatever they are given, and
# return NULL, or the bytes of the model, where there is none.

no_answer <- function(object, generic, instead) {
  abort(
    c(sprintf("There is no `%s()` of a %s.", generic, class(object)[1]), i = instead),
    class = "textseq_error", call = NULL
  )
}

no_rows <- function(of) {
  sprintf("A fit does not keep the rows it was fitted to; of others there is %s.", of)
}

#' What a network has no answer to
#'
#' `model.frame()` picks the columns of a fit's formula out of `data`; `formula()` and [nobs()] work
#' as everywhere. The others, whose defaults would return `NULL`, are errors that say what there is
#' instead.
#' @param formula,object,x A fit; but for `model.frame()` also what [compare_encoders()] and
#'   [compare_forecasts()] return.
#' @param data A data frame.
#' @param ... Not used.
#' @return `model.frame()`: a data frame of the outcome and what it is predicted from.
#' @examplesIf textseq_available()
#' films <- data.frame(text = rep(c("good", "bad"), 20), label = rep(c("pos", "neg"), 20), n = 1)
#' fit <- text_classifier(label ~ text, films, encoder = "mean", max_epochs = 1)
#' head(model.frame(fit, films), 2)
#' @name stats_generics
NULL

#' @rdname stats_generics
#' @importFrom stats model.frame
#' @export
model.frame.textseq_fit <- function(formula, data, ...) {
  if (missing(data)) {
    no_answer(formula, "model.frame", no_rows("`model.frame(fit, data)`"))
  }
  check_dots(...)
  if (is.null(formula$formula)) {
    no_answer(formula, "model.frame", "It was fitted without a formula.")
  }
  if (length(formula$formula) == 2) {
    return(as.data.frame(data)[formula_predictors(formula$formula, data)])
  }
  columns <- formula_columns(formula$formula, data)
  columns$data[c(columns$outcome, columns$predictors)]
}

#' @rdname stats_generics
#' @importFrom stats fitted
#' @export
fitted.textseq_fit <- function(object, ...) {
  no_answer(object, "fitted", no_rows("`predict(fit, rows)`"))
}

#' @rdname stats_generics
#' @importFrom stats residuals
#' @export
residuals.textseq_fit <- function(object, ...) {
  no_answer(object, "residuals", no_rows("`augment(fit, rows)`"))
}

#' @rdname stats_generics
#' @importFrom stats coef
#' @export
coef.textseq_fit <- function(object, ...) {
  no_answer(object, "coef", "The weights of its network are `weights_by_name(fit)`.")
}

#' @rdname stats_generics
#' @importFrom stats weights
#' @export
weights.textseq_fit <- function(object, ...) {
  no_answer(object, "weights", "Those of the network are `weights_by_name(fit)`.")
}

#' @rdname stats_generics
#' @importFrom stats deviance
#' @export
deviance.textseq_fit <- function(object, ...) {
  no_answer(object, "deviance", "`tidy(fit)` has the loss of each epoch.")
}

#' @rdname stats_generics
#' @importFrom stats df.residual
#' @export
df.residual.textseq_fit <- function(object, ...) {
  no_answer(object, "df.residual", "`glance(fit)` has the number of weights and of rows.")
}

#' @rdname stats_generics
#' @importFrom stats sigma
#' @export
sigma.textseq_fit <- function(object, ...) {
  no_answer(object, "sigma", no_rows("`augment(fit, rows)`, with the residuals"))
}

#' @rdname stats_generics
#' @importFrom stats family
#' @export
family.textseq_fit <- function(object, ...) {
  no_answer(object, "family", "`textseq_parameters(fit)` has its loss, where it has a choice.")
}

#' @rdname stats_generics
#' @importFrom stats terms
#' @export
terms.textseq_fit <- function(x, ...) {
  no_answer(x, "terms", "`formula(fit)` has the formula it was fitted by.")
}

#' @rdname stats_generics
#' @importFrom stats model.matrix
#' @export
model.matrix.textseq_fit <- function(object, ...) {
  no_answer(object, "model.matrix", no_rows("`document_vectors(fit, rows)`"))
}

#' @rdname stats_generics
#' @importFrom stats fitted
#' @export
fitted.textseq_comparison <- function(object, ...) {
  no_answer(object, "fitted", "Its `predictions` are of the test rows.")
}

#' @rdname stats_generics
#' @importFrom stats residuals
#' @export
residuals.textseq_comparison <- function(object, ...) {
  no_answer(object, "residuals", "Its `predictions` are of the test rows.")
}

#' @rdname stats_generics
#' @importFrom stats coef
#' @export
coef.textseq_comparison <- function(object, ...) {
  no_answer(object, "coef", "`tidy(comparison)` has a row a model.")
}
