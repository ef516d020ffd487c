#' A fit that goes on where its process was ended
#'
#' Every function that fits takes `checkpoint =`, the path of a file. All that the fit needs to go
#' on is kept there, after its epochs and every few minutes within one. After a power cut, a kill,
#' or Ctrl-C the same call goes on from there, to the same weights, to the last bit, as if nothing
#' had been; a fit that is over is not done again. Other data, parameters or versions are refused
#' with what differs. Where no `random_state` is chosen, the number that was drawn first is kept, so
#' that no `set.seed()` is needed.
#'
#' `textseq_checkpoint()` says more than the path. [compare_encoders()], [compare_forecasts()] and
#' [cross_validation()] take the path of a folder, which has a file for each fit.
#' @param path A file (of many fits a folder), which is made if it is not there. It may be deleted
#'   when it is not needed any more.
#' @param every_minutes How often it is written within an epoch.
#' @param any_threads Whether a fit may go on with another number of threads, to weights that differ
#'   from those of a fit that was not ended as sums do that are added in another order.
#' @return What `checkpoint =` takes.
#' @examplesIf textseq_available()
#' films <- data.frame(text = rep(c("good", "bad"), 20), label = rep(c("pos", "neg"), 20))
#' kept <- textseq_checkpoint(tempfile(fileext = ".ckpt"), every_minutes = 1)
#' fit <- text_classifier(label ~ text, films, encoder = "mean", max_epochs = 5, checkpoint = kept)
#' # It is over, and not trained anew:
#' identical(update(fit)$history$seconds, fit$history$seconds)
#' @export
textseq_checkpoint <- function(path, every_minutes = 5, any_threads = FALSE) {
  structure(
    list(path = file_path(path, "path"), every_minutes = every_minutes, any_threads = any_threads),
    class = "textseq_checkpoint"
  )
}

# What `checkpoint` of a fitting function means, which may be a path alone.
as_checkpoint <- function(checkpoint) {
  if (is.null(checkpoint) || inherits(checkpoint, "textseq_checkpoint")) {
    return(checkpoint)
  }
  textseq_checkpoint(file_path(checkpoint, "checkpoint"))
}

# A path as Python takes it, which knows no `~`.
file_path <- function(path, name) {
  if (!is.character(path) || length(path) != 1 || is.na(path) || !nzchar(path)) {
    abort(
      sprintf("`%s` must be the path of a file, not %s.", name, few(deparse(path), 1)),
      class = "textseq_error", call = NULL
    )
  }
  path.expand(path)
}

#' @export
as_handle.textseq_checkpoint <- function(x) list(textseq_checkpoint = unclass(x))
