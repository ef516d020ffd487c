"""Labels of any type, read from what a caller has, and what of them a file can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl
from scipy import sparse

from textseq.text.inputs import from_arrow

# Types of labels that JSON has as they are.
PLAIN = (str, int, float, bool)
# How labels of other types are written and read: a closed list, as a file holds no code.
WRITTEN: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "bytes": (bytes, bytes.hex, bytes.fromhex),
    "date": (date, date.isoformat, date.fromisoformat),
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "time": (time, time.isoformat, time.fromisoformat),
    "Decimal": (Decimal, str, Decimal),
    "UUID": (UUID, str, UUID),
}
CONVERT = "make them strings, as by y.astype(str) or [str(label) for label in y]"


def label_array(y: Any, name: str = "y") -> np.ndarray:
    """Return labels (n,), or rows of indicators (n, n_labels), as an array that alters none.

    NumPy's own reading makes strings of ``["a", 1]``, floats of whole numbers beyond 2**63, and
    drops a NUL at the end of a string. Where it would, the array holds objects.

    Parameters
    ----------
    y : list, array, Series, frame, Arrow column, sparse matrix or other sequence
    name : str, default "y"
        What error messages call it.

    Raises
    ------
    ValueError
        If it is no sequence, or one of lists or sets of labels.

    Examples
    --------
    >>> label_array(["a", 1]).tolist()
    ['a', 1]
    """
    if sparse.issparse(y):
        return np.asarray(y.toarray())
    if isinstance(y, pl.Series) or not hasattr(y, "__array__") or hasattr(y, "__arrow_c_array__"):
        y = _plain_column(y)
    if hasattr(y, "__array__"):
        array = np.asarray(y)
        if array.dtype != object or array.ndim != 1:
            return array
        y = array
    elif not hasattr(y, "__len__") or isinstance(y, str | bytes | Mapping | Set):
        raise ValueError(
            f"{name} is of type {type(y).__name__}; pass a list, an array or a column, with one "
            "label for each row of X"
        )
    values = list(y)
    types = {type(value) for value in values}
    if any(issubclass(one, Mapping | Set | list | tuple | np.ndarray) for one in types):
        return _indicator_rows(values, name)
    # Objects stay objects, but for NumPy's scalars, as a column of mixed types holds them.
    if isinstance(y, np.ndarray) and not all(issubclass(one, np.generic) for one in types):
        return y
    return objects(values) if _altered(np.asarray(values), values, types) else np.asarray(values)


def check_label_types(labels: np.ndarray, name: str = "y") -> None:
    """Raise ValueError if labels (n,) are of a type that a model file has no form for."""
    kind, types = labels.dtype.kind, {type(value) for value in labels.ravel().tolist()}
    odd = next((one for one in types if one not in PLAIN and written_as(one) is None), None)
    if kind in "cV" or (kind == "f" and labels.dtype.itemsize > 8):
        odd = labels.dtype.type
    if kind not in "OcVf" or (odd is None and (len(types) < 2 or types <= set(PLAIN))):
        return
    if odd is None:
        raise ValueError(mixed_types(labels, name))
    shown = next(value for value in labels.tolist() if type(value) is odd or kind != "O")
    raise ValueError(
        f"{name} holds labels of type {odd.__name__}, such as {shown!r}, for which a model file "
        f"has no form; {CONVERT}"
    )


def check_label_values(labels: np.ndarray, name: str = "y") -> None:
    """Raise ValueError if a distinct label would not come back from a model file as it is."""
    for label in labels.tolist() if labels.dtype.kind in "OUT" else ():
        if isinstance(label, str) and label.encode("utf-8", "replace").decode() != label:
            raise ValueError(
                f"{name} holds the label {label!r}, with half of a surrogate pair, which UTF-8 and "
                "so a file can not hold; replace it: label.encode('utf-8', 'replace').decode()"
            )
        zone = getattr(label, "tzinfo", None)
        if zone is not None and type(label).fromisoformat(label.isoformat()).tzinfo != zone:
            raise ValueError(
                f"{name} holds times of the zone {zone}, for which a model file has no form; "
                f"{CONVERT}"
            )


def mixed_types(labels: np.ndarray, name: str = "y") -> str:
    """Return what to say of labels that can't be put in one order."""
    kinds = sorted({type(label).__name__ for label in labels.tolist()})
    return f"{name} mixes labels of types {', '.join(kinds)}; make them all strings"


def _plain_column(y: Any) -> Any:
    """Return a column of polars or Arrow as a list where NumPy has no form for its values."""
    y = from_arrow(y)
    if isinstance(y, pl.Series):
        zoned = getattr(y.dtype, "time_zone", None) is not None
        if zoned or y.dtype.is_nested() or y.dtype == pl.Int128:
            return y.to_list()
    return y


def _indicator_rows(rows: list[Any], name: str) -> np.ndarray:
    """Return rows of numbers, or of one label, as a matrix; refuse rows of anything else."""
    try:
        matrix = np.array([list(row) for row in rows])
    except (TypeError, ValueError):  # rows of several lengths
        matrix = np.array("")
    sets = any(isinstance(row, Set | Mapping) for row in rows)
    if matrix.ndim == 2 and not sets and (matrix.shape[1] == 1 or matrix.dtype.kind in "biuf"):
        return matrix
    odd = next(row for row in rows if isinstance(row, Sequence | Set | Mapping | np.ndarray))
    raise ValueError(
        f"{name} holds {str(odd)[:60]}, a {type(odd).__name__}; if it lists the labels of a row, "
        "make an indicator matrix: sklearn.preprocessing.MultiLabelBinarizer().fit_transform("
        f"{name}); if it is one label, make it a string"
    )


def _altered(array: np.ndarray, values: list[Any], types: set[type]) -> bool:
    """Whether NumPy made something else of labels than they were."""
    strings = sum(issubclass(one, str) for one in types)
    if array.ndim != 1 or 0 < strings < len(types):
        return True
    if array.dtype.kind == "f":
        return all(issubclass(one, int | np.integer) for one in types)
    return array.dtype.kind in "US" and array.tolist() != values


def written_as(kind: type) -> str | None:
    """Return the name in ``WRITTEN`` of a type of labels; None for one that is not there."""
    return next((name for name, (one, _, _) in WRITTEN.items() if one is kind), None)


def objects(values: Sequence[Any]) -> np.ndarray:
    """Return values as an array of objects."""
    return np.fromiter(values, dtype=object, count=len(values))
