# A formula keeps the environment it was written in, with all that is there, so that a fit would
# keep it, too. Only what an outcome is computed with is kept.

freed_formula <- function(formula, data) {
  left <- formula[[2]]
  kept <- new.env(parent = lasting(environment(formula)))
  if (is.null(named_columns(left))) {
    keep_used(left, environment(formula), kept, except = names(data), n_rows = nrow(data))
  }
  environment(formula) <- if (length(ls(kept, all.names = TRUE)) > 0) kept else parent.env(kept)
  formula
}

# The nearest environment that is there in every session: the global one, or a package's.
lasting <- function(env) {
  while (!is_lasting(env)) env <- parent.env(env)
  env
}

is_lasting <- function(env) {
  identical(env, globalenv()) || identical(env, emptyenv()) || identical(env, baseenv()) ||
    isNamespace(env)
}

keep_used <- function(expression, env, kept, except, n_rows) {
  # Arguments without a default are names without letters.
  for (name in setdiff(all.names(expression, unique = TRUE), c(except, ""))) {
    from <- env
    while (!is_lasting(from) && !exists(name, from, inherits = FALSE)) from <- parent.env(from)
    if (is_lasting(from) || exists(name, kept, inherits = FALSE)) next
    value <- get(name, from, inherits = FALSE)
    # What is as long as the data belongs to its rows, and is of no use with others.
    if (!is.function(value) && NROW(value) == n_rows) next
    if (is.function(value) && !is.primitive(value) && !is_lasting(environment(value))) {
      home <- environment(value)
      environment(value) <- kept
      assign(name, value, kept)
      inside <- as.call(c(as.list(formals(value)), body(value)))
      keep_used(inside, home, kept, except = names(formals(value)), n_rows = n_rows)
    } else {
      assign(name, value, kept)
    }
  }
}
