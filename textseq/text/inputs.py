"""What a caller may hand in as texts, turned into polars strings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from textseq.message_language import number_of
from textseq.text.odd_rows import is_missing, shown

_EXPECTED = (
    "a list of strings, a pandas, polars or Arrow column, a NumPy array, or for two texts a row "
    "a list of pairs or a DataFrame with two columns"
)


def text_fields(
    X: Any, name: str = "X", columns: tuple[str, ...] | None = None
) -> tuple[pl.Series, ...]:
    """Return the one or two texts of every row as polars strings.

    Parameters
    ----------
    X : list, tuple, ndarray, Series, DataFrame or other column
        ``n`` texts, or ``n`` pairs of texts: a list or tuple of ``n`` strings or of ``n``
        pairs; an array of shape (n,), (n, 1) or (n, 2); a pandas or polars Series, a pandas
        array, an Arrow array, or any other sequence; a pandas, polars or Arrow table with one
        or two columns. Texts may be empty. A lone surrogate, which UTF-8 cannot hold, becomes
        U+FFFD.
    name : str, default "X"
        What error messages call the argument.
    columns : tuple of str, optional
        Names of the two columns that are expected: a table with these names in another order
        is put into this one.

    Returns
    -------
    tuple of one or two Series, each of length n and dtype String
        With the names of a table's columns.

    Raises
    ------
    ValueError
        If there are no rows, a text is missing or not a string, the shape is another, or a
        table has two columns of other names.

    Examples
    --------
    >>> [field.to_list() for field in text_fields(["a b", ""])]
    [['a b', '']]
    >>> [field.to_list() for field in text_fields([("why?", "because"), ("who?", "me")])]
    [['why?', 'who?'], ['because', 'me']]
    """
    found = _columns(X, name)
    if len(found) not in (1, 2):
        raise ValueError(
            f"{name} has {len(found)} columns; name the one or two that hold the texts, "
            f"for example {name}[['text']]"
        )
    if len(found[0]) == 0:
        raise ValueError(f"{name} is empty; pass at least one text")
    names = _column_names(X, len(found))
    fields = tuple(
        _strings(column, name).alias(own) for column, own in zip(found, names, strict=True)
    )
    return _in_order(fields, columns, name)


def field_names(fields: tuple[Any, ...]) -> tuple[str, ...] | None:
    """Return the names of two columns of texts, or None where they have none to tell them apart."""
    names = tuple(getattr(field, "name", "") for field in fields)
    return names if len(names) == 2 and all(names) and len(set(names)) == 2 else None


def _in_order(
    fields: tuple[pl.Series, ...], columns: tuple[str, ...] | None, name: str
) -> tuple[pl.Series, ...]:
    """Put two named columns into the order that is expected."""
    names = field_names(fields)
    if columns is None or names is None or names == columns:
        return fields
    if set(names) != set(columns):
        raise ValueError(
            f"{name} has the columns {names[0]!r} and {names[1]!r}, but the texts that were "
            f"learned from {columns[0]!r} and {columns[1]!r}; rename them, or pass a list of "
            "pairs, which has no names"
        )
    return fields[::-1]


def _column_names(X: Any, n_columns: int) -> list[str]:
    """Return the names of a table's columns; of what has none, empty ones."""
    if isinstance(X, np.ndarray) or not hasattr(X, "columns"):
        return [""] * n_columns
    names = list(getattr(X, "column_names", X.columns))
    return [str(name) if isinstance(name, str) else "" for name in names]


def one_or_more(X: Any) -> Any:
    """Return a lone string as one text, and whatever else as it is.

    What answers for texts takes a lone one, which is how R hands over a vector of one; what
    learns from texts refuses it, since nothing is learned from one.
    """
    return [X] if isinstance(X, str) else X


def refuse_one(X: Any, name: str) -> None:
    """Raise ValueError if ``X`` is a lone string."""
    if isinstance(X, str | bytes):
        raise ValueError(f"{name} is a single string; pass a list of texts: [{shown(X)}]")


def _columns(X: Any, name: str) -> list[Any]:
    """Split any accepted form into its columns: polars Series or lists."""
    refuse_one(X, name)
    if not isinstance(X, pd.DataFrame | pd.Series | pl.DataFrame | pl.Series):
        X = from_arrow(X)
    if isinstance(X, pl.DataFrame):
        return X.get_columns()
    if isinstance(X, pl.Series):
        return [X]
    if isinstance(X, pd.DataFrame):
        return [X.iloc[:, column].tolist() for column in range(X.shape[1])]
    if isinstance(X, pd.Series | pd.Index):
        return [X.tolist()]
    if isinstance(X, np.ndarray):
        if X.ndim not in (1, 2):
            raise ValueError(
                f"{name} has shape {X.shape}; pass an array of shape (n,), (n, 1) or (n, 2)"
            )
        return [X.tolist()] if X.ndim == 1 else [column.tolist() for column in X.T]
    if hasattr(X, "__len__") and hasattr(X, "__getitem__") and not isinstance(X, Mapping):
        rows = list(X)
        return _pairs(rows, name) if rows and isinstance(rows[0], list | tuple) else [rows]
    raise ValueError(f"{name} is of type {type(X).__name__}; pass {_EXPECTED}")


def from_arrow(X: Any) -> Any:
    """Return Arrow's columns and tables as those of polars, and whatever else as it is.

    References
    ----------
    The Arrow PyCapsule interface, which needs no pyarrow.
    """
    if not hasattr(X, "__arrow_c_stream__") and not hasattr(X, "__arrow_c_array__"):
        return X
    return pl.DataFrame(X) if hasattr(X, "schema") else pl.Series(X)


def _pairs(rows: list[Any], name: str) -> list[list[Any]]:
    """Turn a list of pairs into two columns."""
    for number, row in enumerate(rows):
        if not isinstance(row, list | tuple) or len(row) != 2:
            raise ValueError(
                f"{name} is a list of pairs, but row {number_of(number)} is {shown(row)}; "
                "every row must hold two strings; of texts that are cut into tokens make "
                f"textseq.Tokens.from_lists({name})"
            )
    return [list(column) for column in zip(*rows, strict=True)]


def _strings(column: Any, name: str) -> pl.Series:
    """Check one column and return it as polars strings."""
    if isinstance(column, pl.Series):
        if column.dtype in (pl.Categorical, pl.Enum):
            column = column.cast(pl.String)
        values = None if column.dtype == pl.String else column.to_list()
        texts = column
    else:
        values = column
    if values is not None:
        try:
            texts = pl.Series(values, dtype=pl.String, strict=True)
        except UnicodeEncodeError:
            return _strings([_without_surrogates(value) for value in values], name)
        except (TypeError, ValueError, pl.exceptions.PolarsError):
            raise _not_text(values, name) from None
    if texts.null_count():
        raise _not_text(texts.to_list() if values is None else values, name)
    return texts


def _without_surrogates(value: Any) -> Any:
    """Join surrogate pairs and replace lone ones by U+FFFD."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _not_text(values: list[Any], name: str) -> ValueError:
    """Build the error that names the first value that is not a string."""
    rows = [row for row, value in enumerate(values) if not isinstance(value, str)]
    found, row = values[rows[0]], number_of(rows[0])
    count = f", the first of {len(rows)} such rows" if len(rows) > 1 else ""
    if is_missing(found):
        remedy = "drop those rows or replace by ''"
    elif isinstance(found, bytes):
        remedy = "decode bytes first, for example text.decode('utf-8')"
    else:
        remedy = "texts must be strings: convert them with str()"
    return ValueError(
        f"{name} holds {shown(found)} ({type(found).__name__}) at row {row}{count}; {remedy}"
    )
