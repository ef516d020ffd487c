"""What a caller may hand in as texts, turned into polars strings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl

_EXPECTED = (
    "a list of strings, a pandas or polars Series, a NumPy array, or for two texts a row "
    "a list of pairs or a DataFrame with two columns"
)


def text_fields(X: Any, name: str = "X") -> tuple[pl.Series, ...]:
    """Return the one or two texts of every row as polars strings.

    Parameters
    ----------
    X : list, tuple, ndarray, Series or DataFrame
        ``n`` texts, or ``n`` pairs of texts: a list or tuple of ``n`` strings or of ``n``
        pairs; an array of shape (n,), (n, 1) or (n, 2); a pandas or polars Series; a
        pandas or polars DataFrame with one or two columns. Texts may be empty. A lone
        surrogate, which UTF-8 cannot hold, becomes U+FFFD.
    name : str, default "X"
        What error messages call the argument.

    Returns
    -------
    tuple of one or two Series, each of length n and dtype String

    Raises
    ------
    ValueError
        If there are no rows, a text is missing or not a string, or the shape is another.

    Examples
    --------
    >>> [field.to_list() for field in text_fields(["a b", ""])]
    [['a b', '']]
    >>> [field.to_list() for field in text_fields([("why?", "because"), ("who?", "me")])]
    [['why?', 'who?'], ['because', 'me']]
    """
    columns = _columns(X, name)
    if len(columns) not in (1, 2):
        raise ValueError(
            f"{name} has {len(columns)} columns; name the one or two that hold the texts, "
            f"for example {name}[['text']]"
        )
    if len(columns[0]) == 0:
        raise ValueError(f"{name} is empty; pass at least one text")
    return tuple(_strings(column, name) for column in columns)


def one_or_more(X: Any) -> Any:
    """Return a lone string as one text, and whatever else as it is.

    What answers for texts takes a lone one, which is how R hands over a vector of one; what
    learns from texts refuses it, since nothing is learned from one.
    """
    return [X] if isinstance(X, str) else X


def refuse_one(X: Any, name: str) -> None:
    """Raise ValueError if ``X`` is a lone string."""
    if isinstance(X, str | bytes):
        raise ValueError(f"{name} is a single string; pass a list of texts: [{_shown(X)}]")


def _columns(X: Any, name: str) -> list[Any]:
    """Split any accepted form into its columns: polars Series or lists."""
    refuse_one(X, name)
    if isinstance(X, pl.DataFrame):
        return X.get_columns()
    if isinstance(X, pl.Series):
        return [X]
    if isinstance(X, pd.DataFrame):
        return [X.iloc[:, place].tolist() for place in range(X.shape[1])]
    if isinstance(X, pd.Series | pd.Index):
        return [X.tolist()]
    if isinstance(X, np.ndarray):
        if X.ndim not in (1, 2):
            raise ValueError(
                f"{name} has shape {X.shape}; pass an array of shape (n,), (n, 1) or (n, 2)"
            )
        return [X.tolist()] if X.ndim == 1 else [column.tolist() for column in X.T]
    if isinstance(X, list | tuple):
        return _pairs(X, name) if len(X) and isinstance(X[0], list | tuple) else [list(X)]
    raise ValueError(f"{name} is of type {type(X).__name__}; pass {_EXPECTED}")


def _pairs(rows: list[Any] | tuple[Any, ...], name: str) -> list[list[Any]]:
    """Turn a list of pairs into two columns."""
    for number, row in enumerate(rows):
        if not isinstance(row, list | tuple) or len(row) != 2:
            raise ValueError(
                f"{name} is a list of pairs, but row {number} is {_shown(row)}; "
                "every row must hold two strings"
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
    return texts.alias("")


def _without_surrogates(value: Any) -> Any:
    """Join surrogate pairs and replace lone ones by U+FFFD."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _not_text(values: list[Any], name: str) -> ValueError:
    """Build the error that names the first value that is not a string."""
    rows = [row for row, value in enumerate(values) if not isinstance(value, str)]
    found = values[rows[0]]
    count = f", the first of {len(rows)} such rows" if len(rows) > 1 else ""
    if found is None or found is pd.NA or found is pd.NaT or found != found:
        remedy = "drop those rows or replace by ''"
    elif isinstance(found, bytes):
        remedy = "decode bytes first, for example text.decode('utf-8')"
    else:
        remedy = "texts must be strings: convert them with str()"
    return ValueError(
        f"{name} holds {_shown(found)} ({type(found).__name__}) at row {rows[0]}{count}; {remedy}"
    )


def _shown(value: Any) -> str:
    """Return a value's repr, cut to a length that fits a message."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
