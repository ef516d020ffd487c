"""Weights of rows, of classes and of labels: checked, and put together."""

import numpy as np
import pytest

from textseq.labels.row_weights import (
    check_sample_weight,
    class_row_weights,
    label_weights,
    row_weights,
    weighing_rows,
)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, 2.0], "shape \\(2,\\), but there are 3 rows"),
        ([[1.0, 2.0, 3.0]], "shape \\(1, 3\\)"),
        ([1.0, -2.0, 1.0], "sample_weight\\[1\\] is -2; weights must be finite"),
        ([1.0, 1.0, np.nan], "sample_weight\\[2\\] is nan"),
        ([np.inf, 1.0, 1.0], "sample_weight\\[0\\] is inf"),
        ([0.0, 0.0, 0.0], "0 for every row"),
        (["a", "b", "c"], "one number a row"),
    ],
)
def test_weights_of_rows_that_mean_nothing_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        check_sample_weight(weights, 3)


def test_equal_weights_are_none_and_rows_of_weight_0_are_left_out():
    assert weighing_rows([2, 2, 2], 3)[1] is None
    rows, weights = weighing_rows([0, 3, 3], 3)
    assert rows.tolist() == [1, 2] and weights is None
    assert weighing_rows([0, 1, 3], 3)[1].tolist() == [1.0, 3.0]


def test_balanced_classes_count_rows_by_their_weight():
    targets, classes = np.array([0, 0, 0, 1]), np.array(["a", "b"])
    own = class_row_weights("balanced", targets, classes, np.array([1.0, 1.0, 1.0, 3.0]))
    assert own.tolist() == [1.0, 1.0, 1.0, 1.0]
    whole = row_weights(np.array([1.0, 1.0, 1.0, 3.0]), own)
    np.testing.assert_allclose(whole, np.array([1, 1, 1, 3]) / 1.5, rtol=1e-6)


def test_labels_weigh_by_dict_list_or_number_with_mean_one():
    targets, labels = np.array([[1, 0], [0, 0], [0, 1], [0, 1]]), np.array(["x", "y"])
    for given in ({"x": 4.0}, [4.0, None], [{0: 1.0, 1: 4.0}, 1.0]):
        table = label_weights(given, targets, labels)
        np.testing.assert_allclose(table * 11 / 8, [[1, 4], [1, 1]])
    balanced = label_weights("balanced", targets, labels)
    np.testing.assert_allclose(balanced, [[2 / 3, 2], [1, 1]])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([1.0], "1 entries for 2 labels"),
        ({"z": 1.0}, "names 'z'"),
        ({"x": -1.0}, "class_weight of 'x' is -1.0"),
        ([{2: 1.0}, None], "names 2; its values are 0 and 1"),
        ("heavy", "several labels a row .* got 'heavy'"),
    ],
)
def test_weights_of_labels_that_mean_nothing_are_refused(given, message):
    targets = np.array([[1, 0], [0, 1]])
    with pytest.raises(ValueError, match=message):
        label_weights(given, targets, np.array(["x", "y"]))
