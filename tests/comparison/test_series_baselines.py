import numpy as np
import pytest
from sklearn.base import clone

from textseq.comparison import series_baselines
from textseq.comparison.series_baselines import (
    NearestSeriesClassifier,
    SeriesStatistics,
    dtw_distances,
    series_baseline_models,
)
from textseq.series.inputs import series_rows


def by_the_book(a, b):
    """Dynamic time warping of two series (channels, time), cell by cell."""
    table = np.full((a.shape[1] + 1, b.shape[1] + 1), np.inf)
    table[0, 0] = 0
    for i in range(a.shape[1]):
        for j in range(b.shape[1]):
            before = min(table[i, j], table[i, j + 1], table[i + 1, j])
            table[i + 1, j + 1] = ((a[:, i] - b[:, j]) ** 2).sum() + before
    return table[-1, -1]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("budget", [1, 4_000_000])
def test_time_warping_equals_the_table_filled_cell_by_cell(channels, budget, monkeypatch):
    monkeypatch.setattr(series_baselines, "PAIR_BUDGET", budget)
    rng = np.random.default_rng(0)
    a = [rng.normal(size=(channels, n)) for n in (1, 7, 4)]
    b = [rng.normal(size=(channels, n)) for n in (5, 1, 9, 6)]
    found = dtw_distances(series_rows(a), series_rows(b))
    np.testing.assert_allclose(found, [[by_the_book(one, other) for other in b] for one in a])


def test_the_nearest_series_answers():
    X = [[[0.0, 0, 1, 2, 2, 2]], [[2.0, 1, 0]], [[0.0, 1, 2]]]
    model = NearestSeriesClassifier().fit(X[:2], ["up", "down"])
    assert model.predict(X).tolist() == ["up", "down", "up"]
    gap = [[[0.0, np.nan, 2]]]
    assert model.predict(gap).tolist() == ["up"]


def test_statistics_of_each_channel_and_the_length():
    X = [np.array([[1.0, np.nan, 3.0], [0.0, 0.0, 0.0]]), np.array([[np.nan], [2.0]])]
    found = SeriesStatistics().fit_transform(X)
    assert found.shape == (2, 2 * 12 + 1) and np.isfinite(found).all()
    assert found[0, 0] == 2 and found[0, 11] == pytest.approx(1 / 3)
    assert found[:, -1].tolist() == [3, 1]


@pytest.mark.parametrize("task", ["classes", "labels", "number"])
def test_every_baseline_fits_each_task(task):
    rng = np.random.default_rng(0)
    X, numbers = rng.normal(size=(30, 2, 8)), rng.normal(size=30)
    y = {"classes": numbers > 0, "labels": np.stack([numbers > 0, numbers < 1], 1) * 1}
    for model in series_baseline_models(task).values():
        target = y.get(task, numbers)
        assert clone(model).fit(X, target).predict(X).shape == target.shape
