import numpy as np
import pytest

from textseq import SeriesRegressor, load_model
from textseq.labels.validation_split import split_rows


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    heights = rng.uniform(1, 3, 150)
    series = [h * np.sin(0.5 * np.arange(rng.integers(20, 40))) for h in heights]
    return series, 1000 + 50 * heights


def test_predicts_in_the_targets_own_units(data, tmp_path):
    X, y = data
    model = SeriesRegressor(hidden_size=16, max_epochs=40, random_state=0).fit(X[:100], y[:100])
    assert model.score(X[100:], y[100:]) > 0.9
    loaded = load_model(model.save(tmp_path / "heights.textseq"))
    assert (loaded.predict(X) == model.predict(X)).all()
    assert (loaded.mean_, loaded.scale_) == (model.mean_, model.scale_)


def test_targets_held_out_change_nothing_that_is_fitted(data):
    X, y = (data[0] * 8)[:1000], np.tile(data[1], 8)[:1000]
    kind = dict(encoder="mean", max_epochs=1, random_state=0)
    model = SeriesRegressor(**kind).fit(X, y)
    _, held_out = split_rows(y, 0.1, np.random.default_rng(0))
    assert model.receipt_["validation_rows"] == len(held_out) == 100
    training = np.delete(y, held_out)
    assert model.mean_ == pytest.approx(training.mean())
    assert model.scale_ == pytest.approx(training.std())
    given = SeriesRegressor(**kind).fit(X, y, (X[:5], y[:5] + 1e6))
    assert given.mean_ == pytest.approx(y.mean()) and given.scale_ == pytest.approx(y.std())


def test_a_constant_target_is_predicted(data):
    model = SeriesRegressor(encoder="gru", max_epochs=2).fit(data[0], np.full(150, 7.0))
    assert np.allclose(model.predict(data[0][:3]), 7, atol=0.5)


@pytest.mark.parametrize("y", [["a"] * 150, [np.inf] * 150, np.ones((150, 2))])
def test_bad_targets(data, y):
    with pytest.raises(ValueError, match="numbers|inf"):
        SeriesRegressor().fit(data[0], y)
