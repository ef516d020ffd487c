keyed <- function(n = 40) {
  data.frame(
    State = factor(rep(c("NSW", "VIC"), each = n)), Kind = rep(1:2, each = n), t = rep(1:n, 2),
    y = sin(seq_len(2 * n))
  )
}

as_tsibble <- function(rows) {
  places <- split(seq_len(nrow(rows)), rows$State)
  structure(
    tibble::as_tibble(rows),
    class = c("tbl_ts", "tbl_df", "tbl", "data.frame"), index = structure("t", ordered = TRUE),
    key = tibble::new_tibble(
      list(State = factor(c("NSW", "VIC")), Kind = 1:2, .rows = unname(places)),
      nrow = 2
    )
  )
}

small <- function(f, x, ...) {
  f(x, 2, ..., hidden_size = 4, max_epochs = 1, random_state = 1, n_threads = 1, verbose = FALSE)
}

test_that("keys come back as the columns they were", {
  skip_without_python()
  rows <- keyed()
  fit <- small(forecaster, as_tsibble(rows))
  ahead <- predict(fit, level = NULL)
  expect_named(ahead, c("State", "Kind", "t", ".pred"))
  expect_identical(ahead$State, factor(c("NSW", "NSW", "VIC", "VIC")))
  expect_identical(ahead$Kind, c(1L, 1L, 2L, 2L))
  expect_identical(predict(fit, new_data = tibble::as_tibble(rows), level = NULL)$.pred, ahead$.pred)
  named <- small(forecaster, rows, id_col = c("State", "Kind"), time_col = "t")
  expect_identical(predict(named, level = NULL)$.pred, ahead$.pred)
  expect_s3_class(autoplot(ahead), "ggplot")
  expect_s3_class(autoplot(ahead, series = "VIC/2"), "ggplot")
  other <- transform(rows, State = "QLD")
  expect_setequal(predict(fit, new_data = other[1:40, ])$State, "QLD")
})

test_that("what is constant in a series is named by keys, too", {
  skip_without_python()
  sizes <- data.frame(State = c("NSW", "VIC"), Kind = 1:2, size = c(1, 5))
  fit <- small(forecaster, as_tsibble(keyed()), static = sizes)
  expect_false(anyNA(predict(fit, new_data = keyed(), static = sizes)$.pred))
})

test_that("backtests and comparisons have the keys", {
  skip_without_python()
  past <- small(cross_validation, as_tsibble(keyed()), n_windows = 1, level = NULL)
  expect_named(past, c("State", "Kind", "t", "cutoff", "y", ".pred", "naive", "seasonal_naive"))
  compared <- small(compare_forecasts, as_tsibble(keyed()), "gru", n_windows = 1)
  expect_identical(names(compared$predictions)[1:2], c("State", "Kind"))
})

test_that("keys that miss or run into each other are refused", {
  rows <- transform(keyed(), State = replace(as.character(State), 7, NA))
  expect_error(
    forecaster(rows, id_col = c("State", "Kind"), time_col = "t"),
    "State has no value in row 7", class = "textseq_error"
  )
  rows <- transform(
    keyed(),
    State = ifelse(Kind == 1, "a/b", "a"), Kind = ifelse(Kind == 1, "c", "b/c")
  )
  expect_error(
    forecaster(rows, id_col = c("State", "Kind"), time_col = "t"), "both be called a/b/c",
    class = "textseq_error"
  )
})

test_that("a tsibble's arguments are those of a data frame", {
  skip_without_python()
  rows <- keyed()[1:40, ]
  plain <- data.frame(ds = rows$t, y = rows$y)
  tsibble <- as_tsibble(keyed())[1:40, c("t", "y")]
  attr(tsibble, "key") <- tibble::new_tibble(list(.rows = list(1:40)), nrow = 1)
  attr(tsibble, "index") <- structure("t", ordered = TRUE)
  for (use in list(
    function(x) names(small(cross_validation, x, n_windows = 1, level = NULL)),
    function(x) nrow(small(cross_validation, x, 2)),
    function(x) sort(tidy(small(compare_forecasts, x, "gru", n_windows = 1))$model)
  )) {
    found <- lapply(list(plain, tsibble), use)
    expect_identical(setdiff(found[[1]], "ds"), setdiff(found[[2]], "t"))
  }
  expect_error(small(forecaster, tsibble, "gru"), "need names", class = "textseq_error")
})
