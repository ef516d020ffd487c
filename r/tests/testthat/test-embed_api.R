texts <- c("a good film", NA, "a bad film", "a good film", "")

holds <- function(bytes, key) length(grepRaw(key, bytes, fixed = TRUE)) > 0

test_that("vectors of a service come back, each text asked for once", {
  with_embedding_server(function(server, cache, expected) {
    told <- api_estimate(texts, "m", prices = c(m = 2))
    expect_identical(
      c(told$n_texts, told$n_distinct, told$n_cached, told$n_requests), c(4L, 2L, 0L, 1L)
    )
    expect_equal(told$price, told$n_tokens * 2e-6)
    expect_identical(told$counted_by, "characters")
    expect_length(server$texts, 0)

    vectors <- embed_api(texts, "m", prices = c(m = 2))
    expect_equal(unname(vectors[c(1, 3, 4), ]), expected(texts[c(1, 3, 4)]))
    expect_identical(unname(vectors[5, ]), numeric(8))
    expect_true(all(is.na(vectors[2, ])))
    expect_identical(colnames(vectors)[8], "dimension8")
    receipt <- attr(vectors, "receipt")
    expect_s3_class(receipt, "tbl_df")
    expect_identical(c(receipt$n_texts, receipt$n_embedded, receipt$n_requests), c(4L, 2L, 1L))
    expect_equal(receipt$price, 6 * 2e-6)

    again <- embed_api(texts, "m")
    expect_identical(as.vector(again), as.vector(vectors))
    expect_identical(attr(again, "receipt")$n_cached, 2L)
    expect_identical(attr(again, "receipt")$price, NA_real_)
    expect_identical(api_estimate(texts, "m")$n_cached, 2L)
    expect_identical(server$texts, list(c("a good film", "a bad film")))
  })
})

test_that("dimensions, addresses and limits reach the service", {
  with_embedding_server(function(server, cache, expected) {
    narrow <- embed_api(
      c("a", "b", "c"), "m",
      dimensions = 3, base_url = server$url, max_request_texts = 1, max_concurrency = 1
    )
    expect_identical(dim(narrow), c(3L, 3L))
    expect_identical(attr(narrow, "receipt")$n_requests, 3L)
    missing <- embed_api(NA_character_, "m", dimensions = 3)
    expect_identical(dim(missing), c(1L, 3L))
    expect_identical(attr(missing, "receipt")$n_texts, 0L)
    long <- strrep("word ", 100)
    expect_error(embed_api(c("a", long), "m", max_tokens = 5), "at row 2 .* truncate = TRUE")
    cut <- embed_api(long, "m", max_tokens = 5, truncate = TRUE)
    expect_identical(attr(cut, "receipt")$n_cut, 1L)
  })
})

test_that("slips are told in R's words, before anything is asked for", {
  with_embedding_server(function(server, cache, expected) {
    expect_error(
      embed_api("a", "m", truncat = TRUE), "did you mean truncate",
      class = "textseq_value_error"
    )
    expect_error(embed_api("a", "m", NULL, NULL, TRUE), "needs names", class = "textseq_error")
    expect_error(embed_api("a", "m", truncate = NA), "truncate is NA")
    expect_error(embed_api("a", "m", truncate = "no"), "TRUE or FALSE, got \"no\"")
    expect_error(embed_api("a", 1), "`model` must be one string", class = "textseq_error")
    expect_error(embed_api("", "new"), "set dimensions", class = "textseq_value_error")
    expect_error(embed_api("a", "m", base_url = "localhost"), "got \"localhost\"")
    expect_length(server$texts, 0)
  })
})

test_that("without a key the official service is not asked, and none is an argument", {
  skip_without_python()
  with_environment(c(OPENAI_API_KEY = "", OPENAI_BASE_URL = "", TEXTSEQ_CACHE = tempfile()), {
    expect_error(
      embed_api("a"), "environment variable OPENAI_API_KEY", class = "textseq_value_error"
    )
  })
  refused <- tryCatch(embed_api("a", api_key = "sk-0123456789"), error = identity)
  expect_s3_class(refused, "textseq_error")
  expect_match(conditionMessage(refused), "takes no key")
  expect_false(holds(serialize(refused, NULL), "sk-0123456789"))
})

test_that("the key is in no value, message or file", {
  with_embedding_server(function(server, cache, expected) {
    kept <- list(estimate = api_estimate(texts, "m"))
    faults <- c("none", "status 401 echo=1", "status 400 echo=1", "wide", "reset", "no json")
    for (fault in faults) {
      server$faults <- as.list(rep(fault, if (fault == "none") 0 else 20))
      said <- utils::capture.output(told <- tryCatch(
        print(embed_api(paste("film", fault), "m", dimensions = 8, retry_seconds = 0)),
        error = identity
      ))
      kept[[fault]] <- list(said, told)
    }
    expect_true(is.matrix(kept$none[[2]]))
    expect_match(
      conditionMessage(kept[["status 401 echo=1"]][[2]]), "<api key>.*OPENAI_API_KEY"
    )
    expect_s3_class(kept$reset[[2]], "textseq_connection_error")
    expect_identical(unique(unlist(server$keys)), paste("Bearer", api_key()))
    path <- tempfile(fileext = ".rds")
    saveRDS(kept, path, compress = FALSE)
    files <- c(path, list.files(cache, recursive = TRUE, full.names = TRUE))
    expect_gte(length(files), 2)
    for (file in files) {
      expect_false(holds(readBin(file, "raw", file.size(file)), api_key()))
    }
    # It would be found.
    expect_true(holds(serialize(list(api_key()), NULL), api_key()))
  })
})
