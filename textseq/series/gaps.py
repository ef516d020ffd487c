"""Gaps in time: steps of a regular series that have no row, and what stands in their place."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np

from textseq.ragged import offsets_of
from textseq.series.frequency import Frequency

FILLS = ("error", "interpolate", "zero")
# More than so many missing rows are filled only where they are few for each row that is there.
MOST_FILLED = 1_000_000
MOST_FILLED_PER_ROW = 100


def check_fill(fill_gaps: str) -> None:
    """Raise ValueError unless ``fill_gaps`` is one of ``FILLS``."""
    if fill_gaps not in FILLS:
        raise ValueError(f"unknown fill_gaps {fill_gaps!r}; choose from: {', '.join(FILLS)}")


class FilledGaps(NamedTuple):
    """Where the rows of series stand once each missing step has a row, too.

    Parameters
    ----------
    offsets : ndarray of shape (S + 1,), int64
        Of the rows with those that were missing.
    rows : ndarray of shape (N,), int64
        Where each row that was there stands among them.
    missing : ndarray of shape (M,), int64
        Where those stand that were missing.
    """

    offsets: np.ndarray
    rows: np.ndarray
    missing: np.ndarray

    @classmethod
    def of(cls, steps: np.ndarray, offsets: np.ndarray) -> Self:
        """Make room for missing rows.

        Parameters
        ----------
        steps : ndarray of shape (N,), int64
            From each row's predecessor; 1 for the first of a series.
        offsets : ndarray of shape (S + 1,), int64

        Examples
        --------
        >>> FilledGaps.of(np.array([1, 1, 3, 1]), np.array([0, 3, 4])).rows.tolist()
        [0, 1, 4, 5]
        """
        rows = np.cumsum(steps) - 1
        missing = np.ones(int(rows[-1]) + 1, dtype=bool)
        missing[rows] = False
        lengths = np.add.reduceat(steps, offsets[:-1])
        return cls(offsets_of(lengths), rows, np.flatnonzero(missing))

    def times(self, times: np.ndarray, frequency: Frequency) -> np.ndarray:
        """Return the times of all rows from those (N,) that were there."""
        before = np.searchsorted(self.rows, self.missing) - 1
        out = self._with_room(times)
        out[self.missing] = frequency.times_from(times[before], self.missing - self.rows[before])
        return out

    def values(self, values: np.ndarray, fill_gaps: str) -> np.ndarray:
        """Return the values of all rows from those (N, K) that were there.

        Those of a missing row are 0, or lie on the line between the known values around it; NaN
        where its series has none on one side.
        """
        out = self._with_room(values)
        if fill_gaps == "interpolate":
            series = np.searchsorted(self.offsets, self.missing, side="right")
            for column in range(values.shape[1]):
                known = self.rows[~np.isnan(values[:, column])]
                out[self.missing, column] = self._between(known, out[:, column], series)
        return out

    def _with_room(self, values: np.ndarray) -> np.ndarray:
        out = np.zeros((len(self.rows) + len(self.missing), *values.shape[1:]), dtype=values.dtype)
        out[self.rows] = values
        return out

    def _between(self, known: np.ndarray, values: np.ndarray, series: np.ndarray) -> np.ndarray:
        above = np.searchsorted(known, self.missing)
        below = known[np.maximum(above - 1, 0)]
        above = known[np.minimum(above, len(known) - 1)]
        share = (self.missing - below) / np.maximum(above - below, 1)
        inside = (self.offsets[series - 1] <= below) & (above < self.offsets[series])
        inside &= (below < self.missing) & (self.missing < above)
        between: np.ndarray = values[below] + (values[above] - values[below]) * share
        return np.where(inside, between, np.nan)
