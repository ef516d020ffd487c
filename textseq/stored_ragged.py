"""Rows of unequal length that lie in a file, and are read from it when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from typing import Any, NamedTuple, Self

import numpy as np

from textseq.ragged import Ragged, offsets_of
from textseq.row_arrays import ROWS_TOGETHER, parts_of, picked, row_array


class Step(NamedTuple):
    """What becomes of rows once they are read, and of their lengths (n_rows,)."""

    apply: Callable[[Ragged], Ragged]
    lengths: Callable[[np.ndarray], np.ndarray]


class StoredRagged(Ragged):
    """Rows of one flat array that a file holds, such as ``np.memmap`` gives.

    Taking rows, and all that is done to each of them, is only noted; it is done to the rows that
    are ``loaded``. ``values`` and ``offsets`` load all.

    Parameters
    ----------
    stored : ndarray of shape (n_values,)
    bounds : ndarray of shape (n_rows + 1,), int64
        Row ``i`` is ``stored[bounds[i]:bounds[i + 1]]``.

    Examples
    --------
    >>> rows = StoredRagged(np.array([0, 1, 2, 3], dtype=np.uint16), np.array([0, 3, 4]))
    >>> rows.through(np.array([5, 6, 7, 8])).truncate(2).take([1, 0]).to_lists()
    [[8], [5, 6]]
    """

    stored: np.ndarray
    bounds: np.ndarray
    # Numbers of the rows that these are; None for all, in their order.
    rows: np.ndarray | None
    # Values of each that are read, from its start; and what stands for each.
    limit: int | None
    table: np.ndarray | None
    steps: tuple[Step, ...]
    # Where in each row the stretch of ``width`` values begins that is kept in the end.
    begin: np.ndarray | None
    width: int

    def __init__(self, stored: np.ndarray, bounds: np.ndarray) -> None:
        self.stored, self.bounds = stored, bounds
        self.rows, self.limit, self.table, self.steps = None, None, None, ()
        self.begin, self.width = None, 0
        self._known_lengths: np.ndarray | None = None

    def _with(self, **changed: Any) -> Self:
        other = copy(self)
        # What is known of these rows need not hold of the others.
        vars(other).update(changed | {"_known_lengths": None})
        return other

    @property
    def values(self) -> np.ndarray:
        """All rows end to end, read anew each time."""
        return self.loaded().values

    @property
    def offsets(self) -> np.ndarray:
        """Where each row starts among ``values``."""
        return offsets_of(self.lengths)

    def __len__(self) -> int:
        return len(self.bounds) - 1 if self.rows is None else len(self.rows)

    def __getitem__(self, row: int) -> np.ndarray:
        return self.take([row]).values

    @property
    def lengths(self) -> np.ndarray:
        """Number of values in each row, shape (n_rows,), int32."""
        if self._known_lengths is None:
            vars(self)["_known_lengths"] = self._lengths()
            assert self._known_lengths is not None
        return self._known_lengths

    def _lengths(self) -> np.ndarray:
        lengths = row_array(len(self), np.int32)
        for part in parts_of(len(self)):
            rows = part if self.rows is None else self.rows[part]
            own = self.bounds[1:][rows] - self.bounds[:-1][rows]
            if self.limit is not None:
                own = np.minimum(own, self.limit)
            for step in self.steps:
                own = step.lengths(own)
            if self.begin is not None:
                own = np.minimum(own - self.begin[part], self.width)
            lengths[part] = own
        return lengths

    @property
    def n_values(self) -> int:
        """Number of values in all rows together."""
        return int(self.lengths.sum(dtype=np.int64))

    def loaded(self) -> Ragged:
        """Return the rows as memory holds them."""
        rows = slice(None) if self.rows is None else self.rows
        start = self.bounds[:-1][rows]
        lengths = self.bounds[1:][rows] - start
        if self.limit is not None:
            lengths = np.minimum(lengths, self.limit)
        # A stretch of what is stored is read, and no more; of what steps make it is cut out.
        if self.begin is not None and not self.steps:
            start, lengths = start + self.begin, np.minimum(lengths - self.begin, self.width)
        offsets = offsets_of(lengths)
        found = Ragged(Ragged(self.stored, self.bounds).copied(start, lengths), offsets)
        if self.table is not None:
            found = found.through(self.table)
        for step in self.steps:
            found = step.apply(found)
        if self.begin is not None and self.steps:
            found = found.stretches(self.begin, self.width)
        return found

    def in_parts(self, n_values: int) -> Iterator[Ragged]:
        """Yield the rows some at a time, as memory holds them."""
        start = 0
        while start < len(self):
            ends = np.cumsum(self.lengths[start : start + ROWS_TOGETHER], dtype=np.int64)
            end = start + max(int(np.searchsorted(ends, n_values, side="right")), 1)
            yield self.take(np.arange(start, end)).loaded()
            start = end

    def through(self, table: np.ndarray) -> Ragged:
        """Return what a table (n,) has at each value, in rows alike."""
        if self.steps or self.begin is not None:
            raise ValueError("a table is looked up before anything else is done to rows")
        return self._with(table=table if self.table is None else table[self.table])

    def take(self, rows: np.ndarray | list[int]) -> Ragged:
        """Return the named rows, in the order given."""
        rows = np.asarray(rows)
        begin = None if self.begin is None else picked(self.begin, rows)
        if self.rows is not None:
            rows = picked(self.rows, rows)
        elif len(self) < 2**31:
            rows = rows.astype(np.int32, copy=False)
        return self._with(rows=rows, begin=begin)

    def truncate(self, max_length: int) -> Ragged:
        """Keep at most the first ``max_length`` values of every row."""
        if self.steps or self.begin is not None:
            raise ValueError("rows are truncated before anything else is done to them")
        limit = max_length if self.limit is None else min(self.limit, max_length)
        return self._with(limit=limit)

    def then(self, step: Step) -> Ragged:
        """Return the rows with one more thing that becomes of each once it is read."""
        return self._with(steps=(*self.steps, step))

    def between(self, begin: list[int], end: list[int]) -> Ragged:
        """Put the same values before, and behind, those of every row."""
        more = len(begin) + len(end)
        return self.then(
            Step(lambda rows: rows.between(begin, end), lambda lengths: lengths + more)
        )

    def cropped(self, length: int, rng: np.random.Generator) -> Ragged:
        """Keep of every longer row a stretch of ``length`` values, drawn."""
        begin = row_array(len(self), np.int32)
        for part in parts_of(len(self)):
            # As int64, for which the same numbers are drawn as of rows in memory.
            own = self.lengths[part].astype(np.int64)
            begin[part] = rng.integers(own - np.minimum(own, length) + 1)
        return self._with(begin=begin, width=length)

    def stretches(self, begin: np.ndarray, length: int) -> Ragged:
        """Keep of every row at most ``length`` values, from ``begin`` (n_rows,) on."""
        return self._with(begin=begin.astype(np.int32), width=length)
