import warnings

import numpy as np
import pandas as pd
import pytest

from textseq import Forecaster
from textseq.estimators.forecasting.recipe import horizon_of
from textseq.series.panel import read_panel


def fitted(n_rows, **parameters):
    frame = pd.DataFrame({"ds": range(n_rows), "y": np.sin(np.arange(n_rows) * 2 * np.pi / 20)})
    model = Forecaster(h=4, hidden_size=4, max_epochs=1, random_state=0, n_threads=1, **parameters)
    return model.fit(frame).fitted_parameters_


def test_windows_hold_the_season_that_was_named():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chosen = fitted(90, season_length=20)
    assert (chosen["input_size"], chosen["season_length"], chosen["fold"]) == (20, 20, 20)
    assert chosen["skip"] == "seasonal"


def test_a_season_too_long_for_the_series_is_left_out_with_a_warning():
    with pytest.warns(UserWarning, match="season_length=20 is left out.*less than 3 seasons"):
        chosen = fitted(60, season_length=20)
    assert (chosen["input_size"], chosen["season_length"], chosen["fold"]) == (8, 1, None)


def test_a_season_longer_than_a_window_that_was_named_is_refused():
    with pytest.raises(ValueError, match="input_size=10 steps does not hold a season of 20"):
        fitted(90, season_length=20, input_size=10)


def test_a_season_of_the_frequency_is_left_out_in_silence():
    days = pd.date_range("2024-01-01", periods=30)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = Forecaster(h=4, hidden_size=4, max_epochs=1, random_state=0, n_threads=1)
        model.fit(pd.DataFrame({"ds": days, "y": np.arange(30.0)}))
    assert model.fitted_parameters_["season_length"] == 1


@pytest.mark.parametrize(
    ("n_rows", "n_windows", "h"),
    [(144, 0, 24), (72, 0, 24), (71, 0, 12), (60, 0, 12), (35, 0, 11), (4, 0, 1), (144, 5, 12)],
)
def test_the_horizon_leaves_rows_to_train_and_calibrate_on(n_rows, n_windows, h):
    frame = pd.DataFrame({"ds": pd.date_range("2000", periods=n_rows, freq="MS"), "y": 1.0})
    panel = read_panel(frame, freq="MS")
    assert horizon_of("auto", panel, "auto", n_windows) == h
    assert horizon_of(7, panel, "auto", n_windows) == 7
