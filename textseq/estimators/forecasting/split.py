"""Which rows of each series a forecaster trains on, and which judge it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from textseq.checks import check_count
from textseq.growing_array import GrowingArray
from textseq.ragged import slices_of
from textseq.series.panel import Panel
from textseq.series.windows import EndSpans, Windows, WindowShape, WindowSource

# With fewer series than this, one horizon at their ends is too little to judge by.
MANY_SERIES = 30
VALIDATION_SHARE = 0.1
HORIZONS = 2
# A series must be so many times as long as its validation part to give one.
LEAST_REST = 3
# Evenly spaced windows that stand for more.
MOST_VALIDATION_WINDOWS = 10_000
MOST_CALIBRATION_WINDOWS = 2_000
# With fewer whole windows, those are taken too whose last steps lie beyond the series.
FEWEST_WHOLE_WINDOWS = 30


@dataclass(frozen=True, eq=False)
class ForecastSplit:
    """The last rows of each series validate, all before are trained on.

    Parameters
    ----------
    n_training : ndarray of shape (S,), int64
        Rows of each series that are trained on, from its start.
    lengths : ndarray of shape (S,), int64
        All of its rows.
    """

    n_training: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, panel: Panel, h: int, val_size: int | None) -> Self:
        """Set ``val_size`` rows of each series aside, or as many as its length suggests.

        Raises
        ------
        ValueError
            If no series has rows left to train on.
        """
        lengths = panel.lengths
        if val_size is None:
            size, typical = h, float(np.median(lengths))
            if len(panel) < MANY_SERIES:
                several = max(HORIZONS * h, round(VALIDATION_SHARE * typical))
                size = several if several * (1 + LEAST_REST) <= typical else h
            n_training = np.where(lengths >= LEAST_REST * size, lengths - size, lengths)
        else:
            n_training = np.maximum(lengths - check_count("val_size", val_size, least=0), 0)
        if not (n_training > 1).any():
            longest = int(lengths.max())
            raise ValueError(
                f"the longest series has {longest} rows, which leaves none to train on beside "
                f"val_size={val_size}; use a smaller one, or more rows"
            )
        return cls(n_training, lengths)

    @property
    def validates(self) -> bool:
        """Whether any series has rows to validate on."""
        return self.n_validation > 0

    @property
    def n_validation(self) -> int:
        """Rows to validate on, of all series together."""
        return int((self.lengths - self.n_training)[self.n_training > 0].sum())

    def training(self, source: WindowSource, shape: WindowShape) -> Windows:
        """Return all windows with something to learn, cut from the training rows alone."""
        source = source.until(self.n_training)
        # Behind the last row there is nothing to forecast.
        last = np.minimum(np.maximum(self.n_training - shape.horizon, 1), self.n_training - 1)
        first = np.minimum(shape.input_size, last)
        spans = EndSpans(source, np.maximum(first, 1), last)
        # In few bytes, as there may be one for each row, and many rows.
        grown = GrowingArray(in_file=source.is_stored)
        dtype = np.int32 if len(source.y) < 2**31 else np.int64
        for part in slices_of(len(spans)):
            ends = spans.ends(np.arange(part.start, part.stop))
            windows = Windows(source, ends, shape)
            grown.append(ends[_with_truth(windows)].astype(dtype))
        return Windows(source, grown.finished(), shape)

    def validation(self, source: WindowSource, shape: WindowShape) -> Windows:
        """Return windows that end in the validation rows and forecast no others."""
        return self._after(source, shape, MOST_VALIDATION_WINDOWS)

    def calibration(self, source: WindowSource, shape: WindowShape) -> Windows:
        """Return windows to learn intervals on; where they are few, some lack their last steps."""
        return self._after(source, shape, MOST_CALIBRATION_WINDOWS)

    def _after(self, source: WindowSource, shape: WindowShape, most: int) -> Windows:
        held_out = (self.n_training < self.lengths) & (self.n_training > 0)
        first = np.where(held_out, self.n_training, 1)
        last = np.where(held_out, np.maximum(self.lengths - shape.horizon, self.n_training), 0)
        if np.maximum(last - first + 1, 0).sum() < FEWEST_WHOLE_WINDOWS:
            last = np.where(held_out, self.lengths - 1, 0)
        spans = EndSpans(source, np.maximum(first, 1), last)
        windows = Windows(source, spans.ends(evenly(len(spans), most)), shape)
        return windows.take(_with_truth(windows))


def _with_truth(windows: Windows) -> np.ndarray:
    """Return the windows, whose ends ascend, after which a target is known."""
    source, ends = windows.source, windows.ends
    stops = np.minimum(ends + windows.shape.horizon, source.stops[windows.series])
    found = []
    # The known targets are counted in some rows at a time.
    for rows in slices_of(len(source.y)):
        own = slice(*np.searchsorted(ends, [rows.start, rows.stop]))
        if own.start < own.stop:
            first, last = rows.start, int(stops[own].max())
            known = ~np.isnan(source.y[first:last]).all(axis=1)
            counts = np.concatenate([[0], np.cumsum(known)])
            some = counts[stops[own] - first] > counts[ends[own] - first]
            found.append(own.start + np.flatnonzero(some))
    return np.concatenate([np.empty(0, dtype=np.int64), *found])


def evenly(count: int, most: int) -> np.ndarray:
    """Return at most so many places of ``count``, evenly spread."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).round().astype(np.int64)
