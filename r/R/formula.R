# What a formula picks of a data frame. The outcome may be computed; texts and series are only
# picked, since one-hot codes of whole texts help nobody.

# The outcome's columns stand in the `data` that is returned, computed ones among them.
formula_columns <- function(formula, data, name = "`data`") {
  check_data(data, name)
  check_two_sides(formula)
  answer <- outcome_columns(formula, data, name)
  outcome_from <- intersect(all.vars(formula[[2]]), names(data))
  predictors <- formula_predictors(formula, data, outcome_from, name)
  both <- intersect(predictors, outcome_from)
  # What is computed of a text, such as its length, may be asked of it.
  if (is.null(named_columns(formula[[2]]))) both <- Filter(function(x) !is_text(data[[x]]), both)
  if (length(both) > 0) refuse_both_sides(both[1])
  formula <- freed_formula(formula, data)
  data <- as.data.frame(data)
  data[names(answer)] <- answer
  list(
    data = data, outcome = names(answer), predictors = predictors,
    outcome_from = outcome_from, formula = formula
  )
}

# Both sides of a formula, of the rows and of those held out.
formula_sides <- function(formula, data, validation_data) {
  columns <- formula_columns(formula, data)
  sides <- function(data) list(data[columns$predictors], outcome_of(data, columns$outcome))
  validation <- if (!is.null(validation_data)) {
    sides(formula_columns(formula, validation_data, "`validation_data`")$data)
  }
  own <- sides(columns$data)
  list(x = own[[1]], y = own[[2]], validation = validation, formula = columns$formula)
}

check_data <- function(data, name) {
  if (!is.data.frame(data)) {
    abort(
      c(
        sprintf("%s must be a data frame, not %s.", name, class(data)[1]),
        i = if (inherits(data, c("ArrowObject", "arrow_dplyr_query"))) {
          paste(
            "Collect it: `as.data.frame(data)`; or name the path of its files, as",
            "`arrow::write_dataset(data, \"rows\")` writes them: `data = \"rows\"`."
          )
        }
      ),
      class = "textseq_error", call = NULL
    )
  }
}

check_two_sides <- function(formula) {
  if (length(formula) != 3) {
    abort(
      "The formula needs two sides, as in label ~ text.",
      class = "textseq_error", call = NULL
    )
  }
}

refuse_both_sides <- function(column) {
  abort(
    c(
      sprintf("The column %s is on both sides of the formula.", column),
      i = "Leave it out on the right: a model should not read what it is to tell."
    ),
    class = "textseq_error", call = NULL
  )
}

# The left side as R's own models read it: computed of the columns and, after them, of what is
# known where the formula was written.
outcome_columns <- function(formula, data, name) {
  left <- formula[[2]]
  named <- named_columns(left)
  if (!is.null(named)) {
    check_columns(data, named, name)
    return(as.list(data)[named])
  }
  warn_of_level_numbers(left, as.list(data), environment(formula))
  said <- deparse1(left)
  value <- tryCatch(
    eval(left, as.list(data), environment(formula)),
    error = function(cause) {
      abort(
        c(
          sprintf("The outcome `%s` cannot be computed of %s.", said, name),
          x = conditionMessage(cause)
        ),
        class = "textseq_error", call = NULL
      )
    }
  )
  if (NROW(value) != nrow(data)) {
    abort(
      c(
        sprintf("The outcome `%s` must have a value for every row of %s.", said, name),
        x = sprintf("It has %d, of %d rows.", NROW(value), nrow(data))
      ),
      class = "textseq_error", call = NULL
    )
  }
  if (is_indicators(value)) {
    return(as.list(as.data.frame(value)))
  }
  value <- one_column(value)
  class(value) <- setdiff(class(value), "AsIs")
  stats::setNames(list(value), said)
}

# Columns named alone, or as several labels, `a + b` or `cbind(a, b)`; NULL where R computes.
named_columns <- function(left) {
  if (is.name(left)) {
    return(as.character(left))
  }
  several <- is.call(left) && is.null(names(left)) &&
    (identical(left[[1]], quote(`+`)) || identical(left[[1]], quote(cbind)))
  if (!several) {
    return(NULL)
  }
  parts <- lapply(as.list(left)[-1], named_columns)
  if (all(lengths(parts) > 0)) unlist(parts)
}

# Names alone on the right, with `+`, `-` and `.` as everywhere in R.
formula_predictors <- function(formula, data, outcome_from = character(), name = "`data`") {
  right <- picking_side(formula)
  check_columns(data, setdiff(all.vars(right), "."), name)
  others <- as.data.frame(data)[0, setdiff(names(data), outcome_from), drop = FALSE]
  picked_terms(right, others)
}

# The right side, on which nothing is computed.
picking_side <- function(formula) {
  right <- formula[[length(formula)]]
  if (!only_picks(right)) {
    abort(
      c(
        sprintf("Nothing is computed on the right of the formula: `%s`.", deparse1(right)),
        i = "Make the column in the data first, and name it in the formula."
      ),
      class = "textseq_error", call = NULL
    )
  }
  right
}

# The columns that it picks; `others` are those that a `.` stands for.
picked_terms <- function(right, others = NULL) {
  picked <- stats::terms(stats::as.formula(call("~", right)), data = others)
  picked <- vapply(
    attr(picked, "term.labels"), function(label) as.character(str2lang(label)), "",
    USE.NAMES = FALSE
  )
  if (length(picked) == 0) {
    abort(
      c(
        sprintf("The right of the formula, `%s`, names no column.", deparse1(right)),
        i = "Name the texts or series, as in label ~ text."
      ),
      class = "textseq_error", call = NULL
    )
  }
  picked
}

only_picks <- function(right) {
  if (!is.call(right)) {
    return(!is.character(right))
  }
  is.name(right[[1]]) && as.character(right[[1]]) %in% c("+", "-", "(") &&
    all(vapply(as.list(right)[-1], only_picks, TRUE))
}
