"""Rows with a tag a step, as the caller has them and as the network reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from textseq.labels.inputs import label_array
from textseq.message_language import number_of
from textseq.ragged import Ragged, offsets_of
from textseq.series.inputs import series_rows
from textseq.text.inputs import text_fields
from textseq.text.tokens import Tokens

# Tokens, or the numbers (n_steps, n_channels) of frames.
Steps = Tokens | Ragged

_EXPECTED = "lists of tokens, or arrays of frames of shape (channels, time_i)"


@dataclass(frozen=True, eq=False)
class StepRows:
    """What the network reads of rows that have no tags yet.

    Parameters
    ----------
    inputs : Ragged
        Token ids, or numbers (n_steps, n_inputs).
    firsts : Ragged of int64, optional
        Where inputs are pieces of words: the place of each word's first piece within its row.
    """

    inputs: Ragged
    firsts: Ragged | None = None

    targets = None
    weights = None

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def lengths(self) -> np.ndarray:
        """Inputs of each row, shape (n_rows,)."""
        return self.inputs.lengths

    @property
    def n_steps(self) -> int:
        """Inputs of all rows together."""
        return len(self.inputs.values)

    @property
    def steps(self) -> Ragged:
        """What has tags of each row: words, where inputs are pieces of them."""
        return self.inputs if self.firsts is None else self.firsts

    def take(self, rows: np.ndarray) -> StepRows:
        """Copy the named rows."""
        firsts = None if self.firsts is None else self.firsts.take(rows)
        return StepRows(self.inputs.take(rows), firsts)

    def arrays(self) -> list[tuple[np.ndarray, ...]]:
        """Return inputs end to end and offsets, and of pieces likewise where words begin."""
        inputs = self.inputs.values, self.inputs.offsets
        if self.firsts is None:
            return [inputs]
        return [(*inputs, self.firsts.values, self.firsts.offsets)]


@dataclass(frozen=True, eq=False)
class TaggedRows:
    """What the network reads of rows, and the tags it should give.

    Parameters
    ----------
    inputs : StepRows
    tags : Ragged of int64
        The class number of each step's tag.
    weights : ndarray of shape (n_rows,), float32
        A row's steps, or what they count for, divided by its mean over the data.
    """

    inputs: StepRows
    tags: Ragged
    weights: np.ndarray

    @classmethod
    def of_all(
        cls, inputs: StepRows, tags: np.ndarray, class_weights: np.ndarray | None = None
    ) -> TaggedRows:
        """Take all rows of a data set, with tags (n_steps,) end to end.

        Steps count alike, or by ``class_weights`` (n_classes,).
        """
        steps = inputs.steps
        if class_weights is None:
            weights = steps.lengths / steps.lengths.mean()
        else:
            sums = np.append(0.0, class_weights[tags].cumsum())[steps.offsets]
            if not sums[-1]:
                raise ValueError("class_weight is 0 for the tag of every step; raise one")
            weights = np.diff(sums) / (sums[-1] / len(steps))
        return cls(inputs, Ragged(tags, steps.offsets), weights.astype(np.float32))

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def targets(self) -> np.ndarray:
        """Nothing of its own: the network reads the tags, and answers by its losses."""
        return np.zeros(len(self), dtype=np.int64)

    @property
    def lengths(self) -> np.ndarray:
        """Inputs of each row, shape (n_rows,)."""
        return self.inputs.lengths

    @property
    def n_steps(self) -> int:
        """Inputs of all rows together."""
        return self.inputs.n_steps

    def take(self, rows: np.ndarray) -> TaggedRows:
        """Copy the named rows."""
        return TaggedRows(self.inputs.take(rows), self.tags.take(rows), self.weights[rows])

    def arrays(self) -> list[tuple[np.ndarray, ...]]:
        """Return what ``StepRows`` does, and the tags behind it."""
        ((inputs, *others),) = self.inputs.arrays()
        return [(inputs, *others, self.tags.values)]


def read_steps(X: Any, name: str = "X") -> Steps:
    """Return the rows of ``X``, which are all of tokens or all of frames.

    Parameters
    ----------
    X : Tokens, or a list, Series or array of rows
        Rows of strings, or arrays of numbers of shape (channels, time_i).
    name : str, default "X"
        What error messages call the argument.

    Raises
    ------
    ValueError
        If a row is neither, or a token is no string.

    Examples
    --------
    >>> read_steps([["so", "it"], []]).lengths.tolist()
    [2, 0]
    >>> read_steps([[[0.1, 0.2, 0.3], [1.0, 2.0, 3.0]]]).values.shape  # 3 frames of 2 channels
    (3, 2)
    """
    if isinstance(X, Tokens):
        return X
    if isinstance(X, np.ndarray) and X.dtype != object:
        return series_rows(X, name)
    rows = _rows_of(X, name)
    first = next((row for row in rows if len(row)), ())
    if len(first) and not isinstance(first[0], str):
        return series_rows(rows, name)
    flat = list(chain.from_iterable(rows))
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    for index, token in enumerate(flat):
        if not isinstance(token, str):
            where = _position(lengths, index)
            raise ValueError(f"{name}{where} is {token!r}, no string; pass {_EXPECTED}")
    tokens = text_fields(flat, name)[0] if flat else pl.Series([], dtype=pl.String)
    return Tokens.from_flat(tokens, lengths)


def read_tags(y: Any, lengths: np.ndarray, name: str = "y") -> np.ndarray:
    """Return the tags of all rows end to end, checked to be one a step.

    Parameters
    ----------
    y : Tokens, or a list, Series or array of rows of tags
    lengths : ndarray of shape (n_rows,)
        Steps of each row.

    Raises
    ------
    ValueError
        If rows or steps and tags differ in number, or a tag is missing.

    Examples
    --------
    >>> read_tags([["O", "B"], []], np.array([2, 0])).tolist()
    ['O', 'B']
    """
    rows = y.to_lists() if isinstance(y, Tokens) else _rows_of(y, name)
    if len(rows) != len(lengths):
        raise ValueError(f"X has {len(lengths)} rows but {name} has {len(rows)}; pass tags of each")
    for row, (own, length) in enumerate(zip(rows, lengths, strict=True)):
        if len(own) != length:
            raise ValueError(
                f"row {number_of(row)} has {length} steps but {len(own)} tags; "
                "every step needs one tag"
            )
    parts: list[Any] = [row.tolist() if isinstance(row, np.ndarray) else row for row in rows]
    tags = label_array(list(chain.from_iterable(parts)), name)
    if tags.ndim > 1:
        raise ValueError(f"a tag of {name} is a list itself; pass one tag a step")
    missing = np.flatnonzero(pd.isna(tags))
    if len(missing):
        where = _position(lengths, int(missing[0]))
        raise ValueError(f"{name}{where} is missing; give every step a tag")
    if tags.dtype == object:
        strings = [isinstance(tag, str) for tag in tags.tolist()]
        if any(strings) and not all(strings):
            odd = strings.index(False)
            where = _position(lengths, odd)
            raise ValueError(
                f"{name}{where} is {tags[odd]!r}, and others are strings; make all strings"
            )
    return tags


def _rows_of(rows: Any, name: str) -> list[Sequence[Any]]:
    if isinstance(rows, str) or not hasattr(rows, "__len__") or isinstance(rows, dict):
        raise ValueError(f"{name} is {type(rows).__name__}; pass {_EXPECTED}")
    listed = rows.to_list() if isinstance(rows, pl.Series | pd.Series) else list(rows)
    for row, steps in enumerate(listed):
        if isinstance(steps, str):
            raise ValueError(
                f"{name}[{number_of(row)}] is one string, {steps[:20]!r}; cut it first: "
                "list(text) gives characters, textseq.Tokenizer().tokenize(texts) words"
            )
        if not hasattr(steps, "__len__"):
            raise ValueError(f"{name}[{number_of(row)}] is {steps!r}; pass {_EXPECTED}")
    return listed


def _position(lengths: np.ndarray, flat: int) -> str:
    """Return the row, and the step within it, of a place among all steps, as ``[row][step]``."""
    offsets = offsets_of(lengths)
    row = int(np.searchsorted(offsets, flat, side="right")) - 1
    return f"[{number_of(row)}][{number_of(flat - offsets[row])}]"
