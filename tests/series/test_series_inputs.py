"""Whole series in every form that a caller may have them in."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from textseq.series.inputs import series_rows, warn_of_turned_series

BLOCK = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize(
    "form",
    [
        lambda X: X,
        list,
        tuple,
        lambda X: [series.tolist() for series in X],
        lambda X: X.astype(np.float32),
        lambda X: np.asfortranarray(X),
    ],
)
def test_series_of_equal_lengths(form):
    rows = series_rows(form(BLOCK))
    assert rows.values.shape == (8, 3) and rows.offsets.tolist() == [0, 4, 8]
    assert rows.values.flags.c_contiguous
    for row, series in enumerate(BLOCK):
        np.testing.assert_array_equal(rows[row], series.T)


@pytest.mark.parametrize("form", [lambda X: X, list, pd.DataFrame, lambda X: X[:, None, :]])
def test_one_channel(form):
    rows = series_rows(form(BLOCK[0]))
    assert rows.values.shape == (12, 1)
    np.testing.assert_array_equal(rows[2][:, 0], BLOCK[0, 2])


def test_unequal_lengths_and_missing_values():
    X = [np.ones((2, 3)), np.array([[4.0], [np.nan]])]
    together = np.empty(2, dtype=object)
    together[:] = X
    for form in (X, together):
        rows = series_rows(form)
        assert rows.lengths.tolist() == [3, 1]
        np.testing.assert_array_equal(rows[1], [[4, np.nan]])


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([], "X is empty"),
        (np.empty((0, 1, 5)), "holds no values"),
        ([np.ones((2, 3)), np.ones((1, 3))], r"X\[1\] has 1 channels but X\[0\] has 2"),
        ([np.ones(3), np.ones(0)], r"X\[1\] has shape \(0,\)"),
        (np.ones((2, 2, 2, 2)), "has shape"),
        ([np.ones((1, 3)), np.array([[0, 1, np.inf]])], r"X\[1\] is inf in channel 0 at step 2"),
        (["a text"], r"X\[0\] can't be read as numbers"),
        (np.array([["a", "b"]]), "X can't be read as numbers"),
        (3.0, "X is 3.0"),
        ([1.0, 2.0], r"X\[0\] is 1.0"),
    ],
)
def test_what_is_no_series_is_refused(X, message):
    with pytest.raises(ValueError, match=message):
        series_rows(X)


def test_frames_have_a_row_a_series_or_a_row_a_step():
    block = np.arange(6.0).reshape(2, 3)
    for wide in (pd.DataFrame(block), pl.DataFrame(block, orient="row")):
        assert [series.ravel().tolist() for series in series_rows(wide)] == block.tolist()
    steps = {"x": [1.0, 2.0, 3.0], "z": [4.0, 5.0, 6.0]}
    for long in (pd.DataFrame(steps), pl.DataFrame(steps)):
        assert series_rows([long])[0].tolist() == [[1, 4], [2, 5], [3, 6]]


def test_more_channels_than_steps_are_warned_of():
    with pytest.warns(UserWarning, match=r"50 channels and at most 1 step.*transpose\(0, 2, 1\)"):
        warn_of_turned_series(series_rows(np.zeros((4, 50, 1))))
    warn_of_turned_series(series_rows(np.zeros((4, 1, 50))))
    warn_of_turned_series(series_rows([np.zeros((3, 2)), np.zeros((3, 3))]))
