"""What is said of rows that are neither texts nor lists of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

import numpy as np
import pandas as pd

from textseq.message_language import number_of
from textseq.ragged import offsets_of

# Letters of a value that a message shows.
LONGEST_SHOWN = 60


def odd_row(rows: Sequence[Any], place: int, name: str) -> ValueError:
    """Return the error of a row that is no text or list, or no list where another is one."""
    row, where = rows[place], f"{name}[{number_of(place)}]"
    if isinstance(row, Mapping):
        key = _column_of(row)
        return ValueError(
            f"{where} is a dict of {_names(list(row))}, as the rows of a data set are; pass one "
            f"column of texts or tokens: [row[{key!r}] for row in {name}]"
        )
    if isinstance(row, Set | Iterator):
        return ValueError(f"{where} is {kind_of(row)}; pass a list of tokens there")
    if is_missing(row):
        return ValueError(f"{where} is missing ({row!r}); drop such rows, from what is beside, too")
    if isinstance(row, bytes | bytearray):
        return ValueError(f"{where} is bytes; decode them first, for example text.decode('utf-8')")
    what = f"is {shown(row)}, {'a text' if isinstance(row, str) else type(row).__name__}"
    if isinstance(row, list | tuple | np.ndarray):
        what = "is a list of tokens"
    other = "a text" if isinstance(rows[0], str) else "a list of tokens"
    return ValueError(
        f"{where} {what}, but {name}[{number_of(0)}] is {other}; pass texts, or lists of tokens, "
        "throughout"
    )


def odd_token(flat: Sequence[Any], lengths: np.ndarray, name: str) -> ValueError:
    """Return the error of the first token that is no string.

    Parameters
    ----------
    flat : sequence of n_tokens
        All rows end to end.
    lengths : ndarray of shape (n_rows,)
    name : str
        What the message calls the rows.
    """
    strings = sum(isinstance(token, str) for token in flat)
    place = next(place for place, token in enumerate(flat) if _is_odd(token, strings))
    token, where = flat[place], position(lengths, place, name)
    if isinstance(token, Mapping):
        key = next((key for key in ("word", "token", "text", "form") if key in token), None)
        key = next(iter(token), "word") if key is None else key
        return ValueError(
            f"{where} is a dict of features, {shown(token)}; a token is one string: "
            f"[[token[{key!r}] for token in row] for row in {name}]"
        )
    if isinstance(token, list | tuple) and len(token) and isinstance(token[0], str):
        return ValueError(
            f"{where} is {shown(token)}, no string; a token is one string, and a tag stands apart: "
            f"[[token for token, *_ in row] for row in {name}]"
        )
    if isinstance(token, bytes | bytearray):
        return ValueError(
            f"{where} is {shown(token)}, no string; decode bytes first, for example "
            "token.decode('utf-8')"
        )
    if is_missing(token):
        return ValueError(f"{where} is {token!r}, no string but a missing token; leave it out")
    if isinstance(token, int | float | np.number):
        return ValueError(
            f"{where} is {token!r}, no string; if it is a token, make it one: "
            f"[[str(token) for token in row] for row in {name}]"
        )
    return ValueError(
        f"{where} is {shown(token)}, no string; pass texts, or lists of tokens that are strings"
    )


def odd_table(table: Any, columns: list[Any], name: str) -> ValueError:
    """Return the error of a table of which one column was meant."""
    key = _column_of(table) if isinstance(table, Mapping) else columns[0] if columns else "text"
    known = ("tokens", "words", "text", "token", "word")
    key = next((one for one in known if one in columns), key)
    frame = hasattr(table, "columns")
    lists = f"; of a row a token make lists first: {name}.groupby('sentence')[{key!r}].agg(list)"
    return ValueError(
        f"{name} is a {'frame' if frame else type(table).__name__} with the columns "
        f"{_names(columns)}; pass one column, of texts or of lists of tokens: {name}[{key!r}]"
        f"{lists if frame else ''}"
    )


def whole_texts(rows: list[list[str]], name: str, *, fitted: bool = False) -> ValueError:
    """Return the error of lists of texts where lists of tokens belong.

    ``fitted`` tells that a model was fitted to such lists.
    """
    text = next(token for row in rows for token in row if len(token.split()) > 1)
    remedy = f"pass one text a row, [' '.join(row) for row in {name}], or lists of tokens"
    if fitted:
        remedy = "the model was fitted to lists of tokens; cut the texts into such"
    return ValueError(
        f"{name} has lists of whole texts, such as {shown(text)}; {remedy}; if each is a token, "
        f"say so by textseq.Tokens.from_lists({name})"
    )


def position(lengths: np.ndarray, flat: int, name: str) -> str:
    """Return the row, and the place within it, of one among all tokens: ``name[row][place]``."""
    offsets = offsets_of(lengths)
    row = int(np.searchsorted(offsets, flat, side="right")) - 1
    return f"{name}[{number_of(row)}][{number_of(int(flat - offsets[row]))}]"


def is_missing(value: Any) -> bool:
    """Whether a value is None, NaN or one of pandas' own."""
    return (
        value is None
        or value is pd.NA
        or value is pd.NaT
        # Of NaN and NaT, whatever their types, only that they are not equal to themselves.
        or (not hasattr(value, "__len__") and bool(value != value))
    )


def kind_of(value: Any) -> str:
    """Return what a value is that has no rows in an order."""
    kind = type(value).__name__
    if isinstance(value, Set):
        return f"a {kind}, which has no order"
    if isinstance(value, Iterator):
        return f"a {kind}, which can be read only once: make a list of it, list(...)"
    return f"of type {kind}"


def shown(value: Any) -> str:
    """Return a value's repr, cut to a length that fits a message."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


def _is_odd(token: Any, strings: int) -> bool:
    """Whether a token is no string, nor of whole numbers alone one."""
    if isinstance(token, str):
        return False
    if strings or isinstance(token, bool) or not isinstance(token, int | np.integer):
        return True
    return bool(token < 0)


def _column_of(row: Mapping[Any, Any]) -> Any:
    """Return the key of a row's texts or tokens, as far as can be told."""
    lists = (key for key, value in row.items() if isinstance(value, list | tuple | np.ndarray))
    return next(lists, next((key for key, value in row.items() if isinstance(value, str)), "text"))


def _names(columns: list[Any]) -> str:
    few = ", ".join(map(repr, columns[:6]))
    return few + (", ..." if len(columns) > 6 else "")
