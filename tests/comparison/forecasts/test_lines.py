import numpy as np
import pandas as pd
import polars as pl
import pytest
from forecast_comparisons import made, weekly

from textseq.comparison.forecasts.lines import lines_of, spread_apart


def test_a_line_for_every_series_and_cutoff():
    comparison = made()
    lines = lines_of(comparison.frame, "unique_id", "ds", "gru")
    assert len(lines) == 7 * 3
    assert {line.id for line in lines} == {f"s{place}" for place in range(7)}
    first = lines[0]
    assert first.levels == ["80", "95"]
    assert first.cutoff < first.times[0]
    rows = comparison.frame.iloc[:7]
    np.testing.assert_array_equal(first.mean, rows["gru"])
    np.testing.assert_array_equal(first.lower["95"], rows["gru-lo-95"])
    np.testing.assert_array_equal(first.upper["80"], rows["gru-hi-80"])


def test_only_the_series_asked_for():
    lines = lines_of(made().frame, "unique_id", "ds", "naive", ["s3"])
    assert [line.id for line in lines] == ["s3"] * 3
    assert lines[0].model == "naive"


def test_the_first_forecasts_are_drawn_by_default_and_need_no_ids():
    frame = pl.DataFrame({"ds": [2, 1], "lstm": [5.0, 4.0], "lstm-lo-90": [4.0, 3.0],
                          "lstm-hi-90": [6.0, 5.0]})  # fmt: skip
    (line,) = lines_of(frame, "unique_id", "ds")
    assert (line.id, line.model, line.cutoff, line.target) == ("series", "lstm", None, None)
    assert line.times.tolist() == [1, 2]
    assert line.mean.tolist() == [4.0, 5.0]
    assert line.lower["90"].tolist() == [3.0, 4.0]


def test_times_are_those_of_the_clock_on_the_wall():
    frame = weekly(1, n_rows=3, zone="Europe/Rome")
    (line,) = lines_of(frame, "unique_id", "ds", "y")
    assert line.times[0] == np.datetime64("2024-01-01T00:00")


def test_targets_are_told_apart():
    frame = pd.DataFrame({"ds": [1, 1, 2, 2], "variable": ["a", "b"] * 2, "gru": [1.0, 2, 3, 4]})
    lines = lines_of(frame, "unique_id", "ds")
    assert [(line.target, line.mean.tolist()) for line in lines] == [("a", [1, 3]), ("b", [2, 4])]


def test_heights_are_spread_in_their_order():
    spread = spread_apart(np.array([5.0, 1.0, 1.0, 1.0, 9.0]), 1.0)
    np.testing.assert_allclose(spread, [5, 0, 1, 2, 9])
    # Groups that come to touch are moved as one.
    spread = spread_apart(np.array([0.0, 0.0, 0.9]), 1.0)
    np.testing.assert_allclose(np.diff(spread), [1, 1])
    assert spread.mean() == pytest.approx(0.3)
