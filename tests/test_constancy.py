import numpy as np
import pytest

from textseq.constancy import constant_columns, constant_parts, is_constant


@pytest.mark.parametrize("value", [0.1, 19.99, -1e9 / 3, 1e-200, 0.0])
def test_what_rounding_leaves_is_no_spread_at_any_size(value):
    values = np.full((1000, 1), value)
    values[::7] = value * 3 / 3 if value != 0.1 else 0.3 - 0.2
    assert constant_columns(values).tolist() == [True]
    assert is_constant(values.std(), np.abs(values).max())


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e12])
def test_a_little_more_than_rounding_is_a_spread_at_any_size(size):
    values = np.array([[1.0], [1.0], [1 + 1e-8]]) * size
    assert constant_columns(values).tolist() == [False]


def test_float32_rounds_more_coarsely():
    third = np.array([[np.float32(1) / 3]])
    values = np.concatenate([third, np.nextafter(third, np.float32(1))])
    assert constant_columns(values).tolist() == [True]
    assert constant_columns(values.astype(np.float64)).tolist() == [False]


def test_parts_are_judged_apart_and_missing_values_passed_over():
    values = np.array([[1.0, np.nan], [1.0, 2.0], [5.0, np.nan], [6.0, np.nan]])
    assert constant_parts(values, np.array([0, 2])).tolist() == [[True, True], [False, True]]
    assert constant_columns(np.empty((0, 2))).tolist() == [True, True]
