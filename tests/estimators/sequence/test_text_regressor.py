import numpy as np
import pytest

from textseq import TextRegressor, load_model


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 6, size=400)
    return [" ".join(["good"] * n + ["film"]) for n in counts], 100.0 + 10.0 * counts


def test_predicts_in_the_targets_own_units(data, tmp_path):
    model = TextRegressor(encoder="gru", hidden_size=16, random_state=0).fit(*data)
    assert model.score(*data) > 0.9
    assert 120 < model.predict(["good good good good film"])[0] < 150
    loaded = load_model(model.save(tmp_path / "stars.textseq"))
    assert (loaded.predict(data[0]) == model.predict(data[0])).all()


def test_a_constant_target_is_predicted(data):
    model = TextRegressor(encoder="mean", random_state=0).fit(data[0], np.full(400, 7.0))
    assert np.allclose(model.predict(["film"]), 7, atol=0.1)


@pytest.mark.parametrize(
    ("y", "message"),
    [(["a"] * 400, "numbers"), ([np.inf] * 400, "y\\[0\\] is inf"), (np.ones((400, 2)), "shape")],
)
def test_bad_targets(data, y, message):
    with pytest.raises(ValueError, match=message):
        TextRegressor().fit(data[0], y)
