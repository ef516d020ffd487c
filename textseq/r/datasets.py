"""R's data as pandas: data sets by name, and objects that rpy2 holds."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from textseq.r.serialization import unpack
from textseq.r.wire import decode
from textseq.r_session import require_package, start_r

# Periods a year that are told as dates, from the first year that R's own data have on:
# ts() counts from 1 where no year is given.
MONTHS: dict[float, int] = {1: 12, 4: 3, 12: 1}
FIRST_YEAR, LAST_YEAR = 1000, 9999
_READ = """
function(folder) {
  here <- new.env(parent = baseenv())
  for (file in c("wire.R", "values.R")) sys.source(file.path(folder, file), here)
  here
}
"""


def r_dataset(name: str, package: str = "datasets") -> Any:
    """Return a data set of one of R's packages, its types kept.

    Parameters
    ----------
    name : str
    package : str, default "datasets"
        Package of R that holds it.

    Returns
    -------
    DataFrame, Series, array, list or dict
        As ``to_pandas`` returns it; a time series is a frame as ``Forecaster`` takes it.

    Raises
    ------
    ImportError
        If rpy2, R or the package is missing, or rpy2 does not fit R.
    RuntimeError
        If called from another thread than the main one, or from a Python that an older
        reticulate runs inside of R.
    ValueError
        If the package has no such data set.

    Examples
    --------
    >>> r_dataset("AirPassengers").head(2)
              ds      y
    0 1949-01-01  112.0
    1 1949-02-01  118.0
    """
    interface = start_r("r_dataset")
    require_package(interface, package, "r_dataset")
    arguments = (interface.StrSexpVector([text]) for text in (name, package))
    found = pandas_value(_answer(_r_functions()["dataset_bytes"](*arguments), name))
    if "dataset" in found:
        return found["dataset"]
    near = difflib.get_close_matches(name, found["known"], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(
        f"R's package {package} has no data set {name!r}{hint} "
        f'In R, data(package = "{package}") lists them'
    )


def to_pandas(r_object: Any) -> Any:
    """Return an object of R that rpy2 holds as pandas has it, its types kept.

    Parameters
    ----------
    r_object : Sexp
        Any of rpy2's objects that is data: a data frame, tibble, matrix, table, time series,
        vector, factor or list.

    Returns
    -------
    DataFrame
        Of a data frame or a matrix; the index has the names of rows, if there are any. A table
        is a frame of its factors and ``Freq``. A ``ts`` has the columns ``ds`` and ``y``, and
        of several series ``unique_id``, one below the other: ``ds`` are dates where they are
        yearly, quarterly or monthly, of a year from 1000 on, and 1, 2, ... otherwise. Its
        ``attrs`` have R's ``start`` and ``frequency``.
    Series
        Of a vector of any length, its names the index.
    array
        Of numbers in three dimensions or more.
    list or dict
        Of a list without and with names.

    Raises
    ------
    TypeError
        If it is none of these, for example a function.
    RuntimeError
        If called from another thread than the main one.

    Notes
    -----
    Whole numbers with NA are Int64, logicals with NA boolean, missing strings None or NaN, as
    pandas has them. Factors are Categorical, ordered or not; Date is datetime64, POSIXct has its
    time zone, difftime is timedelta64.

    Examples
    --------
    >>> from textseq.r_session import start_r
    >>> rinterface = start_r("this example")
    >>> to_pandas(rinterface.evalr('data.frame(n = c(1L, NA), f = factor(c("a", "b")))')).dtypes
    n       Int64
    f    category
    dtype: object
    """
    interface = start_r("to_pandas")
    if not isinstance(r_object, interface.Sexp):
        raise TypeError(
            f"to_pandas takes objects of rpy2, got {type(r_object).__name__}; "
            "r_dataset(name) returns R's data sets"
        )
    answer = _r_functions()["told_bytes"](r_object)
    return pandas_value(_answer(answer, f"a value of R's type {r_object.typeof.name}"))


def pandas_value(told: dict[str, Any]) -> Any:
    """Return what ``tell`` of ``values.R`` told of a value, as ``to_pandas`` does."""
    if "frame" in told:
        return _frame(told)
    if "ts" in told:
        return _long_frame(told)
    if "list" in told:
        items = told["list"]
        if isinstance(items, dict):
            return {name: pandas_value(item) for name, item in items.items()}
        return [pandas_value(item) for item in items]
    return _vector(told["vector"])


@cache
def _r_functions() -> dict[str, Any]:
    """Return the functions of the two files of R, which lie in an environment of their own."""
    interface = start_r("textseq.r")
    folder = interface.StrSexpVector([str(Path(__file__).parent)])
    functions = interface.evalr(_READ)(folder)
    return {name: functions[name] for name in ("told_bytes", "dataset_bytes")}


def _answer(told: Any, what: str) -> Any:
    if isinstance(told[0], str):
        raise TypeError(f"{what} has no form that pandas knows: {told[0]}")
    return decode(unpack(bytes(told)))


def _frame(told: dict[str, Any]) -> pd.DataFrame:
    # Strings are of pandas' own type, if it has one.
    frame: pd.DataFrame = told["frame"].infer_objects()
    columns, rows = told["columns"], told["rows"]
    frame.columns = pd.RangeIndex(frame.shape[1]) if columns is None else pd.Index(columns)
    return frame if rows is None else frame.set_axis(pd.Index(rows), axis=0)


def _vector(values: Any) -> Any:
    if values is None or isinstance(values, bytes) or np.ndim(values) > 1:
        return values
    return pd.Series(values, dtype=object if isinstance(values, list) else None).infer_objects()


def _long_frame(told: dict[str, Any]) -> pd.DataFrame:
    columns, names = told["ts"], told["names"]
    start, _, frequency = told["tsp"]
    times = _times(start, frequency, len(columns))
    parts = []
    for place, column in enumerate(columns):
        part = pd.DataFrame({"ds": times, "y": columns[column]})
        if columns.shape[1] > 1 or names is not None:
            part.insert(0, "unique_id", column if names is None else names[place])
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    frame.attrs = {"start": float(start), "frequency": float(frequency)}
    return frame


def _times(start: float, frequency: float, n: int) -> np.ndarray:
    """Return firsts of months where the times are such, and 1, 2, ... otherwise."""
    months = MONTHS.get(frequency)
    first = round(start * frequency)
    # ts() itself takes times as equal that are 1e-5 periods apart.
    whole = months is not None and abs(start * frequency - first) < 1e-4
    if not whole or start < FIRST_YEAR or start + n / frequency > LAST_YEAR:
        return np.arange(1, n + 1)
    assert months is not None
    since_1970 = (first + np.arange(n)) * months - 1970 * 12
    return since_1970.astype("datetime64[M]").astype("datetime64[s]")
