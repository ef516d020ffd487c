"""Covariates of whole series, one row a series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from textseq.series.columns import RowName, read_ids, read_numbers, row_of_frame


def read_matrix(df: Any, names: tuple[str, ...], row_name: RowName = row_of_frame) -> np.ndarray:
    """Return columns side by side, shape (N, len(names))."""
    if not names:
        return np.empty((len(df), 0))
    return np.column_stack([read_numbers(df, name, row_name) for name in names])


def read_static(table: Any, names: tuple[str, ...], id_col: str, ids: np.ndarray) -> np.ndarray:
    """Read covariates (S, G) of the named series from a frame that has one row a series.

    Raises
    ------
    ValueError
        If a series has two rows or none, or lacks a value.
    """
    own, rows = read_ids(table, id_col)
    if len(own) < len(rows):
        twice = own[np.bincount(rows).argmax()]
        raise ValueError(f"the static frame has more than one row for series {twice!r}")
    # Row of the static frame for each of the panel's series, (S,); it may have others.
    index = pd.Index(own[rows]).get_indexer(pd.Index(ids))
    if (index < 0).any():
        raise ValueError(f"the static frame has no row for series {ids[index < 0][0]!r}")
    values = read_matrix(table, names)[index]
    missing = np.argwhere(np.isnan(values))
    if len(missing):
        row, column = missing[0]
        raise ValueError(
            f"static covariate {names[column]!r} is missing for series {ids[row]!r}; fill it before"
        )
    return values
