# Runs code with files of rows, and a cache of their tokens, in a folder of its own.
with_files <- function(code) {
  skip_without_python()
  folder <- tempfile("files")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  with_environment(c(TEXTSEQ_CACHE = file.path(folder, "cache")), code(function(...) {
    file.path(folder, ...)
  }))
}

write_rows <- function(rows, path) {
  dir.create(dirname(path), showWarnings = FALSE)
  utils::write.csv(rows, path, row.names = FALSE, fileEncoding = "UTF-8")
  path
}

# The same rows of a CSV in a file of another kind.
convert_rows <- function(from, to) {
  how <- if (grepl("parquet$", to)) "write_parquet" else "write_ndjson"
  python(sprintf("import polars; polars.read_csv(r'%s').%s(r'%s')", from, how, to))
  to
}

reviews <- function(n = 80) {
  rows <- stats::setNames(films(n), c("review", "label"))
  rows$label <- as.character(rows$label)
  rows$stars <- rep(c(4, 2), length.out = n)
  rows$shop <- rep(c("a", "b", "c", "d"), length.out = n)
  rows
}
