#' One file holds the whole model
#'
#' `textseq_save()` writes a fit to the file that Python's `load_model()` opens; `textseq_load()`
#' opens such a file, whether R or Python wrote it, as a fit of its kind. It holds numbers and text
#' only: opening one runs no code.
#'
#' A fit of R is opened with its columns and with its levels in their order; what it was computed
#' of, the call, and a key of several columns are not kept, and [saveRDS()] keeps a fit as it is.
#' What Python wrote knows no columns: its classes are in sorted order, and it predicts from the one
#' or two columns of texts that it is given, whatever their names.
#' @param fit A fit.
#' @param path The file, replaced if it is there.
#' @return `textseq_save()`: `path`, invisibly. `textseq_load()`: a fit.
#' @examplesIf textseq_available()
#' films <- data.frame(text = rep(c("good", "bad"), 20), label = rep(c("pos", "neg"), 20))
#' fit <- text_classifier(label ~ text, films, encoder = "mean", max_epochs = 5)
#' path <- textseq_save(fit, tempfile(fileext = ".textseq"))
#' again <- textseq_load(path)
#' identical(predict(again, films["text"]), predict(fit, films["text"]))
#' @export
textseq_save <- function(fit, path) {
  if (!inherits(fit, "textseq_fit")) {
    abort(
      sprintf(
        "`fit` must be a fit of textseq, not of class %s.", paste(class(fit), collapse = "/")
      ),
      class = "textseq_error", call = NULL
    )
  }
  path <- path.expand(path)
  # Beside the file and then over it: it stays whole if writing fails.
  part <- tempfile(paste0(basename(path), "."), dirname(path))
  on.exit(unlink(part))
  written <- tryCatch(
    {
      writeBin(fit$model, part)
      file.rename(part, path)
    },
    error = function(cause) FALSE, warning = function(cause) FALSE
  )
  if (!written) {
    abort(
      c(
        sprintf("\"%s\" can't be written.", path),
        i = "Name a file in a folder that is there and that you may write to."
      ),
      class = "textseq_error", call = NULL
    )
  }
  invisible(path)
}

#' @rdname textseq_save
#' @export
textseq_load <- function(path) {
  path <- path.expand(path)
  if (!file.exists(path) || dir.exists(path)) {
    abort(
      sprintf("There is no model file at \"%s\".", path),
      class = c("textseq_model_file_error", "textseq_error"), call = NULL
    )
  }
  content <- readBin(path, raw(), file.size(path))
  described <- tryCatch(
    py_call("open_model", model = content, path = normalizePath(path)),
    textseq_model_file_error = function(cause) {
      if (!is_rds(path)) rlang::cnd_signal(cause)
      abort(
        c(
          sprintf("\"%s\" was written by saveRDS(), not by textseq_save().", path),
          i = "Open it by `readRDS()`."
        ),
        class = c("textseq_model_file_error", "textseq_error"), call = NULL
      )
    }
  )
  described$model <- content
  view <- columns_of_file(described$columns)
  described$columns <- NULL
  do.call(new_fit, c(list(described, fit_classes[[described$kind]]), view))
}

is_rds <- function(path) !is.null(tryCatch(infoRDS(path), error = function(cause) NULL))

# The class of a fit by the name that Python has for its kind.
fit_classes <- list(
  TextClassifier = c("textseq_text_classifier", "textseq_classifier"),
  TextRegressor = c("textseq_text_regressor", "textseq_regressor"),
  SeriesClassifier = c("textseq_series_classifier", "textseq_classifier"),
  SeriesRegressor = c("textseq_series_regressor", "textseq_regressor"),
  Forecaster = "textseq_forecaster",
  LanguageModel = "textseq_language_model",
  Seq2Seq = "textseq_seq2seq",
  SequenceTagger = "textseq_sequence_tagger",
  QuestionAnswerer = "textseq_question_answerer",
  Transcriber = "textseq_transcriber",
  Captioner = c("textseq_captioner", "textseq_seq2seq")
)
