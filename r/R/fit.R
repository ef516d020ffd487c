# What all fitted models share. A fit holds its model file as bytes, so that saveRDS() and
# workers keep it whole; the model that Python holds is only a cache of it.

# `factor` tells the levels of an outcome that was one, and whether they are ordered.
new_fit <- function(described, class, ..., factor = NULL) {
  described$history <- tibble::as_tibble(described$history)
  described$levels <- factor$levels %||% as.character(described$classes)
  described$ordered <- isTRUE(factor$ordered)
  with_class(c(described, list(...)), c(class, "textseq_fit"))
}

fit_model <- function(kind, class, data, options = NULL, parameters = list(), ..., checkpoint,
                      verbose) {
  check_flag(verbose, "verbose")
  given <- model_parameters(parameters)
  parameters <- with_seed(given)
  bar <- if (verbose) training_bar(parameters$encoder %||% kind)
  described <- noting_interrupts(py_call(
    "fit",
    kind = kind, data = data, options = options, parameters = parameters, progress = bar,
    columns = columns_in_file(...), checkpoint = as_checkpoint(checkpoint),
    seed_is_drawn = is.null(given$random_state)
  ))
  new_fit(described, class, ...)
}

# What the model file keeps of R's view of the data: names and levels; no formula, which is code.
columns_in_file <- function(..., factor = NULL) {
  view <- list(...)
  computed <- is.null(view$formula) || is.null(named_columns(view$formula[[2]]))
  if (computed) view$outcome <- NULL
  kept <- c("predictors", "outcome", "id_col", "time_col", "columns")
  view <- Filter(Negate(is.null), view[intersect(names(view), kept)])
  view$columns <- if (!is.null(view$columns)) as.list(view$columns)
  lapply(c(view, list(levels = factor$levels, ordered = factor$ordered)), as.list)
}

# The view of a model file, as new_fit() takes it.
columns_of_file <- function(view) {
  view <- lapply(view, unlist)
  factor <- if (!is.null(view$levels)) list(levels = view$levels, ordered = view$ordered)
  view[c("levels", "ordered")] <- NULL
  if (!is.null(view$outcome)) {
    named <- function(columns) {
      Reduce(function(left, right) call("+", left, right), lapply(columns, as.name))
    }
    view$formula <- stats::as.formula(
      call("~", named(view$outcome), named(view$predictors)),
      env = globalenv()
    )
    view$outcome_from <- view$outcome
  }
  c(view, if (!is.null(factor)) list(factor = factor))
}

# Keeps how the fit was made, by the name of the generic, for update() and formula(), but not the
# rows, which do.call() writes into the call; a path is none.
with_call <- function(fit, call, formula = fit$formula) {
  call[[1]] <- as.name(sub("^textseq_", "", class(fit)[1]))
  rows <- c("formula", "x", "data", "y", "validation_data", "unlabelled", "static", "groups")
  for (name in intersect(names(call), rows)) {
    given <- call[[name]]
    if (inherits(given, "formula")) {
      attributes(call[[name]]) <- NULL
    } else if (!is.language(given) && !is.null(given) && !rlang::is_string(given)) {
      call[[name]] <- as.name(sprintf("<%s>", class(given)[1]))
    }
  }
  fit$call <- call
  fit$formula <- formula
  fit
}

# What a model function was given in `...`.
model_parameters <- function(parameters) {
  bare <- which(!nzchar(names(parameters) %||% character(length(parameters))))
  if (length(bare) > 0) {
    abort(
      c(
        "Parameters need names.",
        x = sprintf("This one has none: %s.", few(deparse(parameters[[bare[1]]]), 1)),
        i = "Write them as `encoder = \"lstm\"`; `textseq_parameters()` lists them."
      ),
      class = "textseq_error", call = NULL
    )
  }
  for (name in c("vectors", "target_vectors")) {
    if (is.matrix(parameters[[name]])) parameters[[name]] <- word_vectors(parameters[[name]])
  }
  if (is.matrix(parameters$decision_threshold)) {
    parameters$decision_threshold <- named_costs(parameters$decision_threshold)
  }
  parameters
}

# Costs by the names of their classes, whose order in R and in Python differs.
named_costs <- function(costs) {
  if (is.null(rownames(costs)) || is.null(colnames(costs))) {
    abort(
      c(
        "The rows and columns of a matrix of costs need the names of classes.",
        i = "Rows are the true classes, columns those answered: `dimnames(costs) <- list(k, k)`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  rows <- lapply(seq_len(nrow(costs)), function(row) as.list(costs[row, ]))
  stats::setNames(rows, rownames(costs))
}

# R's own random numbers decide, so that set.seed() makes a fit repeat.
with_seed <- function(parameters, checkpoint = NULL) {
  if (is.null(parameters$random_state)) {
    # Fits that are kept are found again by their seeds.
    drawn <- is.null(checkpoint)
    parameters$random_state <- if (drawn) sample.int(.Machine$integer.max, 1) else 0
  }
  parameters
}

# Ctrl-C was the user's wish, of which a note is enough.
noting_interrupts <- function(expr) {
  withCallingHandlers(expr, textseq_warning = function(warning) {
    if (startsWith(conditionMessage(warning), "interrupted in epoch")) {
      said <- sub("^i", "I", conditionMessage(warning))
      cli::cli_alert_info("{said}.")
      rlang::cnd_muffle(warning)
    }
  })
}

# Returns what Python calls now and then; the bar ends with the caller.
training_bar <- function(name, envir = parent.frame()) {
  bar <- cli::cli_progress_bar(
    name,
    total = 1, clear = TRUE, .envir = envir,
    format = "{cli::pb_name}{cli::pb_bar} {cli::pb_percent} {cli::pb_extra$figures}",
    extra = list(figures = "")
  )
  function(epoch, epochs, done, loss) {
    figures <- sprintf("epoch %d/%d", as.integer(epoch), as.integer(epochs))
    if (is.finite(loss)) figures <- sprintf("%s loss %.3f", figures, loss)
    cli::cli_progress_update(
      set = done, extra = list(figures = figures), id = bar, .envir = envir
    )
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

#' Look at a fit
#'
#' `print()` tells in a few lines what the model is and how well it did, `summary()` also its
#' parameters, those of `"auto"` decided. `glance()` returns the same in one row, `tidy()` the
#' course of the training, one row an epoch, and `augment()` data with predictions beside them.
#' `update()` fits again with other parameters, or to other columns; `nobs()` counts the rows that
#' were trained on.
#' @param x,object A fit.
#' @param new_data Texts or series, as [predict()][predict.textseq_fit] takes them.
#' @param ... In `update()` arguments of the call that made the fit; else not used.
#' @return `glance()`: a tibble of one row: the encoder, the number of weights, rows to train
#'   (`nobs`) and validate on, epochs, the best epoch and its validation score (`NA` without
#'   validation rows), seconds of training, whether it was interrupted, seed and threads.
#'   `score_name` tells what the score is: with `class_weight` a weighted accuracy, in which rows
#'   count as they do in the loss.
#'
#'   `tidy()`: a tibble of one row an epoch, with `loss`, `validation_loss` and `validation_score`
#'   where rows were held out, the norm of the gradient before clipping, the share of batches in
#'   which it was clipped, the learning rate, seconds, tokens (of series: steps) a second; `best`
#'   marks the epoch whose weights were kept.
#'
#'   `augment()`: `new_data` as a tibble, `.pred_class` and the probability of each class beside
#'   it, or `.pred` and, where the outcome is there, `.resid`. In a long data frame of series
#'   every step has the predictions of its series.
#' @examplesIf textseq_available()
#' films <- data.frame(text = rep(c("good", "bad"), 20), label = rep(c("pos", "neg"), 20))
#' fit <- text_classifier(label ~ text, films, encoder = "mean", max_epochs = 5)
#' fit
#' glance(fit)
#' tidy(fit)
#' augment(fit, films[1:2, ])
#' update(fit, encoder = "gru", hidden_size = 4)
#' @name textseq_fit
NULL

#' @rdname textseq_fit
#' @export
print.textseq_fit <- function(x, ...) {
  seen <- glance(x)
  name <- sub("^textseq_", "", class(x)[1])
  cli::cat_line(sprintf("<%s> %s encoder, %s weights", name, seen$encoder, big(seen$n_parameters)))
  if (length(x$levels) > 0 && inherits(x, "textseq_classifier")) {
    cli::cat_line(sprintf("%s: %s", if (x$multilabel) "Labels" else "Classes", few(x$levels)))
  }
  cli::cat_line(sprintf(
    "Trained on %s for %s, %.1f s%s", counted(seen$nobs, row_name(x)),
    counted(seen$epochs, "epoch"), seen$seconds,
    if (seen$interrupted) ", until it was interrupted" else ""
  ))
  cli::cat_line(best_epoch_told(x))
  invisible(x)
}

best_epoch_told <- function(fit) {
  seen <- glance(fit)
  if (seen$epochs == 0) {
    return("No epoch was finished")
  }
  if (is.na(seen$validation_score)) {
    return("No validation rows: the last epoch's weights were kept")
  }
  sprintf(
    "Epoch %d was the best: validation %s %s (%s)", seen$best_epoch, seen$score_name,
    format(signif(seen$validation_score, 4)), counted(seen$validation_rows, row_name(fit))
  )
}

big <- function(count) format(count, big.mark = ",", scientific = FALSE, trim = TRUE)

row_name <- function(fit) if (inherits(fit, "textseq_forecaster")) "window" else "row"

# "1 row", "1,200 rows".
counted <- function(count, what) paste0(big(count), " ", what, if (count != 1) "s")

few <- function(names, most = 8) {
  shown <- paste(utils::head(names, most), collapse = ", ")
  if (length(names) > most) sprintf("%s and %d more", shown, length(names) - most) else shown
}

#' @rdname textseq_fit
#' @export
summary.textseq_fit <- function(object, ...) {
  check_dots(...)
  parameters <- object$parameters
  # What was decided of "auto" and of NULL.
  decided <- intersect(names(parameters), names(object$receipt))
  parameters[decided] <- object$receipt[decided]
  structure(
    list(fit = object, parameters = parameter_table(parameters)),
    class = "summary.textseq_fit"
  )
}

#' @export
print.summary.textseq_fit <- function(x, ...) {
  print(x$fit)
  cli::cat_line()
  shown <- paste0(format(paste0(x$parameters$parameter, " ")), x$parameters$value)
  cli::cat_line(shown)
  invisible(x)
}

parameter_table <- function(parameters) {
  tibble::tibble(
    parameter = names(parameters),
    value = vapply(unname(parameters), as_written, "")
  )
}

# A value as one would write it in a call, but for quotes.
as_written <- function(value) {
  if (is.null(value)) {
    return("NULL")
  }
  shown <- if (length(value) > 0) format(unlist(value), digits = 15, trim = TRUE)
  if (length(value) == 1) shown else sprintf("c(%s)", paste(shown, collapse = ", "))
}

#' @rdname textseq_fit
#' @export
glance.textseq_fit <- function(x, ...) {
  check_dots(...)
  receipt <- x$receipt
  tibble::tibble(
    encoder = x$parameters$encoder, n_parameters = x$n_parameters %||% NA_integer_,
    nobs = receipt$rows, validation_rows = receipt$validation_rows,
    epochs = receipt$epochs, best_epoch = receipt$best_epoch,
    score_name = receipt$score_name, validation_score = receipt$validation_score %||% NA_real_,
    seconds = sum(x$history$seconds), interrupted = x$interrupted,
    seed = receipt$seed, n_threads = receipt$n_threads
  )
}

#' @rdname textseq_fit
#' @importFrom stats nobs
#' @export
nobs.textseq_fit <- function(object, ...) {
  check_dots(...)
  object$receipt$rows
}

#' @rdname textseq_fit
#' @param formula. A change of the formula, as `. ~ . - title`.
#' @param evaluate Whether to fit; if not, the changed call is returned.
#' @importFrom stats update
#' @export
update.textseq_fit <- function(object, formula., ..., evaluate = TRUE) {
  call <- object$call
  if (is.null(call)) {
    abort(
      c(
        "This fit does not know how it was made.",
        i = "A model file holds no call: fit the model again where its rows are."
      ),
      class = "textseq_error", call = NULL
    )
  }
  # A formula may stand there by the generic's name of it.
  if (!is.null(object$formula)) names(call)[names(call) == "x"] <- "formula"
  if (!missing(formula.)) call$formula <- stats::update(stats::formula(object), formula.)
  extras <- as.list(match.call(expand.dots = FALSE)$...)
  model_parameters(extras)
  # By single brackets, which keep an argument that is NULL.
  call[names(extras)] <- extras
  check_flag(evaluate, "evaluate")
  if (!evaluate) {
    return(call)
  }
  for (name in names(call)) {
    if (is.name(call[[name]]) && grepl("^<.*>$", call[[name]])) {
      abort(
        c(
          sprintf("The rows given as `%s` are not known: a fit keeps none.", name),
          x = "This one was made by do.call(), whose call holds them itself.",
          i = sprintf("Pass them again: `update(fit, %s = rows)`.", name)
        ),
        class = "textseq_error", call = NULL
      )
    }
  }
  eval(call, parent.frame())
}

#' @rdname textseq_fit
#' @export
tidy.textseq_fit <- function(x, ...) {
  check_dots(...)
  tibble::add_column(x$history, best = x$history$epoch == x$receipt$best_epoch, .after = "epoch")
}

#' The course of training
#'
#' @param object A fit.
#' @param ... Not used.
#' @return A ggplot of the loss and, where rows were held out, their loss and score after each
#'   epoch. The epoch whose weights were kept is marked.
#' @examplesIf textseq_available()
#' films <- data.frame(text = rep(c("good", "bad"), 200), label = rep(c("pos", "neg"), 200))
#' fit <- text_classifier(label ~ text, films, encoder = "mean", max_epochs = 5)
#' autoplot(fit)
#' @export
autoplot.textseq_fit <- function(object, ...) {
  seen <- glance(object)
  course <- training_course(object$history, seen$score_name)
  ggplot2::ggplot(
    course,
    ggplot2::aes(.data$epoch, .data$value, colour = .data$rows, linetype = .data$rows)
  ) +
    ggplot2::geom_vline(xintercept = seen$best_epoch, colour = muted, linetype = "dotted") +
    ggplot2::geom_line() +
    ggplot2::geom_point(
      ggplot2::aes(shape = .data$rows),
      fill = paper, data = course[course$epoch == seen$best_epoch, ], size = 2.5
    ) +
    ggplot2::geom_blank(data = below_constant(course)) +
    ggplot2::facet_wrap(ggplot2::vars(.data$panel), ncol = 1, scales = "free_y") +
    ggplot2::scale_colour_manual(values = line_colors) +
    ggplot2::scale_linetype_manual(values = line_types) +
    ggplot2::scale_shape_manual(values = line_shapes) +
    ggplot2::scale_x_continuous(breaks = function(range) unique(floor(pretty(range, 8)))) +
    ggplot2::scale_y_continuous(n.breaks = 4) +
    ggplot2::labs(x = "Epoch", y = NULL) +
    message_title(best_epoch_told(object)) +
    theme_textseq()
}

#' Draw what textseq returns
#'
#' @param x A fit, a forecast, a comparison, or what an instrument returned.
#' @param ... As `autoplot()` of the same takes it.
#' @return The ggplot that `autoplot()` returns, invisibly, after it was drawn.
#' @examplesIf textseq_available()
#' films <- data.frame(text = rep(c("good", "bad"), 200), label = rep(c("pos", "neg"), 200))
#' plot(text_classifier(label ~ text, films, encoder = "mean", max_epochs = 5))
#' @export
plot.textseq_fit <- function(x, ...) {
  figure <- ggplot2::autoplot(x, ...)
  print(figure)
  invisible(figure)
}

#' @rdname plot.textseq_fit
#' @export
plot.textseq_forecast <- plot.textseq_fit

#' @rdname plot.textseq_fit
#' @export
plot.textseq_backtest <- plot.textseq_fit

#' @rdname plot.textseq_fit
#' @export
plot.textseq_comparison <- plot.textseq_fit

#' @rdname plot.textseq_fit
#' @export
plot.textseq_inspection <- plot.textseq_fit

#' @rdname plot.textseq_fit
#' @export
plot.textseq_attention_map <- plot.textseq_fit

# One row for each epoch and line: losses in one panel, the validation score in another.
training_course <- function(history, score_name) {
  lines <- list(
    loss = c("training", "Loss"), validation_loss = c("validation", "Loss"),
    validation_score = c("validation", paste("Validation", score_name))
  )
  lines <- lines[intersect(names(lines), names(history))]
  course <- lapply(names(lines), function(column) {
    data.frame(
      epoch = history$epoch, value = history[[column]], rows = lines[[column]][1],
      panel = lines[[column]][2]
    )
  })
  course <- do.call(rbind, course)
  course$panel <- factor(course$panel, unique(course$panel))
  course
}

# An axis around a line that never changes ends at it: an accuracy of 1 is the highest.
below_constant <- function(course) {
  constant <- stats::ave(course$value, course$panel, FUN = function(all) diff(range(all))) == 0
  course <- course[which(constant), ]
  course$value <- course$value - 0.05 * abs(course$value)
  course
}
