"""Rows of unequal length, stored end to end without padding."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from textseq.kernels.library import kernels

# Values of rows that are looked at together where memory may not hold those of all.
VALUES_TOGETHER = 2**18


@dataclass(frozen=True, eq=False)
class Ragged:
    """Rows of unequal length in one flat array.

    Parameters
    ----------
    values : ndarray of shape (n_tokens,) or (n_steps, n_channels)
        All rows end to end.
    offsets : ndarray of shape (n_rows + 1,), int64
        Row ``i`` is ``values[offsets[i]:offsets[i + 1]]``.

    Examples
    --------
    >>> rows = Ragged.from_rows([[4, 5, 6], [], [7]])
    >>> rows.lengths.tolist()
    [3, 0, 1]
    >>> rows.take([2, 0]).to_lists()
    [[7], [4, 5, 6]]
    >>> rows.padded()
    array([[4, 5, 6],
           [0, 0, 0],
           [7, 0, 0]])
    """

    values: np.ndarray
    offsets: np.ndarray

    @classmethod
    def from_rows(cls, rows: list, dtype: type = np.int64) -> Ragged:
        """Lay the rows of a list end to end."""
        lengths = np.fromiter((len(row) for row in rows), dtype=np.int64, count=len(rows))
        parts: list[np.ndarray] = [np.asarray(row, dtype=dtype) for row in rows if len(row)]
        values = np.concatenate(parts) if parts else np.empty(0, dtype=dtype)
        return cls(values, offsets_of(lengths))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> np.ndarray:
        return self.values[self.offsets[row] : self.offsets[row + 1]]

    @cached_property
    def lengths(self) -> np.ndarray:
        """Number of values in each row, shape (n_rows,)."""
        return np.diff(self.offsets)

    @property
    def n_values(self) -> int:
        """Number of values in all rows together."""
        return len(self.values)

    def loaded(self) -> Ragged:
        """Return the rows as memory holds them: these are."""
        return self

    def in_parts(self, n_values: int) -> Iterator[Ragged]:
        """Yield the rows some at a time, of at most ``n_values`` values, or one row."""
        start = 0
        while start < len(self):
            first = self.offsets[start]
            fitting = np.searchsorted(self.offsets, first + n_values, side="right")
            end = max(int(fitting) - 1, start + 1)
            offsets = self.offsets[start : end + 1] - first
            yield Ragged(self.values[first : self.offsets[end]], offsets)
            start = end

    def through(self, table: np.ndarray) -> Ragged:
        """Return what a table (n, ...) has at each value, in rows alike."""
        return Ragged(table[self.values], self.offsets)

    def take(self, rows: np.ndarray | list[int]) -> Ragged:
        """Copy the named rows, in the order given."""
        rows = np.asarray(rows, dtype=np.int64)
        lengths = self.lengths[rows]
        return Ragged(self.copied(self.offsets[:-1][rows], lengths), offsets_of(lengths))

    def truncate(self, max_length: int) -> Ragged:
        """Keep at most the first ``max_length`` values of every row."""
        lengths = np.minimum(self.lengths, max_length)
        return Ragged(self.copied(self.offsets[:-1], lengths), offsets_of(lengths))

    def cropped(self, length: int, rng: np.random.Generator) -> Ragged:
        """Keep of every longer row a stretch of ``length`` values, drawn.

        Examples
        --------
        >>> rows = Ragged.from_rows([[4, 5, 6, 7], [8]])
        >>> rows.cropped(2, np.random.default_rng(0)).to_lists()
        [[6, 7], [8]]
        """
        lengths = np.minimum(self.lengths, length)
        return self.stretches(rng.integers(self.lengths - lengths + 1), length)

    def stretches(self, begin: np.ndarray, length: int) -> Ragged:
        """Keep of every row at most ``length`` values, from ``begin`` (n_rows,) on."""
        lengths = np.minimum(self.lengths - begin, length)
        return Ragged(self.copied(self.offsets[:-1] + begin, lengths), offsets_of(lengths))

    def shuffled_places(
        self, rng: np.random.Generator, within: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the places (n_values,) of all values with each row's in random order.

        Parameters
        ----------
        rng : numpy Generator
        within : ndarray of shape (n_values,), optional
            Values of a row with a lower number stay before those with a higher one.

        Examples
        --------
        >>> rows = Ragged.from_rows([[4, 5, 6], [7]])
        >>> rows.values[rows.shuffled_places(np.random.default_rng(1))].tolist()
        [6, 4, 5, 7]
        """
        keys = rng.random(self.n_values)
        if within is not None:
            keys += within
        return np.lexsort((keys, np.repeat(np.arange(len(self)), self.lengths)))

    def places(self) -> np.ndarray:
        """Return the place of each value within its row, shape (n_values,).

        Examples
        --------
        >>> Ragged.from_rows([[4, 5, 6], [7]]).places().tolist()
        [0, 1, 2, 0]
        """
        return np.arange(self.n_values) - np.repeat(self.offsets[:-1], self.lengths)

    def followed_by(self, other: Ragged) -> Ragged:
        """Return these rows and then the other's."""
        offsets = np.concatenate([self.offsets, other.offsets[1:] + self.offsets[-1]])
        return Ragged(np.concatenate([self.values, other.values]), offsets)

    def between(self, begin: list[int], end: list[int]) -> Ragged:
        """Put the same values before, and behind, those of every row.

        Examples
        --------
        >>> Ragged.from_rows([[4, 5], []]).between([1], [2]).to_lists()
        [[1, 4, 5, 2], [1, 2]]
        """
        lengths = self.lengths + len(begin) + len(end)
        whole = Ragged(np.empty(lengths.sum(), dtype=self.values.dtype), offsets_of(lengths))
        own = np.ones(len(whole.values), dtype=bool)
        for place, value in enumerate(begin):
            own[whole.offsets[:-1] + place] = False
            whole.values[whole.offsets[:-1] + place] = value
        for place, value in enumerate(reversed(end), start=1):
            own[whole.offsets[1:] - place] = False
            whole.values[whole.offsets[1:] - place] = value
        whole.values[own] = self.values
        return whole

    def copied(self, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Return the values from each start on, end to end."""
        offsets = offsets_of(lengths)
        library, values = kernels(), self.values
        if library is None or values.dtype.hasobject or not values.flags.c_contiguous:
            # Position of every value: its row's start, plus its place within the row.
            places = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
            return values[places]
        out = np.empty((offsets[-1], *values.shape[1:]), dtype=values.dtype)
        starts = np.ascontiguousarray(starts, dtype=np.int64)
        size = values.itemsize * math.prod(values.shape[1:])
        library.copy_rows(
            values.ctypes.data, starts.ctypes.data, len(starts), size, out.ctypes.data,
            offsets.ctypes.data,
        )  # fmt: skip
        return out

    def padded(self, fill: float = 0, width: int | None = None) -> np.ndarray:
        """Return the rows as one array, padded on the right with ``fill``.

        Parameters
        ----------
        fill : number, default 0
        width : int, optional
            Number of columns; the longest row's by default.

        Returns
        -------
        ndarray of shape (n_rows, width) or (n_rows, width, n_channels)
        """
        lengths = self.lengths
        longest = int(lengths.max(initial=0))
        width = longest if width is None else width
        if width < longest:
            raise ValueError(
                f"width={width} is less than the longest row ({longest} values); "
                f"call truncate({width}) first"
            )
        out = np.full((len(self), width, *self.values.shape[1:]), fill, dtype=self.values.dtype)
        out[np.arange(width) < lengths[:, None]] = self.values
        return out

    def to_lists(self) -> list[list]:
        """Return the rows as plain lists."""
        return [self[row].tolist() for row in range(len(self))]


def offsets_of(lengths: np.ndarray) -> np.ndarray:
    """Turn row lengths (n_rows,) into offsets (n_rows + 1,) that start at 0."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def spans_of(offsets: np.ndarray) -> Iterator[slice]:
    """Yield all rows in order, as spans of at most ``VALUES_TOGETHER`` values, or of one row.

    Parameters
    ----------
    offsets : ndarray of shape (n_rows + 1,), int64

    Examples
    --------
    >>> list(spans_of(np.array([0, 200_000, 250_000, 600_000])))
    [slice(0, 2, None), slice(2, 3, None)]
    """
    start = 0
    while start < len(offsets) - 1:
        fitting = np.searchsorted(offsets, offsets[start] + VALUES_TOGETHER, side="right")
        end = max(int(fitting) - 1, start + 1)
        yield slice(start, end)
        start = end


def slices_of(n_values: int) -> Iterator[slice]:
    """Yield so many places in order, at most ``VALUES_TOGETHER`` at a time; one slice at least."""
    for start in range(0, max(n_values, 1), VALUES_TOGETHER):
        yield slice(start, min(start + VALUES_TOGETHER, n_values))
