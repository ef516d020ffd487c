# Users without Python skip what needs it; where CI is "true" it must be there.
skip_without_python <- function() {
  if (identical(Sys.getenv("CI"), "true")) {
    return(invisible())
  }
  skip_if_not(textseq_available(), "Python with textseq is not here")
}

films <- function(n = 80) {
  data.frame(
    text = rep(c("a good film", "a bad film", "good and bright", "bad , and long"), length.out = n),
    label = factor(rep(c("pos", "neg"), length.out = n), levels = c("pos", "neg"))
  )
}

# Runs Python code in a process of its own and returns what it prints.
python <- function(code) {
  script <- tempfile(fileext = ".py")
  on.exit(unlink(script))
  writeLines(code, script)
  system2(find_python()$python, shQuote(script), stdout = TRUE)
}

with_environment <- function(variables, code) {
  before <- Sys.getenv(names(variables), unset = NA)
  on.exit({
    Sys.unsetenv(names(variables)[is.na(before)])
    if (!all(is.na(before))) do.call(Sys.setenv, as.list(before[!is.na(before)]))
  })
  do.call(Sys.setenv, as.list(variables))
  code
}
