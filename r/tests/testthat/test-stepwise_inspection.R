# Instruments on models that answer step by step.

texts <- rep(c("a b c d e f", "b c a f", "c a", "a b f d"), 10)
rows <- strsplit(texts, " ")
tags <- lapply(rows, function(row) ifelse(row == "a", "A", "O"))
long <- data.frame(
  id = rep(seq_along(rows), lengths(rows)), token = unlist(rows), tag = unlist(tags)
)

small <- function(model, ...) {
  model(..., hidden_size = 4, max_epochs = 2, n_threads = 1, random_state = 1, verbose = FALSE)
}

fits <- function() {
  list(
    tagger = small(sequence_tagger, rows, tags),
    translator = small(seq2seq, texts, texts),
    language = small(language_model, texts, num_layers = 1)
  )
}

test_that("taggers, translators and language models are looked at", {
  skip_without_python()
  fits <- fits()
  cases <- list(
    tagger = list(X = rows, y = tags, one = rows[[1]], many = "sentences"),
    translator = list(X = texts, y = texts, one = texts[1], many = "sources"),
    language = list(X = texts, y = NULL, one = texts[1], many = "windows")
  )
  for (name in names(cases)) {
    fit <- fits[[name]]
    case <- cases[[name]]
    flow <- gradient_flow(fit, case$X, case$y)
    expect_true(case$many %in% names(flow$table))
    expect_equal("decoder" %in% flow$table$direction, name == "translator")
    units <- saturation(fit, case$X)
    expect_true(case$many %in% names(units$over_time))
    order <- order_matters(fit, case$X, case$y)
    expect_equal(
      order$metric, if (name == "tagger") "token accuracy" else "log-likelihood a token"
    )
    states <- hidden_states(fit, case$one)
    expect_equal(nrow(states$states), if (name == "language") 7 else 6)
    found <- explain(fit, case$one, step = if (name == "translator") 1 else 2)
    expect_equal(nrow(found$table), nrow(states$table))
    rates <- find_learning_rate(fit, case$X, case$y, n_batches = 20)
    for (found in list(flow, units, order, states, found, rates, recurrent_spectrum(fit))) {
      expect_output(print(found))
      expect_no_error(ggplot2::ggplotGrob(autoplot(found)))
    }
    expect_error(step_by_step(fit, case$one), "answers step by step", class = "textseq_error")
  }
})

test_that("a data frame of tokens is read as it was fitted", {
  skip_without_python()
  fit <- small(sequence_tagger, long)
  of_rows <- order_matters(small(sequence_tagger, rows, tags), rows, tags)
  expect_equal(order_matters(fit, long)$score, of_rows$score)
  expect_equal(
    hidden_states(fit, long[1:6, ])$answers, hidden_states(fit, rows[[1]])$answers
  )
  said <- predict(fit, rows[1], type = "prob")$.pred[[1]]
  expect_equal(unname(hidden_states(fit, rows[[1]])$answers), unname(said), tolerance = 1e-5)
})

test_that("what is explained is the answer at the step", {
  skip_without_python()
  fits <- fits()
  found <- explain(fits$tagger, rows[[1]], target = "A", step = 1)
  expect_equal(found$target, "A")
  expect_match(found$verdict, "A at step 1 (a) has probability", fixed = TRUE)
  expect_error(explain(fits$tagger, rows[[1]], step = 9), "there are 6 answers")
  states <- hidden_states(fits$language, texts[1])
  expect_equal(states$table$token, c("<eos>", rows[[1]]))
  expect_equal(
    exp(-mean(log(states$table$`p(next)`))), perplexity(fits$language, texts[1]),
    tolerance = 1e-5
  )
})
