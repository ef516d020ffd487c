"""Whether probabilities mean what they say."""

import numpy as np
import pytest

from textseq.labels.calibration import expected_calibration_error, reliability_table


def test_bins_hold_the_rows_that_are_as_sure():
    truth = np.array([0, 1, 1, 0, 2])
    probabilities = np.array(
        [[1.0, 0, 0], [0.96, 0.02, 0.02], [0.3, 0.36, 0.34], [0.34, 0.36, 0.3], [0.1, 0.1, 0.8]]
    )
    table = reliability_table(truth, probabilities, n_bins=10)
    assert table["rows"].tolist() == [2, 1, 2]
    assert table["confidence"].tolist() == pytest.approx([0.36, 0.8, 0.98])
    assert table["accuracy"].tolist() == [0.5, 1, 0.5]
    # (2 * .14 + .2 + 2 * .48) / 5
    assert expected_calibration_error(truth, probabilities, 10) == pytest.approx(0.288)


def test_true_probabilities_have_next_to_no_error():
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet([1, 1, 1], 40_000)
    truth = (probabilities.cumsum(1) < rng.random((40_000, 1))).sum(1)
    assert expected_calibration_error(truth, probabilities) < 0.01
    sharper = np.square(probabilities)
    sharper /= sharper.sum(1, keepdims=True)
    assert expected_calibration_error(truth, sharper) > 0.1
