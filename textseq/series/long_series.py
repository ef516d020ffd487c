"""Long frames of labelled series: one row a step, to arrays of whole series."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from textseq.expressions import refuse_lost_pool
from textseq.message_language import number_of
from textseq.series.times import read_moments


def read_long_series(
    df: Any,
    value_cols: str | Sequence[str],
    *,
    id_col: str = "unique_id",
    time_col: str | None = None,
    label_col: str | None = None,
) -> tuple[list[np.ndarray], np.ndarray | None, np.ndarray]:
    """Gather the series of a long frame, for ``SeriesClassifier`` and ``SeriesRegressor``.

    Parameters
    ----------
    df : pandas or polars DataFrame
        One row for each step of each series.
    value_cols : str or sequence of str
        The channels' columns; a missing value becomes NaN.
    id_col : str, default "unique_id"
        Tells the series apart.
    time_col : str, optional
        Sorts the steps of each series: numbers, dates, or strings of either that start with the
        year; by default they stay in the frame's order.
    label_col : str, optional
        The class or number to predict, the same in all rows of a series.

    Returns
    -------
    X : list of ndarray of shape (n_channels, n_steps), float64
        The series in the order in which the frame first names them.
    y : ndarray of shape (n,) or None
        Their labels.
    ids : ndarray of shape (n,)

    Raises
    ------
    ValueError
        If a column is missing or holds no numbers, a series has two rows of the same time, or
        more than one label.

    Examples
    --------
    >>> df = pd.DataFrame({"unique_id": ["a", "a", "b"], "t": [2, 1, 1], "x": [5.0, 4.0, 3.0],
    ...                    "kind": ["up", "up", "down"]})
    >>> X, y, ids = read_long_series(df, "x", time_col="t", label_col="kind")
    >>> [series.tolist() for series in X], y.tolist(), ids.tolist()
    ([[[4.0, 5.0]], [[3.0]]], ['up', 'down'], ['a', 'b'])
    """
    refuse_lost_pool("read_long_series")
    channels = [value_cols] if isinstance(value_cols, str) else list(value_cols)
    if not channels:
        raise ValueError("value_cols is empty; name the columns that hold the series")
    keys = [column for column in (id_col, time_col, label_col) if column is not None]
    frame = _selected(df, list(dict.fromkeys([*keys, *channels])))
    if not len(frame):
        raise ValueError("df has no rows; pass at least one series")
    for column in keys:
        if frame[column].null_count():
            row = number_of(frame[column].is_null().arg_max() or 0)
            raise ValueError(f"{column!r} is missing in row {row}; drop that row or fill it in")

    firsts = frame.unique(id_col, keep="first", maintain_order=True)
    ids = firsts[id_col].to_numpy()
    order = pl.int_range(len(firsts), eager=True).alias("_series")
    frame = frame.join(firsts.select(id_col).with_columns(order), on=id_col, maintain_order="left")
    if time_col is not None:
        frame = frame.with_columns(pl.Series("_moment", read_moments(df, time_col).values))
    frame = frame.sort(
        ["_series"] if time_col is None else ["_series", "_moment"], maintain_order=True
    )
    _check_times(frame, id_col, time_col)
    values = np.column_stack([_numbers(frame[column]) for column in channels])  # (N, C)
    lengths = np.bincount(frame["_series"].to_numpy(), minlength=len(ids))
    X = [np.ascontiguousarray(part.T) for part in np.split(values, lengths.cumsum()[:-1])]
    if label_col is None:
        return X, None, ids
    _check_labels(frame, id_col, label_col)
    return X, firsts[label_col].to_numpy(), ids


def _selected(df: Any, columns: list[str]) -> pl.DataFrame:
    """Return the named columns as polars, NaN as null."""
    if not isinstance(df, pd.DataFrame | pl.DataFrame):
        raise ValueError(f"df is of type {type(df).__name__}; pass a pandas or polars DataFrame")
    known = [str(column) for column in df.columns]
    for column in columns:
        if column not in known:
            if column in getattr(getattr(df, "index", None), "names", ()):
                raise ValueError(
                    f"df has no column {column!r}, but an index of that name: call "
                    "df.reset_index() first"
                )
            near = difflib.get_close_matches(str(column), known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(
                f"df has no column {column!r}{hint} Its columns: {', '.join(known[:20])}"
            )
    if isinstance(df, pl.DataFrame):
        return df.select(columns).fill_nan(None)
    return pl.DataFrame({column: _column(df[column]) for column in columns}).fill_nan(None)


def _column(column: pd.Series) -> pl.Series:
    if column.dtype.kind in "biuf" and isinstance(column.dtype, np.dtype):
        return pl.Series(column.to_numpy())
    if column.dtype.kind == "M":
        return pl.Series(column.to_numpy(dtype="datetime64[ns]"))
    # A list, as pl.from_pandas needs pyarrow for strings.
    return pl.Series([None if pd.isna(value) else value for value in column.tolist()])


def _numbers(column: pl.Series) -> np.ndarray:
    if not (column.dtype.is_numeric() or column.dtype == pl.Boolean or column.dtype == pl.Null):
        strange = next(iter(column.drop_nulls()), "nothing")
        raise ValueError(
            f"{column.name!r} holds no numbers but, for example, {strange!r}; "
            "convert it, or leave it out of the columns that hold the series"
        )
    return column.cast(pl.Float64).to_numpy()


def _check_times(frame: pl.DataFrame, id_col: str, time_col: str | None) -> None:
    if time_col is None:
        return
    twice = frame.filter(frame.select("_series", "_moment").is_duplicated())
    if len(twice):
        raise ValueError(
            f"the series {twice[id_col][0]!r} has {time_col} {twice[time_col][0]} twice; "
            "keep one row for each step"
        )


def _check_labels(frame: pl.DataFrame, id_col: str, label_col: str) -> None:
    counts = frame.group_by(id_col, maintain_order=True).agg(pl.col(label_col).unique())
    for series, labels in counts.iter_rows():
        if len(labels) > 1:
            shown = " and ".join(repr(label) for label in sorted(labels, key=str)[:2])
            raise ValueError(
                f"the series {series!r} has the labels {shown}; a series has one label"
            )
