"""The forms in which rows come that are texts, or texts cut into tokens already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from textseq.expressions import evaluate
from textseq.message_language import number_of
from textseq.text.inputs import from_arrow, refuse_one, text_fields
from textseq.text.odd_rows import (
    kind_of,
    odd_row,
    odd_table,
    odd_token,
    whole_texts,
)
from textseq.text.tokens import Tokens

# What a row is: a text, a list of tokens, or two texts.
TEXTS, TOKENS, PAIRS = "texts", "tokens", "pairs"

# One column of texts, or of their tokens.
Field = pl.Series | Tokens

_FRAMES = pd.DataFrame | pl.DataFrame
_COLUMNS = pd.Series | pd.Index | pd.api.extensions.ExtensionArray
_STRINGS = (pl.String, pl.Categorical, pl.Enum)
# White space within: few tokens have some, and few texts have none.
_OF_WORDS = r"\S\s+\S"


def read_rows(
    X: Any, name: str = "X", form: str | None = None, columns: tuple[str, ...] | None = None
) -> tuple[Field, ...]:
    """Return what rows hold: a column of texts or of their tokens, or two columns of texts.

    Whole numbers are tokens, too: ids that another tokenizer gave, of which each is its digits.

    Parameters
    ----------
    X : list, tuple, array, column, frame of one or two columns, or Tokens
        n strings; n lists of tokens, be they lists, tuples, arrays or columns, or rows of one
        array, or a column of lists, of pandas, polars, Arrow or Hugging Face; n pairs of texts.
    name : str, default "X"
        What error messages call it.
    form : {"texts", "tokens", "pairs"}, optional
        What the rows should be, where that is known; rows of another form are returned as what
        they are. It tells whether two strings are two tokens or two texts; without it they are
        texts where white space stands within one in most of the rows.
    columns : tuple of str, optional
        Names of the two columns of pairs, as ``text_fields`` takes them.

    Raises
    ------
    ValueError
        If a row is neither a text nor a list of tokens; the message says what to pass.

    Examples
    --------
    >>> [tokens] = read_rows([["so", "it"], []])
    >>> tokens.to_lists()
    [['so', 'it'], []]
    >>> read_rows(np.array([[17, 4], [4, 9]]))[0].to_lists()
    [['17', '4'], ['4', '9']]
    >>> [field.to_list() for field in read_rows([("who won?", "Ana won."), ("who?", "Bob did.")])]
    [['who won?', 'who?'], ['Ana won.', 'Bob did.']]
    """
    # Tokens say themselves what they are.
    if isinstance(X, Tokens):
        return (X,)
    rows = listed_rows(X, name)
    if not isinstance(rows, list):
        return text_fields(rows, name, columns)
    tokens = _tokens(rows, name)
    if tokens is None:
        return text_fields(rows, name)
    if form == TOKENS or not len(tokens.codes.values):
        return (tokens,)
    if isinstance(X, np.ndarray) and X.ndim == 2 and X.shape[1] == 1 and _hold_words(tokens).all():
        return (tokens.flat,)
    if form == PAIRS or (tokens.lengths == 2).all():
        return _pairs(tokens, name, form)
    # What is a token recurs.
    if form is None and are_texts(tokens) and 2 * len(tokens.distinct) > tokens.lengths.sum():
        raise whole_texts(tokens.to_lists(), name)
    return (tokens,)


def form_of(fields: tuple[Field, ...]) -> str:
    """Return which form ``read_rows`` found."""
    if len(fields) == 2:
        return PAIRS
    return TOKENS if isinstance(fields[0], Tokens) else TEXTS


def listed_rows(X: Any, name: str) -> list[Any] | pl.Series | pl.DataFrame | pd.DataFrame:
    """Return the rows of whatever has them in an order.

    Returns
    -------
    list, polars Series of strings, or frame of two columns of texts

    Raises
    ------
    ValueError
        If it has no rows in an order, or other columns.
    """
    refuse_one(X, name)
    if not isinstance(X, _FRAMES | _COLUMNS | pl.Series):
        X = from_arrow(X)
    if isinstance(X, _FRAMES):
        return _of_frame(X, name)
    if isinstance(X, pl.Series):
        return X if X.dtype in _STRINGS else X.to_list()
    if isinstance(X, _COLUMNS):
        return X.tolist()
    if isinstance(X, np.ndarray):
        if X.ndim not in (1, 2):
            raise ValueError(
                f"{name} has shape {X.shape}; pass texts, an array of shape (n,), or lists of "
                "tokens, one of shape (n, tokens)"
            )
        return X.tolist()
    names = X if isinstance(X, Mapping) else getattr(X, "column_names", None)
    if names is not None:
        raise odd_table(X, list(names), name)
    if isinstance(X, Set) or not hasattr(X, "__len__") or not hasattr(X, "__iter__"):
        raise ValueError(f"{name} is {kind_of(X)}; pass a list of texts, or of lists of tokens")
    return list(X)


def is_list(row: Any) -> bool:
    """Whether a row is a list, an array or a column of whatever."""
    if isinstance(row, str | bytes | bytearray | Mapping | Set | Iterator):
        return False
    if isinstance(row, np.ndarray):
        return row.ndim > 0
    return hasattr(row, "__len__") and hasattr(row, "__iter__")


def plain_list(row: Any) -> Any:
    """Return a row that is a list of any kind as one of Python's own values."""
    if isinstance(row, np.ndarray | _COLUMNS):
        return row.tolist()
    if not isinstance(row, pl.Series):
        row = from_arrow(row)
    return row.to_list() if isinstance(row, pl.Series) else row


def are_whole(types: set[type]) -> bool:
    """Whether values of these types are whole numbers, and there are some."""
    truth = (bool, np.bool_)
    return bool(types) and all(
        issubclass(one, int | np.integer) and not issubclass(one, truth) for one in types
    )


def are_texts(tokens: Tokens) -> bool:
    """Whether most of what should be tokens are of several words."""
    return bool(len(tokens.codes.values)) and bool(_hold_words(tokens).mean() > 0.5)


def _of_frame(frame: Any, name: str) -> Any:
    columns = list(frame.columns)
    parts = [frame[:, place] if isinstance(frame, pl.DataFrame) else frame.iloc[:, place]
             for place in range(len(columns))]  # fmt: skip
    if len(parts) == 1:
        return listed_rows(parts[0], name)
    if len(parts) == 2 and not any(is_list(one) for part in parts for one in part.head(1)):
        return frame
    raise odd_table(frame, columns, name)


def _tokens(rows: list[Any], name: str) -> Tokens | None:
    """Return lists of tokens as Tokens; None of texts."""
    if all(issubclass(kind, str) for kind in set(map(type, rows))):
        return None
    lists = [is_list(row) for row in rows]
    if not any(lists):
        # Of other values the reader of texts tells.
        strange = (isinstance(row, Mapping | Set | Iterator) for row in rows)
        if (place := next((place for place, odd in enumerate(strange) if odd), -1)) >= 0:
            raise odd_row(rows, place, name)
        return None
    if not all(lists):
        neither = (
            place for place, row in enumerate(rows) if not lists[place] and not isinstance(row, str)
        )
        raise odd_row(rows, next(neither, lists.index(not lists[0])), name)
    plain: list[Sequence[Any]] = [plain_list(row) for row in rows]
    lengths = np.fromiter(map(len, plain), np.int64, len(plain))
    flat = list(chain.from_iterable(plain))
    types = set(map(type, flat))
    if are_whole(types) and min(flat) >= 0:
        flat = list(map(str, flat))
    elif not all(issubclass(one, str) for one in types):
        raise odd_token(flat, lengths, name)
    return Tokens.from_flat(
        text_fields(flat, name)[0] if flat else pl.Series([], dtype=pl.String), lengths
    )


def _hold_words(tokens: Tokens) -> np.ndarray:
    """Return whether white space stands within each of all tokens (n_tokens,)."""
    words = evaluate(tokens.distinct, pl.first().str.contains(_OF_WORDS)).to_numpy()
    return words[tokens.codes.values]


def _pairs(tokens: Tokens, name: str, form: str | None) -> tuple[Field, ...]:
    """Return rows of two strings as two columns of texts, if they are texts."""
    odd = np.flatnonzero(tokens.lengths != 2)
    if len(odd):
        raise ValueError(
            f"{name}[{number_of(int(odd[0]))}] is a list of {tokens.lengths[odd[0]]}, and the "
            "model was fitted to two texts a row; pass two throughout"
        )
    if form != PAIRS and _hold_words(tokens).reshape(-1, 2).any(1).mean() < 0.5:
        return (tokens,)
    flat, places = tokens.flat, np.arange(len(tokens)) * 2
    return flat.gather(pl.Series(places)), flat.gather(pl.Series(places + 1))
