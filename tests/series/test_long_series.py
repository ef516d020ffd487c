"""Long frames of labelled series: gathered by id, sorted by time, refused where ambiguous."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from textseq.series.long_series import read_long_series

DAYS = ["2020-03-01", "2020-01-02", "2020-01-01", "2020-01-01", "2020-02-01"]
FRAME = pd.DataFrame(
    {
        "unique_id": ["b", "a", "b", "a", "b"],
        "ds": pd.to_datetime(DAYS),
        "x": [3.0, 2.0, 1.0, 1.5, np.nan],
        "n": [30, 20, 10, 15, 25],
        "kind": ["up", "down", "up", "down", "up"],
    }
)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_series_are_gathered_and_sorted_by_time(kind):
    frame = FRAME if kind is pd.DataFrame else pl.DataFrame(FRAME.to_dict("list"))
    X, y, ids = read_long_series(frame, ["x", "n"], time_col="ds", label_col="kind")
    assert ids.tolist() == ["b", "a"]
    np.testing.assert_array_equal(X[0], [[1, np.nan, 3], [10, 25, 30]])
    np.testing.assert_array_equal(X[1], [[1.5, 2], [15, 20]])
    assert y.tolist() == ["up", "down"]


def test_without_times_the_rows_keep_their_order():
    X, y, _ = read_long_series(FRAME, "n")
    assert [series.tolist() for series in X] == [[[30, 10, 25]], [[20, 15]]]
    assert y is None


def test_numeric_labels_and_ids_of_another_name():
    frame = FRAME.assign(site=[7, 3, 7, 3, 7], level=[1.5, 2.5, 1.5, 2.5, 1.5])
    _, y, ids = read_long_series(frame, "n", id_col="site", label_col="level")
    assert (ids.tolist(), y.tolist()) == ([7, 3], [1.5, 2.5])


@pytest.mark.parametrize(
    ("frame", "arguments", "message"),
    [
        (FRAME, {"value_cols": "kindd"}, "no column 'kindd'; did you mean 'kind'"),
        (FRAME, {"value_cols": "kind"}, "'kind' holds no numbers but, for example, 'up'"),
        (FRAME, {"value_cols": []}, "value_cols is empty"),
        (FRAME, {"value_cols": "n", "label_col": "x"}, "'x' is missing in row 4"),
        (FRAME, {"value_cols": "x", "label_col": "n"}, "'b' has the labels 10 and 25"),
        (FRAME.assign(ds=1), {"value_cols": "n", "time_col": "ds"}, "'b' has ds 1 twice"),
        (FRAME[:0], {"value_cols": "n"}, "no rows"),
        ([1, 2], {"value_cols": "n"}, "type list"),
    ],
)
def test_what_cannot_be_gathered_is_refused(frame, arguments, message):
    with pytest.raises(ValueError, match=message):
        read_long_series(frame, **arguments)


@pytest.mark.parametrize(
    "times",
    [
        [0.0, 0.5, 1.0, 10.0, 2.0],
        ["0", "0.5", "1", "10", "2"],
        ["2024-01-31", "2024-02-01", "2024-2-2", "2024-10-01", "2024-9-1"],
        [20240131, 20240201, 20240202, 20241001, 20240901],
    ],
)
@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_times_sort_by_what_they_mean(times, kind):
    df = kind({"unique_id": ["a"] * 5, "t": times, "x": [0.0, 1.0, 2.0, 4.0, 3.0]})
    X, _, _ = read_long_series(df, "x", time_col="t")
    assert X[0].tolist() == [[0, 1, 2, 3, 4]]


def test_times_that_can_be_read_in_two_ways_are_refused():
    df = pd.DataFrame({"unique_id": "a", "t": ["31/01/2024", "01/02/2024"], "x": [1.0, 2.0]})
    with pytest.raises(ValueError, match="'31/01/2024', which does not start with the year"):
        read_long_series(df, "x", time_col="t")
