#' @keywords internal
#' @importFrom rlang abort %||% .data :=
#' @importFrom generics augment glance tidy
#' @importFrom ggplot2 autoplot
#' @importFrom stats predict
"_PACKAGE"

#' @export
generics::tidy

#' @export
generics::glance

#' @export
generics::augment

#' @export
ggplot2::autoplot

# A value that brings the namespace of its methods along: a worker that receives it, or readRDS(),
# loads that, and print() and predict() find them there without library(textseq).
with_class <- function(x, class) structure(x, class = class, namespace = topenv())

# What this session knows of Python: the bridge once it is found, and the process it started in.
the <- new.env(parent = emptyenv())
