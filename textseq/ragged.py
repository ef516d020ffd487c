"""Rows of unequal length, stored end to end without padding."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


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

    def take(self, rows: np.ndarray | list[int]) -> Ragged:
        """Copy the named rows, in the order given."""
        rows = np.asarray(rows, dtype=np.int64)
        lengths = self.lengths[rows]
        offsets = offsets_of(lengths)
        # Position of every kept value: its row's start, plus its place within the row.
        places = np.arange(offsets[-1]) + np.repeat(self.offsets[:-1][rows] - offsets[:-1], lengths)
        return Ragged(self.values[places], offsets)

    def truncate(self, max_length: int) -> Ragged:
        """Keep at most the first ``max_length`` values of every row."""
        lengths = np.minimum(self.lengths, max_length)
        offsets = offsets_of(lengths)
        places = np.arange(offsets[-1]) + np.repeat(self.offsets[:-1] - offsets[:-1], lengths)
        return Ragged(self.values[places], offsets)

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
