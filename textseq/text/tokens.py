"""Tokenised texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
import polars as pl


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of many texts.

    Parameters
    ----------
    series : polars Series of dtype List(String), n_texts rows
        One list of tokens a text; lists may be empty.

    Examples
    --------
    >>> tokens = Tokens.from_lists([["so", "it", "goes"], []])
    >>> tokens.lengths.tolist()
    [3, 0]
    >>> tokens.ngrams(1, 2).to_lists()
    [['so', 'it', 'goes', 'so it', 'it goes'], []]
    """

    series: pl.Series

    @classmethod
    def from_lists(cls, lists: Sequence[Sequence[str]]) -> Tokens:
        """Hold lists of strings, one list a text."""
        # polars builds a column of lists row by row, but one of strings in a single sweep.
        flat = pl.Series("token", list(chain.from_iterable(lists)), dtype=pl.String)
        return cls.from_flat(flat, np.fromiter(map(len, lists), dtype=np.int64, count=len(lists)))

    @classmethod
    def from_flat(cls, flat: pl.Series, lengths: np.ndarray) -> Tokens:
        """Cut tokens that lie end to end into texts of the given lengths (n_texts,)."""
        rows = pl.Series(np.repeat(np.arange(len(lengths)), lengths)).set_sorted()
        lists = (
            pl.DataFrame({"row": rows, "token": flat})
            .group_by("row", maintain_order=True)
            .agg("token")["token"]
        )
        # Empty texts formed no group; they all take the empty list put last.
        filled = np.flatnonzero(lengths)
        places = np.full(len(lengths), len(filled), dtype=np.uint32)
        places[filled] = np.arange(len(filled))
        empty = pl.Series("token", [[]], dtype=pl.List(pl.String))
        return cls(pl.concat([lists, empty]).gather(pl.Series(places)))

    def __len__(self) -> int:
        return len(self.series)

    @cached_property
    def lengths(self) -> np.ndarray:
        """Number of tokens in each text, shape (n_texts,), int64."""
        return self.series.list.len().to_numpy().astype(np.int64)

    @cached_property
    def flat(self) -> pl.Series:
        """All tokens end to end: a Series of dtype String."""
        # Some versions of polars turn an empty list into a null here.
        return self.series.filter(pl.Series(self.lengths > 0)).explode().alias("token")

    def take(self, rows: np.ndarray | list[int]) -> Tokens:
        """Return the named texts, in the order given."""
        return Tokens(self.series.gather(pl.Series(np.asarray(rows, dtype=np.int64))))

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
        row = np.repeat(np.arange(len(self)), self.lengths)
        runs, rows = [], []
        for size in range(low, high + 1):
            count = max(len(row) - size + 1, 0)
            starts = np.flatnonzero(row[:count] == row[size - 1 :])
            pieces = {
                f"{place}": self.flat.gather(pl.Series(starts + place)) for place in range(size)
            }
            runs.append(
                pl.DataFrame(pieces).select(pl.concat_str(pl.all(), separator=" ")).to_series()
            )
            rows.append(row[starts])
        together = np.concatenate(rows)
        order = np.argsort(together, kind="stable")
        flat = pl.concat(runs).gather(pl.Series(order))
        return Tokens.from_flat(flat, np.bincount(together, minlength=len(self)))

    def to_lists(self) -> list[list[str]]:
        """Return the tokens as plain lists."""
        return self.series.to_list()
