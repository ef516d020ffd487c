"""Numbers of the distinct tokens of a stream, in memory that does not grow with it."""

from __future__ import annotations

from typing import Self

import numpy as np
import polars as pl

from textseq.kernels.library import kernels

# Distinct tokens that are kept at most: some 100 bytes each, and 200 without the kernels.
MOST_TOKENS = 1_000_000
# Zero bytes behind the last word, into which the kernel may look.
_PADDING = b"\0" * 32


class TokenNumbers:
    """Give distinct tokens numbers as they come, and count them.

    Where there are more than ``most``, the rarest half is forgotten. A forgotten token that comes
    again has a new number, and its count starts anew. ``missed`` bounds what that can cost: a
    token's count is too small by so many at most, and each token that was counted more often
    than that in truth is there.

    Parameters
    ----------
    most : int

    References
    ----------
    Manku & Motwani (2002), "Approximate Frequency Counts over Data Streams", section 4.2 (lossy
    counting), with a bucket that ends when memory is full.

    Examples
    --------
    >>> numbers = TokenNumbers(most=3)
    >>> numbers.number(pl.Series(["a", "b", "c"]), np.array([5, 1, 2])).tolist()
    [0, 1, 2]
    >>> numbers.number(pl.Series(["d", "a"]), np.array([1, 1])).tolist()
    [3, 0]
    >>> numbers.tokens.to_list(), numbers.counts.tolist(), numbers.missed
    (['a'], [6], 2)
    """

    def __init__(self, most: int = MOST_TOKENS) -> None:
        self.most = most
        self.next_number = 0
        self.missed = 0
        # Of the tokens that are known, in the order they came, and room for more: their numbers,
        # which ascend, how often each was met, and how often it may have been met before.
        self._n_known = 0
        self._facts = np.empty((3, 0), dtype=np.int64)
        self._words: list[pl.Series] = []
        self._places = _Places()

    @property
    def numbers(self) -> np.ndarray:
        """Numbers of the tokens that are known, ascending."""
        return self._facts[0, : self._n_known]

    @property
    def counts(self) -> np.ndarray:
        """How often each was met."""
        return self._facts[1, : self._n_known]

    @property
    def before(self) -> np.ndarray:
        """How often each may have been met before it was known."""
        return self._facts[2, : self._n_known]

    @property
    def tokens(self) -> pl.Series:
        """The tokens that are known, a Series of dtype String."""
        if len(self._words) > 1:
            self._words = [pl.concat(self._words)]
        return self._words[0] if self._words else pl.Series("token", [], dtype=pl.String)

    def number(self, tokens: pl.Series, counts: np.ndarray) -> np.ndarray:
        """Return the number of each token (n,), int64, and count it.

        Parameters
        ----------
        tokens : Series of dtype String
            Distinct.
        counts : ndarray of shape (n,)
            How often each was met.
        """
        places = self._places.of(tokens)
        new = np.flatnonzero(places >= self._n_known)  # in the order of their places
        if len(new):
            self._add(self.next_number + np.arange(len(new)))
            self.next_number += len(new)
            self._words.append(tokens.gather(pl.Series(new)).alias("token"))
        self.counts[places] += counts
        numbers = self.numbers[places]
        if self._n_known > self.most:
            self._forget()
        return numbers

    def _add(self, numbers: np.ndarray) -> None:
        """Make room for more tokens, and note their numbers."""
        begin, self._n_known = self._n_known, self._n_known + len(numbers)
        room = self._facts.shape[1]
        if self._n_known > room:
            larger = np.empty((3, max(2 * room, self._n_known)), dtype=np.int64)
            larger[:, :begin] = self._facts[:, :begin]
            self._facts = larger
        self._facts[:, begin : self._n_known] = [[0], [0], [self.missed]]
        self.numbers[begin:] = numbers

    def _forget(self) -> None:
        """Forget the rarest tokens, half at least of those that may be known."""
        upper = self.counts + self.before
        rarest_kept = len(upper) - self.most // 2
        self.missed = int(np.partition(upper, rarest_kept - 1)[rarest_kept - 1])
        self._keep(np.flatnonzero(upper > self.missed))

    def _keep(self, kept: np.ndarray) -> None:
        tokens = self.tokens.gather(pl.Series(kept))
        self._facts = self._facts[:, kept]
        self._n_known, self._words = len(kept), [tokens]
        self._places = _Places()
        self._places.of(tokens)

    def frame(self) -> pl.DataFrame:
        """Return the tokens that are known, with all that is noted of each."""
        own = {"number": self.numbers, "count": self.counts, "before": self.before}
        return pl.DataFrame({"token": self.tokens, **own})

    @classmethod
    def from_frame(cls, frame: pl.DataFrame, next_number: int, missed: int, most: int) -> Self:
        """Rebuild from what ``frame`` returned."""
        rebuilt = cls(most)
        rebuilt.next_number, rebuilt.missed = next_number, missed
        names = ("number", "count", "before")
        rebuilt._facts = np.stack([frame[name].to_numpy() for name in names])
        rebuilt._words = [frame["token"]]
        rebuilt._keep(np.arange(len(frame)))
        return rebuilt


class _Places:
    """Distinct tokens and their places 0, 1, ... in the order they came."""

    def __init__(self) -> None:
        self._library = kernels()
        self._known: dict[str, int] = {}
        self._table = self._library.words_open() if self._library is not None else None
        if self._library is not None and not self._table:
            raise MemoryError("not enough memory for a table of tokens")

    def of(self, tokens: pl.Series) -> np.ndarray:
        """Return the place of each token, new ones behind those that are known."""
        if self._library is None:
            known = self._known
            found = (known.setdefault(token, len(known)) for token in tokens)
            return np.fromiter(found, np.int64, len(tokens))
        lengths = tokens.str.len_bytes().to_numpy().astype(np.int64)
        letters = b"".join(tokens.cast(pl.Binary).to_list()) + _PADDING
        places = np.empty(len(tokens), dtype=np.int32)
        n_words = self._library.words_number(
            self._table, letters, lengths.ctypes.data, len(tokens), places.ctypes.data
        )
        if n_words < 0:
            raise MemoryError(f"not enough memory for {len(tokens):,} more tokens")
        return places.astype(np.int64)

    def __del__(self) -> None:
        if self._table and self._library is not None:
            self._library.words_close(self._table)
            self._table = None
