# What crosses between R and Python: bytes, lists, strings and numbers, and nothing else.
# wire.py beside this file is the other end. Base R alone, since rpy2 reads this file too.

# writeBin and readBin take less than 2^31 bytes a call.
wire_chunk_bytes <- 2^30

wire_bytes <- function(x, chunk = wire_chunk_bytes) {
  step <- chunk / 8
  if (length(x) <= step) {
    return(list(writeBin(x, raw(), endian = "little")))
  }
  lapply(seq(0, length(x) - 1, by = step), function(start) {
    writeBin(x[seq(start + 1, min(start + step, length(x)))], raw(), endian = "little")
  })
}

wire_numbers <- function(parts, what) {
  size <- if (what == "integer") 4L else 8L
  parts <- lapply(parts, function(part) {
    readBin(part, what, n = length(part) / size, size = size, endian = "little")
  })
  if (length(parts) == 1) parts[[1]] else unlist(parts)
}

wire_strings <- function(x) {
  x <- as.vector(x)
  # The C locale knows ASCII alone, and would write all else as codes of bytes.
  if (!any(unlist(l10n_info()[c("MBCS", "UTF-8", "Latin-1")]))) {
    Encoding(x)[Encoding(x) == "unknown"] <- "UTF-8"
  }
  # enc2utf8() would write what is not valid as "<e7>", which is.
  broken <- which(!is.na(x) & (!validEnc(x) | (Encoding(x) == "bytes" & grepl("[^ -~]", x))))
  if (length(broken) > 0) {
    shown <- iconv(x[broken[1]], "UTF-8", "UTF-8", sub = "byte")
    stop(sprintf(
      paste0(
        "string %d is not valid in its encoding: \"%s\"; ",
        "read the file with %s, or convert it with %s"
      ),
      broken[1], substr(shown, 1, 40), "fileEncoding = \"windows-1252\"",
      "iconv(x, from = \"windows-1252\", to = \"UTF-8\")"
    ), call. = FALSE)
  }
  x <- enc2utf8(x)
  strings <- as.list(x)
  strings[is.na(x)] <- list(NULL)
  strings
}

wire_character <- function(strings) {
  if (is.list(strings)) {
    strings[lengths(strings) == 0L] <- NA_character_
    strings <- as.character(unlist(strings, use.names = FALSE))
  }
  strings
}

wire_dim <- function(x) if (is.null(dim(x))) NULL else as.list(dim(x))

wire_names <- function(x) {
  if (is.null(names(x)) || !is.null(dim(x))) NULL else wire_strings(names(x))
}

wire_type <- function(x) {
  if (is.null(x)) return("null")
  if (is.data.frame(x)) return("frame")
  if (is.factor(x)) return("factor")
  for (class in c("Date", "POSIXct", "difftime", "integer64", "ts")) {
    if (inherits(x, class)) return(class)
  }
  if (is.object(x) && !is.list(x)) x <- unclass(x)
  type <- typeof(x)
  if (type %in% c("logical", "integer", "double", "character", "list", "raw")) type else "other"
}

# Returns a nested list of raw vectors, strings and numbers, from which wire.py
# rebuilds the value; every vector keeps its length, NA, dim or names.
wire_encode <- function(x) {
  if (inherits(x, "POSIXlt")) x <- as.POSIXct(x)
  type <- wire_type(x)
  vector <- function(numbers, ...) {
    list(
      type = type, buf = wire_bytes(as.vector(numbers)), dim = wire_dim(x), names = wire_names(x),
      ...
    )
  }
  switch(type,
    null = NULL,
    logical = ,
    integer = vector(as.integer(x)),
    double = vector(as.double(x)),
    # The bits of integer64 are a whole number that is stored in a double.
    integer64 = vector(unclass(x)),
    character = list(
      type = type, values = wire_strings(x), dim = wire_dim(x), names = wire_names(x)
    ),
    raw = list(type = type, buf = list(as.vector(x))),
    factor = vector(as.integer(x), levels = wire_strings(levels(x)), ordered = is.ordered(x)),
    Date = vector(as.double(unclass(x))),
    POSIXct = vector(as.double(unclass(x)), tz = wire_zone(x)),
    difftime = vector(as.double(x, units = "secs"), units = attr(x, "units")),
    ts = list(
      type = type, values = wire_encode(wire_plain_ts(x)), tsp = as.list(stats::tsp(x)),
      names = if (is.null(dim(x))) NULL else wire_strings(colnames(x))
    ),
    frame = list(
      type = type, names = wire_strings(names(x)), rows = nrow(x),
      columns = unname(lapply(seq_along(x), function(place) wire_encode(x[[place]])))
    ),
    list = list(
      type = type, names = wire_names(x), values = unname(lapply(unclass(x), wire_encode))
    ),
    stop(sprintf(
      "a value of class %s has no form that Python knows; pass vectors, lists or data frames",
      paste(class(x), collapse = "/")
    ), call. = FALSE)
  )
}

# Times without a zone are told in that of the session.
wire_zone <- function(x) {
  zone <- attr(x, "tzone")[1]
  if (is.null(zone) || !nzchar(zone)) zone <- sub("^:", "", Sys.getenv("TZ"))
  # It warns where the system does not say.
  if (!nzchar(zone)) zone <- suppressWarnings(Sys.timezone())
  # Rules, paths and offsets, which Python reads otherwise or not at all, keep the moment.
  if (is.na(zone) || !zone %in% c("UTC", "GMT", OlsonNames())) "UTC" else zone
}

wire_plain_ts <- function(x) {
  plain <- unclass(x)
  attr(plain, "tsp") <- NULL
  dimnames(plain) <- NULL
  plain
}

# Rebuilds what wire.py encoded. Data frames arrive as tibbles.
wire_decode <- function(w) {
  if (is.null(w)) return(NULL)
  value <- switch(w$type,
    logical = as.logical(wire_numbers(w$buf, "integer")),
    integer = wire_numbers(w$buf, "integer"),
    double = wire_numbers(w$buf, "double"),
    integer64 = structure(wire_numbers(w$buf, "double"), class = "integer64"),
    character = wire_character(w$values),
    raw = w$buf[[1]],
    factor = structure(
      wire_numbers(w$buf, "integer"),
      levels = wire_character(w$levels), class = c(if (w$ordered) "ordered", "factor")
    ),
    Date = structure(wire_numbers(w$buf, "double"), class = "Date"),
    POSIXct = structure(
      wire_numbers(w$buf, "double"),
      class = c("POSIXct", "POSIXt"), tzone = w$tz
    ),
    difftime = {
      span <- as.difftime(wire_numbers(w$buf, "double"), units = "secs")
      units(span) <- w$units
      span
    },
    ts = wire_ts(w),
    frame = structure(
      lapply(w$columns, wire_decode),
      names = wire_character(w$names),
      row.names = .set_row_names(w$rows), class = c("tbl_df", "tbl", "data.frame")
    ),
    list = lapply(w$values, wire_decode),
    stop(sprintf("Python sent a value of type %s; R's textseq is older than Python's", w$type))
  )
  if (!is.null(w$dim)) dim(value) <- unlist(w$dim)
  if (!is.null(w$names) && !w$type %in% c("frame", "ts")) names(value) <- wire_character(w$names)
  value
}

wire_ts <- function(w) {
  values <- wire_decode(w$values)
  if (!is.null(w$names)) colnames(values) <- wire_character(w$names)
  plain <- stats::ts(values, start = w$tsp[[1]], frequency = w$tsp[[3]])
  # ts() computes the end anew, a rounding apart.
  stats::tsp(plain) <- unlist(w$tsp)
  plain
}
