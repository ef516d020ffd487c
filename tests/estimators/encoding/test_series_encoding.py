import numpy as np
import pytest
from rounding import rounding

from textseq.estimators.encoding.series import SeriesEncoding
from textseq.series.inputs import series_rows


def learned(X):
    return SeriesEncoding.learn(series_rows(X))


def test_channels_are_scaled_over_all_steps_of_all_series():
    X = [np.array([[1.0, 2.0], [10.0, 10.0]]), np.array([[6.0], [40.0]])]
    encoding = learned(X)
    steps = np.array([[1, 10], [2, 10], [6, 40]])
    np.testing.assert_allclose(encoding.mean, steps.mean(0))
    np.testing.assert_allclose(encoding.scale, steps.std(0))
    encoded = encoding.encode(series_rows(X)).values
    assert encoded.dtype == np.float32
    np.testing.assert_allclose(encoded.mean(0), 0, atol=rounding(encoded))
    np.testing.assert_allclose(encoded.std(0), 1, rtol=0, atol=rounding(encoded))


def test_missing_values_are_the_mean_and_marked_where_training_misses_some():
    encoding = learned([[[0.0, 2.0, np.nan], [1.0, 2.0, 3.0]]])
    assert encoding.n_inputs == 3
    encoded = encoding.encode(series_rows([[[np.nan, 1.0], [np.nan, 2.0]]])).values
    assert encoded.tolist() == [[0, 0, 1], [0, 0, 0]]


def test_constant_and_empty_channels():
    X = [[[7.1, 7.1, 0.1 * 71], [np.nan, np.nan, np.nan], [0, 1, 2]]]
    with (
        pytest.warns(UserWarning, match="channel 0 is 7.1 in all steps to train on"),
        pytest.warns(UserWarning, match="channel 1 is missing in all steps"),
    ):
        encoding = learned(X)
    encoded = encoding.encode(series_rows([[[7.1, 8.1], [np.nan, 0.5], [1, 1]]])).values
    assert encoded.tolist() == [[0, 0, 0, 1], [0, 0, 0, 0]]


def test_a_few_outliers_do_not_rule_the_scale():
    usual = np.random.default_rng(0).normal(size=4000)
    with_outliers = np.concatenate([usual, np.full(40, 1e4)])
    encoding = learned([usual[None], with_outliers[None]])
    assert abs(encoding.mean[0]) < 0.1 and encoding.scale[0] == pytest.approx(1, abs=0.05)
    plain = learned([[usual]])
    assert (plain.mean[0], plain.scale[0]) == (usual.mean(), usual.std())


def test_outliers_are_drawn_in_without_a_jump():
    encoding = learned([[[-1.0, 1.0]]])
    values = np.array([-1e300, -4.0, -3.0, 0.5, 3.0, 3.001, 4.0, 1e6])
    encoded = encoding.encode(series_rows([[values]])).values[:, 0]
    np.testing.assert_allclose(encoded[2:5], values[2:5])
    assert encoded[5] == pytest.approx(3.001, rel=0, abs=5e-7)
    assert encoded[6] == pytest.approx(3 + np.log(2)) and encoded[1] == -encoded[6]
    assert (np.diff(encoded) > 0).all() and np.abs(encoded).max() < 1000


def test_another_number_of_channels_is_refused():
    with pytest.raises(ValueError, match="X has 1 channels, but the model was fitted to 2"):
        learned([[[1.0, 3.0], [2.0, 1.0]]]).encode(series_rows([[1.0]]))


def test_there_and_back():
    encoding = learned([[[0.1, 2.0, np.nan], [1.0, 2.0, 3.0]]])
    again = SeriesEncoding.from_dict(encoding.to_dict())
    for name in ("mean", "scale", "missing"):
        assert (getattr(again, name) == getattr(encoding, name)).all()
    with pytest.raises(ValueError, match="differ in their number"):
        SeriesEncoding.from_dict(encoding.to_dict() | {"mean": [0.0]})
