"""Tokenised texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise

import numpy as np
import polars as pl

from textseq.expressions import evaluate
from textseq.ragged import Ragged, offsets_of
from textseq.stored_ragged import StoredRagged
from textseq.text.word_codes import count_codes, pair_codes


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of many texts: each distinct token once, and numbers that stand for them.

    Parameters
    ----------
    codes : Ragged of int32, n_texts rows
        Every token of every text, by its index in ``distinct``.
    distinct : polars Series of dtype String
        The tokens that occur, without repeats.

    Examples
    --------
    >>> tokens = Tokens.from_lists([["so", "it", "goes"], [], ["so", "so"]])
    >>> tokens.lengths.tolist()
    [3, 0, 2]
    >>> tokens.distinct.to_list()
    ['so', 'it', 'goes']
    >>> tokens.codes.to_lists()
    [[0, 1, 2], [], [0, 0]]
    >>> tokens.ngrams(1, 2).to_lists()
    [['so', 'it', 'goes', 'so it', 'it goes'], [], ['so', 'so', 'so so']]
    """

    codes: Ragged
    distinct: pl.Series

    @classmethod
    def from_lists(cls, lists: Sequence[Sequence[str]]) -> Tokens:
        """Hold lists of strings, one list a text."""
        flat = pl.Series("token", list(chain.from_iterable(lists)), dtype=pl.String)
        return cls.from_flat(flat, np.fromiter(map(len, lists), dtype=np.int64, count=len(lists)))

    @classmethod
    def from_flat(cls, flat: pl.Series, lengths: np.ndarray) -> Tokens:
        """Cut tokens that lie end to end into texts of the given lengths (n_texts,)."""
        codes, distinct = _numbered(flat)
        return cls(Ragged(codes, offsets_of(lengths)), distinct)

    @classmethod
    def from_series(cls, series: pl.Series) -> Tokens:
        """Hold a Series of dtype List(String), one list a text."""
        lengths = series.list.len().to_numpy().astype(np.int64)
        # Some versions of polars turn an empty list into a null here.
        return cls.from_flat(series.filter(pl.Series(lengths > 0)).explode(), lengths)

    @classmethod
    def concat(cls, parts: Sequence[Tokens]) -> Tokens:
        """Put the texts of several, one at least, after each other."""
        if len(parts) == 1:
            return parts[0]
        codes, distinct = _numbered(pl.concat([part.distinct for part in parts]))
        starts = offsets_of(np.array([len(part.distinct) for part in parts]))
        offsets = offsets_of(np.concatenate([part.lengths for part in parts]))
        values, end = np.empty(offsets[-1], dtype=np.int32), 0
        for part, first in zip(parts, starts, strict=False):
            begin, end = end, end + len(part.codes.values)
            values[begin:end] = codes[first:][part.codes.values]
        return cls(Ragged(values, offsets), distinct)

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def lengths(self) -> np.ndarray:
        """Number of tokens in each text, shape (n_texts,), int64."""
        return self.codes.lengths

    @property
    def flat(self) -> pl.Series:
        """All tokens end to end: a Series of dtype String."""
        return self.distinct.gather(pl.Series(self.codes.values)).alias("token")

    @property
    def series(self) -> pl.Series:
        """One list of tokens a text: a Series of dtype List(String)."""
        return pl.Series("token", self.to_lists(), dtype=pl.List(pl.String))

    def tally(self) -> tuple[np.ndarray, np.ndarray]:
        """Count how often, and in how many texts, each distinct token occurs.

        Returns
        -------
        counts, document_counts : ndarray of shape (n_distinct,), int64
        """
        return count_codes(self.codes, len(self.distinct))

    def take(self, rows: np.ndarray | list[int]) -> Tokens:
        """Return the named texts, in the order given."""
        if not isinstance(rows, np.ndarray):
            rows = np.asarray(rows, dtype=np.int64)
        return self._of(self.codes.take(rows))

    def truncate(self, max_length: int) -> Tokens:
        """Keep at most the first ``max_length`` tokens of every text."""
        return self._of(self.codes.truncate(max_length))

    def _of(self, codes: Ragged) -> Tokens:
        """Return tokens of some of the codes, only those that occur among ``distinct``."""
        if isinstance(codes, StoredRagged):  # to know what occurs all would have to be read
            return Tokens(codes, self.distinct)
        occurs = np.zeros(len(self.distinct), dtype=bool)
        occurs[codes.values] = True
        code_of = np.cumsum(occurs, dtype=np.int32) - np.int32(1)
        distinct = self.distinct.filter(pl.Series(occurs))
        return Tokens(Ragged(code_of[codes.values], codes.offsets), distinct)

    def composed(self) -> Tokens:
        """Return the tokens with accents composed with their letters (NFC)."""
        composed = self.distinct.str.normalize("NFC")
        if composed.equals(self.distinct):
            return self
        codes, distinct = _numbered(composed)
        return Tokens(self.codes.through(codes), distinct)

    def ngrams(self, low: int, high: int) -> Tokens:
        """Return the runs of ``low`` to ``high`` neighbouring tokens of every text.

        Parameters
        ----------
        low, high : int
            Fewest and most tokens in a run, ``1 <= low <= high``.

        Returns
        -------
        Tokens
            The tokens of a run are joined by a space; a text's shorter runs come first.
        """
        if not 1 <= low <= high:
            raise ValueError(
                f"ngram_range=({low}, {high}) is not a range of lengths; "
                "use 1 <= low <= high, for example (1, 2)"
            )
        if (low, high) == (1, 1):
            return self
        runs = [self]
        while len(runs) < high:
            runs.append(self._longer(runs[-1], len(runs)))
        runs = runs[low - 1 :]
        distinct = pl.concat([part.distinct for part in runs])
        first_codes = offsets_of(np.array([len(part.distinct) for part in runs])).astype(np.int32)
        lengths = np.array([part.lengths for part in runs])
        offsets = offsets_of(lengths.sum(axis=0))
        values = np.empty(offsets[-1], dtype=np.int32)
        # Where the runs of each size start in each text: after the shorter ones.
        starts = offsets[:-1] + np.cumsum(lengths, axis=0) - lengths
        for part, first, start in zip(runs, first_codes, starts, strict=False):
            index = np.repeat(start - part.codes.offsets[:-1], part.lengths)
            index += np.arange(len(index))
            values[index] = part.codes.values + first
        if evaluate(self.distinct, pl.first().str.contains(" ", literal=True)).any():
            same, distinct = _numbered(distinct)  # ("a b", "c") and ("a", "b c") are one
            values = same[values]
        return Tokens(Ragged(values, offsets), distinct)

    def _longer(self, runs: Tokens, size: int) -> Tokens:
        """Add to every run of ``size`` tokens the one that follows it in its text.

        Its ``distinct`` may hold repeats if tokens hold spaces.
        """
        lengths = np.maximum(runs.lengths - 1, 0)
        offsets = offsets_of(lengths)
        within = np.arange(offsets[-1])
        head = runs.codes.values[
            within + np.repeat(runs.codes.offsets[:-1] - offsets[:-1], lengths)
        ]
        shift = self.codes.offsets[:-1] + size - offsets[:-1]
        tail = self.codes.values[within + np.repeat(shift, lengths)]
        codes, index = pair_codes(head, tail)
        pieces = {
            "head": runs.distinct.gather(pl.Series(head[index])),
            "tail": self.distinct.gather(pl.Series(tail[index])),
        }
        joined = evaluate(pl.DataFrame(pieces), pl.concat_str(pl.all(), separator=" "))
        return Tokens(Ragged(codes, offsets), joined.alias("token"))

    def to_lists(self) -> list[list[str]]:
        """Return the tokens as plain lists."""
        # A token that occurs often is one string of Python throughout.
        distinct = np.array(self.distinct.to_list(), dtype=object)
        flat, bounds = distinct[self.codes.values].tolist(), self.codes.offsets.tolist()
        return [flat[start:end] for start, end in pairwise(bounds)]

    def joined(self, separator: str) -> pl.Series:
        """Return each text's tokens with a separator between them: a Series of dtype String."""
        return pl.Series("token", list(map(separator.join, self.to_lists())), dtype=pl.String)


def _numbered(tokens: pl.Series) -> tuple[np.ndarray, pl.Series]:
    """Return the code of each token (n,), int32, and the token of each code."""
    distinct = tokens.unique(maintain_order=True).alias("token")
    codes = tokens.cast(pl.Enum(distinct)).to_physical().to_numpy()
    return codes.astype(np.int32), distinct
