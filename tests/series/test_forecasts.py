import numpy as np
import pandas as pd
import pytest

from textseq.series.forecasts import Forecasts, forecast_each
from textseq.series.panel import read_panel


def panel_of(*series):
    return read_panel(
        pd.concat(
            pd.DataFrame({"unique_id": f"s{i}", "ds": range(len(y)), "y": y})
            for i, y in enumerate(series)
        )
    )


def last_and_length(y):
    return np.stack([np.full(3, value) for value in (y[-1], -len(y), -2, len(y), 2)])


def test_each_series_starts_with_its_first_value():
    out = forecast_each(panel_of([1, 2], [np.nan, 3, 4, 5]), 3, [95, 80], last_and_length, "it")
    assert out.mean.shape == (2, 3, 1)
    np.testing.assert_array_equal(out.mean[:, 0, 0], [2, 5])
    assert list(out.lower) == [80, 95]
    np.testing.assert_array_equal(out.lower[80][:, 0, 0], [-2, -3])
    np.testing.assert_array_equal(out.upper[95][:, 0, 0], [2, 2])


def test_a_series_that_fails_is_named():
    def fails(y):
        if len(y) < 3:
            raise RuntimeError("too short")
        return last_and_length(y)

    message = r"theta failed on series 's1' \(2 values\): too short. Leave out the series"
    with pytest.raises(ValueError, match=message):
        forecast_each(panel_of([1, 2, 3], [1, 2]), 3, [80, 95], fails, "theta")


def test_levels_name_their_columns():
    ahead = np.zeros((1, 2, 1))
    out = Forecasts(ahead, {99.5: ahead, 80.0: ahead}, {99.5: ahead, 80.0: ahead})
    assert list(out.columns("gru")) == [
        "gru", "gru-lo-80", "gru-hi-80", "gru-lo-99.5", "gru-hi-99.5",
    ]  # fmt: skip
