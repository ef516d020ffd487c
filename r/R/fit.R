# What all fitted models share. A fit holds its model file as bytes, so that saveRDS() and
# workers keep it whole; the model that Python holds is only a cache of it.

new_fit <- function(described, class, ...) {
  described$history <- tibble::as_tibble(described$history)
  structure(c(described, list(...)), class = c(class, "textseq_fit"))
}

fit_model <- function(kind, class, data, options = NULL, parameters = list(), ..., verbose) {
  parameters <- with_seed(parameters)
  bar <- if (isTRUE(verbose)) training_bar(parameters$encoder %||% kind)
  described <- py_call(
    "fit",
    kind = kind, data = data, options = options, parameters = parameters, progress = bar
  )
  if (described$interrupted) {
    cli::cli_alert_info("Interrupted: this is the best model so far.")
  }
  new_fit(described, class, ...)
}

# R's own random numbers decide, so that set.seed() makes a fit repeat.
with_seed <- function(parameters) {
  if (is.null(parameters$random_state)) {
    parameters$random_state <- sample.int(.Machine$integer.max, 1)
  }
  parameters
}

training_bar <- function(name, envir = parent.frame()) {
  bar <- cli::cli_progress_bar(
    name,
    total = 1, clear = TRUE, .envir = envir,
    format = "{name} {cli::pb_bar} {cli::pb_percent} {cli::pb_extra$figures}",
    extra = list(figures = "")
  )
  function(epoch, epochs, done, loss) {
    figures <- sprintf("epoch %d/%d", as.integer(epoch), as.integer(epochs))
    if (is.finite(loss)) figures <- sprintf("%s loss %.3f", figures, loss)
    cli::cli_progress_update(
      set = done, extra = list(figures = figures), id = bar, .envir = envir
    )
    invisible(NULL)
  }
}

open_in_python <- function(object) {
  if (!py_call("knows", id = object$id)) {
    py_call("open_model", model = object$model)
  }
  invisible(object$id)
}

# Calls a method of the model in Python.
ask <- function(object, method, data = NULL, options = NULL) {
  open_in_python(object)
  py_call("ask", id = object$id, method = method, data = data, options = options)
}
