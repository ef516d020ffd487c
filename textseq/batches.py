"""Batches of similar length, so that almost nothing computed is padding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, Self, overload, runtime_checkable

import numpy as np

from textseq.ragged import Ragged
from textseq.row_arrays import picked, row_array, row_numbers
from textseq.stored_ragged import StoredRagged

# Padded positions a batch may hold: bounds memory where texts are very long.
TOKEN_BUDGET = 64 * 1024
# Batches sorted by length together while training. More pads less but shuffles less.
POOL = 100
# Steps of stored rows that are read at once.
STEPS_TOGETHER = 2**20
# (lengths (n_rows,), batch_size, rng) -> row numbers of each batch of an epoch.
Plan = Callable[[np.ndarray, int, np.random.Generator], Sequence[np.ndarray]]


class NetworkRows(Protocol):
    """What training and prediction read: rows of sequences, with or without targets."""

    @property
    def targets(self) -> np.ndarray | None:
        """What the network should answer, one row each."""

    @property
    def weights(self) -> np.ndarray | None:
        """Weight of each row in the loss, shape (n_rows,)."""

    @property
    def lengths(self) -> np.ndarray:
        """Steps of each row, shape (n_rows,)."""

    @property
    def n_steps(self) -> int:
        """Steps of all rows and fields together."""

    def __len__(self) -> int: ...

    def take(self, rows: np.ndarray) -> Self:
        """Copy the named rows."""

    def arrays(self) -> list[tuple[np.ndarray, ...]]:
        """Return the arrays that the network reads, as its ``forward`` takes them."""


@runtime_checkable
class DrawnRows(Protocol):
    """Rows of which each epoch reads something else."""

    def drawn(self, rng: np.random.Generator, done: float) -> NetworkRows:
        """Return what an epoch reads, before which a share ``done`` of all epochs is over."""


@dataclass(frozen=True, eq=False)
class SequenceData:
    """Sequences, their targets and weights.

    Parameters
    ----------
    fields : tuple of Ragged
        One field, or two for texts that come in pairs; all with the same number of rows.
        Token ids (n_ids,), or the numbers (n_steps, n_channels) of series.
    targets : ndarray of shape (n_rows,) or (n_rows, n_labels), optional
    weights : ndarray of shape (n_rows,), float32, optional
        Weight of each row in the loss.
    columns : ndarray of shape (n_rows, n_columns), float32, optional
        Numbers that the head reads beside the sequence.
    """

    fields: tuple[Ragged, ...]
    targets: np.ndarray | None = None
    weights: np.ndarray | None = None
    columns: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.fields[0])

    @cached_property
    def lengths(self) -> np.ndarray:
        """Longest field of each row, shape (n_rows,)."""
        longest, *others = (field.lengths for field in self.fields)
        for lengths in others:
            longest = np.maximum(longest, lengths, out=row_array(len(self), longest.dtype))
        return longest

    @property
    def n_steps(self) -> int:
        """Tokens, or steps of series, of all rows and fields together."""
        return sum(field.n_values for field in self.fields)

    @property
    def is_stored(self) -> bool:
        """Whether the fields lie in files."""
        return any(isinstance(field, StoredRagged) for field in self.fields)

    def loaded(self) -> SequenceData:
        """Return the rows as memory holds them."""
        if not self.is_stored:
            return self
        return replace(self, fields=tuple(field.loaded() for field in self.fields))

    def take(self, rows: np.ndarray) -> SequenceData:
        """Copy the named rows."""
        return SequenceData(
            tuple(field.take(rows) for field in self.fields),
            None if self.targets is None else picked(self.targets, rows),
            None if self.weights is None else self.weights[rows],
            None if self.columns is None else self.columns[rows],
        )

    def followed_by(self, other: SequenceData) -> SequenceData:
        """Return these rows and then the other's."""
        pairs = zip(self.fields, other.fields, strict=True)
        weights = None
        if self.weights is not None or other.weights is not None:
            weights = np.concatenate([_counted(self), _counted(other)])
        return SequenceData(
            tuple(own.followed_by(behind) for own, behind in pairs),
            _end_to_end(self.targets, other.targets),
            weights,
            _end_to_end(self.columns, other.columns),
        )

    def cropped(self, length: int | None, rng: np.random.Generator) -> SequenceData:
        """Return the rows with a stretch of ``length`` steps, drawn, of each longer field."""
        if length is None or self.lengths.max(initial=0) <= length:
            return self
        return replace(self, fields=tuple(field.cropped(length, rng) for field in self.fields))

    def arrays(self) -> list[tuple[np.ndarray, ...]]:
        """Return each field's values, end to end, and offsets; behind the first's the columns."""
        fields = [field.loaded() for field in self.fields]
        (first, *others) = [(field.values, field.offsets) for field in fields]
        return [first if self.columns is None else (*first, self.columns), *others]


def _end_to_end(own: np.ndarray | None, behind: np.ndarray | None) -> np.ndarray | None:
    return None if own is None or behind is None else np.concatenate([own, behind])


def _counted(rows: SequenceData) -> np.ndarray:
    return np.ones(len(rows), dtype=np.float32) if rows.weights is None else rows.weights


class Batches(Sequence[np.ndarray]):
    """Row numbers of batches, which of very many rows need not lie in memory.

    Parameters
    ----------
    rows : ndarray of shape (n_rows,)
        Those of one batch side by side.
    bounds : ndarray of shape (n_batches + 1,)
        Where each batch begins among them.
    turns : ndarray of shape (n_batches,)
        Which batch comes when.

    Examples
    --------
    >>> batches = Batches(np.array([4, 2, 7]), np.array([0, 2, 3]), np.array([1, 0]))
    >>> [rows.tolist() for rows in batches]
    [[7], [4, 2]]
    """

    def __init__(self, rows: np.ndarray, bounds: np.ndarray, turns: np.ndarray) -> None:
        self.rows, self.bounds, self.turns = rows, bounds, turns

    def __len__(self) -> int:
        return len(self.turns)

    @overload
    def __getitem__(self, index: int) -> np.ndarray: ...

    @overload
    def __getitem__(self, index: slice) -> Batches: ...

    def __getitem__(self, index: int | slice) -> np.ndarray | Batches:
        if isinstance(index, slice):
            return Batches(self.rows, self.bounds, self.turns[index])
        turn = self.turns[index]
        return self.rows[self.bounds[turn] : self.bounds[turn + 1]]


def plan_batches(
    lengths: np.ndarray,
    batch_size: int,
    rng: np.random.Generator | None = None,
    token_budget: int = TOKEN_BUDGET,
) -> Batches:
    """Group rows of similar length into batches.

    With ``rng`` the rows are shuffled, sorted by length within pools of
    ``POOL`` batches, and the batches are shuffled again: every epoch sees
    other batches, yet little padding. Without it the rows are sorted by
    length as a whole, longest first, for prediction.

    Parameters
    ----------
    lengths : ndarray of shape (n_rows,)
        Length of each row, in tokens.
    batch_size : int
        Most rows in a batch.
    rng : numpy Generator, optional
    token_budget : int
        Most padded positions in a batch; a single longer row is a batch of its own.

    Returns
    -------
    Batches
        Row numbers of each batch; every row is in exactly one batch.

    Examples
    --------
    >>> [batch.tolist() for batch in plan_batches(np.array([2, 9, 3, 8]), batch_size=2)]
    [[1, 3], [2, 0]]
    """
    order = row_numbers(len(lengths))
    if rng is not None:
        rng.shuffle(order)
    pool_size = max(len(lengths) if rng is None else batch_size * POOL, 1)
    bounds = [np.zeros(1, dtype=np.int64)]
    for start in range(0, len(order), pool_size):
        pool = order[start : start + pool_size]
        pool[:] = pool[np.argsort(-lengths[pool], kind="stable")]
        bounds.append(start + _ends(lengths[pool], batch_size, token_budget))
    ends = np.concatenate(bounds)
    batches = Batches(order, ends, row_numbers(len(ends) - 1))
    if rng is not None:
        rng.shuffle(batches.turns)
    return batches


def _ends(lengths: np.ndarray, batch_size: int, token_budget: int) -> np.ndarray:
    """Return where each batch of rows, longest first, ends."""
    ends, start = [], 0
    while start < len(lengths):
        longest = max(int(lengths[start]), 1)
        start = min(start + max(1, min(batch_size, token_budget // longest)), len(lengths))
        ends.append(start)
    return np.array(ends, dtype=np.int64)


def loaded_in_turn(
    data: NetworkRows, batches: Sequence[np.ndarray]
) -> Iterator[tuple[NetworkRows, np.ndarray]]:
    """Yield for each batch rows that memory holds, and which of them it is of.

    Parameters
    ----------
    data : NetworkRows
        Those of the batches; where they lie in files, some batches' are loaded at once:
        ``STEPS_TOGETHER``, or one that has more.
    batches : sequence of ndarray
        Row numbers of each.
    """
    if not (isinstance(data, SequenceData) and data.is_stored):
        yield from ((data, rows) for rows in batches)
        return
    together: list[np.ndarray] = []
    n_together = 0
    for rows in batches:
        n_own = int(data.lengths[rows].sum(dtype=np.int64))
        if together and n_together + n_own > STEPS_TOGETHER:
            yield from _loaded(data, together)
            together, n_together = [], 0
        together.append(rows)
        n_together += n_own
    if together:
        yield from _loaded(data, together)


def _loaded(
    data: SequenceData, batches: list[np.ndarray]
) -> Iterator[tuple[NetworkRows, np.ndarray]]:
    loaded = data.take(np.concatenate(batches)).loaded()
    first = 0
    for rows in batches:
        yield loaded, np.arange(first, first + len(rows))
        first += len(rows)


def split_shards(rows: np.ndarray, n_shards: int) -> list[np.ndarray]:
    """Deal a batch's rows to shards in turn, so that each gets like lengths and work."""
    return [rows[shard::n_shards] for shard in range(min(n_shards, len(rows)))]


def padding_share(lengths: np.ndarray, batches: Sequence[np.ndarray]) -> float:
    """Return the share of padded positions that hold no token."""
    padded = sum(len(rows) * int(lengths[rows].max()) for rows in batches)
    return 1.0 - float(lengths.sum()) / padded if padded else 0.0
