csv_of <- function(data) {
  path <- tempfile(fileext = ".csv")
  utils::write.csv(data, path, row.names = FALSE)
  path
}

quick <- function(...) {
  compare_encoders(..., max_epochs = 3, n_threads = 1)
}

test_that("scores are those of Python, for the same data and seeds", {
  skip_without_python()
  path <- csv_of(films())
  rows <- list("mean", wide = list(encoder = "mean", embedding_dim = 8))
  found <- quick(label ~ text, films(), rows, n_seeds = 2, random_state = 7)
  printed <- python(sprintf("
import pandas as pd
from textseq import TextClassifier, compare
films = pd.read_csv('%s')
rows = ['mean', {'wide': {'encoder': 'mean', 'embedding_dim': 8}}]
found = compare(films['text'], films['label'], rows,
                estimator=TextClassifier(max_epochs=3, n_threads=1), n_seeds=2, random_state=7)
for model in found.models:
    for score in model.scores:
        print(model.name, repr(float(score)), sep=';')
for p_value in found.pairs['p_value']:
    print('p', repr(float(p_value)), sep=';')
print('sha;' + found.receipt['data_sha256'])
", path))
  python_says <- utils::read.table(text = printed, sep = ";", col.names = c("what", "value"))
  scores <- python_says[!python_says$what %in% c("p", "sha"), ]
  expect_identical(found$scores$model, scores$what)
  expect_identical(found$scores$score, as.numeric(scores$value))
  expect_identical(found$scores$seed, c(7L, 7L, 7L, 7L, 8L, 7L, 8L))
  expect_identical(found$pairs$p_value, as.numeric(python_says$value[python_says$what == "p"]))
  expect_identical(found$receipt$data_sha256, python_says$value[python_says$what == "sha"])
})

test_that("set.seed() makes comparisons repeat", {
  skip_without_python()
  run <- function(seed) {
    set.seed(seed)
    quick(label ~ text, films(40), "mean", n_seeds = 2, baselines = FALSE)
  }
  first <- run(1)
  expect_identical(run(1)$predictions, first$predictions)
  expect_false(identical(run(2)$receipt$seeds, first$receipt$seeds))
})

test_that("a formula, data frames and character vectors give the same", {
  skip_without_python()
  films <- films(40)
  run <- function(...) quick(..., "mean", n_seeds = 1, random_state = 1)$predictions
  by_formula <- run(label ~ text, films)
  expect_identical(run(films["text"], films$label), by_formula)
  expect_identical(run(films$text, films$label), by_formula)
  expect_identical(levels(by_formula$prediction), c("pos", "neg"))
})

test_that("test rows of one's own are tested on", {
  skip_without_python()
  films <- films(60)
  run <- function(...) quick(..., "mean", n_seeds = 1, random_state = 1, baselines = FALSE)
  found <- run(label ~ text, films[1:40, ], test = films[41:60, ])
  expect_identical(found$texts, films$text[41:60])
  expect_identical(found$predictions$truth, films$label[41:60])
  held_out <- list(films$text[41:60], films$label[41:60])
  as_list <- run(films$text[1:40], films$label[1:40], test = held_out)
  expect_identical(as_list$predictions, found$predictions)
  expect_length(run(label ~ text, films, test = 0.5)$texts, 30)
  expect_error(run(films$text, films$label, test = films), "a list of `x` and `y`")
})

test_that("numbers, several labels and whole doubles are told apart", {
  skip_without_python()
  films <- films(40)
  run <- function(y, ...) {
    quick(films$text, y, "mean", n_seeds = 1, random_state = 1, baselines = FALSE, ...)
  }
  numbers <- run(seq_len(40) + 0.5)
  expect_identical(numbers$metric, "r2")
  expect_type(numbers$predictions$prediction, "double")
  expect_identical(run(seq_len(40), estimator = "text_regressor")$metric, "r2")
  expect_identical(levels(run(rep(c(0, 1), 20))$predictions$truth), c("0", "1"))
  labels <- run(cbind(good = rep(0:1, 20), long = rep(c(1, 0, 0, 1), 10)))
  expect_identical(labels$metric, "subset accuracy")
  expect_identical(labels$predictions$label[1:2], c("good", "long"))
  expect_error(run(films$label, estimator = "lstm"), "estimator")
})

test_that("series are compared as lists, arrays and columns of a data frame", {
  skip_without_python()
  kinds <- rep(c("flat", "steep"), 15)
  waves <- lapply(kinds, function(kind) {
    rbind(seq_len(6) * if (kind == "steep") 2 else 0.1, rep(1, 6))
  })
  rows <- list(small = list(encoder = "rnn", hidden_size = 4))
  run <- function(...) {
    quick(..., rows, n_seeds = 1, random_state = 1, baselines = FALSE)$predictions
  }
  as_list <- run(waves, kinds)
  as_array <- aperm(simplify2array(waves), c(3, 1, 2))
  expect_identical(run(as_array, kinds), as_list)
  long <- data.frame(
    unique_id = rep(seq_along(kinds), each = 6), kind = rep(kinds, each = 6),
    up = unlist(lapply(waves, function(wave) wave[1, ])), one = 1
  )
  expect_identical(run(kind ~ up + one, long), as_list)
})

test_that("rows without a text or a label are left out, with one warning", {
  skip_without_python()
  films <- films(40)
  films$text[3] <- NA
  films$label[8] <- NA
  expect_warning(
    found <- quick(label ~ text, films, "mean", n_seeds = 1, baselines = FALSE),
    "2 of 40 rows",
    class = "textseq_rows_dropped"
  )
  expect_identical(found$receipt$train_rows + found$receipt$test_rows, 38L)
})

test_that("word vectors are R's", {
  skip_without_python()
  vectors <- train_word_vectors(films()$text, dim = 6, epochs = 1, random_state = 1)
  run <- function(vectors) {
    quick(label ~ text, films(40), "mean", n_seeds = 1, vectors = vectors, baselines = FALSE)
  }
  model <- run(vectors)$table
  expect_lt(model$parameters, run(NULL)$table$parameters)
})

test_that("wrong rows are refused", {
  skip_without_python()
  refused <- function(encoders, ...) quick(films(40)$text, films(40)$label, encoders, ...)
  expect_error(refused(c("mean", "mean")), "named \"mean\"", class = "textseq_error")
  expect_error(refused(list(list(encoder = "mean"))), "needs a name", class = "textseq_error")
  expect_error(refused(list(a = list(hidden_sise = 3))), "did you mean hidden_size")
  expect_error(refused("mean", hidden_sise = 3), "did you mean hidden_size")
  expect_error(refused("lstn"), "lstn", class = "textseq_error")
})

test_that("progress tells of all fits together", {
  skip_without_python()
  seen <- list()
  py_call(
    "compare_models",
    data = list(X = films(40)$text, y = films(40)$label), test = NULL, encoders = "mean",
    estimator = NULL, settings = list(n_seeds = 2), parameters = list(max_epochs = 3),
    progress = function(...) {
      seen[[length(seen) + 1]] <<- list(...)
      invisible(NULL)
    }
  )
  names <- vapply(seen, function(one) one[[4]], "")
  expect_identical(unique(names), c("majority class", "tf-idf + LR", "tf-idf + NB-LR", "mean"))
  expect_false(is.unsorted(vapply(seen, function(one) as.numeric(one[[3]]), 1)))
  expect_identical(as.integer(seen[[1]][[2]]), 5L)
  expect_no_error(quick(label ~ text, films(40), "mean", n_seeds = 1, verbose = TRUE))
})

test_that("predictions have the probability of each class", {
  skip_without_python()
  compared <- compare_encoders(
    label ~ text, films(), "mean",
    n_seeds = 1, max_epochs = 1, random_state = 1, verbose = FALSE
  )
  found <- compared$predictions[compared$predictions$model == "mean", ]
  expect_equal(found$.pred_pos + found$.pred_neg, rep(1, nrow(found)), tolerance = 1e-6)
  expect_identical(as.character(found$prediction), ifelse(found$.pred_pos > 0.5, "pos", "neg"))
})
