#' Turn texts into vectors of an embedding service
#'
#' Asks OpenAI, or any server that speaks its protocol, for the vector of each distinct text, and
#' keeps what comes on disk, so that nothing is paid twice. `api_estimate()` tells beforehand what
#' it would take; it asks for nothing.
#'
#' The service's key is read from the environment variable `OPENAI_API_KEY`. It is no argument, so
#' that it stands in no script, history or saved workspace: put a line `OPENAI_API_KEY=...` into
#' the file `.Renviron` of your home folder. No result, message or file of textseq has it. The
#' service may also be a server of your own, which mostly needs no key.
#'
#' Vectors are kept in the folder that the environment variable `TEXTSEQ_CACHE` names, or the
#' user's own, by service, model, `dimensions` and a fingerprint of the text. They are kept as they
#' come in: after an error, Ctrl-C or a crash, another run asks for the others alone. Python's
#' `ApiEmbedder` uses the same ones. It needs OpenAI's client for Python:
#' `install_textseq("textseq[openai]")`, or in the shell `pip install "textseq[openai]"`.
#' @param x A character vector of texts. An empty one is not sent; its vector is zeros.
#' @param model The model's name.
#' @param dimensions Numbers of a vector, for models that can shorten theirs; `NULL` leaves it to
#'   the service.
#' @param base_url Address of the service, such as `"http://localhost:8080/v1"`; by default the
#'   environment variable `OPENAI_BASE_URL`, if it is set, or OpenAI's own.
#' @param ... More, by name: `truncate = TRUE` cuts texts of more than `max_tokens` (8192), which
#'   are refused otherwise; `max_request_tokens` (100000) and `max_request_texts` (256) limit one
#'   request, `max_concurrency` (4) those on their way at the same time, `timeout` (60) the seconds
#'   of an answer, `retry_seconds` (120) for how long a request that fails is sent again;
#'   `encoding_format = "float"` is for a service that knows no `"base64"`; `prices`, by model,
#'   are US dollars for a million tokens, as `c("bge-m3" = 0.01)`. Those of OpenAI are known.
#' @return `embed_api()`: a matrix, one row a text and one column a dimension of the vectors; `NA`
#'   for a missing text. Its attribute `receipt` tells what it took, a tibble of one row: among
#'   others the distinct texts that were in the cache (`n_cached`) and that were asked for
#'   (`n_embedded`), `n_requests`, `n_tokens` as the service counts them, and their `price` in US
#'   dollars, `NA` where none is known.
#'
#'   `api_estimate()`: a tibble of one row: `n_texts`, those that are not missing; `n_distinct` and
#'   `n_cached` of them; of the others `n_requests`, `n_tokens` and `price`; and `counted_by`, how
#'   tokens were counted: `"characters"` is an estimate.
#' @seealso [embed_transformer()], which needs no service, and [embed_mean()].
#' @examplesIf textseq_available()
#' reviews <- textseq_sample("mr")$text
#' api_estimate(reviews, "text-embedding-3-small")
#' \dontrun{
#' vectors <- embed_api(reviews[1:100], "text-embedding-3-small", dimensions = 256)
#' attr(vectors, "receipt")$price
#' }
#' @export
embed_api <- function(x, model = "text-embedding-3-small", dimensions = NULL, base_url = NULL,
                      ...) {
  x <- plain_strings(x)
  found <- ask_service("embed_api", x, model, dimensions, base_url, ...)
  structure(spread_vectors(found$vectors, x), receipt = found$receipt)
}

#' @rdname embed_api
#' @export
api_estimate <- function(x, model = "text-embedding-3-small", dimensions = NULL, base_url = NULL,
                         ...) {
  ask_service("api_estimate", plain_strings(x), model, dimensions, base_url, ...)
}

ask_service <- function(name, x, model, dimensions, base_url, ...) {
  if ("api_key" %in% ...names()) {
    # Never looked at; and a condition of abort() would hold the call, with the key in it.
    stop(rlang::error_cnd("textseq_error", message = sprintf(
      paste(
        "`%s()` takes no key, which scripts and saved workspaces would keep. Set the environment",
        "variable OPENAI_API_KEY, by a line in the file .Renviron of your home folder."
      ),
      name
    )))
  }
  parameters <- list(...)
  if (!all(nzchar(names(parameters) %||% character(length(parameters))))) {
    abort(
      c(
        sprintf("What `%s()` is given beyond `base_url` needs names.", name),
        i = "Write it as `truncate = TRUE`; its help lists what there is."
      ),
      class = "textseq_error", call = NULL
    )
  }
  py_call(
    name,
    texts = unname(x[!is.na(x)]), model = model_name(model),
    parameters = c(list(dimensions = dimensions, base_url = base_url), parameters)
  )
}
