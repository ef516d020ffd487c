"""Rows with a tag a step, as the caller has them and as the network reads them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from textseq.labels.inputs import label_array
from textseq.message_language import number_of
from textseq.ragged import Ragged
from textseq.series.inputs import series_rows
from textseq.text.odd_rows import is_missing, kind_of, odd_row, odd_table, position, shown
from textseq.text.row_forms import TOKENS, are_whole, is_list, listed_rows, plain_list, read_rows
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import UNKNOWN_ID
from textseq.text.word_characters import WordCharacters

# Tokens, or the numbers (n_steps, n_channels) of frames.
Steps = Tokens | Ragged

_EXPECTED = "lists of tokens, or arrays of frames of shape (channels, time_i)"
# Whole numbers are no ids if so many or more correlate with those before them.
_FEWEST_NEIGHBOURS, _NEAR = 50, 0.5


@dataclass(frozen=True, eq=False)
class StepRows:
    """What the network reads of rows that have no tags yet.

    Parameters
    ----------
    inputs : Ragged
        Token ids, or numbers (n_steps, n_inputs).
    firsts : Ragged of int64, optional
        Where inputs are pieces of words: the place of each word's first piece within its row.
    forms : Ragged of int32, optional
        Where the characters of words are read: the number of each word's form in ``spelled``.
    spelled : WordCharacters, optional
        Of the distinct forms.
    """

    inputs: Ragged
    firsts: Ragged | None = None
    forms: Ragged | None = None
    spelled: WordCharacters | None = None

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
        forms = None if self.forms is None else self.forms.take(rows)
        return StepRows(self.inputs.take(rows), firsts, forms, self.spelled)

    def arrays(self) -> list[tuple[np.ndarray, ...]]:
        """Return inputs end to end and offsets, and what the network reads beside them.

        Of pieces of words likewise where words begin; of words with characters the number (n_ids,)
        of each one's form among those of these rows, and the characters, offsets and shapes of
        these forms, each once.
        """
        inputs = self.inputs.values, self.inputs.offsets
        if self.firsts is not None:
            return [(*inputs, self.firsts.values, self.firsts.offsets)]
        if self.forms is None or self.spelled is None:
            return [inputs]
        distinct, own = np.unique(self.forms.values, return_inverse=True)
        spelled = self.spelled.take(distinct)
        characters = spelled.characters.values, spelled.characters.offsets
        return [(*inputs, own, *characters, spelled.shapes)]


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
    unknown_shares : ndarray of shape (n_steps,), optional
        How often an epoch reads each input as unknown.
    """

    inputs: StepRows
    tags: Ragged
    weights: np.ndarray
    unknown_shares: np.ndarray | None = None

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

    def drawn(self, rng: np.random.Generator, done: float) -> TaggedRows:
        """Return what an epoch reads: some of the rare words as unknown, drawn anew.

        What is rare is soon known by heart; as unknown it tells what new words are like.

        References
        ----------
        Lample et al. (2016), "Neural Architectures for Named Entity Recognition", section 4.3.
        """
        if self.unknown_shares is None:
            return self
        ids, places = self.inputs.inputs, np.flatnonzero(self.unknown_shares)
        values = ids.values.copy()
        values[places[rng.random(len(places)) < self.unknown_shares[places]]] = UNKNOWN_ID
        inputs = replace(self.inputs, inputs=Ragged(values, ids.offsets))
        return TaggedRows(inputs, self.tags, self.weights)

    def take(self, rows: np.ndarray) -> TaggedRows:
        """Copy the named rows."""
        return TaggedRows(self.inputs.take(rows), self.tags.take(rows), self.weights[rows])

    def arrays(self) -> list[tuple[np.ndarray, ...]]:
        """Return what ``StepRows`` does, and the tags behind it."""
        ((inputs, *others),) = self.inputs.arrays()
        return [(inputs, *others, self.tags.values)]


def read_steps(X: Any, name: str = "X", of_frames: bool | None = None) -> Steps:
    """Return rows as Tokens, or arrays of numbers as the frames of series.

    Parameters
    ----------
    X : Tokens, or a list, column or array of rows
        Rows of tokens, in any form that ``read_rows`` knows, ids of whole numbers among them; or
        arrays of numbers of shape (channels, time_i).
    name : str, default "X"
        What error messages call the argument.
    of_frames : bool, optional
        Whether a model was fitted to frames: then whole numbers are numbers, too.

    Raises
    ------
    ValueError
        If a row is neither, or a token is no string.

    Examples
    --------
    >>> read_steps([["so", "it"], []]).lengths.tolist()
    [2, 0]
    >>> read_steps([[17, 4], [9]]).to_lists()
    [['17', '4'], ['9']]
    >>> read_steps([[[0.1, 0.2, 0.3], [1.0, 2.0, 3.0]]]).values.shape  # 3 frames of 2 channels
    (3, 2)
    """
    _refuse_string(X, name, "words")
    kind = _kind_of_steps(X, name)
    if kind == "frames" or (kind == "ids" and of_frames):
        return series_rows(X, name)
    if isinstance(X, Tokens):
        return X
    rows = listed_rows(X, name)
    if not len(rows):
        return Tokens.from_lists([])
    [tokens] = read_rows(_lists_alone(rows, name), name, TOKENS)
    assert isinstance(tokens, Tokens)
    if kind == "ids" and of_frames is None:
        _warn_of_measurements(tokens, name)
    return tokens


def read_tags(y: Any, lengths: np.ndarray, name: str = "y") -> np.ndarray:
    """Return the tags of all rows end to end, checked to be one a step.

    Parameters
    ----------
    y : Tokens, or a list, column or array of rows of tags
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
    _refuse_string(y, name, "tags")
    rows: Any = y.to_lists() if isinstance(y, Tokens) else listed_rows(y, name)
    for row, own in enumerate(rows):
        if not is_list(own):
            raise ValueError(
                f"{name}[{number_of(row)}] is {_described(own)}; pass the tags of each row as a "
                "list of them: [['O', 'B'], ['O']], tags.split() of those in one string"
            )
    if len(rows) != len(lengths):
        raise ValueError(f"X has {len(lengths)} rows but {name} has {len(rows)}; pass tags of each")
    parts = [plain_list(row) for row in rows]
    for row, (own, length) in enumerate(zip(parts, lengths, strict=True)):
        if len(own) != length:
            raise ValueError(
                f"row {number_of(row)} has {length} steps but {len(own)} tags; "
                "every step needs one tag"
            )
    tags = label_array(list(chain.from_iterable(parts)), name)
    if tags.ndim > 1:
        raise ValueError(f"a tag of {name} is a list itself; pass one tag a step")
    missing = np.flatnonzero(pd.isna(tags))
    if len(missing):
        where = position(lengths, int(missing[0]), name)
        raise ValueError(f"{where} is missing; give every step a tag")
    if tags.dtype == object:
        strings = [isinstance(tag, str) for tag in tags.tolist()]
        if any(strings) and not all(strings):
            odd = strings.index(False)
            where = position(lengths, odd, name)
            raise ValueError(f"{where} is {tags[odd]!r}, and others are strings; make all strings")
    return tags


def _kind_of_steps(X: Any, name: str) -> str:
    """Return whether rows are of "tokens", of whole numbers that may be "ids", or of "frames"."""
    if isinstance(X, Tokens):
        return "tokens"
    if isinstance(X, np.ndarray) and X.dtype != object:
        if X.dtype.kind in "iu" and X.ndim == 2:
            return "frames" if X.size and X.min() < 0 else "ids"
        return "frames" if X.dtype.kind in "iufb" else "tokens"
    if isinstance(X, pd.DataFrame | pl.DataFrame):
        kinds = [pd.api.types.is_numeric_dtype(dtype) if isinstance(X, pd.DataFrame) else
                 dtype.is_numeric() for dtype in X.dtypes]  # fmt: skip
        return "frames" if kinds and all(kinds) else "tokens"
    if isinstance(X, np.ndarray) and X.ndim > 2:
        return "frames"
    return _kind_of_rows(listed_rows(X, name))


def _kind_of_rows(rows: Any) -> str:
    """Return what ``_kind_of_steps`` does, of listed rows."""
    if isinstance(rows, pl.Series | pd.DataFrame | pl.DataFrame):
        return "tokens"
    types: set[type] = set()
    smallest = 0
    for row in rows:
        if isinstance(row, pd.DataFrame | pl.DataFrame):
            return "frames"
        if not is_list(row):
            continue
        if isinstance(row, np.ndarray) and row.dtype != object and row.ndim == 1:
            own = {row.dtype.type} if len(row) else set()
        else:
            own = set(map(type, row))
        if any(issubclass(one, list | tuple | np.ndarray) for one in own):
            return "frames" if _is_number(_leaf(row)) else "tokens"
        if are_whole(own):
            smallest = min(smallest, min(row))
        types |= own
    numbers = {one for one in types if issubclass(one, int | float | np.number | np.bool_)}
    if are_whole(types):
        return "frames" if smallest < 0 else "ids"
    # A missing value may stand among numbers, and floats that are missing among strings.
    return "frames" if numbers and types - numbers <= {type(None), type(pd.NA)} else "tokens"


def _leaf(value: Any) -> Any:
    """Return the first value within lists of lists."""
    while is_list(value):
        value = next(iter(plain_list(value)), None)
    return value


def _is_number(value: Any) -> bool:
    return value is None or isinstance(value, int | float | np.number | np.bool_)


def _lists_alone(rows: Any, name: str) -> Any:
    """Return rows of which none is a text, nor a value."""
    if isinstance(rows, pd.DataFrame | pl.DataFrame):
        raise odd_table(rows, list(rows.columns), name)
    odd = next((place for place, row in enumerate(rows) if not is_list(row)), None)
    if odd is None:
        return rows
    row, where = rows[odd], f"{name}[{number_of(odd)}]"
    if isinstance(row, str):
        first = ", ".join(repr(one) for one in rows[:3] if isinstance(one, str))
        raise ValueError(
            f"{where} is one string, {row[:20]!r}; cut it first: list(text) gives characters, "
            "textseq.Tokenizer().tokenize(texts) words; if these are the tokens of one sentence, "
            f"pass it as one row: [[{first}{', ...' if len(rows) > 3 else ''}]]"
        )
    if isinstance(row, int | float | np.number) and not is_missing(row):
        raise ValueError(f"{where} is {row!r}; pass {_EXPECTED}")
    raise odd_row(rows, odd, name)


def _refuse_string(rows: Any, name: str, parts: str) -> None:
    if isinstance(rows, str):
        raise ValueError(
            f"{name} is one string, {shown(rows)}; pass a list of lists: [text.split()] has the "
            f"{parts} of one text"
        )


def _described(row: Any) -> str:
    if isinstance(row, str):
        return f"one string, {shown(row)}"
    return kind_of(row) if isinstance(row, Set | Iterator) else shown(row)


def _warn_of_measurements(ids: Tokens, name: str) -> None:
    """Warn where whole numbers lie near their neighbours, as measurements do and ids do not."""
    values = ids.distinct.cast(pl.Float64).to_numpy()[ids.codes.values]
    within = np.ones(len(values), dtype=bool)
    within[ids.codes.offsets[:-1][ids.lengths > 0]] = False
    later = np.flatnonzero(within)
    before, behind = values[later - 1], values[later]
    if len(later) < _FEWEST_NEIGHBOURS or not before.std() or not behind.std():
        return
    if np.corrcoef(before, behind)[0, 1] > _NEAR:
        warnings.warn(
            f"{name} holds whole numbers, which are read as ids of tokens, but neighbours are "
            "alike, as those of a series are; if they are measurements, pass floats: "
            "[np.asarray(row, dtype=float) for row in X]",
            stacklevel=4,
        )
