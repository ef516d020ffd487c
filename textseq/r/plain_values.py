"""Arrays and frames as plain lists, for callers that convert nothing else."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd


def plain(value: Any) -> Any:
    """Turn arrays and frames into lists and dicts, which every reticulate converts.

    reticulate before 1.41 hands arrays of NumPy 2 and frames of pandas 3 to R as objects that
    R cannot look into. R's package textseq needs none of this; it is for
    ``reticulate::import("textseq")``.

    Parameters
    ----------
    value : array, Series, DataFrame, or list or dict of them
        Frames of polars too.

    Returns
    -------
    list, dict or lone value
        A frame is a dict of its columns, a Series or vector a list, a matrix a list of rows.
        What is missing is None, but NaN among floats stays NaN. Dates and times are
        strings in ISO 8601, spans of time are seconds, categories their labels.

    Raises
    ------
    TypeError
        If there is no plain form.

    Examples
    --------
    >>> plain(pd.DataFrame({"n": pd.array([1, None], "Int64"), "when": pd.Timestamp("2024-02-29")}))
    {'n': [1, None], 'when': ['2024-02-29T00:00:00', '2024-02-29T00:00:00']}
    >>> plain(np.eye(2))
    [[1.0, 0.0], [0.0, 1.0]]
    """
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if hasattr(value, "columns"):
        return {str(name): plain(value[name]) for name in value.columns}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, pd.Series | pd.Index | pd.api.extensions.ExtensionArray):
        return _column(value)
    if hasattr(value, "to_list"):  # a Series of polars
        return plain(value.to_list())
    return _lone(value)


def _array(values: np.ndarray) -> Any:
    kind = values.dtype.kind
    if kind in "Mm":
        # Finer ones would be told as counts.
        return plain(values.astype(f"{kind}8[us]").tolist())
    return plain(values.tolist()) if kind == "O" else values.tolist()


def _column(values: Any) -> list[Any]:
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "f":
        return list(values.tolist())
    missing = np.asarray(values.isna())
    return [
        None if gone else plain(item) for item, gone in zip(values.tolist(), missing, strict=True)
    ]


def _lone(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, str | bytes | bool | int | float):
        return value
    if isinstance(value, np.datetime64 | np.timedelta64):
        return _array(np.asarray(value))
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, datetime.date):
        return value.isoformat()
    raise TypeError(f"there is no plain form for a value of type {type(value).__name__}")
