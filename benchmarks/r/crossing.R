# What R adds to Python's own time: 100,000 texts there and their probabilities back.
#
# Rscript benchmarks/r/crossing.R [number of texts] [rounds]
library(textseq)

given <- as.integer(commandArgs(TRUE))
n_texts <- if (length(given) > 0) given[1] else 100000L
n_rounds <- if (length(given) > 1) given[2] else 5L

reviews <- textseq_sample("mr")
text <- rep_len(reviews$text, n_texts)
set.seed(1)
fit <- text_classifier(label ~ text, reviews, encoder = "mean", max_epochs = 1)

# Python's own: the same model, in the same process, of a list that is there already.
models <- reticulate::import("textseq.r.models")
clock <- reticulate::py_run_string("
import time

def timed(model, texts):
    start = time.perf_counter()
    model.predict_proba(texts)
    return time.perf_counter() - start
")$timed
invisible(predict(fit, text[1:10]))
model <- models$model_of(fit$id)
texts <- reticulate::r_to_py(as.list(text))

seconds <- vapply(seq_len(n_rounds), function(round) {
  c(
    python = clock(model, texts),
    r = system.time(predict(fit, text, type = "prob"))[["elapsed"]]
  )
}, c(python = 0, r = 0))
medians <- apply(seconds, 1, stats::median)
cat(sprintf(
  "%s texts, %.1f characters each, median of %d rounds\n", format(n_texts, big.mark = ","),
  mean(nchar(text)), n_rounds
))
cat(sprintf("Python's predict_proba  %.2f s\n", medians[["python"]]))
cat(sprintf("R's predict             %.2f s\n", medians[["r"]]))
cat(sprintf("added by R              %.2f s\n", medians[["r"]] - medians[["python"]]))
