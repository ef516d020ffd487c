"""A batch's distinct tokens, which are looked up and trained once each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from textseq.batches import STEPS_TOGETHER, NetworkRows, SequenceData
from textseq.nn.trainable import Trainable
from textseq.row_arrays import ROWS_TOGETHER


class DistinctTokens:
    """Find what ``np.unique`` finds, without sorting.

    Parameters
    ----------
    n_ids : int
        Ids are under this.

    Examples
    --------
    >>> distinct, inverse = DistinctTokens(10).number(np.array([7, 2, 7]))
    >>> distinct.tolist(), inverse.tolist()
    ([2, 7], [1, 0, 1])
    """

    def __init__(self, n_ids: int) -> None:
        self.numbers = np.zeros(n_ids, dtype=np.int64)
        self.met = np.zeros(n_ids, dtype=bool)

    def number(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the distinct ids (U,), and of each id (n,) its index among them.

        There is one distinct id at least, also of no ids.
        """
        self.met[ids] = True
        distinct = np.flatnonzero(self.met)
        self.met[distinct] = False
        self.numbers[distinct] = np.arange(len(distinct))
        if not len(distinct):
            distinct = np.zeros(1, dtype=np.int64)
        return distinct, self.numbers[ids]


def count_trained(network: Trainable, data: NetworkRows) -> int:
    """Return how many ids, from 0, training on ``data`` can touch; 0 if it reads numbers.

    Ids beyond the training texts' are words that only the pretrained vectors know.
    """
    if not network.reads_tokens:
        return 0
    if isinstance(data, SequenceData):
        parts = (part.values for field in data.fields for part in field.in_parts(STEPS_TOGETHER))
    else:
        parts = (values for rows in _rows_in_turn(data) for values, *_ in data.take(rows).arrays())
    return 1 + max((int(values.max(initial=0)) for values in parts), default=0)


def _rows_in_turn(data: NetworkRows) -> Iterator[np.ndarray]:
    """Yield the numbers of all rows, of ``STEPS_TOGETHER`` steps, or of one row, at a time."""
    start = 0
    while start < len(data):
        ends = np.cumsum(data.lengths[start : start + ROWS_TOGETHER], dtype=np.int64)
        end = start + max(int(np.searchsorted(ends, STEPS_TOGETHER, side="right")), 1)
        yield np.arange(start, end)
        start = end
