#' Compare encoders
#'
#' Fits models side by side on the same split, the same tokens and the same seeds, with cheap
#' baselines beside them, and tests their differences.
#'
#' Without `estimator`, numbers with fractions are predicted as numbers, anything else as classes.
#' @param x A formula like `label ~ text`, which picks columns of `data`; a data frame with one
#'   column of texts, or two to compare, and others beside them, which all rows read; a character
#'   vector; or series, in the forms (and formulas) that [series_classifier()] takes.
#' @param formula The formula, which may be the first argument or named.
#' @param data A data frame.
#' @param y The classes: a factor, or a vector of anything; or numbers. A matrix of zeros and
#'   ones, one column a label, if several labels may hold.
#' @param encoders The rows: names of encoders, or a list of names and of named lists of
#'   parameters, as in `list("mean", large = list(encoder = "lstm", hidden_size = 256))`. By default
#'   mean, lstm and bilstm; of series lstm_fcn, lstm and gru.
#' @param ... Parameters that all networks share, as [textseq_parameters()] lists them:
#'   `max_epochs = 5`.
#' @param estimator `"text_classifier"`, `"text_regressor"`, `"series_classifier"` or
#'   `"series_regressor"`, if `x` and `y` do not tell.
#' @param test The share of the rows to test on (a fifth by default), or the test rows, in the form
#'   of `x` and `y`: a data frame for the formula, a list of `x` and `y` otherwise.
#' @param id_col,time_col In a long data frame of series, as in [series_classifier()].
#' @param cv Folds of cross-validation, instead of one split.
#' @param n_seeds Fits of every model that draws random numbers.
#' @param vectors Word vectors of the networks, as [word_vectors()] returns them, or a path or a
#'   sample's name.
#' @param baselines Whether cheap models take part: the commonest class (or the mean) and TF-IDF
#'   with a linear model (of numbers ridge, whose penalty rows held out choose), of classes also
#'   with naive Bayes' log-count ratios as weights; of series the nearest neighbour after dynamic
#'   time warping, and summary statistics with a linear model.
#' @param random_state A whole number, of the split and of the first seed; by default one of R's
#'   random numbers, so that `set.seed()` makes comparisons repeat.
#' @param checkpoint The path of a folder in which the fits are kept, a file each, or
#'   [textseq_checkpoint()] of one: those that are over are not done again, and the others go on
#'   where their process was ended. `random_state` is 0 then, if it is not chosen.
#' @param verbose Whether to show a progress bar.
#' @return A comparison: a list of `table` (which `tidy()` returns: one row a model, best first,
#'   with what its network answers by itself where a wide path stands beside it, how far its
#'   probabilities are from what they say (`calibration_error`), and what it takes to train, to
#'   predict a text and on disk; of models that read pretrained vectors what encoding a text takes,
#'   and the price of a service),
#'   `pairs` (see [paired_tests()]), `scores` (of each seed), `headline`, `warnings`, `receipt`,
#'   `predictions` (one row a model, seed and test text: `truth`, `prediction` and the
#'   probability of each class in `.pred_<level>`, `NA` of models without) and the test `texts`.
#'   [glance()] tells the
#'   best, [autoplot()] draws them, with `type = "cost"` over the training time;
#'   [textseq_report()] writes a page; [saveRDS()] keeps it whole.
#' @seealso [compare_forecasts()]
#' @examplesIf textseq_available()
#' reviews <- data.frame(
#'   text = rep(c("a good film", "a bad film", "good and bright", "bad, and long"), 20),
#'   label = rep(c("pos", "neg"), 40)
#' )
#' set.seed(1)
#' comparison <- compare_encoders(label ~ text, reviews, "mean", n_seeds = 2, max_epochs = 5)
#' comparison
#' autoplot(comparison)
#' @export
compare_encoders <- function(x, ...) UseMethod("compare_encoders", leading(x, ...))

#' @rdname compare_encoders
#' @export
compare_encoders.formula <- function(formula = x, data, ..., test = NULL, id_col = "unique_id",
                                     time_col = NULL, x) {
  rows <- formula_rows(formula, data, id_col, time_col, "`data`")
  if (is.data.frame(test)) test <- formula_rows(formula, test, id_col, time_col, "`test`")
  compare_encoders(rows[[1]], rows[[2]], ..., test = test)
}

#' @rdname compare_encoders
#' @export
compare_encoders.default <- function(x, y, encoders = NULL, ..., estimator = NULL, test = NULL,
                                     cv = NULL, n_seeds = 3, vectors = NULL, baselines = TRUE,
                                     random_state = NULL, checkpoint = NULL,
                                     verbose = interactive()) {
  check_flag(baselines, "baselines")
  check_flag(verbose, "verbose")
  warn_of_level_numbers(substitute(y), list(), parent.frame())
  named <- list(...)$text_columns
  data <- compared_rows(x, y, named)
  if (!is.null(test) && !is.numeric(test)) {
    if (is.data.frame(test) || length(test) != 2) {
      abort(
        "`test` must be a share, or a list of `x` and `y`; with a formula it is a data frame.",
        class = "textseq_error", call = NULL
      )
    }
    test <- compared_rows(test[[1]], test[[2]], named)
  }
  settings <- list(
    cv = cv, n_seeds = n_seeds, vectors = if (!is.null(vectors)) as_vectors(vectors),
    baselines = baselines, random_state = random_state, checkpoint = as_checkpoint(checkpoint)
  )
  described <- py_call(
    "compare_models",
    data = data, test = test, encoders = encoder_rows(encoders), estimator = estimator,
    settings = with_seed(settings, checkpoint), parameters = model_parameters(list(...)),
    progress = if (verbose) comparison_bar()
  )
  factor <- outcome_levels(y)
  if (!is.null(factor)) {
    answers <- c("truth", "prediction")
    described$predictions[answers] <- lapply(described$predictions[answers], function(labels) {
      factor(as.character(labels), factor$levels, ordered = factor$ordered)
    })
  }
  new_comparison(described)
}

# Texts, a list column of series, or the series of a long data frame; and their outcome.
formula_rows <- function(formula, data, id_col, time_col, name) {
  columns <- formula_columns(formula, data, name)
  data <- columns$data
  values <- setdiff(columns$predictors, c(id_col, time_col))
  if (all(vapply(data[values], is.numeric, TRUE))) {
    long <- long_series(data, values, id_col, time_col, columns$outcome, name)
    return(list(long$X, long$y))
  }
  x <- if (is.list(data[[values[1]]])) data[[values[1]]] else data[values]
  list(x, outcome_of(data, columns$outcome))
}

# Texts or series, and what to predict of them, without the rows that miss either.
compared_rows <- function(x, y, named = NULL) {
  numbers <- is.data.frame(x) && all(vapply(x, is.numeric, TRUE))
  texts <- is.character(x) || is.factor(x) || (is.data.frame(x) && !numbers)
  named <- texts_beside(x, named)
  rows <- if (texts) complete_rows(text_rows(x, named), y, named) else complete_series(x, y)
  list(X = if (texts) plain_texts(rows$x) else rows$x, y = class_outcome(rows$y))
}

# A name, or a list of parameters, of each row.
encoder_rows <- function(encoders) {
  if (is.null(encoders)) {
    return(NULL)
  }
  rows <- as.list(encoders)
  unnamed <- which(!nzchar(names(rows) %||% character(length(rows))))
  for (place in unnamed) {
    if (!is.character(rows[[place]]) || length(rows[[place]]) != 1) {
      abort(
        c(
          "Every row needs a name.",
          x = sprintf("Row %d is %s.", place, deparse1(rows[[place]])),
          i = "Name it: `list(\"mean\", large = list(encoder = \"lstm\", hidden_size = 256))`."
        ),
        class = "textseq_error", call = NULL
      )
    }
  }
  names(rows)[unnamed] <- vapply(rows[unnamed], identity, "")
  if (anyDuplicated(names(rows))) {
    abort(
      c(
        sprintf("Two rows are named \"%s\".", names(rows)[anyDuplicated(names(rows))]),
        i = "Name them apart: `list(small = list(encoder = \"lstm\", hidden_size = 16))`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  rows
}

comparison_bar <- function(envir = parent.frame()) {
  bar <- cli::cli_progress_bar(
    "Comparing",
    total = 1, clear = TRUE, .envir = envir,
    format = "{cli::pb_bar} {cli::pb_percent} {cli::pb_extra$figures}",
    extra = list(figures = "")
  )
  function(done, fits, share, name) {
    figures <- sprintf("fit %d/%d %s", as.integer(done) + 1L, as.integer(fits), name)
    cli::cli_progress_update(
      set = share, extra = list(figures = figures), id = bar, .envir = envir
    )
  }
}
