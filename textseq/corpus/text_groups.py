"""Rows of the same text, told apart by their order where memory need not hold the texts."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import numpy as np
import polars as pl

from textseq.row_arrays import row_array
from textseq.text.vectors.cache import cache_folder

# Rows whose numbers are read at once.
_ROWS = 2**16


def text_groups(parts: Iterable[pl.Series]) -> np.ndarray:
    """Return the place of each row's text among the distinct ones, sorted, (n_rows,), int32.

    They are sorted on disk, in the folder of textseq's cache.

    Parameters
    ----------
    parts : iterable of Series of dtype String
        The texts, some at a time.

    Examples
    --------
    >>> text_groups([pl.Series(["so", "it"]), pl.Series(["goes", "so"])]).tolist()
    [2, 1, 0, 2]
    """
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=cache_folder(), prefix="texts-") as folder,
        closing(sqlite3.connect(Path(folder) / "texts", isolation_level=None)) as base,
    ):
        # What is lost with the process is of no use to another.
        for setting in ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE"):
            base.execute(f"PRAGMA {setting}")
        return _groups(base, parts)


def _groups(base: sqlite3.Connection, parts: Iterable[pl.Series]) -> np.ndarray:
    # Bytes are compared as such, which is the order of code points.
    base.execute("CREATE TABLE texts (place INTEGER PRIMARY KEY, text BLOB)")
    n_rows = 0
    for texts in parts:
        rows = enumerate(texts.cast(pl.Binary), start=n_rows)
        base.execute("BEGIN")
        base.executemany("INSERT INTO texts VALUES (?, ?)", rows)
        base.execute("COMMIT")
        n_rows += len(texts)
    groups = row_array(n_rows, np.int32)
    found = base.execute("SELECT place, dense_rank() OVER (ORDER BY text) - 1 FROM texts")
    while some := found.fetchmany(_ROWS):
        places, ranks = np.array(some).T
        groups[places] = ranks
    return groups
