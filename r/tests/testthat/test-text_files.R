fitted_to <- function(...) {
  text_classifier(..., encoder = "mean", max_epochs = 2, random_state = 1, n_threads = 1)
}

test_that("files are fitted to as their rows in a data frame are", {
  with_files(function(at) {
    rows <- reviews()
    expected <- fitted_to(label ~ review, rows)
    csv <- write_rows(rows, at("reviews.csv"))
    write_rows(rows[1:30, ], at("folder", "part-0.csv"))
    write_rows(rows[31:80, ], at("folder", "part-1.csv"))
    paths <- c(
      csv, convert_rows(csv, at("reviews.parquet")), convert_rows(csv, at("reviews.jsonl")),
      at("folder"), at("folder", "*.csv")
    )
    for (path in paths) {
      fit <- fitted_to(label ~ review, path)
      expect_s3_class(fit, class(expected), exact = TRUE)
      expect_identical(fit$receipt$weights_sha256, expected$receipt$weights_sha256)
      expect_identical(fit$levels, c("neg", "pos"))
      expect_identical(predict(fit, rows, type = "prob"), predict(expected, rows, type = "prob"))
    }
    piped <- csv |> fitted_to(formula = label ~ review)
    expect_identical(piped$receipt$weights_sha256, expected$receipt$weights_sha256)
  })
})

test_that("pairs and numbers are read of files", {
  with_files(function(at) {
    pairs <- data.frame(
      first = rep(c("a", "b"), 40), second = rep(c("a", "b", "b", "a"), 20),
      same = rep(c("yes", "yes", "no", "no"), 20)
    )
    write_rows(pairs, at("pairs", "all.csv"))
    fit <- fitted_to(same ~ second + first, at("pairs"))
    expected <- fitted_to(same ~ second + first, pairs)
    expect_identical(fit$predictors, c("second", "first"))
    expect_identical(fit$receipt$weights_sha256, expected$receipt$weights_sha256)
    expect_identical(predict(fit, at("pairs/")), predict(expected, pairs))
    number <- function(data) {
      text_regressor(
        stars ~ review, data, encoder = "mean", max_epochs = 2, random_state = 1, n_threads = 1
      )
    }
    csv <- write_rows(reviews(), at("reviews.csv"))
    expect_equal(predict(number(csv), csv), predict(number(reviews()), reviews()))
  })
})

test_that("files are answered and scored as their rows are", {
  with_files(function(at) {
    rows <- reviews(400)
    rows$review <- paste(rows$review, rep(letters[1:20], 20))
    csv <- write_rows(rows, at("reviews.csv"))
    fit <- fitted_to(label ~ review, rows)
    parquet <- convert_rows(csv, at("reviews.parquet"))
    for (path in c(csv, parquet, at("*.parquet"))) {
      expect_equal(predict(fit, path), predict(fit, rows))
      expect_equal(predict(fit, path, type = "prob"), predict(fit, rows, type = "prob"))
      expect_identical(
        predict(fit, path, type = "set", coverage = 0.95),
        predict(fit, rows, type = "set", coverage = 0.95)
      )
      expect_equal(predict(fit, path, abstain = 0.7), predict(fit, rows, abstain = 0.7))
      expect_equal(evaluate(fit, path), evaluate(fit, rows))
    }
    number <- text_regressor(stars ~ review, rows, encoder = "mean", max_epochs = 2)
    expect_equal(predict(number, csv, level = 80), predict(number, rows, level = 80))
    expect_equal(evaluate(number, csv), evaluate(number, rows))
    rows$good <- rows$label == "pos"
    csv <- write_rows(rows, at("reviews.csv"))
    good <- fitted_to(good ~ review, rows)
    expect_equal(evaluate(good, csv), evaluate(good, rows))
    several <- fitted_to(data.frame(review = rows$review), cbind(a = rep(0:1, 200), b = 1:0))
    expect_identical(nrow(predict(several, csv)), 400L)
    expect_error(evaluate(several, csv, y = "good"), "several labels", class = "textseq_error")
    unnamed <- fitted_to(rows$review, rows$label)
    expect_error(predict(unnamed, csv), "fit by a formula, which names it")
    expect_error(evaluate(unnamed, csv), "Which column", class = "textseq_error")
    two <- write_rows(rows[c("review", "label")], at("two.csv"))
    expect_equal(evaluate(unnamed, two, y = "label"), evaluate(fit, rows))
    alone <- write_rows(rows["review"], at("alone.csv"))
    expect_equal(predict(unnamed, alone), predict(fit, rows))
    expect_error(predict(fit, write_rows(rows["shop"], at("shops.csv"))), "no column 'review'")
  })
})

test_that("a text is no path, and a path no text", {
  with_files(function(at) {
    rows <- reviews()
    csv <- write_rows(rows, at("reviews.csv"))
    fit <- fitted_to(label ~ review, rows)
    expect_identical(nrow(predict(fit, "see what is in data.csv")), 1L)
    expect_identical(nrow(predict(fit, c(csv, csv))), 2L)
    expect_error(
      predict(fit, "data.csv"), "no file 'data.csv'", class = "textseq_file_not_found_error"
    )
    no_path <- function(code) {
      expect_error(code, "`new_data` is a path", class = "textseq_error")
    }
    no_path(augment(fit, csv))
    no_path(document_vectors(fit, csv))
    no_path(explain(fit, csv))
    no_path(textseq_update(fit, csv))
    no_path(order_matters(fit, csv))
  })
})

test_that("a fit to files is made again, and kept, as others are", {
  with_files(function(at) {
    csv <- write_rows(reviews(), at("reviews.csv"))
    fit <- text_classifier(label ~ review, csv, encoder = "mean", max_epochs = 2)
    expect_identical(formula(fit), label ~ review, ignore_attr = TRUE)
    expect_identical(nrow(tidy(update(fit, max_epochs = 3))), 3L)
    by_call <- do.call(text_classifier, list(
      label ~ review, csv, encoder = "mean", max_epochs = 1, random_state = 1
    ))
    expect_identical(nobs(update(by_call)), nobs(fit))
    loaded <- textseq_load(textseq_save(fit, tempfile(fileext = ".textseq")))
    expect_identical(predict(loaded, csv), predict(fit, csv))
    expect_equal(evaluate(loaded, csv), evaluate(fit, reviews()))
  })
})

test_that("what is read of files alone is refused by name before anything is trained", {
  with_files(function(at) {
    rows <- reviews()
    csv <- write_rows(rows, at("reviews.csv"))
    refused <- function(formula, message, ..., class = "textseq_error") {
      expect_error(fitted_to(formula, csv, ...), message, class = class)
    }
    refused(factor(label) ~ review, "`factor\\(label\\) ~ review` must name one column on its left")
    refused(log(stars) ~ review, "Make the column in the files first")
    refused(label + shop ~ review, "several labels a row")
    refused(label ~ I(review), "Nothing is computed on the right.*I\\(review\\)")
    refused(label ~ tolower(review), "Nothing is computed on the right")
    refused(label ~ review + offset(stars), "Nothing is computed on the right")
    refused(label ~ ., "must name the column of texts.*write the column's name")
    refused(~review, "two sides")
    refused(label ~ label, "on both sides")
    refused(label ~ review + shop + stars, "columns beside its texts.*a data frame")
    refused(label ~ review + shop, "columns beside its texts", text_columns = "review")
    refused(label ~ review + stars, "'stars' holds numbers", class = "textseq_value_error")
    refused(label ~ revew, "did you mean 'review'", class = "textseq_value_error")
    refused(labl ~ review, "did you mean 'label'", class = "textseq_value_error")
    refused(label ~ review, "goes with a data frame", unlabelled = rows["review"])
    refused(label ~ review, "must be a data frame", validation_data = csv)
    refused(label ~ review, "encoder", encoder = "lsmt", class = "textseq_error")
    refused(label ~ review, "tokenizer = text_tokenizer\\(\"bpe\", texts\\)", tokenizer = "bpe")
    expect_error(fitted_to(label ~ review, at("none.csv")), "no file", class = "textseq_error")
    expect_error(
      fitted_to(label ~ review, c(csv, csv)), "must be a data frame", class = "textseq_error"
    )
    expect_error(fitted_to(label ~ review, ""), "must be the path", class = "textseq_error")
    expect_error(fitted_to(csv, "label"), "text_classifier\\(label ~ text", class = "textseq_error")
    expect_error(
      fitted_to(label ~ review, structure(list(), class = c("FileSystemDataset", "ArrowObject"))),
      "must be a data frame.*arrow::write_dataset", class = "textseq_error"
    )
    expect_error(
      text_regressor(label ~ review, csv), "no finite number; to predict labels use text_classifier"
    )
    expect_false(dir.exists(at("cache", "tokens")) && length(dir(at("cache", "tokens"))) > 2)
  })
})

test_that("a row that lacks its text or outcome is named, and NA is a word", {
  with_files(function(at) {
    rows <- reviews()
    lacking <- rows
    lacking$label[3] <- NA
    utils::write.csv(lacking, at("empty.csv"), row.names = FALSE, na = "")
    expect_error(fitted_to(label ~ review, at("empty.csv")), "row 3: nothing in column 'label'")
    expect_warning(
      fit <- fitted_to(label ~ review, write_rows(lacking, at("word.csv"))),
      "NA in column 'label' is read as a label", class = "textseq_warning"
    )
    expect_identical(fit$levels, c("NA", "neg", "pos"))
  })
})

test_that("classes of files are weighed by names, and validated by a data frame", {
  with_files(function(at) {
    rows <- reviews()
    rows$kind <- ifelse(rows$label == "pos", 2, 1)
    csv <- write_rows(rows, at("reviews.csv"))
    weights <- c("2" = 20)
    of_file <- fitted_to(kind ~ review, csv, class_weight = weights)
    of_rows <- fitted_to(kind ~ review, rows, class_weight = weights)
    expect_identical(of_file$receipt$weights_sha256, of_rows$receipt$weights_sha256)
    expect_identical(of_file$levels, c("1", "2"))
    expect_error(fitted_to(label ~ review, csv, class_weight = c(z = 2)), "class_weight names 'z'")
    held_out <- rows[1:10, ]
    of_file <- fitted_to(label ~ review, csv, validation_data = held_out)
    of_rows <- fitted_to(label ~ review, rows, validation_data = held_out)
    expect_identical(of_file$receipt$weights_sha256, of_rows$receipt$weights_sha256)
    expect_identical(of_file$receipt$validation_rows, 10L)
  })
})
