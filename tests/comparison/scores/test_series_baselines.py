import numpy as np
import pytest
from sklearn.base import clone

from textseq.comparison.scores.series_baselines import (
    NearestSeriesClassifier,
    SeriesStatistics,
    SeriesValues,
    series_baseline_models,
)


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


def test_a_linear_model_of_the_values_or_changes_finds_what_statistics_miss():
    rng = np.random.default_rng(0)
    level, slope = rng.normal(3, 1, (120, 1)), rng.normal(0, 1, (120, 1))
    bump = rng.random((120, 1))
    grid = np.linspace(-1, 1, 40)
    X = level + slope * grid + bump * 0.1 * np.exp(-np.square(grid - 0.3) / 0.01)
    X += rng.normal(size=X.shape) * 0.001
    scores = {
        name: model.fit(X[:80], bump[:80, 0]).score(X[80:], bump[80:, 0])
        for name, model in series_baseline_models("number", band=None).items()
    }
    assert "1-NN DTW" not in scores
    assert scores["statistics + ridge"] < 0.9
    assert scores["values + ridge"] > 0.98 and scores["changes + ridge"] > 0.98


def test_values_are_interpolated_over_gaps_to_one_length():
    X = [[[0.0, np.nan, 2.0, 3.0]], [[np.nan, np.nan]], [[0.0, 3.0]], [[1.0, 1.0, 1.0, 1.0]]]
    values = SeriesValues().fit_transform(X)
    assert values.tolist() == [[0, 1.5, 3], [0, 0, 0], [0, 1.5, 3], [1, 1, 1]]
    assert SeriesValues(changes=True).fit_transform(X).tolist()[0] == [1.5, 1.5]


@pytest.mark.parametrize("value", [0.1, 1e9 / 3])
def test_statistics_of_a_series_that_is_constant_up_to_rounding(value):
    steps = np.full((1, 1, 50), value)
    steps[..., ::3] *= 1 + 1e-15
    assert SeriesStatistics().fit_transform(steps)[0, 10] == 0
    rising = SeriesStatistics().fit_transform(np.arange(50.0)[None, None] * 1e-9)
    assert rising[0, 10] > 0.8
