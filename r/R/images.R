# Images as R has them, to what Python reads: one array, or a list of the features of places.

# `column` names that of a data frame, if it is known.
images_of <- function(x, source, column = NULL) {
  if (is.data.frame(x)) x <- one_column_of(x, column)
  if (is.list(x)) {
    images <- lapply(unname(x), function(image) if (!all(is.na(image))) image)
    odd <- Filter(function(image) !is.null(image) && !is.numeric(image), images)
    if (length(odd) > 0) images_unknown(odd[[1]])
    return(if (identical(source, "places")) images else stacked(images))
  }
  if (!is.numeric(x) || length(dim(x)) < 2) images_unknown(x)
  array(as.double(x), dim(x))
}

# One array (n, ...) of a list of arrays; those that are missing are NA.
stacked <- function(images) {
  sizes <- lapply(images, function(image) if (!is.null(image)) dim(image) %||% length(image))
  known <- which(lengths(sizes) > 0)
  if (length(known) == 0) {
    return(array(double(), c(length(images), 1, 0)))
  }
  size <- sizes[[known[1]]]
  odd <- known[!vapply(sizes[known], identical, TRUE, size)]
  if (length(odd) > 0) {
    of_size <- function(size) paste(size, collapse = " x ")
    abort(
      c(
        "Images are of one size.",
        x = sprintf(
          "Image %d is of %s, and image %d of %s.",
          known[1], of_size(size), odd[1], of_size(sizes[[odd[1]]])
        ),
        i = "Scale them; or, if they are features of places, say `source = \"places\"`."
      ),
      class = "textseq_error", call = NULL
    )
  }
  images[-known] <- list(array(NA_real_, size))
  block <- array(as.double(unlist(images)), c(size, length(images)))
  aperm(block, c(length(size) + 1, seq_along(size)))
}

# An image each, of an array (n, ...).
listed_images <- function(x) {
  if (is.list(x)) {
    return(x)
  }
  lapply(seq_len(nrow(x)), function(row) array(take_series(x, row), dim(x)[-1]))
}

images_unknown <- function(x) {
  abort(
    c(
      "Images are an array of numbers (n, rows, columns), or a list of matrices.",
      x = sprintf("This is of class %s.", paste(class(x), collapse = "/"))
    ),
    class = "textseq_error", call = NULL
  )
}
