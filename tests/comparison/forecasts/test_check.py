import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from forecast_comparisons import made, weekly

from textseq.comparison.forecasts.check import check_forecasts
from textseq.comparison.forecasts.compare import compare_forecasts
from textseq.comparison.forecasts.coverage_verdict import coverage_test
from textseq.comparison.forecasts.errors import BacktestErrors
from textseq.series.metrics import naive_scale, scale_at_cutoffs
from textseq.series.panel import read_panel


def warnings_of(frame, h=7, n_windows=3):
    return compare_forecasts(frame, h, [], n_windows=n_windows).warnings


def test_nothing_to_say_of_whole_series():
    assert warnings_of(weekly()) == ()


def test_series_too_short_for_all_windows():
    frame = weekly(2)
    short = frame[frame["unique_id"] == "s1"].head(18)
    lines = warnings_of(pd.concat([frame[frame["unique_id"] == "s0"], short]))
    # At its first cutoff four rows are known, less than a week.
    assert len(lines) == 2 and lines[1].startswith("1 of 2 series have no value a season of 7")
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


def with_coverage(comparison, held):
    """Move the intervals' ends so that a share of each forecast's values lies inside."""
    frame = comparison.frame.copy()
    steps = frame.groupby(["unique_id", "cutoff"]).cumcount()
    # Whole steps and, of the next, the share of the series that is left.
    series = frame["unique_id"].str[1:].astype(int) / frame["unique_id"].nunique()
    inside = steps + series < held * 7
    frame["gru-lo-80"] = frame["y"] + np.where(inside, -1, 1)
    frame["gru-hi-80"] = frame["y"] + 2
    return dataclasses.replace(comparison, frames=(frame,))


def coverage_lines(n_series, held):
    comparison = made(n_series=n_series, n_windows=3, n_seeds=1, encoders=("gru",), level=(80,))
    comparison = with_coverage(comparison, held)
    panel = read_panel(weekly(n_series))
    errors = BacktestErrors.of(
        comparison.frame, panel, h=7, n_windows=3, step_size=7, season_length=7
    )
    return check_forecasts(panel, errors, comparison.models, (80.0,), 7, 7, comparison.frames)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (0.40, r"hold 40 % of what came \(95 % interval 39 to 41 %\): they are too narrow"),
        (0.99, "hold 99 % .*: they are too wide"),
        (0.78, None),
        (0.84, None),
    ],
)
def test_coverage_far_from_its_level_is_told(held, words):
    lines = coverage_lines(40, held)
    # Of the network alone: the baselines' intervals are what they are.
    assert len(lines) == (words is not None)
    if words:
        assert re.match("the 80 % intervals of gru " + words, lines[0])


def test_few_windows_do_not_tell_of_coverage():
    assert coverage_lines(1, 1.0) == ()


@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        # Three forecasts that hold all say little: a level of 80 % does so by chance.
        ([1.0] * 3, "unclear"),
        ([1.0] * 40, "wide"),
        ([0.0] * 4, "narrow"),
        ([0.8, 0.6, 1.0], "unclear"),
        ([0.8, 0.6, 1.0] * 60, "about right"),
        ([0.5, 0.4, 0.6] * 4, "narrow"),
        ([0.77, 0.78] * 50, "about right"),
        ([np.nan] * 3, "unclear"),
    ],
)
def test_the_verdict_on_coverage_follows_a_test(held, verdict):
    n = 100
    rows = pd.DataFrame({"unique_id": np.repeat(np.arange(len(held)), n), "cutoff": 1})
    rows["y"] = np.tile(np.arange(n), len(held)) + 0.5
    rows["rnn-lo-80"], rows["rnn-hi-80"] = 0.0, np.repeat(held, n) * n
    names = read_panel(weekly(1)).names
    assert coverage_test((rows,), names, "rnn", 80).verdict == verdict


def test_with_less_than_a_season_mase_is_in_the_change_from_step_to_step_and_says_so():
    days = pd.date_range("2023-07-02", periods=50, freq="W")
    frame = pd.DataFrame({"ds": days, "y": np.random.default_rng(0).normal(size=50)})
    comparison = compare_forecasts(frame, 3, [], n_windows=2)
    assert np.isfinite(comparison.table["mase"]).all()
    (line,) = [line for line in comparison.warnings if "MASE" in line]
    assert line.startswith("1 of 1 series have no value a season of 52 steps apart")
    # The last of two cutoffs would have a season, the first has none: one scale for both.
    panel = read_panel(weekly(1).head(15))
    found = compare_forecasts(weekly(1).head(15), 4, [], n_windows=2)
    scale = scale_at_cutoffs(found.frame, panel, 7)
    assert scale == pytest.approx(
        [naive_scale(panel.until(np.array([n])), 1).item() for n in (7, 11) for _ in range(4)]
    )


def test_a_panel_that_never_changes_is_refused_before_training():
    still = weekly(2).assign(y=0.3)
    still.loc[::2, "y"] = 0.1 + 0.2
    with pytest.raises(ValueError, match="no series changes in the rows before the last cutoff"):
        compare_forecasts(still, 7, ["lstm"], n_windows=3)
