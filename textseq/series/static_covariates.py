"""Covariates of whole series, one row a series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from textseq.series.columns import is_frame, read_ids, read_numbers


def read_matrix(df: Any, names: tuple[str, ...]) -> np.ndarray:
    """Return columns side by side, shape (N, len(names))."""
    if not names:
        return np.empty((len(df), 0))
    return np.column_stack([read_numbers(df, name) for name in names])


def read_static(
    df: Any,
    static: Any,
    names: tuple[str, ...],
    id_col: str,
    ids: np.ndarray,
    codes: np.ndarray,
    order: np.ndarray,
    offsets: np.ndarray,
) -> np.ndarray:
    """Return one row of covariates a series, shape (S, G)."""
    if not names:
        return np.empty((len(ids), 0))
    if not is_frame(static):
        values = read_matrix(df, names)[order]
        missing = np.argwhere(np.isnan(values))
        if len(missing):
            row, column = missing[0]
            raise ValueError(
                f"static covariate {names[column]!r} is missing in {len(missing):,} rows, the "
                f"first of series {ids[codes[order][row]]!r}; fill it before"
            )
        # Each series' first row (S, G) stands for the series if all its rows (N, G) are equal.
        first = values[offsets[:-1]]
        differs = np.argwhere(values != first[codes[order]])
        if len(differs):
            row, column = differs[0]
            raise ValueError(
                f"static covariate {names[column]!r} changes within series "
                f"{ids[codes[order][row]]!r}; name it in past= or future= instead"
            )
    else:
        own, rows = read_ids(static, id_col)
        if len(own) < len(rows):
            twice = own[np.bincount(rows).argmax()]
            raise ValueError(f"the static frame has more than one row for series {twice!r}")
        # Row of the static frame for each of the panel's series, (S,); it may have others.
        index = pd.Index(own[rows]).get_indexer(pd.Index(ids))
        if (index < 0).any():
            raise ValueError(f"the static frame has no row for series {ids[index < 0][0]!r}")
        first = read_matrix(static, names)[index]
    missing = np.argwhere(np.isnan(first))
    if len(missing):
        row, column = missing[0]
        raise ValueError(
            f"static covariate {names[column]!r} is missing for series {ids[row]!r}; fill it before"
        )
    return first
