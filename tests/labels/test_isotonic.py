"""A rising curve that puts the probabilities of two classes right."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

from textseq.labels.isotonic import IsotonicCalibration

RNG = np.random.default_rng(0)


def test_a_small_curve_is_what_one_reckons():
    # Platt's goals of 2 and 2 rows are 3/4 and 1/4; the two in the middle are levelled to 1/2.
    curve = IsotonicCalibration.fit(np.array([-2.0, -1, 0, 1]), np.array([0, 1, 0, 1]) == 1)
    assert curve.log_odds.tolist() == [-2, -0.5, 1]
    np.testing.assert_allclose(curve.calibrated, logit([0.25, 0.5, 0.75]))
    # Half-way between knots, and one beyond the last.
    np.testing.assert_allclose(curve(np.array([-1.25, 2.0])), [logit(0.25) / 2, logit(0.75) + 1])


def test_blocks_are_those_of_isotonic_regression():
    log_odds = np.round(RNG.normal(size=500), 1)  # some are equal
    there, weights = RNG.random(500) < expit(log_odds), RNG.random(500)
    curve = IsotonicCalibration.fit(log_odds, there, weights)
    counts = weights * 500 / weights.sum()
    positive = counts[there].sum()
    goals = np.where(there, (positive + 1) / (positive + 2), 1 / (500 - positive + 2))
    levels = IsotonicRegression().fit(log_odds, goals, counts).predict(log_odds)
    np.testing.assert_allclose(expit(curve.calibrated), np.unique(levels.round(12)))
    block = np.isclose(levels, expit(curve.calibrated[3]))
    assert curve.log_odds[3] == pytest.approx(np.average(log_odds[block], weights=weights[block]))


def test_rows_keep_their_order():
    log_odds = RNG.normal(size=300)
    curve = IsotonicCalibration.fit(log_odds, RNG.random(300) < expit(2 * log_odds + 1))
    found = curve(np.sort(RNG.normal(0, 3, 1_000)))
    assert (np.diff(found) > 0).all()


def test_probabilities_that_say_too_much_are_put_right():
    log_odds = RNG.normal(0, 3, 20_000)
    truth = expit(np.where(log_odds > 0, log_odds / 3, log_odds))  # sure of the second class alone
    curve = IsotonicCalibration.fit(log_odds, RNG.random(20_000) < truth)
    new = np.linspace(-4, 6, 50)
    np.testing.assert_allclose(expit(curve(new)), expit(np.where(new > 0, new / 3, new)), atol=0.06)


def test_rows_of_no_order_give_one_probability_and_its_slope():
    curve = IsotonicCalibration.fit(np.array([0.0, 1, 2]), np.array([1, 0, 0]) == 1)
    assert len(curve.log_odds) == 1
    np.testing.assert_allclose(curve(np.array([1.0, 2.0])), curve.calibrated[0] + [0, 1])


def test_a_file_has_it_and_what_does_not_ascend_is_refused():
    curve = IsotonicCalibration.fit(np.array([-2.0, -1, 0, 1]), np.array([0, 1, 0, 1]) == 1)
    stored = curve.to_dict()
    assert IsotonicCalibration.from_dict(stored).to_dict() == stored
    for wrong in ([], [0.0, 1.0], [0.0, 0.0, 1.0], [0.0, 1.0, float("inf")], [[0.0], [1.0], [2.0]]):
        for name in stored:
            with pytest.raises(ValueError, match="no ascending numbers"):
                IsotonicCalibration.from_dict(stored | {name: wrong})
    with pytest.raises(ValueError, match="no ascending numbers"):
        IsotonicCalibration.from_dict({"log_odds": [], "calibrated": []})
