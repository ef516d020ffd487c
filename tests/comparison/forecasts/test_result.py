import dataclasses
import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from comparisons import make_comparison
from forecast_comparisons import made, weekly

from textseq.comparison.forecasts.compare import compare_forecasts
from textseq.comparison.forecasts.result import ForecastComparison


def read_back(comparison, folder):
    return ForecastComparison.from_json(comparison.to_json(folder / "forecasts.json"))


def test_table_is_best_first_with_every_figure():
    table = made().table
    assert table.columns.tolist() == [
        "model", "kind", "mase", "interval", "smape", "rmse", "mae", "weighted_quantile_loss",
        "coverage-80", "width-80", "coverage-95", "width-95", "train_seconds", "parameters",
        "seeds",
    ]  # fmt: skip
    assert table["mase"].is_monotonic_increasing
    rows = table.set_index("model")
    assert rows.loc["gru", "seeds"] == 2 and rows.loc["gru", "interval"] > 0
    assert np.isnan(rows.loc["naive", "interval"])
    assert rows.loc["naive", "parameters"] is pd.NA
    assert made().best.name == table["model"][0]


def test_table_holds_means_over_seeds():
    model = next(m for m in made().models if m.name == "gru")
    row = made().table.set_index("model").loc["gru"]
    first, second = model.mase
    assert row["mase"] == pytest.approx((first + second) / 2)
    # Standard error |a - b| / 2, times 12.7062, Student's t at one degree of freedom.
    assert row["interval"] == pytest.approx(abs(first - second) / 2 * 12.7062, rel=1e-5)


def test_without_intervals_there_are_no_such_columns():
    comparison = made(level=None, n_seeds=1)
    assert comparison.levels == ()
    assert "weighted_quantile_loss" not in comparison.table
    assert not any("coverage" in name for name in comparison.table)


@pytest.mark.parametrize("options", [{}, {"n_seeds": 1, "level": None}, {"zone": "Europe/Rome"}])
def test_json_reads_back_as_it_was(options, tmp_path):
    comparison = made(**options)
    back = read_back(comparison, tmp_path)
    pd.testing.assert_frame_equal(back.table, comparison.table)
    pd.testing.assert_frame_equal(back.pairs, comparison.pairs)
    for frame, stored in zip(comparison.frames, back.frames, strict=True):
        pd.testing.assert_frame_equal(stored, frame)
    for name in ("h", "step", "n_series", "n_windows", "n_items", "names", "warnings", "headline"):
        assert getattr(back, name) == getattr(comparison, name)
    for series, stored in zip(comparison.shown, back.shown, strict=True):
        assert (stored.id, stored.place, stored.error) == (series.id, series.place, series.error)
        np.testing.assert_array_equal(stored.times, series.times)
        np.testing.assert_array_equal(stored.y, series.y)
    assert str(back) == str(comparison)


def test_json_of_polars_integers_and_several_targets(tmp_path):
    frame = weekly(2)
    frame = pl.DataFrame(
        {
            "meter": np.repeat([7, 11], 120),
            "hour": [*range(120)] * 2,
            "a": frame["y"].to_numpy(),
            "b": -frame["y"].to_numpy(),
        }
    )
    comparison = compare_forecasts(
        frame, 5, [], n_windows=2, id_col="meter", time_col="hour", target_col=["a", "b"]
    )
    back = read_back(comparison, tmp_path)
    assert isinstance(back.frame, pl.DataFrame)
    assert back.frame.equals(comparison.frame)
    assert back.frame.schema == comparison.frame.schema
    assert [series.target for series in back.shown] == [s.target for s in comparison.shown]


def test_json_is_strict_json(tmp_path):
    path = made().to_json(tmp_path / "forecasts.json")

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    stored = json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)
    assert stored["headline"] == list(made().headline)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not a comparison's JSON"),
        ("[1, 2]", "is not a comparison's JSON"),
        ('{"format": 1}', "is no comparison of forecasts"),
        ('{"format": 99, "kind": "forecasts"}', "has format 99, this textseq reads 1"),
        ('{"format": 1, "kind": "forecasts", "names": {}}', "is not a whole comparison"),
    ],
)
def test_other_files_are_refused(content, message, tmp_path):
    path = tmp_path / "forecasts.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        ForecastComparison.from_json(path)


def test_a_comparison_of_classes_is_refused(tmp_path):
    path = make_comparison(n_models=2).to_json(tmp_path / "comparison.json")
    with pytest.raises(ValueError, match=r"Comparison\.from_json"):
        ForecastComparison.from_json(path)


def test_text_forms():
    comparison = made()
    assert str(comparison).splitlines()[0] == comparison.headline[0]
    assert repr(comparison).startswith("<ForecastComparison of naive, seasonal_naive, drift, gru")
    html = comparison._repr_html_()
    assert "<table>" in html and "seasonal naive" in html and "in 80 %" in html
    hostile = dataclasses.replace(comparison, warnings=("<script>alert(1)</script>",))
    assert "<script>" not in hostile._repr_html_()


def test_plot_is_a_figure():
    from matplotlib.figure import Figure

    assert isinstance(made().plot(), Figure)
