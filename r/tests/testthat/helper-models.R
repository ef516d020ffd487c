# Python keeps no model open, as in a new session.
forget_models <- function() {
  reticulate::py_run_string("import textseq.r.models as models; models._OPEN.clear()", local = TRUE)
}
