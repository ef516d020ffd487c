import numpy as np
import pytest

from textseq.series.calibration import POINT, Calibration, base_intervals, middle_of


def test_intervals_hold_what_they_promise_at_every_step():
    rng = np.random.default_rng(0)
    growth = np.sqrt(np.arange(1, 13))[:, None]
    errors = rng.standard_t(4, size=(600, 12, 1)) * growth
    calibration = Calibration.learn(errors, {POINT: np.abs(errors)}, 1e9)
    new = np.abs(rng.standard_t(4, size=(4000, 12, 1)) * growth)
    for level in (50, 80, 90, 95):
        held = (new <= calibration.widening(POINT, level, 12)).mean(axis=(0, 2))
        assert np.abs(held - level / 100).max() < 0.04, level


def test_few_windows_with_unknown_steps():
    errors = np.array([[1.0, 2.0, np.nan], [3.0, np.nan, np.nan]])[:, :, None]
    calibration = Calibration.learn(errors, {POINT: np.abs(errors)}, 1e9)
    # The typical error never falls; no window knew the third step.
    typical = ((1 + np.sqrt(3)) / 2) ** 2
    np.testing.assert_allclose(calibration.spread.ravel(), [typical, 2, 2])
    np.testing.assert_allclose(calibration.scores[POINT], [1 / typical, 1.0, 3 / typical])
    # More is asked than three errors can tell: the largest stands for it.
    np.testing.assert_allclose(calibration.widening(POINT, 99, 2).ravel(), [3, 6 / typical])


def test_beyond_the_calibrated_steps_errors_grow_as_a_random_walks():
    errors = np.ones((10, 4, 1))
    calibration = Calibration.learn(errors, {POINT: errors}, 1e9)
    width = calibration.widening(POINT, 90, 16).ravel()
    np.testing.assert_allclose(width[[3, 15]], [1, 2])


def test_quantiles_that_are_too_narrow_are_widened_and_too_wide_ones_narrowed():
    rng = np.random.default_rng(1)
    truth = rng.normal(size=(500, 3, 1))
    for guess in (0.3, 4.0):
        outside = np.abs(truth) - guess
        calibration = Calibration.learn(truth, {80.0: outside}, 1e9)
        new = np.abs(rng.normal(size=(4000, 3, 1)))
        held = (new <= guess + calibration.widening(80, 80, 3)).mean()
        assert abs(held - 0.8) < 0.03


def test_base_intervals():
    found = np.arange(5.0)[None]
    quantiles = (0.05, 0.1, 0.5, 0.9, 0.95)
    assert middle_of(found).tolist() == [2]
    both = base_intervals(found, quantiles)
    assert {level: (float(low[0]), float(high[0])) for level, (low, high) in both.items()} == {
        90.0: (0, 4),
        80.0: (1, 3),
    }
    assert list(base_intervals(found, quantiles, (80,))) == [80]
    with pytest.raises(ValueError, match=r"level=95 .* use 80, 90, or .* 0.025, 0.5 and 0.975"):
        base_intervals(found, quantiles, (80, 95))
    low, high = base_intervals(found[..., :1], (), (95,))[95]
    assert low is high or (low == high).all()


def test_errors_of_few_windows_apart_widen_intervals_as_students_t():
    errors = np.linspace(-1, 1, 101)[:, None, None]
    many, three, one = (
        Calibration.learn(errors, {POINT: np.abs(errors)}, n_apart).widening(POINT, 90, 1)[0, 0]
        for n_apart in (1e9, 3, 0.5)
    )
    # t(.95) of 3 and, at the least, 2 degrees of freedom, and the normal's.
    np.testing.assert_allclose(
        [three / many, one / many], [2.353 / 1.645, 2.920 / 1.645], rtol=1e-3
    )


def test_an_interval_that_is_narrowed_is_not_narrowed_further_for_few_windows():
    errors = np.linspace(-1, 1, 101)[:, None, None]
    outside = {90.0: np.abs(errors) - 2}
    few, many = (Calibration.learn(errors, outside, n_apart) for n_apart in (2, 1e9))
    assert few.widening(90, 90, 1) == many.widening(90, 90, 1) < 0
