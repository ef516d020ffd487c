# Calls of Python, and its errors as conditions of R.

# Calls one of the functions that textseq/r/bridge.py lists. The dot keeps R from taking an
# argument `n` for the name.
py_call <- function(.name, ..., progress = NULL) {
  arguments <- stats::setNames(list(...), ...names() %||% character())
  door <- bridge()
  arguments <- as_handles(arguments)
  arguments <- tryCatch(wire_encode(arguments), error = function(cause) {
    abort(conditionMessage(cause), class = "textseq_error", call = NULL)
  })
  told <- if (!is.null(progress)) {
    function(...) {
      tryCatch(
        {
          allowInterrupts(progress(...))
          FALSE
        },
        interrupt = function(cause) TRUE
      )
    }
  }
  # R's own interrupt would jump out through Python's frames, and leave them broken.
  reply <- suspendInterrupts(door$call(.name, arguments, told))
  for (note in reply$warnings) {
    rlang::warn(note$message, class = c(paste0("textseq_", note$category), "textseq_warning"))
  }
  if (!is.null(reply$error)) {
    raise(reply$error)
  }
  wire_decode(reply$value)
}

raise <- function(error) {
  if ("keyboard_interrupt" %in% error$classes) {
    rlang::interrupt()
  }
  abort(
    error$message,
    class = c(paste0("textseq_", error$classes), "textseq_error"),
    python_traceback = error$traceback, call = NULL
  )
}

# Replaces what stands for an object of Python by what tells Python which it is.
as_handles <- function(x) {
  if (!is.list(x) || is.data.frame(x)) {
    return(x)
  }
  handle <- as_handle(x)
  if (!is.null(handle)) {
    handle
  } else if (is.object(x)) {
    x
  } else {
    structure(lapply(x, as_handles), names = names(x))
  }
}

as_handle <- function(x) UseMethod("as_handle")

#' @export
as_handle.default <- function(x) NULL

#' @export
as_handle.textseq_fit <- function(x) {
  open_in_python(x)
  list(textseq_model = x$id)
}
