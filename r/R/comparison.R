# What compare_encoders() and compare_forecasts() return. `content` is its packed JSON.

new_comparison <- function(described) {
  with_class(described, c(
    if (described$result == "forecasts") "textseq_forecast_comparison", "textseq_comparison"
  ))
}

#' @export
print.textseq_comparison <- function(x, ...) {
  lines <- strsplit(x$shown, "\n")[[1]]
  # Python's sentences are wrapped to its own width, and are written anew.
  tables <- lines[grepl("|", lines, fixed = TRUE) | grepl("-+-", lines, fixed = TRUE) |
    !nzchar(lines)]
  cat(sentences(x$headline), tables, sentences(sprintf("warning: %s", x$warnings)), sep = "\n")
  invisible(x)
}

sentences <- function(texts) unlist(lapply(texts, strwrap, width = getOption("width")))

#' @export
summary.textseq_comparison <- function(object, ...) {
  structure(object[c("headline", "table", "pairs")], class = "summary.textseq_comparison")
}

#' @export
print.summary.textseq_comparison <- function(x, ...) {
  cat(sentences(x$headline), "", sep = "\n")
  print(x$table, n = Inf)
  cat("", "All pairs; p-values adjusted after Holm:", sep = "\n")
  print(x$pairs, n = Inf)
  invisible(x)
}

#' @export
tidy.textseq_comparison <- function(x, ...) x$table

#' @export
glance.textseq_comparison <- function(x, ...) {
  first <- x$table[1, ]
  tibble::tibble(
    best = first$model, metric = x$metric, score = first[[x$metric]], interval = first$interval,
    n_models = nrow(x$table), n_seeds = length(x$receipt$seeds), seconds = x$receipt$seconds
  )
}

#' The tests of a comparison's pairs, and its page
#'
#' `paired_tests()` returns the paired bootstrap tests between all models, adjusted after Holm;
#' `textseq_report()` writes a comparison as one HTML page that needs no other file.
#' @param x What [compare_encoders()] or [compare_forecasts()] returns.
#' @return `paired_tests()`: a tibble of `first`, `second`, `difference` (of the first less the
#'   second), `low` and `high` (its 95 % interval), `p_value`, `p_adjusted` and `verdict`.
#'   `textseq_report()`: the path, invisibly.
#' @references Holm (1979), "A Simple Sequentially Rejective Multiple Test Procedure",
#'   Scandinavian Journal of Statistics 6.
#' @examplesIf textseq_available()
#' texts <- rep(c("a good film", "a bad film", "good and bright", "bad, and long"), 20)
#' comparison <- compare_encoders(texts, rep(c("pos", "neg"), 40), "mean", n_seeds = 1)
#' paired_tests(comparison)
#' page <- textseq_report(comparison, tempfile(fileext = ".html"))
#' @export
paired_tests <- function(x) {
  check_comparison(x)
  x$pairs
}

#' @rdname paired_tests
#' @param path Where to write; a file of that name is replaced.
#' @export
textseq_report <- function(x, path) {
  check_comparison(x)
  py_call("write_report", kind = x$result, content = x$content, path = path.expand(path))
  invisible(path)
}

check_comparison <- function(x) {
  if (!inherits(x, "textseq_comparison")) {
    abort(
      c(
        sprintf("A comparison is needed, not %s.", class(x)[1]),
        i = "`compare_encoders()` and `compare_forecasts()` make one."
      ),
      class = "textseq_error", call = NULL
    )
  }
}

#' @export
autoplot.textseq_comparison <- function(object, type = c("scores", "cost"), ...) {
  if (match.arg(type) == "cost") {
    return(cost_figure(object))
  }
  table <- object$table
  table$score <- table[[object$metric]]
  baselines <- table$model[table$kind == "baseline"]
  table$kind <- model_kinds[table$kind]
  half <- ifelse(is.na(table$interval), 0, table$interval)
  # Scores that there are none of are left out of the intervals.
  table$low <- pmax(table$score - half, if (object$metric == "r2") -Inf else 0)
  table$high <- pmin(table$score + half, if (object$metric == "mase") Inf else 1)
  off <- table[off_scale(object, table), ]
  shown <- table[!table$model %in% off$model, ]
  spread <- shown[!is.na(shown$interval), ]
  seeds <- object$scores[object$scores$model %in% spread$model, ]
  ggplot2::ggplot(shown, ggplot2::aes(.data$score, .data$model)) +
    ggplot2::geom_linerange(
      ggplot2::aes(xmin = .data$low, xmax = .data$high),
      data = spread, colour = accent
    ) +
    ggplot2::geom_point(
      ggplot2::aes(shape = .data$kind, fill = .data$kind),
      size = 3, colour = accent
    ) +
    ggplot2::geom_point(data = seeds, shape = 124, size = 3.5, colour = ink) +
    ggplot2::geom_text(
      ggplot2::aes(min(shown$low), label = sprintf("%.3f, left of this scale", .data$score)),
      data = off, hjust = 0, size = 3.2, colour = muted
    ) +
    ggplot2::scale_x_continuous(
      breaks = if (object$metric == "mase") ggplot2::waiver() else breaks_to_1
    ) +
    ggplot2::scale_y_discrete(
      limits = rev(table$model),
      labels = function(models) {
        shortened(ifelse(models %in% baselines, gsub("_", " ", models), models), 28)
      }
    ) +
    kind_scales() +
    message_title(object$headline[1]) +
    ggplot2::labs(
      x = wrapped(object$measure), y = NULL,
      caption = if (nrow(seeds) > 0) {
        wrapped("Lines: 95 % intervals over seeds; ticks: one seed each.", 8.8, share = 0.95)
      }
    ) +
    theme_textseq()
}

# The model that always answers the same is often far below; to scale, it would hide the
# differences that matter.
off_scale <- function(object, table) {
  if (object$result == "forecasts") {
    return(logical(nrow(table)))
  }
  constant <- always_the_same(object, table)
  if (sum(!constant) < 2) {
    return(logical(nrow(table)))
  }
  low <- min(table$low[!constant])
  constant & low - table$score > max(table$high) - low
}

always_the_same <- function(object, table) {
  answers <- object$predictions
  label <- answers[["label"]] %||% rep("", nrow(answers))
  distinct <- tapply(answers$prediction, list(answers$model, label), function(all) {
    length(unique(all))
  })
  rowSums(distinct[table$model, , drop = FALSE] > 1) == 0
}
