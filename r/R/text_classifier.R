#' Classify texts
#'
#' Trains a network that reads texts and tells their classes: the mean of word vectors, a
#' recurrent network (`"rnn"`, `"lstm"`, `"gru"`, `"janet"`, with `"bi"` before for both
#' directions), a convolutional one (`"tcn"`), or a pretrained transformer.
#'
#' Rows that miss a text or a class are left out, with a warning. Ctrl-C ends training early and
#' returns the best model so far.
#' @section Columns beside the text:
#' In `label ~ text + price + store` the network's last layer reads `price` and `store`, too. As
#' everywhere in R, their classes tell what they are: a factor is a category, numbers, logicals,
#' dates and times are what they are, and a character vector is the text; where there are several,
#' `text_columns = "text"` names it, and the others are categories. Values of such columns may be
#' missing, and new data may have levels that the fit did not see.
#' @section Pretrained transformers:
#' `encoder = "transformer"` with `pretrained = "folder"` starts from BERT, BERTimbau
#' (`"neuralmind/bert-base-portuguese-cased"`), MiniLM or their like: a folder, or the name of a
#' model that has been fetched before, as for [embed_transformer()]. All of it is fine-tuned, or
#' with `unfreeze = "none"` only a last layer learns from its vectors, which are computed once; and
#' `representation = "transformer"` lets a recurrent `encoder` read its states.
#' @section More rows than memory holds:
#' `data` may be the path of a file or folder of Parquet, CSV, TSV or JSON lines, with `.gz` too, or
#' a glob: `text_classifier(stars ~ review, "reviews/*.parquet")`. Rows are read some at a time;
#' their tokens are written once to the cache (the folder that `TEXTSEQ_CACHE` names), and the
#' weights are those of a fit to the same rows in a data frame, to the last bit. The formula names
#' the column to predict, and one of texts or two to compare: nothing is computed, and no other
#' column is read. A row that lacks one of them is refused. In CSV an empty cell is a missing value,
#' as `write.csv(na = "")` writes it, and `NA` a word.
#' @param x A data frame with one column of texts, or two to compare, and others beside them; a
#'   character vector; or a formula like `label ~ text`, which picks columns of `data`. Its left
#'   side may be computed of them, as `cut(stars, 2) ~ text`: of every data frame by itself.
#' @param formula The formula, which may be the first argument or named.
#' @param data A data frame, or the path of files.
#' @param y The classes: a factor, or a vector of anything. If several labels may hold of a text,
#'   a matrix or data frame of zeros and ones, one column a label; in a formula `a + b ~ text`.
#' @param ... Parameters of the model, as [textseq_parameters()] lists them: `encoder = "lstm"`,
#'   `hidden_size = 64`, `max_epochs = 5`, `class_weight = c(rare = 10)`. With
#'   `hidden_size = c(256, 128, 64)` layers of those widths stand on each other, and
#'   `recipe = "plain"` trains as torch and luz start. `decision_threshold = c(precision = 0.9)`
#'   answers by a threshold, or by costs: a matrix that names the classes, true ones in its rows,
#'   answers in its columns. Without a `random_state` R's own random numbers draw one, so that
#'   `set.seed()` makes fits repeat.
#' @param validation_data Rows that choose the best epoch, instead of a tenth of those given: a
#'   data frame for the formula, a list of `x` and `y` otherwise.
#' @param unlabelled More texts, whose classes nobody knows, as `x`; with a formula also a data
#'   frame. A first fit tells what it takes their classes to be, and a second one learns from them
#'   too; it stays if the validation rows are answered no worse than by the first.
#' @param checkpoint The path of a file in which the fit is kept while it goes on. After its process
#'   was ended the same call goes on from there, to the same weights: [textseq_checkpoint()].
#' @param verbose Whether to show a progress bar.
#' @return A fit of class `textseq_text_classifier`, for
#'   [predict()][predict.textseq_text_classifier], [augment()], [glance()], [tidy()] and
#'   [autoplot()]. It holds the whole model, so that
#'   [saveRDS()] keeps it and workers receive it; [textseq_save()] writes it for Python.
#' @seealso [embed_transformer()], [embed_api()]
#' @examplesIf textseq_available()
#' films <- data.frame(
#'   text = rep(c("a good film", "a bad film", "good and bright", "bad, and long"), 20),
#'   label = rep(c("pos", "neg"), 40)
#' )
#' set.seed(1)
#' fit <- text_classifier(label ~ text, films, encoder = "mean", max_epochs = 10)
#' fit
#' predict(fit, c("a good one", NA), type = "prob")
#' @export
text_classifier <- function(x, ...) UseMethod("text_classifier", leading(x, ...))

#' @rdname text_classifier
#' @export
text_classifier.formula <- function(formula = x, data, ..., validation_data = NULL,
                                    unlabelled = NULL, checkpoint = NULL, verbose = interactive(),
                                    x) {
  fit <- fit_text_formula(
    text_classes, formula, data, list(...), validation_data, checkpoint, verbose, unlabelled
  )
  with_call(fit, match.call())
}

#' @rdname text_classifier
#' @export
text_classifier.default <- function(x, y, ..., validation_data = NULL, unlabelled = NULL,
                                    checkpoint = NULL, verbose = interactive()) {
  warn_of_level_numbers(substitute(y), list(), parent.frame())
  fit <- fit_texts(
    text_classes, x, y, list(...), validation_data, checkpoint, verbose, unlabelled
  )
  with_call(fit, match.call())
}

text_classes <- list(
  kind = "TextClassifier", class = c("textseq_text_classifier", "textseq_classifier"),
  outcome = "class"
)
