"""The cheap rows that every network of series has to beat."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from textseq.comparison.scores.time_warping import dtw_distances
from textseq.constancy import constant_columns
from textseq.estimators.encoding.series import SeriesEncoding
from textseq.ragged import Ragged
from textseq.series.inputs import series_rows

# Numbers of a series that a linear model reads.
MOST_VALUES = 1_000
# Of ridge regression, chosen by leaving one out: values next to each other are much alike.
PENALTIES = tuple(10.0**power for power in range(-8, 5))
QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)


class _NearestByWarping(BaseEstimator):
    """What is known of the training series that is nearest after dynamic time warping.

    Channels are scaled by the training series, missing values are their mean.

    Parameters
    ----------
    band : float, default 1.0
        As ``dtw_distances`` takes it.
    """

    def __init__(self, band: float = 1.0) -> None:
        self.band = band

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
        distances = dtw_distances(self._read(series_rows(X)), self.series_, self.band)
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
        std = values.std()
        centered = values - values.mean()
        times = np.linspace(-1.0, 1.0, len(values)) if len(values) > 1 else np.zeros(1)
        still = constant_columns(values[:, None]).item()
        memory = 0.0 if still else (centered[1:] * centered[:-1]).sum() / np.square(centered).sum()
        numbers += [values.mean(), std, *np.quantile(values, QUANTILES), values[0], values[-1]]
        numbers += [(times * values).mean() / max(np.square(times).mean(), 1e-12) * 0.5]
        numbers += [memory, 1 - known.mean()]
    return np.array([*numbers, len(steps)])


class SeriesValues(TransformerMixin, BaseEstimator):
    """The values of every channel side by side, or their changes from step to step.

    Series of unequal lengths and missing values are interpolated to the median length, of many
    values to fewer steps.

    Parameters
    ----------
    changes : bool, default False

    Examples
    --------
    >>> SeriesValues().fit_transform([[[1.0, 2.0, 4.0]], [[1.0, 5.0]]]).tolist()
    [[1.0, 4.0], [1.0, 5.0]]
    """

    def __init__(self, changes: bool = False) -> None:
        self.changes = changes

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn to how many steps the series are interpolated."""
        rows = series_rows(X)
        most = max(MOST_VALUES // rows.values.shape[1], 2)
        self.n_steps_ = min(max(int(np.median(rows.lengths)), 2), most)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the values (n, n_channels * n_steps), or one fewer a channel of changes."""
        rows = series_rows(X)
        found = np.array([self._values(rows[row]) for row in range(len(rows))])
        return (np.diff(found) if self.changes else found).reshape(len(rows), -1)

    def _values(self, steps: np.ndarray) -> np.ndarray:
        """Return the values (n_channels, n_steps) of one series (T, C)."""
        positions, at = np.linspace(0, 1, len(steps)), np.linspace(0, 1, self.n_steps_)
        known = ~np.isnan(steps.T)
        return np.array(
            [
                np.interp(at, positions[there], channel[there])
                if there.any()
                else np.zeros(len(at))
                for channel, there in zip(steps.T, known, strict=True)
            ]
        )


def series_baseline_models(task: str, band: float | None = 1.0) -> dict[str, BaseEstimator]:
    """Return the baselines of a task by name.

    Parameters
    ----------
    task : {"classes", "labels", "number"}
    band : float or None, default 1.0
        Of 1-NN DTW, as ``dtw_distances`` takes it; None leaves that out.
    """
    found: dict[str, BaseEstimator] = {}
    if task == "number":
        found["mean target"] = make_pipeline(SeriesCount(), DummyRegressor())
        nearest: BaseEstimator = NearestSeriesRegressor(band or 1.0)
        kind, linear, weak = "ridge", RidgeCV(PENALTIES), Ridge()
    else:
        found["majority class"] = make_pipeline(
            SeriesCount(), DummyClassifier(strategy="most_frequent")
        )
        nearest, kind = NearestSeriesClassifier(band or 1.0), "LR"
        regression = LogisticRegression(max_iter=1000)
        linear = weak = OneVsRestClassifier(regression) if task == "labels" else regression
    if band is not None:
        found["1-NN DTW"] = nearest
    for name, features, model in (
        ("statistics", SeriesStatistics(), weak),
        ("values", SeriesValues(), linear),
        ("changes", SeriesValues(changes=True), linear),
    ):
        found[f"{name} + {kind}"] = make_pipeline(features, StandardScaler(), model)
    return found


class SeriesCount(TransformerMixin, BaseEstimator):
    """Nothing of the series but how many there are: a column of zeros."""

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn nothing."""
        self.fitted_ = True
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return zeros (n, 1)."""
        return np.zeros((len(series_rows(X)), 1))
