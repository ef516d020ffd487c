"""Columns of times: read from any form that pandas, polars or text have, and written back in it."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import polars as pl

from textseq.series.columns import RowName, read_column, row_of_frame
from textseq.series.time_text import text_of_times, times_of_text, widest

# Polars has no seconds.
_POLARS_UNITS: dict[str, Literal["ns", "us", "ms"]] = {"ns": "ns", "us": "us", "ms": "ms"}
_UNITS = ("ns", "us", "ms", "s")
TEXT, DATE = "text", "D"
# Digits of whole numbers that may be dates, from the year on: 202401 to 20240131235959.
_DIGITS = (6, 8, 10, 12, 14)
_PLAUSIBLE_YEARS = (1800, 2200)


class TimeForm(NamedTuple):
    """How the user's times were written.

    Parameters
    ----------
    kind : str
        ``"ns"``, ``"us"``, ``"ms"`` or ``"s"``: a column of times so fine; ``"D"``: dates without
        a time; ``"text"``; ``"period[M]"`` and the like; or the type of a column of numbers, ""
        for int64.
    pattern : str, default ""
        Of text, and of numbers that are dates, such as 20240131: as ``WrittenTimes`` has it.
    offset : str, default ""
        Of text, likewise.
    """

    kind: str
    pattern: str = ""
    offset: str = ""


class Times(NamedTuple):
    """A column of times: int64, or naive datetime64[us] in UTC where there is a zone."""

    values: np.ndarray
    zone: str | None
    form: TimeForm


def read_times(df: Any, name: str) -> Times:
    """Return a column of whole numbers, dates, or strings that start with the year, as times.

    Raises
    ------
    ValueError
        If a time is missing, is no time, or could be read in two ways.
    """
    return dated(read_stamps(df, name))


def read_stamps(df: Any, name: str, row_name: RowName = row_of_frame) -> Times:
    """Return a column as ``read_times`` does, but whole numbers as they are, dates or not."""
    times = _as_written(df, name, row_name)
    if times.values.dtype.kind == "f":
        part = float(times.values[(times.values % 1 != 0).argmax()])
        if times.form.kind == TEXT:
            part = read_column(df, name)[int((times.values == part).argmax())]
        raise ValueError(
            f"column {name!r} holds no times but, for example, {part!r}; give whole numbers (such "
            "as these, multiplied), dates, or strings such as '2024-01-31'"
        )
    return times


def read_moments(df: Any, name: str) -> Times:
    """Return a column as ``read_times`` does, or as float64 where its times are other numbers.

    Those are decimal numbers, and text that is all numbers but no dates.
    """
    return dated(_as_written(df, name, row_of_frame))


def dated(times: Times) -> Times:
    """Return whole numbers that all are dates, such as 20240131, as those, others as they are."""
    dates = None if times.values.dtype.kind != "i" else _dates_of_digits(times.values)
    if dates is None:
        return times
    return Times(dates[0], None, times.form._replace(pattern=dates[1]))


def common_form(first: TimeForm, other: TimeForm) -> TimeForm | None:
    """Return the form of times of which some were written so and some so; None if there is none.

    Examples
    --------
    >>> common_form(TimeForm("text", "%Y-%m-%d"), TimeForm("text", "%Y-%m-%d %H")).pattern
    '%Y-%m-%d %H'
    """
    if first.kind == other.kind == TEXT and first.offset == other.offset:
        return first._replace(pattern=widest([first.pattern, other.pattern]))
    return first if first == other else None


def _as_written(df: Any, name: str, row_name: RowName) -> Times:
    column = read_column(df, name)
    dtype = str(df.schema[name] if isinstance(df, pl.DataFrame) else column.dtype)
    if isinstance(column.dtype, pd.ArrowDtype) and not _has_name(dtype):
        dtype = ""
    if column.isna().any():
        row = row_name(int(np.flatnonzero(column.isna())[0]))
        raise ValueError(f"column {name!r} has no time in {row}; drop the row or give its time")
    column = _plain(column)
    kind = pd.api.types.infer_dtype(column)
    if kind in ("integer", "floating", "mixed-integer-float", "decimal"):
        return _of_numbers(column, dtype)
    if kind == "string":
        return _of_text(column, name)
    form = TimeForm(dtype) if dtype.endswith("[pyarrow]") else None
    if kind == "period":
        column = pd.Series(pd.PeriodIndex(column))
        form, column = TimeForm(str(column.dtype)), column.dt.to_timestamp()
    elif kind == "date" or dtype == "Date":
        form, column = form or TimeForm(DATE), _of_objects(column, name)
    elif kind == "datetime":
        column = _of_objects(column, name)
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        raise ValueError(
            f"column {name!r} holds no times but, for example, {column.iloc[0]}; "
            "give whole numbers, dates, or strings such as '2024-01-31'"
        )
    times = _of_datetimes(column, name)
    return times if form is None else times._replace(form=form)


def _has_name(dtype: str) -> bool:
    """Whether pandas makes a type of Arrow again from what it is called."""
    try:
        pd.api.types.pandas_dtype(dtype)
    except (TypeError, NotImplementedError):
        return False
    return True


def _plain(column: pd.Series) -> pd.Series:
    """Return categories and columns of Arrow's types in the types of their values."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype(column.cat.categories.dtype)
    if not isinstance(column.dtype, pd.ArrowDtype):
        return column
    if column.dtype.kind == "M":
        arrow = column.dtype.pyarrow_dtype
        if hasattr(arrow, "unit"):
            zone = f", {arrow.tz}" if arrow.tz else ""
            return column.astype(f"datetime64[{arrow.unit}{zone}]")
    return column.astype(object)


def _of_numbers(column: pd.Series, dtype: str) -> Times:
    numbers = column.to_numpy(dtype=np.float64) if column.dtype == object else column.to_numpy()
    if numbers.dtype.kind == "f" and (numbers % 1 != 0).any():
        return Times(numbers.astype(np.float64), None, TimeForm(dtype))
    as_int = numbers.astype(np.int64)
    kind = dtype if column.dtype != object or dtype.endswith("[pyarrow]") else ""
    return Times(as_int, None, TimeForm(kind))


def _dates_of_digits(numbers: np.ndarray) -> tuple[np.ndarray, str] | None:
    """Return whole numbers that all are dates such as 20240131, and their pattern."""
    if not len(numbers):
        return None
    least, most = int(numbers.min()), int(numbers.max())
    n_digits = len(str(most))
    if least < 0 or n_digits not in _DIGITS or len(str(least)) != n_digits:
        return None
    size = 10 ** (n_digits - 4)
    if least // size < _PLAUSIBLE_YEARS[0] or most // size > _PLAUSIBLE_YEARS[1]:
        return None
    try:
        written = times_of_text(numbers.astype(f"U{n_digits}"))
    except ValueError:
        return None
    return written.values, written.pattern


def _of_text(column: pd.Series, name: str) -> Times:
    if not len(column):
        return Times(np.empty(0, dtype="M8[us]"), None, TimeForm(TEXT, "%Y-%m-%d"))
    text = np.array(column.tolist(), dtype=str)
    try:
        written = times_of_text(text)
    except ValueError as error:
        numbers = pd.to_numeric(pd.Series(text, dtype=object), errors="coerce").to_numpy(np.float64)
        if np.isfinite(numbers).all():
            return Times(numbers, None, TimeForm(TEXT))
        raise ValueError(f"column {name!r} cannot be read as times: {error}; {_REMEDY}") from None
    form = TimeForm(TEXT, written.pattern, written.offset)
    shift = _shift(written.offset.strip())
    if shift is None:
        return Times(written.values, None, form)
    hours, minutes = divmod(abs(shift), 60)
    zone = f"UTC{'-' if shift < 0 else '+'}{hours:02}:{minutes:02}" if shift else "UTC"
    return Times(written.values - np.timedelta64(shift, "m"), zone, form)


def _shift(offset: str) -> int | None:
    """Return the minutes by which clocks are ahead of UTC; None where no offset is written."""
    if not offset:
        return None
    if offset in ("Z", "UTC"):
        return 0
    digits = offset[1:].replace(":", "").ljust(4, "0")
    minutes = 60 * int(digits[:2]) + int(digits[2:])
    return -minutes if offset[0] == "-" else minutes


_REMEDY = (
    "convert it to dates or to a column with a time zone (in Python pd.to_datetime(times, "
    "utc=True).dt.tz_convert('Europe/Lisbon')), or write times as 2024-12-31 or 2024-12-31T23:00Z"
)


def _of_objects(column: pd.Series, name: str) -> pd.Series:
    """Return dates and datetimes of Python as a column of pandas; each distinct one once."""
    if column.dtype != object:
        return column
    codes, distinct = pd.factorize(column)
    try:
        parsed = pd.to_datetime(pd.Series(distinct, dtype=object))
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"column {name!r} cannot be read as times: {str(error).splitlines()[0]}; {_REMEDY}"
        ) from None
    return parsed.take(codes).reset_index(drop=True)


def _of_datetimes(column: pd.Series, name: str) -> Times:
    zone = None if column.dt.tz is None else _zone_name(column, name)
    naive = column if zone is None else column.dt.tz_convert("UTC").dt.tz_localize(None)
    values = naive.to_numpy()
    times = values.astype("M8[us]")
    if (times != values).any():
        raise ValueError(
            f"column {name!r} has times finer than a microsecond; use whole numbers as times"
        )
    return Times(times, zone, TimeForm(column.dt.unit))


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


def wall_times(utc: np.ndarray, zone: str) -> np.ndarray:
    """Return what the clocks of a zone show at naive UTC times, datetime64[us]."""
    local = pd.DatetimeIndex(utc).tz_localize("UTC").tz_convert(zone)
    return local.tz_localize(None).to_numpy().astype("M8[us]")


def utc_times(wall: np.ndarray, zone: str) -> np.ndarray:
    """Return the naive UTC times, datetime64[us], at which clocks show wall times.

    The first where they show it twice; the first moment after a time that they leave out.
    """
    index = pd.DatetimeIndex(wall).tz_localize(
        zone, ambiguous=np.ones(len(wall), dtype=bool), nonexistent="shift_forward"
    )
    return index.tz_convert("UTC").tz_localize(None).to_numpy().astype("M8[us]")


def write_times(
    values: np.ndarray, zone: str | None, *, wall: bool, form: TimeForm, polars: bool
) -> Any:
    """Return times (N,) as a column of the user's form and zone.

    Parameters
    ----------
    values : ndarray of shape (N,), int64 or datetime64[us]
    zone : str, optional
        Time zone of the user's times.
    wall : bool
        Whether ``values`` are wall times of that zone rather than UTC.
    form : TimeForm
    polars : bool
        Whether the column is for a frame of polars.
    """
    if values.dtype.kind == "i":
        return _numbers(values, form.kind, polars)
    if form.pattern:
        shown = values if zone is None or wall else wall_times(values, zone)
        written = text_of_times(shown, form.pattern, form.offset)
        if form.kind != TEXT:
            return _numbers(written.astype(np.int64), form.kind, polars)
        return pl.Series(written.tolist(), dtype=pl.String) if polars else written.astype(object)
    if zone is not None and wall:
        values = utc_times(values, zone)
    return (_in_polars if polars else _in_pandas)(values, zone, form)


def _in_polars(values: np.ndarray, zone: str | None, form: TimeForm) -> pl.Series:
    column = pl.Series(values)
    if zone is not None:
        column = column.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    unit = _POLARS_UNITS.get(form.kind, "us")
    return column.cast(pl.Date if form.kind == DATE else pl.Datetime(unit, zone))


def _in_pandas(values: np.ndarray, zone: str | None, form: TimeForm) -> Any:
    index = pd.DatetimeIndex(values)
    if zone is not None:
        index = index.tz_localize("UTC").tz_convert(zone)
    if form.kind == DATE:
        return index.date
    if form.kind in _UNITS:
        return index.as_unit(form.kind)
    if form.kind.startswith("period"):
        return index.to_period(form.kind.removeprefix("period[").removesuffix("]"))
    return pd.Series(index).astype(form.kind)


def _numbers(values: np.ndarray, dtype: str, polars: bool) -> Any:
    if polars:
        return pl.Series(values).cast(getattr(pl, dtype or "Int64"))
    return pd.Series(values).astype(dtype or "int64")


def shown_time(time: Any, form: TimeForm, zone: str | None = None, *, wall: bool = False) -> str:
    """Return a time as its user writes it; with its offset from UTC where there is a zone.

    Parameters
    ----------
    time : int or datetime64
    form, zone, wall
        As ``write_times`` takes them.
    """
    if not isinstance(time, np.datetime64):
        return str(time)
    moment = np.array([time], dtype="M8[us]")
    local = moment if zone is None or wall else wall_times(moment, zone)
    if form.pattern:
        return str(text_of_times(local, form.pattern, form.offset)[0])
    if form.kind.startswith("period"):
        return str(write_times(moment, None, wall=False, form=form, polars=False)[0])
    written = str(local[0]).replace("T", " ").removesuffix(".000000").removesuffix(":00")
    if zone is None or wall:
        return written.removesuffix(" 00:00")
    offset = int((local - moment).astype("m8[m]").astype(np.int64)[0])
    hours, minutes = divmod(abs(offset), 60)
    return f"{written}{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"
