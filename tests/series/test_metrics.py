import numpy as np
import pandas as pd
import polars as pl
import pytest

from textseq import load_sample
from textseq.series.baselines import forecast_baseline
from textseq.series.metrics import (
    coverage,
    interval_width,
    mae,
    mase,
    naive_scale,
    rmse,
    score_forecasts,
    smape,
    weighted_quantile_loss,
)
from textseq.series.panel import read_panel

ACTUAL = np.array([[1.0, 2.0, np.nan], [4.0, 0.0, 8.0]])
FORECAST = np.array([[2.0, 2.0, 5.0], [2.0, 0.0, 12.0]])


def test_errors_by_hand():
    assert mae(ACTUAL, FORECAST) == (1 + 0 + 2 + 0 + 4) / 5
    assert rmse(ACTUAL, FORECAST) == np.sqrt((1 + 4 + 16) / 5)
    assert smape(ACTUAL, FORECAST) == pytest.approx(200 * (1 / 3 + 2 / 6 + 4 / 20) / 5)
    assert mase(ACTUAL, FORECAST, np.array([[1.0], [4.0]])) == (1 + 0 + 0.5 + 0 + 1) / 5


def test_a_series_without_scale_is_left_out_of_mase():
    for scale in (0.0, np.nan):
        assert mase(ACTUAL, FORECAST, np.array([[scale], [2.0]])) == (1 + 0 + 2) / 3


def test_a_missing_forecast_is_not_passed_over():
    forecast = np.array([[2.0, np.nan, 5.0], [2.0, 0.0, 12.0]])
    for figure in (mae, rmse, smape):
        assert np.isnan(figure(ACTUAL, forecast))
    assert np.isnan(mase(ACTUAL, forecast, np.ones((2, 1))))
    assert np.isnan(coverage(ACTUAL, forecast - 1, forecast + 1))
    assert np.isnan(weighted_quantile_loss(ACTUAL, {0.5: forecast}))


def test_nothing_to_compare_gives_no_figure():
    nothing = np.full((2, 2), np.nan)
    assert np.isnan(mae(nothing, nothing))
    assert np.isnan(weighted_quantile_loss(nothing, {0.5: nothing}))


def test_intervals_by_hand():
    lower, upper = FORECAST - 1, FORECAST + 1
    assert coverage(ACTUAL, lower, upper) == 3 / 5
    assert interval_width(ACTUAL, lower, upper) == 2
    assert interval_width(ACTUAL, lower, upper, np.array([[1.0], [4.0]])) == (2 + 2 + 1.5) / 5


def test_quantile_loss_by_hand():
    # At .9 too low costs .9 a unit, too high .1; sizes of the values sum to 15.
    loss = 2 * (0.1 * 1 + 0.9 * 2 + 0.1 * 4) / 15
    assert weighted_quantile_loss(ACTUAL, {0.9: FORECAST}) == pytest.approx(loss)
    # At the median it is the absolute error.
    assert weighted_quantile_loss(ACTUAL, {0.5: FORECAST}) == pytest.approx(7 / 15)


def test_the_scale_stays_within_each_series():
    frame = pd.DataFrame(
        {
            "unique_id": ["a"] * 4 + ["b"] * 5 + ["c"] * 2,
            "ds": [1, 2, 3, 4, 1, 2, 3, 4, 5, 1, 2],
            "y": [1, 2, 4, 8, 100, 100, np.nan, 130, 100, 1e6, 1e6],
        }
    )
    panel = read_panel(frame)
    np.testing.assert_allclose(naive_scale(panel, 1).ravel(), [7 / 3, 15, 0])
    np.testing.assert_allclose(naive_scale(panel, 2).ravel(), [4.5, 30, np.nan])


def test_air_passengers_by_the_textbook():
    # R: accuracy(snaive(window(AirPassengers, end = c(1958, 12)), h = 24), AirPassengers):
    # RMSE 76.99459, MAE 71.25000, MASE 2.493519.
    panel = read_panel(load_sample("airpassengers"))
    train = panel.until(panel.lengths - 24)
    forecast = forecast_baseline("seasonal_naive", train, 24).mean[:, :, 0]
    actual = panel.y[-24:].T
    assert rmse(actual, forecast) == pytest.approx(76.99459, abs=1e-5)
    assert mae(actual, forecast) == pytest.approx(71.25)
    assert mase(actual, forecast, naive_scale(train, 12)) == pytest.approx(2.493519, abs=1e-6)


def backtest(kind):
    panel = read_panel(load_sample("airpassengers"))
    parts = []
    for end in (120, 132):
        train = panel.until(np.array([end]))
        columns = {"y": panel.y[end : end + 12].T}
        for name in ("naive", "seasonal_naive"):
            columns |= forecast_baseline(name, train, 12, levels=(80, 95)).columns(name)
        parts.append(train.frame(columns, 12, cutoff=True))
    frame = pd.concat(parts, ignore_index=True)
    if kind == "polars":
        frame = pl.DataFrame({name: frame[name].to_numpy() for name in frame})
    return frame, panel


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_a_backtest_has_a_row_a_model(kind):
    frame, panel = backtest(kind)
    table = score_forecasts(frame, panel)
    assert isinstance(table, type(frame))
    assert list(table.columns) == [
        "model", "mase", "smape", "rmse", "mae", "weighted_quantile_loss",
        "coverage-80", "width-80", "coverage-95", "width-95",
    ]  # fmt: skip
    assert list(table["model"]) == ["naive", "seasonal_naive"]
    actual = frame["y"].to_numpy()
    forecast = frame["seasonal_naive"].to_numpy()
    assert table["rmse"][1] == rmse(actual, forecast)
    # The scale at each cutoff is that of the rows before it.
    scales = [naive_scale(panel.until(np.array([end])), 12).item() for end in (120, 132)]
    expected = mase(actual, forecast, np.repeat(scales, 12))
    assert table["mase"][1] == pytest.approx(expected, rel=1e-12)
    lower, upper = (frame[f"seasonal_naive-{end}-80"].to_numpy() for end in ("lo", "hi"))
    assert table["coverage-80"][1] == coverage(actual, lower, upper)
    width = interval_width(actual, lower, upper, np.repeat(scales, 12))
    assert table["width-80"][1] == pytest.approx(width, rel=1e-12)
    quantiles = {0.5: forecast, 0.1: lower, 0.9: upper}
    for tail, end in ((0.025, "lo"), (0.975, "hi")):
        quantiles[tail] = frame[f"seasonal_naive-{end}-95"].to_numpy()
    assert table["weighted_quantile_loss"][1] == pytest.approx(
        weighted_quantile_loss(actual, quantiles), rel=1e-12
    )


def test_models_without_intervals_have_no_coverage():
    frame, panel = backtest("pandas")
    frame = frame.drop(columns=[c for c in frame if c.startswith("naive-")])
    table = score_forecasts(frame, panel).set_index("model")
    assert np.isnan(table.loc["naive", "coverage-80"])
    assert not np.isnan(table.loc["seasonal_naive", "coverage-80"])
    bare = score_forecasts(frame[["unique_id", "ds", "cutoff", "y", "naive"]], panel)
    assert list(bare.columns) == ["model", "mase", "smape", "rmse", "mae"]


def test_each_target_has_its_own_scale():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"ds": range(30), "small": rng.normal(size=30)})
    frame["large"] = 1_000 * frame["small"]
    panel = read_panel(frame, target_col=["small", "large"])
    train = panel.until(panel.lengths - 3)
    columns = {"y": panel.y[None, -3:]} | forecast_baseline("naive", train, 3).columns("naive")
    out = train.frame(columns, 3, cutoff=True)
    by_target = [
        score_forecasts(part, panel)["mase"][0] for _, part in out.groupby("variable", sort=False)
    ]
    assert by_target[0] == pytest.approx(by_target[1])


def test_what_is_not_in_the_panel_is_named():
    frame, panel = backtest("pandas")
    with pytest.raises(ValueError, match="series 'ships' of the forecasts is not in the panel"):
        score_forecasts(frame.assign(unique_id="ships"), panel)
    late = frame.assign(cutoff=pd.Timestamp("2001-01-01"))
    with pytest.raises(ValueError, match="cutoff 2001-01-01 of series 'airpassengers' is not in"):
        score_forecasts(late, panel)
