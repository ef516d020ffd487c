"""Mean, spread and roughness of series, and what is assumed where one tells too little."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from textseq.constancy import constant_parts
from textseq.series.panel import Panel
from textseq.series.windows import ASSUMED_CHANGES

# Rows that the spread assumed of a new series counts for, beside its own.
ASSUMED_ROWS = 5
# Windows that the error rate of the median series counts for, likewise.
ASSUMED_WINDOWS = 2
# A series that tells nothing of its roughness is taken for one of the rougher ones: an interval
# that is too wide misleads less than one that is too narrow.
ROUGHER = 0.9


@dataclass(frozen=True, eq=False)
class TypicalSeries:
    """What the series that were trained on suggest of others.

    Parameters
    ----------
    std : ndarray of shape (K,)
        Median standard deviation of the series that change.
    of_size : ndarray of shape (K,), bool
        Whether ``std`` is a share of a series' root mean square value instead, as it is where
        that varies less from series to series.
    roughness : ndarray of shape (K,)
        Mean square root of the absolute change over a season, in a series' spread, of a rough one.
    error_rate : ndarray of shape (K,)
        How far forecasts of the median series are off, in its roughness.
    """

    std: np.ndarray
    of_size: np.ndarray
    roughness: np.ndarray
    error_rate: np.ndarray

    def stds_of(self, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
        """Return the standard deviation (S, K) assumed of series with some mean and one (S, K)."""
        size = np.sqrt(np.square(mean) + np.square(std))
        assumed = np.where(self.of_size, self.std * size, self.std)
        # Of zeros nothing has a share.
        return np.where(assumed > 0, assumed, 1.0)


@dataclass(frozen=True, eq=False)
class SeriesScales:
    """What each series is scaled by.

    Parameters
    ----------
    mean, std : ndarray of shape (S, K)
    roughness : ndarray of shape (S, K)
        Mean square root of the absolute change over a season, in ``std``.
    """

    mean: np.ndarray
    std: np.ndarray
    roughness: np.ndarray

    @classmethod
    def learn(cls, panel: Panel, season_length: int) -> tuple[Self, TypicalSeries]:
        """Take the scales of the series to train on, and what is typical of them."""
        mean, std, _ = series_moments(panel)
        constant = constant_series(panel)
        typical_std, of_size = _typical_std(mean, std, ~constant)
        ones = np.ones(panel.y.shape[1])
        typical = TypicalSeries(typical_std, of_size, ones, ones)
        # A constant series has no spread to divide by.
        std = np.where(constant, typical.stds_of(mean, np.zeros_like(mean)), std)
        total, count = _root_changes(panel, std, season_length)
        rough = _of_rough_series(total, count)
        roughness = (total + ASSUMED_CHANGES * rough) / (count + ASSUMED_CHANGES)
        return cls(mean, std, roughness), replace(typical, roughness=rough)


def constant_series(panel: Panel) -> np.ndarray:
    """Return which targets of which series hold one value at most, (S, K), bool."""
    (constant,) = panel.by_series(lambda part: (constant_parts(part.y, part.offsets[:-1]),))
    return constant


def series_moments(panel: Panel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean and standard deviation (S, K) of each series, and of how many values."""
    mean, std, counts = panel.by_series(_moments)
    return mean, std, counts


def _moments(panel: Panel) -> tuple[np.ndarray, ...]:
    starts = panel.offsets[:-1]
    known = ~np.isnan(panel.y)
    counts = np.add.reduceat(known, starts, axis=0, dtype=np.int64)
    mean = np.add.reduceat(np.where(known, panel.y, 0.0), starts, axis=0) / np.maximum(counts, 1)
    deviation = np.where(known, panel.y - np.repeat(mean, panel.lengths, axis=0), 0.0)
    squares = np.add.reduceat(np.square(deviation), starts, axis=0)
    return mean, np.sqrt(squares / np.maximum(counts, 1)), counts


def error_rates(
    errors: np.ndarray, difficulty: np.ndarray, series: np.ndarray, n_series: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return how far forecasts of each series (S, K) and of the median one (K,) are off.

    Roots are averaged, as few large errors among many small ones are another thing than many of
    the same mean.

    Parameters
    ----------
    errors : ndarray of shape (n, H, K)
        Of the forecasts of windows that were trained on, NaN where unknown.
    difficulty : ndarray of shape (n, K)
        Of the windows, that they are measured in.
    series : ndarray of shape (n,)
        Of each window.
    n_series : int
    """
    present = ~np.isnan(errors)
    roots = np.sqrt(np.where(present, np.abs(errors), 0.0)).sum(axis=1)
    roots /= np.maximum(present.sum(axis=1), 1)
    known = present.any(axis=1)  # (n, K)
    counts, found, units = (np.zeros((n_series, errors.shape[2])) for _ in range(3))
    for sums, values in ((counts, known), (found, roots), (units, np.sqrt(difficulty))):
        np.add.at(sums, series, np.where(known, values, 0.0))
    rates = np.square(found / np.where(counts > 0, units, 1.0))
    median = np.array(
        [
            np.median(rate[count > 0]) if count.any() else 1.0
            for rate, count in zip(rates.T, counts.T, strict=True)
        ]
    )
    median = np.where(median > 0, median, 1.0)
    shares = counts / (counts + ASSUMED_WINDOWS)
    return shares * rates + (1 - shares) * median, median


def _typical_std(
    mean: np.ndarray, std: np.ndarray, changes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the median std (K,), as a share of size where that varies less, and whether it is."""
    n_targets = mean.shape[1]
    typical, of_size = np.ones(n_targets), np.ones(n_targets, dtype=bool)
    for target in range(n_targets):
        some = changes[:, target]
        if not some.any():
            continue
        stds = std[some, target]
        shares = stds / np.sqrt(np.square(mean[some, target]) + np.square(stds))
        of_size[target] = np.log(shares).std() < np.log(stds).std()
        typical[target] = np.median(shares if of_size[target] else stds)
    return typical, of_size


def _root_changes(
    panel: Panel, std: np.ndarray, season_length: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum of the roots of all changes over a season, and how many (S, K) there are."""
    totals, counts = [], []
    for series, part in panel.parts():
        starts = part.offsets[:-1]
        change = np.abs(part.changes(season_length)) / np.repeat(std[series], part.lengths, axis=0)
        known = ~np.isnan(change)
        totals.append(np.add.reduceat(np.sqrt(np.where(known, change, 0.0)), starts, axis=0))
        counts.append(np.add.reduceat(known, starts, axis=0, dtype=np.int64))
    return np.concatenate(totals), np.concatenate(counts)


def _of_rough_series(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return the roughness (K,) of a rough series, of those that show enough changes if some do."""
    found = np.ones(total.shape[1])
    for target in range(len(found)):
        enough = count[:, target] >= min(ASSUMED_CHANGES, max(int(count[:, target].max()), 1))
        if enough.any():
            found[target] = np.quantile(total[enough, target] / count[enough, target], ROUGHER)
    return found
