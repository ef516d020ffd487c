"""Thresholds that held-out rows choose."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from textseq.labels.thresholds import reached_by, tuned_thresholds

# From the highest on: 1 1 0 1 0 0 1 0.
TRUTH = np.array([1, 1, 0, 1, 0, 0, 1, 0])
SHARES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2])


def one(value, truth=TRUTH, shares=SHARES, weights=None):
    (found,) = tuned_thresholds(value, truth[:, None], shares[:, None], weights)
    return found


@pytest.mark.parametrize(
    ("value", "threshold"),
    [
        # F1 of the first 1, 2, ... rows: 2 * hits / (rows + 4), best of four rows: 6 / 8.
        ("f1", 0.55),
        # Precisions of the first rows: 1, 1, 2/3, 3/4, 3/5, 1/2, 4/7, 1/2.
        ({"precision": 1.0}, 0.75),
        ({"precision": 0.7}, 0.55),
        ({"precision": 0.55}, 0.25),
        # Recalls 1/4, 2/4, 2/4, 3/4, 3/4, 3/4, 1, 1.
        ({"recall": 0.5}, 0.75),
        ({"recall": 0.75}, 0.55),
        ({"recall": 0.8}, 0.25),
    ],
)
def test_a_threshold_is_the_best_of_all(value, threshold):
    assert one(value) == pytest.approx(threshold)


def test_what_is_beyond_reach_is_the_most_precise():
    truth = np.array([0, 1, 1, 0])
    assert one({"precision": 0.9}, truth, np.array([0.9, 0.8, 0.7, 0.1])) == pytest.approx(0.4)


def test_rows_of_one_probability_are_answered_alike():
    truth, shares = np.array([1, 0, 1, 0]), np.array([0.6, 0.6, 0.6, 0.2])
    assert one("f1", truth, shares) == pytest.approx(0.4)
    assert one("f1", truth, np.full(4, 0.6)) == pytest.approx(0.3)


def test_weights_of_rows_count():
    # A heavy 0 at .7 makes the first two rows the best.
    weights = np.array([1, 1, 9, 1, 1, 1, 1, 1.0])
    assert one("f1", weights=weights) == pytest.approx(0.75)
    rows = np.repeat(np.arange(8), weights.astype(int))
    for value in ("f1", {"precision": 0.5}, {"recall": 0.7}):
        assert one(value, weights=weights) == one(value, TRUTH[rows], SHARES[rows])


def test_each_label_has_its_own():
    truth = np.stack([TRUTH, 1 - TRUTH], 1)
    found = tuned_thresholds("f1", truth, np.stack([SHARES, 1 - SHARES], 1))
    assert found[0] == pytest.approx(0.55)
    assert found[1] == one("f1", 1 - TRUTH, 1 - SHARES)


def test_what_is_reached_is_what_scikit_learn_says():
    rng = np.random.default_rng(0)
    truth, weights = rng.integers(0, 2, (300, 2)), rng.random(300)
    shares = np.clip(truth * 0.3 + rng.random((300, 2)) * 0.7, 0, 1)
    thresholds = np.array([0.3, 0.6])
    found = reached_by(thresholds, truth, shares, weights)
    for place in range(2):
        said = shares[:, place] >= thresholds[place]
        for own, score in zip(found, (precision_score, recall_score, f1_score), strict=True):
            expected = score(truth[:, place], said, sample_weight=weights)
            assert own[place] == pytest.approx(expected)
    assert reached_by(np.array([2.0]), truth[:, :1], shares[:, :1]).precision == [0.0]
