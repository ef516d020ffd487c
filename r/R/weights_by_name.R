#' The weights of a network
#'
#' Returns the fitted weights under the names that they have in the equations of
#' [step_by_step()], to compute a network by hand.
#' @param fit A fit of texts or series.
#' @return A named list of matrices and vectors: `embedding`, one row a token (row `id + 1`; rows
#'   are named by their tokens); `layer1.W_xh`, `layer1.W_hh`, `layer1.b` and so on for each layer
#'   and gate, `layer1.backward.W_xh` for the other direction; `head.W` and `head.b`.
#' @examplesIf textseq_available()
#' texts <- rep(c("so good a film", "so bad a film"), 20)
#' fit <- text_classifier(
#'   texts, rep(c("pos", "neg"), 20),
#'   encoder = "rnn", hidden_size = 2, num_layers = 1, pooling = "last", random_state = 1
#' )
#' w <- weights_by_name(fit)
#' h <- c(0, 0)
#' for (token in c("so", "good")) {
#'   h <- tanh(w$layer1.W_xh %*% w$embedding[token, ] + w$layer1.W_hh %*% h + w$layer1.b)
#' }
#' z <- w$head.W %*% h + w$head.b
#' exp(z) / sum(exp(z))
#' predict(fit, "so good", type = "prob")
#' @export
weights_by_name <- function(fit) {
  check_fit(fit)
  open_in_python(fit)
  found <- py_call("weights", id = fit$id)
  weights <- found$weights
  if (!is.null(weights$embedding) && length(found$tokens) == nrow(weights$embedding)) {
    rownames(weights$embedding) <- found$tokens
  }
  weights
}
