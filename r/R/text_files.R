# Texts in files of Parquet, CSV, TSV and JSON lines, which Python reads some rows at a time, so
# that memory need not hold them.

# What stands for files that are there, of which `texts` and `target` name columns.
files_at <- function(path, texts = NULL, target = NULL) {
  list(textseq_files = list(path = path.expand(path), texts = texts, target = target))
}

# Whether new data name files: a lone text may end as a file's name does, but for a space in it.
names_files <- function(new_data) {
  is.character(new_data) && length(new_data) == 1 && !is.na(new_data) && nzchar(new_data) &&
    py_call("names_files", path = path.expand(new_data))
}

fit_text_files <- function(model, formula, path, parameters, validation_data, checkpoint, verbose,
                           unlabelled) {
  path <- file_path(path, "data")
  columns <- file_columns(formula, parameters$text_columns)
  if (!is.null(unlabelled)) {
    refuse_of_files(
      "`unlabelled` goes with a data frame.", "Leave it out, or read all rows into a data frame."
    )
  }
  if (!is.null(validation_data)) {
    if (!is.data.frame(validation_data)) {
      refuse_of_files(
        "`validation_data` must be a data frame.",
        "Read these rows into one, or leave it out: some rows of the files then validate."
      )
    }
    held_out <- formula_columns(formula, validation_data, "`validation_data`")$data
    held_out <- complete_rows(
      text_columns(held_out[columns$predictors]), held_out[[columns$outcome]]
    )
    validation_data <- list(plain_texts(held_out$x), plain_outcome(model, held_out$y))
  }
  fit_model(
    model$kind, model$class,
    data = list(
      X = files_at(path, columns$predictors, columns$outcome), validation_data = validation_data
    ),
    parameters = parameters, checkpoint = checkpoint, verbose = verbose,
    predictors = columns$predictors, outcome = columns$outcome, outcome_from = columns$outcome,
    formula = freed_formula(formula, NULL)
  )
}

# What a formula picks of files: one column to predict, and one of texts, or two to compare.
file_columns <- function(formula, text_columns = NULL) {
  check_two_sides(formula)
  said <- deparse1(formula)
  outcome <- named_columns(formula[[2]])
  if (length(outcome) != 1) {
    refuse_of_files(
      sprintf("`%s` must name one column on its left.", said),
      if (is.null(outcome)) {
        "Make the column in the files first, or read all rows into a data frame."
      } else {
        "To learn several labels a row, read all rows into a data frame."
      }
    )
  }
  right <- picking_side(formula)
  if ("." %in% all.vars(right)) {
    refuse_of_files(
      sprintf("`%s` must name the column of texts.", said),
      "What a `.` stands for is told by a data frame: write the column's name."
    )
  }
  predictors <- picked_terms(right)
  if (length(predictors) > 2 || length(setdiff(predictors, text_columns %||% predictors)) > 0) {
    refuse_of_files(
      sprintf("`%s` has columns beside its texts.", said),
      "Name one column of texts, or two to compare; or read all rows into a data frame."
    )
  }
  if (outcome %in% predictors) refuse_both_sides(outcome)
  list(outcome = outcome, predictors = predictors)
}

refuse_of_files <- function(what, instead) {
  abort(
    c(
      what,
      x = "`data` is a path, whose rows are read some at a time, and of them texts alone.",
      i = instead
    ),
    class = "textseq_error", call = NULL
  )
}

# Files as evaluate() reads them, with the column of outcomes.
files_with_outcomes <- function(fit, path, y) {
  if (fit$multilabel) {
    abort(
      c(
        "A fit of several labels a row is not scored on files.",
        i = "Read the rows into a data frame: `evaluate(fit, rows)`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  outcome <- y %||% if (!is.null(fit$formula)) named_columns(fit$formula[[2]])
  if (!is.character(outcome) || length(outcome) != 1) {
    abort(
      c(
        sprintf("Which column of \"%s\" holds the outcomes is not known.", path),
        x = "The fit's formula names no single one.",
        i = "Name it: `evaluate(fit, path, y = \"label\")`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  list(X = files_at(path, fit$predictors, outcome))
}
