# What goes to Python and back is what it was.
crossed <- function(x) py_call("echo", value = x)
expect_crosses <- function(x) expect_identical(crossed(x), x)

test_that("vectors of every type keep values, NA and length", {
  skip_without_python()
  for (x in list(
    c(1, -1.5, 1e308, 5e-324, NA, NaN, Inf, -Inf, 0), 3.5, numeric(),
    c(1L, NA, -.Machine$integer.max), 7L, integer(),
    c(TRUE, NA, FALSE), NA, logical(),
    c("a", NA, "", "NA", "\u00fcber \U0001F600", "two\nlines"), "one", NA_character_,
    as.raw(0:255), as.raw(1), raw()
  )) {
    expect_crosses(x)
  }
})

test_that("NULL and lists keep their names and places", {
  skip_without_python()
  for (x in list(
    NULL, list(), list(NULL), list(1, NULL, "a"), list(a = 1, b = NULL, c = list(d = "x")),
    list(list(list(1:3)))
  )) {
    expect_crosses(x)
  }
  expect_error(crossed(list(a = 1, a = 2)), "a name of its own", class = "textseq_value_error")
})

test_that("factors keep levels, order and NA", {
  skip_without_python()
  expect_crosses(factor(c("b", NA, "a"), levels = c("b", "a", "unused")))
  expect_crosses(factor(c("low", "high"), levels = c("low", "high"), ordered = TRUE))
  expect_crosses(factor(character()))
  expect_crosses(factor(character(), levels = c("x", "y")))
})

test_that("dates and times keep their class and zone", {
  skip_without_python()
  expect_crosses(as.Date(c("2020-02-29", NA, "1900-01-01")))
  expect_crosses(as.POSIXct(c("2020-01-01 10:00:00.25", NA), tz = "America/Sao_Paulo"))
  expect_crosses(as.POSIXct("2020-06-01 00:00:00", tz = "UTC"))
  local <- as.POSIXct("2020-06-01 12:00:00")
  expect_equal(as.numeric(crossed(local)), as.numeric(local))
  expect_equal(
    crossed(as.POSIXlt("2020-06-01 12:00:00", tz = "UTC")),
    as.POSIXct("2020-06-01 12:00:00", tz = "UTC")
  )
  span <- as.difftime(c(1.5, NA), units = "hours")
  expect_equal(as.numeric(crossed(span), units = "hours"), c(1.5, NA))
})

test_that("arrays keep their shape", {
  skip_without_python()
  expect_crosses(matrix(1:6, 2))
  expect_crosses(array(stats::rnorm(24), c(2, 3, 4)))
  expect_crosses(matrix(c("a", NA, "b", "c"), 2))
  expect_crosses(matrix(c(TRUE, NA), 1))
  expect_crosses(matrix(numeric(), 0, 3))
})

test_that("series keep their times", {
  skip_without_python()
  expect_crosses(AirPassengers)
  expect_crosses(sunspot.month)
  expect_crosses(EuStockMarkets)
  expect_crosses(stats::ts(c(1, NA, 3), start = c(2020, 2), frequency = 4))
})

test_that("data frames arrive as tibbles, of no rows and of one too", {
  skip_without_python()
  frame <- tibble::tibble(
    double = c(1.5, NA), integer = c(1L, NA), logical = c(TRUE, NA), text = c("x", NA),
    factor = factor(c("u", NA), levels = c("v", "u")), date = as.Date("2020-01-01") + 0:1,
    time = as.POSIXct("2020-01-01", tz = "Asia/Kolkata") + c(0, NA), `a name` = 1:2
  )
  expect_crosses(frame)
  expect_crosses(frame[1, ])
  expect_crosses(frame[0, ])
  expect_crosses(tibble::tibble())
  expect_crosses(tibble::as_tibble(datasets::airquality))
})

test_that("names of vectors come back", {
  skip_without_python()
  expect_crosses(c(pos = 1, neg = 2))
  expect_crosses(c(a = "x", b = NA))
})

test_that("strings in latin1 arrive in UTF-8, broken ones are refused", {
  skip_without_python()
  latin <- "caf\xe9"
  Encoding(latin) <- "latin1"
  expect_identical(crossed(latin), "caf\u00e9")
  broken <- c("fine", "caf\xe9")
  Encoding(broken) <- "UTF-8"
  expect_error(crossed(broken), "string 2 is not valid")
})

test_that("a thousand random values cross", {
  skip_without_python()
  set.seed(7)
  draw <- list(
    function(n) stats::rnorm(n), function(n) sample(c(NA, -5:5), n, TRUE),
    function(n) sample(c(TRUE, FALSE, NA), n, TRUE),
    function(n) sample(c("a", "\u00e9", "\u4e2d\u6587", NA, ""), n, TRUE),
    function(n) factor(sample(c("x", "y", NA), n, TRUE), levels = c("y", "x")),
    function(n) structure(as.double(sample(c(NA, -40000:40000), n, TRUE)), class = "Date"),
    function(n) as.POSIXct(c(NA, 1e9)[sample(2, n, TRUE)] + sample(1e6, n), origin = "1970-01-01", tz = "UTC"),
    function(n) bitwAnd(sample.int(1e6, n, TRUE), 255L)
  )
  values <- lapply(1:1000, function(i) draw[[sample(length(draw), 1)]](sample(1:6, 1)))
  expect_crosses(values)
  frames <- lapply(1:50, function(i) {
    rows <- sample(0:4, 1)
    columns <- lapply(sample(draw, 3), function(one) one(rows))
    tibble::as_tibble(stats::setNames(columns, c("a", "b", "c")))
  })
  expect_crosses(frames)
})

test_that("vectors too long for one call of writeBin cross in parts", {
  x <- c(1.5, NA, 3:30)
  expect_length(wire_bytes(x, chunk = 64), 4)
  expect_identical(wire_numbers(wire_bytes(x, chunk = 64), "double"), x)
  expect_identical(wire_numbers(wire_bytes(1:30, chunk = 64), "integer"), 1:30)
})

test_that("zones that Python does not know keep the moment", {
  moment <- as.POSIXct(0, origin = "1970-01-01")
  for (zone in c("CET-1CEST", "/etc/localtime", "UTC+3")) {
    expect_identical(with_environment(c(TZ = zone), wire_zone(moment)), "UTC")
  }
  expect_identical(with_environment(c(TZ = ":Europe/Lisbon"), wire_zone(moment)), "Europe/Lisbon")
  attr(moment, "tzone") <- "Asia/Tokyo"
  expect_identical(wire_zone(moment), "Asia/Tokyo")
})

test_that("texts cross from the C locale too", {
  skip_if_not_installed("callr")
  found <- new_session(function() {
    Sys.setlocale("LC_ALL", "C")
    path <- tempfile()
    writeBin(as.raw(c(0x63, 0xc3, 0xa9, 0x0a)), path)
    list(
      read = getNamespace("textseq")$wire_strings(readLines(path)),
      marked = getNamespace("textseq")$wire_strings("\u00e9")
    )
  })
  expect_identical(found, list(read = list("c\u00e9"), marked = list("\u00e9")))
})

test_that("what Python does not know is refused by its class", {
  expect_error(wire_encode(function() 1), "class function")
  expect_error(wire_encode(1i), "class complex")
  expect_error(wire_encode(new.env()), "class environment")
})

test_that("integer64 keeps its bits", {
  skip_without_python()
  one <- 4.9406564584124654e-324 # whose bits are the whole number 1
  expect_identical(crossed(structure(c(one, 2 * one), class = "integer64")), 1:2)
})

test_that("text whose encoding was not declared is refused", {
  skip_if_not(l10n_info()[["UTF-8"]])
  latin1 <- rawToChar(as.raw(c(0x61, 0xe7, 0xe3, 0x6f)))
  bytes <- latin1
  Encoding(bytes) <- "bytes"
  declared <- latin1
  Encoding(declared) <- "latin1"
  named <- stats::setNames(1:2, c("a", latin1))
  frame <- stats::setNames(data.frame(1), latin1)
  for (value in list(c("a", latin1), factor(latin1), named, frame, list(latin1), bytes)) {
    expect_error(wire_encode(value), "a<e7><e3>o.*windows-1252")
  }
  expect_identical(wire_decode(wire_encode(declared)), "a\u00e7\u00e3o")
  expect_error(py_call("echo", value = latin1), "not valid", class = "textseq_error")
})
