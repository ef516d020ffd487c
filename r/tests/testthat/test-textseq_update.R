skip_without_python()

rows <- films(400)
rows$text <- paste(rows$text, rep(letters[1:20], 20))
first <- text_classifier(label ~ text, rows, encoder = "mean", max_epochs = 3, random_state = 1)

test_that("a fit learns on from new rows, and the old one stays", {
  before <- predict(first, rows, type = "prob")
  again <- textseq_update(first, rows)
  expect_s3_class(again, class(first), exact = TRUE)
  expect_equal(predict(first, rows, type = "prob"), before)
  expect_false(isTRUE(all.equal(predict(again, rows, type = "prob"), before)))
  expect_identical(nrow(again$history), 3L)
  expect_identical(again$levels, c("pos", "neg"))
  expect_identical(textseq_update(first, rows)$receipt$weights_sha256, again$receipt$weights_sha256)
})

test_that("new classes stand behind the old, also in the file", {
  more <- rows
  more$label <- as.character(more$label)
  odd <- seq(1, nrow(more), 3)
  more$text[odd] <- "something else"
  more$label[odd] <- "odd"
  again <- textseq_update(textseq_update(first, more), more)
  expect_identical(again$levels, c("pos", "neg", "odd"))
  expect_identical(as.character(predict(again, "something else")$.pred_class), "odd")
  opened <- textseq_load(textseq_save(again, tempfile(fileext = ".textseq")))
  expect_identical(predict(opened, more), predict(again, more))
})

test_that("numbers go on too, and other models are refused", {
  numbers <- data.frame(text = rows$text, n = as.numeric(rows$label == "pos"))
  number <- text_regressor(n ~ text, numbers, encoder = "mean", max_epochs = 3, random_state = 1)
  expect_gt(stats::cor(predict(textseq_update(number, numbers), numbers)$.pred, numbers$n), 0.9)
  expect_error(textseq_update(rows), "takes classifiers and regressors", class = "textseq_error")
})
