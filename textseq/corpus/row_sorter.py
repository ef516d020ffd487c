"""Rows of series in any order, sorted through files: by series, and within each by time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from textseq.growing_array import GrowingArray, NamelessFile
from textseq.ragged import offsets_of, slices_of, spans_of


class RowSorter:
    """Rows that are written as they come, and read again series by series.

    Memory holds some rows at a time, or those of one series.

    Parameters
    ----------
    n_values : int
        Numbers V of each row.

    Examples
    --------
    >>> sorter = RowSorter(1)
    >>> sorter.append(np.array([1, 0, 1]), np.array([5, 4, 3]), np.array([[0.5], [0.4], [0.3]]))
    >>> offsets, parts = sorter.sorted(rank=np.array([1, 0]))  # what was met first comes last
    >>> offsets.tolist(), [part["time"].tolist() for part in parts]
    ([0, 2, 3], [[3, 5, 4]])
    """

    def __init__(self, n_values: int) -> None:
        self.dtype = np.dtype([("series", "<i4"), ("time", "<i8"), ("values", "<f8", (n_values,))])
        self.written = GrowingArray(in_file=True)

    def append(self, series: np.ndarray, times: np.ndarray, values: np.ndarray) -> None:
        """Write rows: the numbers of their series (n,), their times (n,), and values (n, V)."""
        rows = np.empty(len(series), self.dtype)
        rows["series"], rows["time"], rows["values"] = series, times, values
        self.written.append(rows)

    def sorted(self, rank: np.ndarray) -> tuple[np.ndarray, Iterator[np.ndarray]]:
        """Return all rows in order; no more can be appended then.

        Parameters
        ----------
        rank : ndarray of shape (S,)
            The place that each numbered series takes.

        Returns
        -------
        offsets : ndarray of shape (S + 1,), int64
            Where the rows of each series start.
        parts : iterator of structured ndarray
            Rows of some series at a time, with fields ``time`` and ``values``.
        """
        rows = self.written.finished()
        counts = np.zeros(len(rank), dtype=np.int64)
        for some in slices_of(len(rows)):
            counts += np.bincount(rank[rows["series"][some]], minlength=len(rank))
        offsets = offsets_of(counts)
        return offsets, self._parts(rows, rank, offsets)

    def _parts(
        self, rows: np.ndarray, rank: np.ndarray, offsets: np.ndarray
    ) -> Iterator[np.ndarray]:
        spans = list(spans_of(offsets))
        dealt = self._dealt(rows, rank, offsets, spans)
        for span in spans:
            part = np.array(dealt[offsets[span.start] : offsets[span.stop]])
            yield part[np.lexsort((part["time"], part["series"]))]

    def _dealt(
        self, rows: np.ndarray, rank: np.ndarray, offsets: np.ndarray, spans: list[slice]
    ) -> np.ndarray:
        """Write the rows of each span of series together, in a file of that order."""
        span_of = np.repeat(np.arange(len(spans)), [span.stop - span.start for span in spans])
        # Where in that file the next row of each span goes.
        following = offsets[[span.start for span in spans]]
        file = NamelessFile()
        for some in slices_of(len(rows)):
            part = np.array(rows[some])
            part["series"] = rank[part["series"]]
            own = span_of[part["series"]]
            order = np.argsort(own, kind="stable")
            part, bounds = part[order], np.searchsorted(own[order], np.arange(len(spans) + 1))
            for number in np.flatnonzero(np.diff(bounds)):
                together = part[bounds[number] : bounds[number + 1]]
                file.write(together, at=int(following[number]) * self.dtype.itemsize)
                following[number] += len(together)
        return file.mapped(self.dtype, (len(rows),))
