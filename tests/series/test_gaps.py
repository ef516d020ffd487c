import numpy as np
import pandas as pd
import polars as pl
import pytest

from textseq.series.panel import read_panel


def gappy(**columns):
    """Series "a" lacks steps 3, 4 and 8; "b" has all of 5 to 7."""
    frame = pd.DataFrame(
        {
            "unique_id": ["a"] * 6 + ["b"] * 3,
            "ds": [1, 2, 5, 6, 7, 9, 5, 6, 7],
            "y": [1, 2, 8, np.nan, 3, 4, 50, 60, 70],
        }
    )
    return frame.assign(**columns)


@pytest.mark.parametrize(
    ("fill_gaps", "expected"),
    [
        ("interpolate", [1, 2, 4, 6, 8, np.nan, 3, 3.5, 4]),
        ("zero", [1, 2, 0, 0, 8, np.nan, 3, 0, 4]),
    ],
)
@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_missing_steps_get_rows_and_missing_values_stay(kind, fill_gaps, expected):
    frame = gappy().sample(frac=1, random_state=0)
    panel = read_panel(kind({name: frame[name].to_numpy() for name in frame}), fill_gaps=fill_gaps)
    assert panel.offsets.tolist() == [0, 9, 12]
    assert panel.times.tolist() == [*range(1, 10), 5, 6, 7]
    np.testing.assert_array_equal(panel.y.ravel(), [*expected, 50, 60, 70])


def test_covariates_are_filled_likewise_and_those_of_a_series_carried():
    wind = [0, 0, 3, 3, 3, 5, 7, 7, 7]
    frame = gappy(wind=wind, price=[10 * x for x in wind], size=[2.0] * 6 + [3.0] * 3)
    roles = {"past": "wind", "future": "price", "static": "size"}
    panel = read_panel(frame, **roles, fill_gaps="interpolate")
    np.testing.assert_allclose(panel.past.ravel(), [0, 0, 1, 2, 3, 3, 3, 4, 5, 7, 7, 7])
    np.testing.assert_allclose(panel.future, 10 * panel.past)
    assert panel.static.tolist() == [[2], [3]]
    panel = read_panel(frame, **roles, fill_gaps="zero")
    assert panel.past.ravel().tolist() == [0, 0, 0, 0, 3, 3, 3, 0, 5, 7, 7, 7]
    assert panel.future.ravel()[[2, 3, 7]].tolist() == [0, 0, 0]


def test_the_line_joins_known_values_of_the_same_series_and_column():
    frame = pd.DataFrame(
        {
            "unique_id": ["a"] * 4 + ["b"] * 4,
            "ds": [1, 2, 4, 5] * 2,
            "y": [1, np.nan, np.nan, np.nan, np.nan, np.nan, 6, 8],
            "z": [1, np.nan, 7, 8, 5, 6, np.nan, 9],
        }
    )
    panel = read_panel(frame, target_col=["y", "z"], fill_gaps="interpolate")
    nan = np.nan
    np.testing.assert_array_equal(panel.y[:, 0], [1, nan, nan, nan, nan, nan, nan, nan, 6, 8])
    np.testing.assert_array_equal(panel.y[:, 1], [1, nan, 5, 7, 8, 5, 6, 7, nan, 9])


@pytest.mark.parametrize("zone", [None, "Europe/Lisbon", "America/Sao_Paulo"])
@pytest.mark.parametrize("freq", ["15min", "h", "8h", "D", "B", "W", "MS", "ME", "BMS", "QE"])
def test_times_of_missing_steps_follow_the_frequency(freq, zone):
    # The clocks change within; steps of hours from midnight on stand on the wall's midnights.
    times = pd.date_range("2018-02-01", periods=70, freq=freq)
    times = times + (pd.Timedelta("51D") if freq == "15min" else pd.Timedelta(0))
    times = times.tz_localize(zone, nonexistent="shift_forward", ambiguous=True)
    times = times.drop_duplicates()
    frame = pd.DataFrame({"ds": times, "y": np.arange(len(times), dtype=float)})
    whole = read_panel(frame)
    panel = read_panel(frame.drop([20, 21, 40, 60]), fill_gaps="interpolate")
    assert panel.frequency == whole.frequency
    np.testing.assert_array_equal(panel.times, whole.times)
    np.testing.assert_allclose(panel.y, whole.y)


def test_rows_without_a_gap_are_left_alone():
    frame = gappy().query("unique_id == 'b'")
    filled, plain = read_panel(frame, fill_gaps="zero"), read_panel(frame)
    np.testing.assert_array_equal(filled.y, plain.y)
    np.testing.assert_array_equal(filled.times, plain.times)


@pytest.mark.parametrize(
    ("change", "fill_gaps", "message"),
    [
        ({}, "mean", "unknown fill_gaps 'mean'; choose from: error, interpolate, zero"),
        ({}, "error", "after 2 comes 5.*filled .fill_gaps='interpolate' or 'zero'.*freq="),
        ({"ds": [1, 2, 5, 5, 7, 9, 5, 6, 7]}, "zero", "'a' has more than one row for 5"),
        ({"ds": [1, 2, 3, 5, 6, 10**9, 5, 6, 7]}, "zero",
         "after 6 comes 1000000000, .* 999,999,994 rows are too many to fill, so correct the time"),
    ],
)  # fmt: skip
def test_what_is_not_filled_is_refused(change, fill_gaps, message):
    with pytest.raises(ValueError, match=message):
        read_panel(gappy(**change), fill_gaps=fill_gaps)
