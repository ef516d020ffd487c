"""How far each forecast of a backtest was off, in the units of MASE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from textseq.series.columns import read_numbers
from textseq.series.metrics import scale_at_cutoffs
from textseq.series.panel import Panel


@dataclass(frozen=True, eq=False)
class BacktestErrors:
    """The truth of a backtest and its scale, block by block: a series at a cutoff.

    Parameters
    ----------
    series, window : ndarray of shape (B,), int64
        Of each block, in the order of the backtest's rows.
    actual : ndarray of shape (B, h, K)
        What came.
    scale : ndarray of shape (B, h, K)
        Error of the seasonal naive in the rows known at the cutoff; NaN where that is 0.
    step_size : int
        Steps between cutoffs.
    """

    series: np.ndarray
    window: np.ndarray
    actual: np.ndarray
    scale: np.ndarray
    step_size: int

    @classmethod
    def of(
        cls,
        frame: Any,
        panel: Panel,
        *,
        h: int,
        n_windows: int,
        step_size: int,
        season_length: int,
    ) -> Self:
        """Read the frame of a backtest of that panel."""
        series, window = [], []
        for index in range(n_windows):
            before = h + (n_windows - 1 - index) * step_size
            kept = np.flatnonzero(panel.lengths > before)
            series.append(kept)
            window.append(np.full(len(kept), index))
        shape = (-1, h, panel.y.shape[1])
        scale = scale_at_cutoffs(frame, panel, season_length).reshape(shape)
        return cls(
            np.concatenate(series),
            np.concatenate(window),
            read_numbers(frame, "y").reshape(shape),
            np.where(scale > 0, scale, np.nan),
            step_size,
        )

    def scaled(self, frame: Any, model: str) -> np.ndarray:
        """Return a model's absolute scaled errors (B, h, K), NaN where there is none."""
        forecast = read_numbers(frame, model).reshape(self.actual.shape)
        return np.abs(self.actual - forecast) / self.scale

    def by_item(self, scaled: np.ndarray) -> np.ndarray:
        """Return the mean error of each series, target and cutoff, shape (n_items,).

        Cutoffs fewer than ``h`` steps apart share what came after them, so that they make one
        item together.
        """
        h, n_targets = scaled.shape[1:]
        span = self.window * min(self.step_size, h) // h
        item = self.series * (span.max() + 1) + span
        return _means(
            scaled.transpose(0, 2, 1).reshape(-1, h),
            (item[:, None] * n_targets + np.arange(n_targets)).ravel(),
        )

    def by_series(self, scaled: np.ndarray, n_series: int) -> np.ndarray:
        """Return the mean error of each series and target, shape (S, K); NaN where none."""
        h, n_targets = scaled.shape[1:]
        index = self.series[:, None] * n_targets + np.arange(n_targets)
        sums, counts = _sums(
            scaled.transpose(0, 2, 1).reshape(-1, h), index.ravel(), n_series * n_targets
        )
        return _over(sums, counts).reshape(n_series, n_targets)


def by_step(scaled: np.ndarray) -> np.ndarray:
    """Return the mean error (h,) of each step ahead from scaled errors (B, h, K)."""
    present = ~np.isnan(scaled)
    return _over(np.where(present, scaled, 0).sum(axis=(0, 2)), present.sum(axis=(0, 2)))


def _means(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the mean (G,) of all values (n, h) of each group that occurs."""
    _, index = np.unique(group, return_inverse=True)
    return _over(*_sums(values, index, int(index.max()) + 1))


def _sums(values: np.ndarray, group: np.ndarray, n_groups: int) -> tuple[np.ndarray, np.ndarray]:
    present = ~np.isnan(values)
    sums = np.bincount(group, np.where(present, values, 0).sum(axis=1), n_groups)
    return sums, np.bincount(group, present.sum(axis=1), n_groups)


def _over(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
