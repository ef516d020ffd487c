"""Columns of a pandas or polars frame as ids, times and numbers, and times back again."""

from __future__ import annotations

import difflib
import warnings
from decimal import Decimal
from numbers import Real
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import polars as pl

# Polars has no seconds.
_POLARS_UNITS: dict[str, Literal["ns", "us", "ms"]] = {"ns": "ns", "us": "us", "ms": "ms"}


class Times(NamedTuple):
    """A column of times: int64, or naive datetime64[us] in UTC where there is a zone.

    ``unit`` tells how fine the user's own times were: ``"ns"``, ``"us"``, ``"ms"``, ``"s"``,
    ``"D"`` for dates without a time, ``""`` for integers.
    """

    values: np.ndarray
    zone: str | None
    unit: str


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


def read_ids(df: Any, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct ids in sorted order (S,) and each row's place among them (N,)."""
    column = read_column(df, name)
    if column.isna().any():
        row = int(np.flatnonzero(column.isna())[0])
        raise ValueError(f"column {name!r} has no id in row {row}; drop the row or name its series")
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    codes, ids = pd.factorize(column, sort=True)
    return np.asarray(ids), codes.astype(np.int64)


def read_numbers(df: Any, name: str) -> np.ndarray:
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
            f"column {name!r} is infinite in {len(infinite)} row(s), the first is row "
            f"{infinite[0]}; leave the value empty if it is not known"
        )
    return values


def _strange(column: pd.Series) -> Any:
    """Return a value that is no real number and no truth value, if there is one."""
    if column.dtype != object:
        real = pd.api.types.is_numeric_dtype(column.dtype) and column.dtype.kind != "c"
        return None if real else next(iter(column.dropna()), "nothing")
    return next((v for v in column.dropna() if not isinstance(v, Real | Decimal | np.bool_)), None)


def read_times(df: Any, name: str) -> Times:
    """Return a column of whole numbers, dates, or strings that start with the year, as times.

    Raises
    ------
    ValueError
        If a time is missing, is no time, or could be read in two ways.
    """
    column = read_column(df, name)
    if column.isna().any():
        row = int(np.flatnonzero(column.isna())[0])
        raise ValueError(f"column {name!r} has no time in row {row}; drop the row or give its time")
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "integer" or (kind == "floating" and (column % 1 == 0).all()):
        return Times(column.to_numpy(dtype=np.int64), None, "")
    is_date = kind == "date" or (isinstance(df, pl.DataFrame) and df.schema[name] == pl.Date)
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    elif kind in ("string", "date", "datetime", "categorical"):
        column = _parsed(column, name)
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        raise ValueError(
            f"column {name!r} holds no times but, for example, {column.iloc[0]}; "
            "give whole numbers, dates, or strings such as '2024-01-31'"
        )
    zone = None if column.dt.tz is None else _zone_name(column, name)
    unit = "D" if is_date else column.dt.unit
    naive = column if zone is None else column.dt.tz_convert("UTC").dt.tz_localize(None)
    values = naive.to_numpy()
    times = values.astype("M8[us]")
    if (times != values).any():
        raise ValueError(
            f"column {name!r} has times finer than a microsecond; use whole numbers as times"
        )
    return Times(times, zone, unit)


def _parsed(column: pd.Series, name: str) -> pd.Series:
    """Parse each distinct string or date once."""
    codes, distinct = pd.factorize(column)
    distinct = pd.Series(distinct, dtype=object)
    if isinstance(distinct.iloc[0], str):
        unclear = distinct[~distinct.str.match(r"\s*\d{4}").astype(bool)]
        if len(unclear):
            raise ValueError(
                f"column {name!r} has the time {unclear.iloc[0]!r}, which does not start with "
                "the year; convert it to dates, or write it as 2024-12-31"
            )
        if distinct.str.fullmatch(r"\d{4}-?Q[1-4]").all():
            distinct = pd.Series(pd.PeriodIndex(distinct, freq="Q").to_timestamp())
    try:
        with warnings.catch_warnings():
            # Pandas warns where it would guess the form of each string on its own, and where
            # pandas 2 leaves zones that differ as they are.
            warnings.simplefilter("error")
            parsed = pd.to_datetime(distinct)
    except (ValueError, TypeError, Warning) as error:
        raise ValueError(
            f"column {name!r} cannot be read as times: {str(error).splitlines()[0]}; "
            "convert it to dates, or write them as 2024-12-31"
        ) from None
    return parsed.take(codes).reset_index(drop=True)


def _zone_name(column: pd.Series, name: str) -> str:
    """Return the name under which the zone can be found again."""
    zone = str(column.dt.tz)
    try:
        pd.Timestamp(0, tz=zone)
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"column {name!r} has the time zone {zone}, which has no name; "
            "convert it, for example with .dt.tz_convert('Europe/Lisbon')"
        ) from error
    return zone


def write_times(
    values: np.ndarray, zone: str | None, *, wall: bool, unit: str, polars: bool
) -> Any:
    """Return times (N,) as a column of the user's kind, zone and fineness.

    Parameters
    ----------
    values : ndarray of shape (N,), int64 or datetime64[us]
    zone : str, optional
        Time zone of the user's times.
    wall : bool
        Whether ``values`` are wall times of that zone rather than UTC.
    unit : str
        As ``Times`` has it.
    polars : bool
        Whether the column is for a frame of polars.
    """
    if values.dtype.kind == "i":
        return values
    index = pd.DatetimeIndex(values)
    if zone is not None and wall:
        # A midnight that a change of clocks leaves out is the first moment after it.
        index = index.tz_localize(
            zone, ambiguous=np.ones(len(index), dtype=bool), nonexistent="shift_forward"
        )
    elif zone is not None:
        index = index.tz_localize("UTC").tz_convert(zone)
    if not polars:
        return index.date if unit == "D" else index.as_unit(unit)
    if zone is None:
        column = pl.Series(index.to_numpy())
    else:
        utc = pl.Series(index.tz_convert("UTC").tz_localize(None).to_numpy())
        column = utc.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    return column.cast(pl.Date if unit == "D" else pl.Datetime(_POLARS_UNITS[unit], zone))
