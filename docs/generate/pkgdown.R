# Rscript pkgdown.R PACKAGE FOLDER LIBRARY: the package's reference and news, as pages of HTML.
arguments <- commandArgs(TRUE)
# No link to CRAN is looked for.
options(pkgdown.internet = FALSE)
dir.create(arguments[3], recursive = TRUE, showWarnings = FALSE)
status <- system2(
  file.path(R.home("bin"), "R"),
  c("CMD", "INSTALL", paste0("--library=", shQuote(arguments[3])), shQuote(arguments[1]))
)
if (status != 0) stop("R CMD INSTALL ended with ", status)
# Examples are shown, and run by `R CMD check`; which of them can run is asked of the package.
.libPaths(c(arguments[3], .libPaths()))
library(textseq)
package <- pkgdown::as_pkgdown(arguments[1], override = list(destination = arguments[2]))
pkgdown::init_site(package)
pkgdown::build_home(package, preview = FALSE)
pkgdown::build_reference(package, examples = FALSE, lazy = FALSE, preview = FALSE)
pkgdown::build_news(package, preview = FALSE)
