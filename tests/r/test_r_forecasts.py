"""Forecasts as R asks for them."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest

from textseq import Forecaster, load_sample
from textseq.r.forecasts import backtest_forecasts, forecast
from textseq.r.models import described

SMALL = {"hidden_size": 4, "input_size": 12, "max_epochs": 1, "random_state": 0, "n_threads": 1}


def fitted(frame, h=3, **columns):
    model = Forecaster(h=h, **SMALL).fit(frame, **columns)
    return model, [described(model)["id"]]


def waves(n=40, series="a"):
    return pd.DataFrame({"unique_id": series, "ds": np.arange(n), "y": np.sin(np.arange(n))})


def test_columns_are_named_as_r_names_them():
    model, key = fitted(waves())
    answer = forecast(key, None, None, None, np.array([80.0, 99.5]), None)
    frame = answer["frame"]
    ends = [f".pred_{end}_{level}" for level in ("80", "99.5") for end in ("lower", "upper")]
    assert list(frame.columns) == ["unique_id", "ds", ".pred", *ends]
    expected = model.predict(level=(80, 99.5))
    np.testing.assert_array_equal(frame.iloc[:, 2:], expected.iloc[:, 2:])
    assert answer["targets"] == ("y",)


def test_history_is_the_last_rows():
    both = pd.concat([waves(), waves(50, "b")])
    _, key = fitted(both)
    history = forecast(key, None, None, None, None, None)["history"]
    pd.testing.assert_frame_equal(
        history[history["unique_id"] == "b"].reset_index(drop=True),
        waves(50, "b").iloc[-12:].rename(columns={"y": ".value"}).reset_index(drop=True),
        check_dtype=False,
    )
    newer = forecast(key, np.array([2.0]), waves(90, "c"), None, None, None)
    assert newer["history"]["ds"].tolist() == list(range(54, 90))
    assert newer["frame"]["ds"].tolist() == [90, 91]


def test_history_has_a_row_a_target():
    frame = waves().assign(z=lambda rows: -rows["y"])
    _, key = fitted(frame, target_col=["y", "z"])
    history = forecast(key, None, None, None, None, None)["history"]
    assert history["variable"].tolist() == ["y", "z"] * 12
    by_target = history[".value"].to_numpy().reshape(-1, 2)
    np.testing.assert_array_equal(by_target[:, 0], -by_target[:, 1])


def test_a_model_of_polars_answers_in_pandas():
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(days=day) for day in range(40)]
    model, key = fitted(pl.DataFrame({"ds": days, "y": np.sin(np.arange(40))}))
    expected = model.predict()["lstm"].to_numpy()
    answer = forecast(key, None, None, None, None, None)
    np.testing.assert_array_equal(answer["frame"][".pred"], expected)
    assert answer["frame"]["ds"].tolist() == [pd.Timestamp(2024, 2, day) for day in (10, 11, 12)]


def test_hours_at_midnight_are_no_dates():
    hours = pd.date_range("2024-01-01", periods=48, freq="h")
    _, key = fitted(pd.DataFrame({"ds": hours, "y": np.arange(48)}), h=1)
    frame = forecast(key, None, None, None, None, None)["frame"]
    assert frame["ds"].tolist() == [pd.Timestamp("2024-01-03", tz="UTC")]


def test_hours_without_zone_are_those_of_any_clock():
    hours = pd.date_range("2024-01-01", periods=48, freq="h", tz="Europe/Lisbon")
    rows = pd.DataFrame({"ds": hours, "y": np.arange(48), "z": np.arange(48)})
    naive = rows.assign(ds=hours.tz_localize(None))
    _, key = fitted(naive, h=1, future="z")
    ahead = pd.DataFrame({"ds": hours[-1:] + pd.Timedelta("1h"), "z": [48]})
    frame = forecast(key, None, rows, ahead, None, None)["frame"]
    assert frame["ds"].tolist() == [pd.Timestamp("2024-01-03", tz="UTC")]


def test_backtest_is_that_of_the_estimator():
    passengers = load_sample("airpassengers")
    answer = backtest_forecasts(
        passengers,
        np.array([6.0]),
        np.array([2.0]),
        None,
        np.array([False]),
        np.array([90.0]),
        ["naive"],
        {"val_size": np.array([12.0])},
        {name: np.array([value]) for name, value in SMALL.items()},
    )
    expected = Forecaster(h=6, **SMALL).cross_validation(
        passengers, 2, refit=False, level=(90,), baselines=("naive",), val_size=12
    )
    np.testing.assert_array_equal(answer["frame"].iloc[:, 3:], expected.iloc[:, 3:])
    assert list(answer["frame"].columns[-3:]) == ["naive", "naive_lower_90", "naive_upper_90"]
    assert answer["model"] == "lstm"


def test_levels_are_checked():
    _, key = fitted(waves())
    with pytest.raises(ValueError, match="no percentage"):
        forecast(key, None, None, None, np.array([0.9]), None)
