import dataclasses

import numpy as np
import pandas as pd
import pytest
from forecast_comparisons import made, weekly

from textseq.comparison.forecast_check import check_forecasts
from textseq.comparison.forecast_errors import BacktestErrors
from textseq.comparison.forecasts import compare_forecasts
from textseq.series.panel import read_panel


def warnings_of(frame, h=7, n_windows=3):
    return compare_forecasts(frame, h, [], n_windows=n_windows).warnings


def test_nothing_to_say_of_whole_series():
    assert warnings_of(weekly()) == ()


def test_series_too_short_for_all_windows():
    frame = weekly(2)
    short = frame[frame["unique_id"] == "s1"].head(18)
    lines = warnings_of(pd.concat([frame[frame["unique_id"] == "s0"], short]))
    assert len(lines) == 1
    assert lines[0].startswith("1 of 2 series are too short for all 3 windows: 's1';")


def test_series_with_less_than_two_seasons_before_the_first_cutoff():
    frame = weekly(2)
    short = frame[frame["unique_id"] == "s1"].head(3 * 7 + 13)
    (line,) = warnings_of(pd.concat([frame[frame["unique_id"] == "s0"], short]))
    assert line.startswith("1 of 2 series have fewer than 14 rows before the first cutoff: 's1';")


def test_constant_series_are_named_and_left_out():
    frame = weekly(3)
    frame.loc[frame["unique_id"] == "s1", "y"] = 4.0
    comparison = compare_forecasts(frame, 7, [], n_windows=3)
    assert comparison.warnings[0].startswith("1 of 3 series never change: 's1';")
    assert comparison.n_items == 6
    assert "s1" not in [series.id for series in comparison.shown]


def test_missing_values_are_counted():
    frame = weekly(1)
    frame.loc[[3, 50, 118], "y"] = np.nan
    (line,) = warnings_of(frame)
    assert line.startswith("3 of 120 values (2.5 %) are missing")


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (0.40, "hold 40 % of what came: they are too narrow"),
        (0.99, "hold 99 % of what came: they are too wide"),
        (0.78, None),
        (0.84, None),
    ],
)
def test_coverage_far_from_its_level_is_told(held, words):
    comparison = made(n_series=40, n_windows=3, n_seeds=1, encoders=("gru",), level=(80,))
    panel = read_panel(weekly(40))
    errors = BacktestErrors.of(
        comparison.frame, panel, h=7, n_windows=3, step_size=7, season_length=7
    )
    models = tuple(
        dataclasses.replace(model, scores=model.scores.assign(**{"coverage-80": held}))
        for model in comparison.models
    )
    lines = check_forecasts(panel, errors, models, (80.0,), 7, 7)
    # Of the network alone: the baselines' intervals are what they are.
    assert len(lines) == (words is not None)
    if words:
        assert lines[0].startswith("the 80 % intervals of gru " + words)


def test_few_windows_do_not_tell_of_coverage():
    comparison = made(n_series=1, n_windows=3, n_seeds=1, encoders=("gru",), level=(80,))
    panel = read_panel(weekly(1))
    errors = BacktestErrors.of(
        comparison.frame, panel, h=7, n_windows=3, step_size=7, season_length=7
    )
    models = tuple(
        dataclasses.replace(model, scores=model.scores.assign(**{"coverage-80": 0.5}))
        for model in comparison.models
    )
    assert check_forecasts(panel, errors, models, (80.0,), 7, 7) == ()
