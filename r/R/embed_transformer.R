#' Turn texts into vectors of a pretrained transformer
#'
#' Sentence encoders such as MiniLM, BERT and its like, among them BERTimbau for Portuguese
#' (`"neuralmind/bert-base-portuguese-cased"`). The weights stay as they are; to train them, see
#' `encoder = "transformer"` of [text_classifier()].
#'
#' Nothing is fetched, and no code is run that comes with a model. Fetch one by hand, once: in the
#' shell `pip install huggingface_hub`, then `hf download neuralmind/bert-base-portuguese-cased`;
#' or copy a folder from a machine that has it.
#' @param x A character vector of texts.
#' @param model A folder with `config.json`, `tokenizer.json` and `model.safetensors`, or the name
#'   of a model on the hub, `"organisation/name"`, whose files have been fetched before. Of the
#'   families bert, roberta, xlm-roberta, camembert and distilbert.
#' @param pooling How the states of a text's tokens become one vector: `"mean"`, `"max"` or
#'   `"first"`, that of the token that begins a text (BERT's `[CLS]`). `"auto"` is what the folder
#'   says, and else `"mean"`.
#' @param normalize Whether every vector is scaled to length 1: `TRUE`, `FALSE`, or `"auto"`, what
#'   the folder says.
#' @param max_length Tokens read of each text, those of its ends included. `"auto"` is what the
#'   folder says, and else as many as the model has positions for.
#' @param device `"cpu"`, `"cuda"` or `"cuda:1"`; `"auto"` is a GPU where there is one.
#' @param n_threads Threads that share the texts; by default as many as the process may use.
#' @return A matrix, one row a text and one column a dimension of the vectors; `NA` for a missing
#'   text.
#' @references Reimers & Gurevych (2019), "Sentence-BERT: Sentence Embeddings using Siamese
#'   BERT-Networks", EMNLP. Souza, Nogueira & Lotufo (2020), "BERTimbau: Pretrained BERT Models for
#'   Brazilian Portuguese", BRACIS.
#' @seealso [embed_api()], [embed_mean()]
#' @examplesIf nzchar(Sys.getenv("TEXTSEQ_MINILM")) && textseq_available()
#' # A folder of all-MiniLM-L6-v2.
#' folder <- Sys.getenv("TEXTSEQ_MINILM")
#' vectors <- embed_transformer(c("a good film", "what a movie", "the old sea", NA), folder)
#' round(tcrossprod(vectors), 2)
#' @export
embed_transformer <- function(x, model, pooling = "auto", normalize = "auto", max_length = "auto",
                              device = "auto", n_threads = NULL) {
  x <- plain_strings(x)
  vectors <- py_call(
    "embed_transformer",
    texts = unname(x[!is.na(x)]), model = model_name(model),
    parameters = list(
      pooling = pooling, normalize = normalize, max_length = max_length, device = device,
      n_threads = n_threads
    )
  )
  spread_vectors(vectors, x)
}

model_name <- function(model) {
  if (!is.character(model) || length(model) != 1 || is.na(model)) {
    abort(
      c(
        "`model` must be one string, a folder or a name.",
        x = sprintf("It is %s.", few(deparse(model), 1))
      ),
      class = "textseq_error", call = NULL
    )
  }
  model
}

# A row for every text, those of the missing ones too.
spread_vectors <- function(vectors, x) {
  rows <- spread_rows(vectors, !is.na(x))
  colnames(rows) <- paste0("dimension", seq_len(ncol(rows)))
  rows
}
