"""What crosses between R and Python: bytes, lists, strings and numbers, and nothing else.

``wire.R`` beside this file is the other end. reticulate and rpy2 convert frames, arrays,
lone values and missing ones each in their own way, which differs by version; plain
bytes and lists they all hand over as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Wire = dict[str, Any] | None
# R's NA of whole numbers and of logicals; that of integer64.
NA_INTEGER = -(2**31)
NA_INTEGER64 = -(2**63)
# Whole numbers beyond do not all fit into a double.
WIDEST_WHOLE = 2**53
# As R's readBin takes less than 2^31 bytes a call.
CHUNK_BYTES = 2**30
# R's NA among doubles is the NaN that ends in 1954; the bit makes it a quiet one.
NA_DOUBLE = np.array([0x7FF8_0000_0000_07A2], np.uint64).view(np.float64)[0]
QUIET = np.uint64(0x0008_0000_0000_0000)


@dataclass(frozen=True, eq=False)
class TimeSeries:
    """R's ``ts``: values at even steps.

    Parameters
    ----------
    values : ndarray of shape (time,) or (time, channels)
    start, end : float
        Times of the first and the last value, in periods (years, mostly).
    frequency : float
        Values a period.
    names : list of str, optional
        Of the channels.
    """

    values: Any
    start: float
    end: float
    frequency: float
    names: list[str] | None = None


class Strings(list[str | None]):
    """R's character vector: a list that stays one when it is empty or all of it is missing."""


def decode(wire: Wire) -> Any:
    """Rebuild what R encoded.

    Parameters
    ----------
    wire : dict or None
        What ``wire_encode`` of R returns, as reticulate or rpy2 hand it over.

    Returns
    -------
    value
        NULL is None. Vectors, of any length, are arrays in R's shape: of float64, int64 or
        bool, or with NA among the latter two pandas' masked arrays; NA of doubles is NaN.
        Strings are a list, NA is None in it; a factor is a Categorical, Date and POSIXct are
        datetime64 without and with time zone, difftime is timedelta64. A vector with names is a
        Series. Data frames are DataFrames, lists are lists or, with names, dicts; ``ts`` is a
        TimeSeries.

    Raises
    ------
    ValueError
        If names of a list repeat, or the type is unknown.

    Examples
    --------
    >>> decode(encode([1.5, float("nan")])).tolist()
    [1.5, nan]
    """
    if wire is None:
        return None
    if wire["type"] not in DECODERS:
        raise ValueError(f"R sent a value of type {wire['type']!r}; upgrade textseq in Python")
    value = DECODERS[wire["type"]](wire)
    dim = wire.get("dim")
    if dim is not None:
        if isinstance(value, list):
            value = np.array(value, dtype=object)
        return np.reshape(value, [int(size) for size in _items(dim)], order="F")
    if wire.get("names") is not None and wire["type"] not in ("frame", "list", "ts"):
        return pd.Series(value, index=pd.Index(_items(wire["names"]), dtype=object))
    return value


def encode(value: Any) -> Wire:
    """Turn a value into what ``wire_decode`` of R rebuilds.

    Parameters
    ----------
    value : None, bool, int, float, str, bytes, array, Categorical, Series, DataFrame, list, dict
        Lone values become vectors of length 1; a list whose items are all numbers or all
        strings becomes a vector, any other a list. NaN of pandas is R's NA, of NumPy R's NaN.
        Times without zone become dates if all are midnights, and times in UTC otherwise.

    Returns
    -------
    dict or None

    Raises
    ------
    TypeError
        If R has no form for it.
    OverflowError
        If a whole number is beyond 2**53.
    """
    if value is None:
        return None
    for kinds, encoder in ENCODERS:
        if isinstance(value, kinds):
            return encoder(value)
    raise TypeError(f"R has no form for a value of type {type(value).__name__}: {value!r:.80}")


def _items(items: Any) -> list[Any]:
    """Undo reticulate's conversion of a list of length 1 to its item."""
    return list(items) if isinstance(items, list | tuple) else [items]


def _array(wire: dict[str, Any], dtype: str) -> np.ndarray:
    parts = [np.frombuffer(part, dtype) for part in _items(wire["buf"])]
    return np.concatenate(parts)


def _double(wire: dict[str, Any]) -> np.ndarray:
    numbers = _array(wire, "<f8")
    # R's NA is a signalling NaN, of which every sum would warn; a quiet one is as much NA to R.
    numbers.view(np.uint64)[np.isnan(numbers)] |= QUIET
    return numbers


def _whole(wire: dict[str, Any]) -> Any:
    numbers = _array(wire, "<i4").astype(np.int64)
    missing = numbers == NA_INTEGER
    if wire["type"] == "logical":
        truth = numbers == 1
        return pd.arrays.BooleanArray(truth, missing) if missing.any() else truth
    return pd.arrays.IntegerArray(numbers, missing) if missing.any() else numbers


def _whole64(wire: dict[str, Any]) -> Any:
    numbers = _array(wire, "<i8")
    missing = numbers == NA_INTEGER64
    return pd.arrays.IntegerArray(numbers, missing) if missing.any() else numbers


def _factor(wire: dict[str, Any]) -> pd.Categorical:
    codes = _array(wire, "<i4").astype(np.int64)
    codes = np.where(codes == NA_INTEGER, -1, codes - 1)
    levels = pd.Index(_items(wire["levels"]), dtype=object)
    return pd.Categorical.from_codes(codes, levels, ordered=bool(wire["ordered"]))


def _moments(times: np.ndarray, scale: int) -> np.ndarray:
    """Return whole numbers of a unit of which ``scale`` are one of R's, NaT where those miss."""
    known = np.isfinite(times)
    counts = np.round(np.where(known, times, 0) * scale).astype(np.int64)
    return np.where(known, counts, np.iinfo(np.int64).min)


def _dates(wire: dict[str, Any]) -> np.ndarray:
    return _moments(_double(wire), 86_400).view("datetime64[s]")


def _times(wire: dict[str, Any]) -> pd.DatetimeIndex:
    utc = pd.DatetimeIndex(_moments(_double(wire), 1_000_000).view("datetime64[us]"), tz="UTC")
    return utc.tz_convert(wire["tz"] or "UTC")


def _spans(wire: dict[str, Any]) -> np.ndarray:
    return _moments(_double(wire), 1_000_000).view("timedelta64[us]")


def _frame(wire: dict[str, Any]) -> pd.DataFrame:
    names, columns = _items(wire["names"]), map(decode, wire["columns"])
    index = pd.RangeIndex(int(wire["rows"]))
    parts = [_column(column, index) for column in columns]
    frame = pd.concat(parts, axis=1) if parts else pd.DataFrame(index=index)
    frame.columns = pd.Index(names, dtype=object)
    return frame


def _column(values: Any, index: pd.RangeIndex) -> pd.Series:
    if isinstance(values, pd.Series):
        values = values.array
    if isinstance(values, list | np.ndarray) and np.ndim(values) != 1 or isinstance(values, list):
        return pd.Series(list(values), index=index, dtype=object)
    return pd.Series(values, index=index)


def _list(wire: dict[str, Any]) -> list[Any] | dict[str, Any]:
    values = [decode(item) for item in wire["values"]]
    if wire.get("names") is None:
        return values
    names = _items(wire["names"])
    if len(set(names)) < len(names) or not all(names):
        raise ValueError(f"the names of a list are {names}; give every item a name of its own")
    return dict(zip(names, values, strict=True))


def _ts(wire: dict[str, Any]) -> TimeSeries:
    start, end, frequency = map(float, _items(wire["tsp"]))
    names = None if wire.get("names") is None else _items(wire["names"])
    return TimeSeries(decode(wire["values"]), start, end, frequency, names)


DECODERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "logical": _whole,
    "integer": _whole,
    "integer64": _whole64,
    "double": _double,
    "character": lambda wire: Strings(_items(wire["values"])),
    "raw": lambda wire: b"".join(bytes(part) for part in _items(wire["buf"])),
    "factor": _factor,
    "Date": _dates,
    "POSIXct": _times,
    "difftime": _spans,
    "frame": _frame,
    "list": _list,
    "ts": _ts,
}


def _vector(kind: str, numbers: np.ndarray, **more: Any) -> Wire:
    data = numbers.ravel("F").data.cast("B") if numbers.size else memoryview(b"")
    starts = range(0, len(data), CHUNK_BYTES) or [0]
    dim = {} if numbers.ndim == 1 else {"dim": list(numbers.shape)}
    # bytearray, not bytes: reticulate makes strings of those.
    buf = [bytearray(data[start : start + CHUNK_BYTES]) for start in starts]
    return {"type": kind, "buf": buf} | dim | more


def _text(value: str | None) -> str | None:
    """Return a string as R can hold it: no NUL, no lone surrogate."""
    if value is None or (value.isascii() and "\0" not in value):
        return value
    return (
        value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


def _strings(values: Any) -> list[str | None]:
    return [_text(value) if isinstance(value, str) else None for value in values]


def _encode_whole(numbers: np.ndarray, missing: np.ndarray) -> Wire:
    known = np.where(missing, 0, numbers)
    widest = max(abs(int(known.max(initial=0))), abs(int(known.min(initial=0))))
    if widest < 2**31:
        return _vector("integer", np.where(missing, NA_INTEGER, known).astype("<i4"))
    if widest > WIDEST_WHOLE:
        raise OverflowError(f"{widest} is beyond 2**53, the widest whole number of R")
    doubles = known.astype("<f8")
    doubles[missing] = NA_DOUBLE
    return _vector("double", doubles)


def _encode_moments(values: pd.DatetimeIndex) -> Wire:
    missing = np.asarray(values.isna())
    zone = values.tz
    counts = values.tz_convert("UTC").tz_localize(None) if zone is not None else values
    exact = np.where(missing, 0, counts.as_unit("us").asi8)
    if zone is None and not (exact % (86_400 * 1_000_000)).any():
        days = exact / (86_400 * 1_000_000)
        return _vector("Date", np.where(missing, NA_DOUBLE, days).astype("<f8"))
    seconds = np.where(missing, NA_DOUBLE, exact / 1_000_000).astype("<f8")
    return _vector("POSIXct", seconds, tz=_zone_of_r(zone))


def _zone_of_r(zone: Any) -> str:
    """Return the zone's name in R; of fixed offsets, R knows whole hours, by the other sign."""
    offset = None if zone is None else zone.utcoffset(None)
    if offset is None:
        return "UTC" if zone is None else str(zone)
    hours, rest = divmod(offset.total_seconds(), 3600)
    return f"Etc/GMT{-int(hours):+d}" if hours and not rest else "UTC"


def _encode_spans(values: np.ndarray) -> Wire:
    spans = pd.TimedeltaIndex(values)
    missing = np.asarray(spans.isna())
    seconds = np.where(missing, 0, spans.as_unit("us").asi8) / 1_000_000
    return _vector("difftime", np.where(missing, NA_DOUBLE, seconds).astype("<f8"), units="secs")


def _encode_array(values: np.ndarray) -> Wire:
    if values.ndim == 0:
        values = values[None]
    kind = values.dtype.kind
    if kind == "b":
        return _vector("logical", values.astype("<i4"))
    if kind in "iu":
        return _encode_whole(values, np.zeros(values.shape, bool))
    if kind == "f":
        return _vector("double", values.astype("<f8"))
    if kind in "Mm":
        flat = values.ravel("F")
        wire = _encode_moments(pd.DatetimeIndex(flat)) if kind == "M" else _encode_spans(flat)
        return wire if values.ndim == 1 else {**(wire or {}), "dim": list(values.shape)}
    if kind not in "OU":
        raise TypeError(f"R has no form for an array of dtype {values.dtype}")
    flat = values.ravel(order="F")
    missing = pd.isna(flat) if kind == "O" else np.zeros(len(flat), bool)
    if all(gone or isinstance(item, str) for item, gone in zip(flat, missing, strict=True)):
        dim = {} if values.ndim == 1 else {"dim": list(values.shape)}
        return {"type": "character", "values": _strings(flat.tolist())} | dim
    if values.ndim > 1:
        raise TypeError(f"R has no form for an array of shape {values.shape} of Python's objects")
    return _encode_list(flat.tolist())


def _encode_extension(values: Any) -> Wire:
    """Encode pandas' own arrays."""
    if isinstance(values, pd.Categorical):
        codes = np.where(values.codes < 0, NA_INTEGER, values.codes.astype(np.int64) + 1)
        levels = [_text(str(level)) for level in values.categories]
        ordered = bool(values.ordered)
        return _vector("factor", codes.astype("<i4"), levels=levels, ordered=ordered)
    if isinstance(values, pd.arrays.DatetimeArray):
        return _encode_moments(pd.DatetimeIndex(values))
    missing = np.asarray(values.isna())
    kind = values.dtype.kind
    if kind == "b":
        truth = values.to_numpy(dtype=bool, na_value=False)
        return _vector("logical", np.where(missing, NA_INTEGER, truth).astype("<i4"))
    if kind in "iu":
        return _encode_whole(values.to_numpy(dtype=np.int64, na_value=0), missing)
    if kind == "f":
        known = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return _vector("double", np.where(missing, NA_DOUBLE, known).astype("<f8"))
    if isinstance(values.dtype, pd.StringDtype):
        return {"type": "character", "values": _strings(values.to_numpy(dtype=object))}
    return _encode_array(values.to_numpy())


def _encode_series(values: pd.Series) -> Wire:
    wire = _encode_extension(values.array)
    named = not isinstance(values.index, pd.RangeIndex)
    return wire | {"names": [_text(str(name)) for name in values.index]} if named else wire  # type: ignore[operator]


def _encode_frame(frame: pd.DataFrame) -> Wire:
    return {
        "type": "frame",
        "names": [_text(str(name)) for name in frame.columns],
        "rows": len(frame),
        "columns": [
            _encode_extension(frame.iloc[:, place].array) for place in range(frame.shape[1])
        ],
    }


def _encode_numbers(values: Any) -> Wire:
    numbers = np.asarray(values)
    if numbers.dtype.kind == "O":
        raise OverflowError(f"{values} is beyond 2**53, the widest whole number of R")
    return _encode_array(numbers)


def _encode_list(values: list[Any] | tuple[Any, ...]) -> Wire:
    kinds = {type(item) for item in values}
    if isinstance(values, Strings) or (str in kinds and kinds <= {str, type(None)}):
        return {"type": "character", "values": _strings(values)}
    if kinds == {bool} or (kinds and kinds <= {int, float}):
        return _encode_numbers(values)
    return {"type": "list", "values": [encode(item) for item in values], "names": None}


def _encode_dict(values: Mapping[str, Any]) -> Wire:
    names = [_text(str(name)) for name in values]
    return {"type": "list", "names": names, "values": [encode(item) for item in values.values()]}


def _encode_ts(series: TimeSeries) -> Wire:
    return {
        "type": "ts",
        "values": encode(series.values),
        "tsp": [float(series.start), float(series.end), float(series.frequency)],
        "names": series.names,
    }


ENCODERS: tuple[tuple[Any, Callable[[Any], Wire]], ...] = (
    ((bool, int, float, np.generic), _encode_numbers),
    (str, lambda value: {"type": "character", "values": _strings([value])}),
    ((bytes, bytearray), lambda value: {"type": "raw", "buf": [bytearray(value)]}),
    (np.ndarray, _encode_array),
    (pd.DataFrame, _encode_frame),
    (pd.Series, _encode_series),
    (pd.Index, lambda value: _encode_extension(value.array)),
    (pd.api.extensions.ExtensionArray, _encode_extension),
    ((list, tuple), _encode_list),
    (Mapping, _encode_dict),
    (TimeSeries, _encode_ts),
)
