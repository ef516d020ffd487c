"""The cheap rows that every network of series has to beat."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from textseq.constancy import constant_columns
from textseq.estimators.series_encoding import SeriesEncoding
from textseq.ragged import Ragged
from textseq.series.inputs import series_rows

# Numbers that the pairs aligned at once may hold: bounds memory.
PAIR_BUDGET = 4_000_000
QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)


def dtw_distances(a: Ragged, b: Ragged) -> np.ndarray:
    """Return the squared distances of all pairs of series after time warping.

    Two series are aligned as a whole, all channels at once, without a window.

    Parameters
    ----------
    a, b : Ragged
        Values (n_steps, n_channels) without NaN; lengths may differ.

    Returns
    -------
    ndarray of shape (len(a), len(b))

    References
    ----------
    Sakoe & Chiba (1978), "Dynamic Programming Algorithm Optimization for Spoken Word
    Recognition", equation 3, with steps of equal weight; of several channels: Shokoohi-Yekta
    et al. (2017), "Generalizing DTW to the multi-dimensional case", equation 6.

    Examples
    --------
    >>> slow = Ragged(np.array([[0.0], [0.0], [1.0], [3.0]]), np.array([0, 4]))
    >>> fast = Ragged(np.array([[0.0], [1.0], [1.0]]), np.array([0, 3]))
    >>> dtw_distances(slow, fast).tolist()
    [[4.0]]
    """
    first, second = np.divmod(np.arange(len(a) * len(b)), len(b))
    left, right = a.padded(), b.padded()  # (n, T, C)
    size = max(1, PAIR_BUDGET // (left.shape[1] * left.shape[2]))
    found = np.empty(len(first))
    for start in range(0, len(first), size):
        one, other = first[start : start + size], second[start : start + size]
        found[start : start + size] = _aligned(
            left[one], right[other], a.lengths[one], b.lengths[other]
        )
    return found.reshape(len(a), len(b))


def _aligned(
    left: np.ndarray, right: np.ndarray, n_left: np.ndarray, n_right: np.ndarray
) -> np.ndarray:
    """Align pairs (P, T, C) and (P, U, C), diagonal by diagonal of the T x U table."""
    (n_pairs, height, _), width = left.shape, right.shape[1]
    # Place i of a diagonal is row i - 1 of the table; place 0 lies before the table.
    before = np.full((n_pairs, height + 1), np.inf)
    last = before.copy()
    before[:, 0] = 0.0  # where every path starts
    total = np.empty(n_pairs)
    ends = n_left + n_right - 2
    for diagonal in range(height + width - 1):
        top, bottom = max(0, diagonal - width + 1), min(diagonal, height - 1) + 1
        there = right[:, diagonal - bottom + 1 : diagonal - top + 1][:, ::-1]
        cost = np.square(left[:, top:bottom] - there).sum(2)
        reached = np.minimum(last[:, top:bottom], last[:, top + 1 : bottom + 1])
        current = np.full_like(last, np.inf)
        current[:, top + 1 : bottom + 1] = cost + np.minimum(reached, before[:, top:bottom])
        done = ends == diagonal
        total[done] = current[done, n_left[done]]
        before, last = last, current
    return total


class _NearestByWarping(BaseEstimator):
    """What is known of the training series that is nearest after dynamic time warping.

    Channels are scaled by the training series, missing values are their mean.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Keep the series and their targets."""
        rows = series_rows(X)
        self.encoding_ = SeriesEncoding.learn(rows)
        self.series_, self.targets_ = self._read(rows), np.asarray(y)
        if isinstance(self, ClassifierMixin):
            self.classes_ = np.unique(self.targets_)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the target of the nearest training series; the first of equals."""
        distances = dtw_distances(self._read(series_rows(X)), self.series_)
        nearest: np.ndarray = self.targets_[distances.argmin(1)]
        return nearest

    def _read(self, rows: Ragged) -> Ragged:
        encoded = self.encoding_.encode(rows)
        return Ragged(encoded.values[:, : self.encoding_.n_channels], encoded.offsets)


class NearestSeriesClassifier(ClassifierMixin, _NearestByWarping):
    """The class of the training series that is nearest after dynamic time warping."""


class NearestSeriesRegressor(RegressorMixin, _NearestByWarping):
    """The number of the training series that is nearest after dynamic time warping."""


class SeriesStatistics(TransformerMixin, BaseEstimator):
    """A few numbers of every channel: mean, spread, quartiles, ends, slope, memory; the length.

    Examples
    --------
    >>> SeriesStatistics().fit_transform([[[1.0, 2.0, 3.0]]]).round(2).tolist()
    [[2.0, 0.82, 1.0, 1.5, 2.0, 2.5, 3.0, 1.0, 3.0, 0.5, 0.0, 0.0, 3.0]]
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn nothing."""
        self.fitted_ = True
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the statistics (n, n_channels * 12 + 1)."""
        rows = series_rows(X)
        return np.array([_statistics(rows[row]) for row in range(len(rows))])


def _statistics(steps: np.ndarray) -> np.ndarray:
    """Return the statistics of one series (T, C)."""
    numbers: list[float] = []
    for channel in steps.T:
        known = ~np.isnan(channel)
        values = channel[known] if known.any() else np.zeros(1)
        spread = values.std()
        around = values - values.mean()
        times = np.linspace(-1.0, 1.0, len(values)) if len(values) > 1 else np.zeros(1)
        still = constant_columns(values[:, None]).item()
        memory = 0.0 if still else (around[1:] * around[:-1]).sum() / np.square(around).sum()
        numbers += [values.mean(), spread, *np.quantile(values, QUANTILES), values[0], values[-1]]
        numbers += [(times * values).mean() / max(np.square(times).mean(), 1e-12) * 0.5]
        numbers += [memory, 1 - known.mean()]
    return np.array([*numbers, len(steps)])


def series_baseline_models(task: str) -> dict[str, BaseEstimator]:
    """Return the baselines of a task by name.

    Parameters
    ----------
    task : {"classes", "labels", "number"}
    """
    nothing = make_pipeline(SeriesCount(), DummyClassifier(strategy="most_frequent"))
    statistics = (SeriesStatistics(), StandardScaler())
    if task == "number":
        return {
            "mean target": make_pipeline(SeriesCount(), DummyRegressor()),
            "1-NN DTW": NearestSeriesRegressor(),
            "statistics + ridge": make_pipeline(*statistics, Ridge()),
        }
    regression = LogisticRegression(max_iter=1000)
    linear = OneVsRestClassifier(regression) if task == "labels" else regression
    return {
        "majority class": nothing,
        "1-NN DTW": NearestSeriesClassifier(),
        "statistics + LR": make_pipeline(*statistics, linear),
    }


class SeriesCount(TransformerMixin, BaseEstimator):
    """Nothing of the series but how many there are: a column of zeros."""

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn nothing."""
        self.fitted_ = True
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return zeros (n, 1)."""
        return np.zeros((len(series_rows(X)), 1))
