library(testthat)
library(textseq)

test_check("textseq")
