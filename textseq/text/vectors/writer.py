"""Writing word vectors as text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from textseq.atomic import whole_file
from textseq.expressions import refuse_lost_pool

_ROWS_AT_ONCE = 10_000
# What the reader could not tell apart: see files.py.
_LOST = r"(?i)[\n\r]|^ *$| [+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf(inity)?|nan)$"


def write_text(path: Path, words: pl.Series, matrix: np.ndarray) -> None:
    """Write the format of word2vec's text files, atomically and without loss.

    Parameters
    ----------
    path : Path
    words : Series of dtype String, length n
    matrix : ndarray of shape (n, dim), float32

    Raises
    ------
    ValueError
        If a word cannot be told from what is around it: it is blank, holds a newline, or has
        a space before a number.
    """
    refuse_lost_pool(f"writing {path}")
    lost = words.filter(words.str.contains(_LOST))
    if len(lost):
        raise ValueError(f"the word {lost[0]!r} cannot be written as text; leave it out")
    with whole_file(path) as file:
        file.write("{} {}\n".format(*matrix.shape).encode())
        for start in range(0, len(matrix), _ROWS_AT_ONCE):
            block = pl.DataFrame(np.asarray(matrix[start : start + _ROWS_AT_ONCE]))
            block.insert_column(0, words[start : start + _ROWS_AT_ONCE])
            block.write_csv(file, include_header=False, separator=" ", quote_style="never")
