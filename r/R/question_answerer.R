#' Answer questions by a part of a passage
#'
#' Trains a network that reads a question and a passage, and answers by a span of the passage. Its
#' sentences are read again and again given the question, so that an answer may follow from
#' several of them.
#'
#' @param x A data frame of two columns, the question and the passage of each row. Or a formula
#'   like `answer ~ question + passage`, which picks columns of `data`.
#' @param formula The formula, which may be the first argument or named.
#' @param data A data frame.
#' @param y Answers, a character vector: each stands in its passage, and all of its occurrences
#'   there count as right.
#' @param ... Parameters of the model, as [textseq_parameters()] lists them: `n_passes = 2`,
#'   `max_epochs = 5`. Without a `random_state` R's own random numbers draw one, so that
#'   `set.seed()` makes fits repeat.
#' @param validation_data Rows that choose the best epoch, instead of a tenth of those given: a
#'   data frame for the formula, a list of `x` and `y` otherwise.
#' @inheritParams text_classifier
#' @return A fit, for [predict()], [glance()] and [autoplot()]. It holds the whole model, so that
#'   [saveRDS()] keeps it.
#' @examplesIf textseq_available()
#' stories <- data.frame(
#'   question = rep(c("Where is Ana?", "Where is Bob?"), 20),
#'   passage = "Ana is in Rome. Bob is in Oslo.",
#'   answer = rep(c("Rome", "Oslo"), 20)
#' )
#' set.seed(1)
#' fit <- question_answerer(answer ~ question + passage, stories, max_epochs = 10)
#' predict(fit, stories[1:2, ])
#' @export
question_answerer <- function(x, ...) UseMethod("question_answerer", leading(x, ...))

#' @rdname question_answerer
#' @export
question_answerer.formula <- function(formula = x, data, ..., validation_data = NULL,
                                      checkpoint = NULL, verbose = interactive(), x) {
  rows <- formula_sides(formula, data, validation_data)
  fit <- question_answerer(
    rows$x, rows$y, ...,
    validation_data = rows$validation, checkpoint = checkpoint, verbose = verbose
  )
  with_call(fit, match.call(), rows$formula)
}

#' @rdname question_answerer
#' @export
question_answerer.default <- function(x, y, ..., validation_data = NULL, checkpoint = NULL,
                                      verbose = interactive()) {
  rows <- answered_rows(x, y)
  validation <- if (!is.null(validation_data)) {
    check_validation(validation_data)
    unname(answered_rows(validation_data[[1]], validation_data[[2]]))
  }
  fit <- fit_model(
    "QuestionAnswerer", "textseq_question_answerer",
    data = list(X = rows$x, y = rows$y, validation_data = validation),
    parameters = list(...), checkpoint = checkpoint, verbose = verbose, predictors = names(x)
  )
  with_call(fit, match.call())
}

#' Predict answers
#'
#' `predict()` tells the most probable answer to each question, `augment()` puts it beside the
#' rows.
#'
#' @param object A fit of [question_answerer()].
#' @param new_data A data frame with the columns that were fitted.
#' @param n_best Answers to each question, the most probable first.
#' @param ... Not used.
#' @return A tibble with one row a question and the answer in `.pred`; the row of a missing question
#'   or passage is `NA`. With `n_best` a row an answer: the number of its question in `.row`,
#'   `.pred`, its probability `.pred_probability`, that of all of its occurrences, and the place of
#'   the most probable one, its characters `first` and `last`, from 1: `substr(passage, first,
#'   last)` is the answer.
#' @inherit question_answerer examples
#' @export
predict.textseq_question_answerer <- function(object, new_data, n_best = NULL, ...) {
  check_dots(...)
  check_new_data(new_data)
  rows <- new_texts(object, new_data)
  if (!is.null(n_best)) {
    return(answers_in(object, rows, n_best))
  }
  said <- rep(NA_character_, length(rows$there))
  if (any(rows$there)) said[rows$there] <- ask(object, "predict", list(X = rows$X))
  tibble::tibble(.pred = said)
}

#' @rdname predict.textseq_question_answerer
#' @param x As `object`.
#' @export
augment.textseq_question_answerer <- function(x, new_data, ...) {
  check_dots(...)
  check_new_data(new_data)
  tibble::add_column(tibble::as_tibble(new_data), .pred = predict(x, new_data)$.pred)
}

answers_in <- function(object, rows, n_best) {
  if (!any(rows$there)) {
    return(tibble::tibble(
      .row = integer(), .pred = character(), .pred_probability = double(),
      first = integer(), last = integer()
    ))
  }
  open_in_python(object)
  found <- py_call("answers_found", id = object$id, X = rows$X, n_best = n_best)
  tibble::tibble(
    .row = which(rows$there)[as.integer(found$row)],
    .pred = found$answer, .pred_probability = as.double(found$probability),
    first = as.integer(found$first), last = as.integer(found$last)
  )
}

# Drops the rows in which a question, a passage or an answer is missing, and says so.
answered_rows <- function(x, y) {
  if (!is.data.frame(x) || length(x) != 2) {
    abort(
      c(
        "`x` must be a data frame of two columns, the question and the passage of each row.",
        i = "Or use a formula: `question_answerer(answer ~ question + passage, data)`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  texts <- text_columns(x)
  y <- single_texts(y)
  kept <- kept_rows(stats::complete.cases(texts), ifelse(is.na(y), NA, TRUE), "question")
  list(x = texts[kept, , drop = FALSE], y = y[kept])
}
