skip_without_python()

fit <- text_classifier(label ~ text, films(40), encoder = "mean", max_epochs = 1)

refused <- function(code, message) expect_error(code, message, class = "textseq_error")

test_that("an argument that is none is refused, and the nearest named", {
  refused(predict(fit, newdata = films(2)), "`predict\\(\\)` has no argument `newdata`.*`new_data`")
  refused(predict(fit, films(2), foo = 3), "no argument `foo`.*are object, new_data, type")
  refused(predict(fit, films(2), "prob", 3), "an argument too many")
  refused(augment(fit, newdata = films(2)), "`augment\\(\\)`.*Did you mean `new_data`")
  refused(glance(fit, digits = 3), "`glance\\(\\)` has no argument `digits`")
  refused(gradient_flow(fit, films(2), encoder = "rnn"), "no argument `encoder`")
})

test_that("so it is for every model", {
  forecasts <- forecaster(AirPassengers, 4, hidden_size = 4, max_epochs = 1)
  refused(predict(forecasts, newdata = AirPassengers), "Did you mean `new_data`")
  refused(predict(forecasts, levels = 90), "Did you mean `level`")
  refused(predict(forecasts, hh = 3), "Did you mean `h`")
  words <- language_model(
    rep("a good film", 20),
    hidden_size = 4, embedding_dim = 4, num_layers = 1, max_epochs = 1
  )
  refused(predict(words, "x", type = "prob"), "no argument `type`")
  refused(generate(words, "a", max_tokens = 3), "no argument `max_tokens`.*max_new_tokens")
  refused(perplexity(words, newdata = "a"), "Did you mean `new_data`")
  said <- seq2seq(rep(c("a", "b"), 8), rep(c("c", "d"), 8), hidden_size = 4, max_epochs = 1)
  refused(predict(said, "a", beam = 1, size = 2), "no argument `size`")
  refused(bleu(said, "a", "c", lowercase = TRUE), "no argument `lowercase`")
  tags <- sequence_tagger(
    rep(list(c("a", "b")), 8), rep(list(c("x", "y")), 8),
    hidden_size = 4, max_epochs = 1
  )
  refused(predict(tags, list("a"), types = "prob"), "Did you mean `type`")
})

test_that("rows that must be given are asked for", {
  refused(predict(fit), "`new_data` is missing")
  refused(augment(fit, ), "`new_data` is missing")
  refused(gradient_flow(fit), "`new_data` is missing")
})

test_that("flags are TRUE or FALSE", {
  skip_without_python()
  fit <- function(...) text_classifier(films()$text, films()$label, max_epochs = 1, ...)
  expect_error(fit(encoder = "lstm", bidirectional = "no"), "TRUE or FALSE, got \"no\"")
  expect_error(fit(verbose = "no"), "`verbose` must be TRUE or FALSE", class = "textseq_error")
  expect_error(text_tokenizer("word", lowercase = "no"), "lowercase must be TRUE or FALSE")
  expect_error(cross_validation(AirPassengers, refit = NA), "`refit`", class = "textseq_error")
  expect_error(compare_encoders("a", "b", baselines = "no"), "`baselines`", class = "textseq_error")
})
