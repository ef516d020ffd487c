"""Columns of a pandas or polars frame as ids and numbers."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from textseq.message_language import number_of

# What an error calls a row of a frame.
RowName = Callable[[int], str]


def row_of_frame(row: int) -> str:
    """Return what an error calls a row of a frame that was given as it is."""
    return f"row {number_of(row)}"


def is_frame(value: Any) -> bool:
    """Whether ``value`` is a frame of pandas or polars."""
    return isinstance(value, pd.DataFrame | pl.DataFrame)


def read_column(df: Any, name: str) -> pd.Series:
    """Return a column of either kind of frame as a pandas Series with a plain index.

    Raises
    ------
    TypeError
        If ``df`` is not a frame.
    ValueError
        If it has no such column, or two.
    """
    if not is_frame(df):
        hint = "; call .collect() first" if isinstance(df, pl.LazyFrame) else ""
        raise TypeError(f"expected a pandas or polars DataFrame, got {type(df).__name__}{hint}")
    if name not in df.columns:
        raise ValueError(f"there is no column {name!r}; {_known_columns(df, name)}")
    if isinstance(df, pl.DataFrame):
        return _from_polars(df.get_column(name))
    column = df[name]
    if isinstance(column, pd.DataFrame):
        raise ValueError(f"there are {column.shape[1]} columns named {name!r}; rename them")
    return column.reset_index(drop=True)


def _known_columns(df: Any, name: str) -> str:
    if name in getattr(getattr(df, "index", None), "names", ()):
        return "the index has that name: call df.reset_index() first"
    close = difflib.get_close_matches(name, [str(column) for column in df.columns], n=1)
    hint = f"did you mean {close[0]!r}? The" if close else "the"
    return f"{hint} columns are {', '.join(map(repr, df.columns))}"


def _from_polars(column: pl.Series) -> pd.Series:
    """Convert without pyarrow, which polars' own conversion needs."""
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        utc = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        local = pd.Series(utc.to_numpy()).dt.tz_localize("UTC")
        return local.dt.tz_convert(column.dtype.time_zone)
    return pd.Series(column.to_numpy())


def read_ids(df: Any, name: str, row_name: RowName = row_of_frame) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct ids in sorted order (S,) and each row's index among them (N,)."""
    column = read_column(df, name)
    if column.isna().any():
        row = row_name(int(np.flatnonzero(column.isna())[0]))
        raise ValueError(f"column {name!r} has no id in {row}; drop the row or name its series")
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    codes, ids = pd.factorize(column, sort=True)
    return np.asarray(ids), codes.astype(np.int64)


def read_numbers(df: Any, name: str, row_name: RowName = row_of_frame) -> np.ndarray:
    """Return a column as float64 of shape (N,), NaN where a value is missing.

    Raises
    ------
    ValueError
        If the column holds anything but numbers and truth values, or an infinite one.
    """
    column = read_column(df, name)
    strange = _strange(column)
    if strange is not None:
        raise ValueError(
            f"column {name!r} does not hold numbers but, for example, {strange!r}; convert it to "
            "numbers, a category to a column of 0 and 1 for each of its values"
        )
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        raise ValueError(
            f"column {name!r} is infinite in {len(infinite)} row(s), the first is "
            f"{row_name(int(infinite[0]))}; leave the value empty if it is not known"
        )
    return values


def _strange(column: pd.Series) -> Any:
    """Return a value that is no real number and no truth value, if there is one."""
    if column.dtype != object:
        dtype = column.dtype
        real = pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype)
        real = real and dtype.kind != "c"
        return None if real else next(iter(column.dropna()), "nothing")
    return next((v for v in column.dropna() if not isinstance(v, Real | Decimal | np.bool_)), None)
