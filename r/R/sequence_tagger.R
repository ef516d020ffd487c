#' Tag every step of sequences
#'
#' Trains a network that gives each token of a text, or each frame of a series, a tag: parts of
#' speech, names, states.
#'
#' @param x A list of character vectors, the tokens of each text; a list of matrices
#'   (channels, time) or numeric vectors, the frames of each series (of numbers that are ids of
#'   tokens `as.character()` makes tokens); or a data frame with one row a token.
#' @param y A list of vectors: a tag for every token or frame.
#' @param ... Parameters of the model, as [textseq_parameters()] lists them: `head = "linear"`,
#'   `encoder = "bigru"`, `max_epochs = 5`. `pretrained` names the folder of a transformer, which is
#'   fine-tuned: a word's tag is that of its first piece. Without a `random_state` R's own random
#'   numbers draw one, so that `set.seed()` makes fits repeat.
#' @param id_col,token_col,tag_col Names of the columns of a data frame: of the text that a token
#'   is of (the order of its rows is that of the tokens), of the token, and of its tag. Where
#'   sentences are counted anew in each document, several columns tell the text:
#'   `id_col = c("doc_id", "sentence_id")`.
#' @param validation_data Rows that choose the best epoch, instead of a tenth of those given: a
#'   data frame if `x` is one, a list of `x` and `y` otherwise.
#' @inheritParams text_classifier
#' @return A fit, for [predict()], [span_f1()], [glance()] and [autoplot()]. It holds the whole
#'   model, so that [saveRDS()] keeps it.
#' @examplesIf textseq_available()
#' words <- rep(list(c("see", "the", "sea"), c("the", "old", "sea")), 15)
#' tags <- rep(list(c("verb", "det", "noun"), c("det", "adj", "noun")), 15)
#' set.seed(1)
#' fit <- sequence_tagger(words, tags, hidden_size = 16, max_epochs = 10)
#' predict(fit, list(c("the", "old", "sea")))$.pred_class
#'
#' long <- data.frame(
#'   id = rep(seq_along(words), lengths(words)), token = unlist(words), tag = unlist(tags)
#' )
#' fit <- sequence_tagger(long, hidden_size = 16, max_epochs = 10)
#' predict(fit, long[1:3, ], type = "prob")
#' @export
sequence_tagger <- function(x, ...) UseMethod("sequence_tagger", leading(x, ...))

#' @rdname sequence_tagger
#' @export
sequence_tagger.list <- function(x, y, ..., validation_data = NULL, checkpoint = NULL,
                                 verbose = interactive()) {
  rows <- tagged_pairs(x, y, "x")
  validation <- if (!is.null(validation_data)) {
    check_validation(validation_data)
    unname(tagged_pairs(validation_data[[1]], validation_data[[2]], "validation_data"))
  }
  with_call(fit_tagger(rows, validation, list(...), checkpoint, verbose), match.call())
}

#' @rdname sequence_tagger
#' @export
sequence_tagger.data.frame <- function(x, ..., id_col = "id", token_col = "token", tag_col = "tag",
                                       validation_data = NULL, checkpoint = NULL,
                                       verbose = interactive()) {
  columns <- c(id = unname(id_col), token = token_col, tag = tag_col)
  validation <- if (!is.null(validation_data)) unname(token_rows(validation_data, columns))
  fit <- fit_tagger(
    token_rows(x, columns), validation, list(...), checkpoint, verbose, columns = columns
  )
  with_call(fit, match.call())
}

fit_tagger <- function(rows, validation, parameters, checkpoint, verbose, ...) {
  fit_model(
    "SequenceTagger", "textseq_sequence_tagger",
    data = list(X = rows$x, y = rows$y, validation_data = validation),
    parameters = parameters, checkpoint = checkpoint, verbose = verbose, ...
  )
}

#' Predict tags, and score them
#'
#' `augment()` puts predictions beside the data. `span_f1()` counts a span, such as a name of
#' several tokens, only if both its ends and its type are right; `span_report()` tells how well
#' those of each type are found.
#'
#' @param object A fit of [sequence_tagger()].
#' @param new_data Sequences in the form that was fitted: a list, or a data frame with one row a
#'   token.
#' @param y A list of tags; for a data frame its column `tag_col`.
#' @param type `"class"` for tags, `"prob"` for the probability of each, `"span"` for the spans that
#'   the tags mark.
#' @param scheme `"auto"` counts as conlleval does, be the tags IOB1, IOB2 (B-person, I-person, O),
#'   IOE2, IOBES or BILOU: a span that is said to begin with `I-` counts, and costs where it is
#'   wrong. One of these names counts only spans that are marked as it has them.
#' @param id_col,token_col,tag_col Names of the columns of a data frame; as fitted by default.
#' @param ... Not used.
#' @return `predict()` of a data frame: a tibble with one row a token, `.pred_class` or a
#'   `.pred_<tag>` for each tag. Of a list: a tibble with one row a sequence and a list column,
#'   `.pred_class` of vectors of tags, or `.pred` of matrices (time, tags). Missing sequences,
#'   and those with a missing token, have `NA`. With `type = "span"` a tibble with one row a span:
#'   `.row`, the place of its sequence in the list, or of a data frame the column `id_col`;
#'   `.pred_type`; `first` and `last`, its steps in the sequence, from 1; and its `probability`:
#'   that of a span of this type, with both ends.
#'
#'   `span_f1()`: a number from 0 to 1. `span_report()`: a tibble with one row a type, and `"micro
#'   avg"` of all spans together and `"macro avg"`, the mean over the types: `precision`, `recall`,
#'   `f1` and `support`, the number of true spans.
#' @inherit sequence_tagger examples
#' @export
predict.textseq_sequence_tagger <- function(object, new_data, type = c("class", "prob", "span"),
                                            ..., id_col = NULL, token_col = NULL) {
  check_dots(...)
  check_new_data(new_data)
  type <- rlang::arg_match(type)
  if (!is.data.frame(new_data)) {
    rows <- steps_of(new_data, "new_data")
    if (type == "span") return(span_rows(object, rows, list(.row = seq_along(rows))))
    return(tagged_rows(object, rows, type))
  }
  columns <- token_columns(object, list(id = id_col, token = token_col))
  places <- token_places(new_data, columns)
  tokens <- sources_of(split_by(new_data[[columns[["token"]]]], places))
  if (type == "span") {
    first <- vapply(places, `[`, 1L, 1L)
    ids <- lapply(as.list(new_data)[id_columns(columns)], function(id) id[first])
    return(span_rows(object, tokens, ids))
  }
  said <- tagged_rows(object, tokens, type)[[1]]
  spread_over_tokens(said, places, nrow(new_data), object$levels, type)
}

#' @rdname predict.textseq_sequence_tagger
#' @param x As `object`.
#' @export
augment.textseq_sequence_tagger <- function(x, new_data, ...) {
  check_dots(...)
  check_new_data(new_data)
  predictions_beside(x, new_data, "sequence")
}

#' @rdname predict.textseq_sequence_tagger
#' @export
span_f1 <- function(object, new_data, ...) UseMethod("span_f1")

#' @rdname predict.textseq_sequence_tagger
#' @export
span_f1.textseq_sequence_tagger <- function(object, new_data, y = NULL, scheme = "auto", ...,
                                            id_col = NULL, token_col = NULL, tag_col = NULL) {
  check_dots(...)
  columns <- list(id = id_col, token = token_col, tag = tag_col)
  rows <- tagged_data(object, new_data, y, columns)
  ask(object, "span_f1", list(X = rows$x, y = rows$y), list(scheme = scheme))
}

#' @rdname predict.textseq_sequence_tagger
#' @export
span_report <- function(object, new_data, ...) UseMethod("span_report")

#' @rdname predict.textseq_sequence_tagger
#' @export
span_report.textseq_sequence_tagger <- function(object, new_data, y = NULL, scheme = "auto", ...,
                                                id_col = NULL, token_col = NULL, tag_col = NULL) {
  check_dots(...)
  columns <- list(id = id_col, token = token_col, tag = tag_col)
  rows <- tagged_data(object, new_data, y, columns)
  report <- ask(object, "span_report", list(X = rows$x, y = rows$y), list(scheme = scheme))
  report$support <- as.integer(report$support)
  tibble::as_tibble(report)
}

# Sequences and their tags, of a list or of a data frame's columns.
tagged_data <- function(object, new_data, y, columns) {
  check_new_data(new_data)
  if (is.data.frame(new_data)) return(token_rows(new_data, token_columns(object, columns)))
  tagged_pairs(new_data, y, "new_data")
}

# One row a span, with the ids of its sequence; sequences that are missing have none.
span_rows <- function(object, rows, ids) {
  there <- which(!is_missing(rows))
  open_in_python(object)
  found <- py_call("spans_said", id = object$id, X = rows[there])
  tibble::tibble(
    tibble::new_tibble(lapply(ids, function(id) unname(id)[there[found$row]])),
    .pred_type = as.character(found$type), first = found$first, last = found$last,
    probability = found$probability
  )
}

# A list column with an item for each row, NA where that is missing.
tagged_rows <- function(object, rows, type) {
  there <- !is_missing(rows)
  said <- rep(list(NA), length(rows))
  if (any(there)) {
    method <- if (type == "class") "predict" else "predict_proba"
    found <- ask(object, method, list(X = rows[there]))
    tidied <- if (type == "class") tags_alone else function(one) with_tags(one, object)
    said[there] <- lapply(found, tidied)
  }
  if (type == "class") tibble::tibble(.pred_class = said) else tibble::tibble(.pred = said)
}

# An empty sequence has no tags, of no type.
tags_alone <- function(tags) if (length(tags) == 0) character() else tags

with_tags <- function(probabilities, object) {
  colnames(probabilities) <- object$levels
  probabilities
}

# Tokens or frames of each sequence; texts that are not cut have none.
steps_of <- function(x, name) {
  if (is.character(x) || is.factor(x)) {
    abort(
      c(
        sprintf("`%s` must be a list of the tokens, or frames, of each sequence.", name),
        x = "It is a vector of texts.",
        i = "Cut them first: `tokenize_texts(texts)`, or `strsplit(texts, \"\")` for characters."
      ),
      class = "textseq_error", call = NULL
    )
  }
  sources_of(x)
}

# Sequences and their tags, one a step, without those that miss either.
tagged_pairs <- function(x, y, name) {
  x <- steps_of(x, name)
  y <- tags_of(y)
  steps <- if (is.list(x)) {
    vapply(x, function(one) if (is.matrix(one)) ncol(one) else length(one), 1L)
  } else {
    rep(utils::tail(dim(x), 1), nrow(x))
  }
  if (length(y) == length(steps)) {
    odd <- which(!is_missing(x) & !any_missing(y) & lengths(y) != steps)
    if (length(odd) > 0) {
      abort(
        c(
          "Every token or frame needs one tag.",
          x = sprintf(
            "Sequence %d has %s and %s.", odd[1], counted(steps[odd[1]], "step"),
            counted(length(y[[odd[1]]]), "tag")
          )
        ),
        class = "textseq_error", call = NULL
      )
    }
  }
  complete_pairs(x, y)
}

tags_of <- function(y) {
  if (!is.list(y) || is.data.frame(y)) {
    abort(
      c("`y` must be a list of vectors of tags.", x = sprintf("It is %s.", class(y)[1])),
      class = "textseq_error"
    )
  }
  lapply(unname(y), function(tags) if (is.factor(tags)) as.character(tags) else tags)
}

# Columns by what they hold, several of ids as `id1`, `id2`: as c() names them, and unlist().
token_columns <- function(object, given) {
  columns <- object$columns %||% c(id = "id", token = "token", tag = "tag")
  if (!is.null(given$id)) columns <- c(id = unname(given$id), columns[c("token", "tag")])
  others <- unlist(given[names(given) != "id"])
  columns[names(others)] <- others
  columns
}

id_columns <- function(columns) unname(columns[grepl("^id[0-9]*$", names(columns))])

# The rows of each text, texts in the order in which they begin; rows without id are of none.
token_places <- function(data, columns) {
  check_columns(data, columns[names(columns) != "tag"], "The data frame")
  id_col <- id_columns(columns)
  parts <- lapply(id_col, function(column) as.character(data[[column]]))
  # No id holds the sign between.
  ids <- do.call(paste, c(parts, sep = "\r"))
  ids[Reduce(`|`, lapply(parts, is.na))] <- NA
  warn_of_ids_apart(ids, id_col)
  split(seq_along(ids), factor(ids, unique(ids)))
}

warn_of_ids_apart <- function(ids, id_col) {
  rows <- which(!is.na(ids))
  begins <- rows[c(TRUE, ids[rows][-1] != ids[rows][-length(rows)])[seq_along(rows)]]
  again <- begins[duplicated(ids[begins])]
  if (length(again) == 0) {
    return(invisible())
  }
  named <- paste(sprintf("`%s`", id_col), collapse = " and ")
  rlang::warn(
    c(
      sprintf("Rows of the same %s stand apart, and are read as one sequence.", named),
      x = sprintf(
        "Row %d has the %s of row %d, and others stand between.",
        again[1], named, match(ids[again[1]], ids)
      ),
      i = paste(
        "If ids start anew in each document, name its column, too:",
        sprintf("`id_col = c(\"doc_id\", \"%s\")`.", id_col[1])
      )
    ),
    class = c("textseq_ids_apart", "textseq_warning")
  )
}

split_by <- function(x, places) lapply(places, function(rows) x[rows])

token_rows <- function(data, columns) {
  check_columns(data, columns, "The data frame")
  places <- token_places(data, columns)
  x <- sources_of(split_by(data[[columns[["token"]]]], places))
  complete_pairs(x, tags_of(split_by(data[[columns[["tag"]]]], places)))
}

# One row a token, in the order of the data.
spread_over_tokens <- function(said, places, n, levels, type) {
  if (type == "class") {
    tags <- rep(NA_character_, n)
    for (row in seq_along(places)) tags[places[[row]]] <- as.character(said[[row]])
    return(tibble::tibble(.pred_class = factor(tags, levels)))
  }
  probabilities <- matrix(NA_real_, n, length(levels))
  for (row in seq_along(places)) probabilities[places[[row]], ] <- said[[row]]
  colnames(probabilities) <- paste0(".pred_", levels)
  tibble::as_tibble(probabilities)
}
