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

# What this session knows of Python: the bridge once it is found, and the process it started in.
the <- new.env(parent = emptyenv())
