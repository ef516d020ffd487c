import numpy as np
import pandas as pd
import pytest

from textseq import ragged
from textseq.series.baselines import forecast_baseline
from textseq.series.metrics import naive_scale
from textseq.series.panel import read_panel
from textseq.series.wall_clock import WallClock, by_wall_clock

LISBON = "Europe/Lisbon"


def hourly(first, periods, zone=LISBON, freq="h", value=lambda ds: ds.hour):
    ds = pd.date_range(pd.Timestamp(first, tz=zone), periods=periods, freq=freq)
    return pd.DataFrame({"ds": ds, "y": np.asarray(value(ds), dtype=float)})


@pytest.mark.parametrize("first", ["2024-03-28", "2024-10-24"])
@pytest.mark.parametrize("freq", ["h", "15min"])
def test_a_season_is_the_same_hours_of_the_day_over_a_change_of_clocks(first, freq):
    a_day = 24 if freq == "h" else 96
    frame = hourly(first, 6 * a_day, freq=freq, value=lambda ds: 60 * ds.hour + ds.minute)
    clock = WallClock.of(read_panel(frame))
    y = clock.panel.y.ravel()
    # The hour left out has the mean of its neighbours, which here is its own value.
    np.testing.assert_allclose(y, np.arange(len(y)) % a_day * (1440 // a_day))


@pytest.mark.parametrize("first", ["2024-03-28", "2024-10-24"])
def test_the_scale_of_mase_has_the_season_of_the_wall(first):
    panel = read_panel(hourly(first, 144))
    assert naive_scale(panel, 24).tolist() == [[0]]
    assert naive_scale(panel, 1)[0, 0] == pytest.approx(np.abs(np.diff(panel.y[:, 0])).mean())


@pytest.mark.parametrize("first", ["2024-03-27", "2024-10-23", "2024-06-01"])
@pytest.mark.parametrize("n_rows", [80, 96, 97, 110])
def test_the_seasonal_naive_has_the_hour_on_the_wall(first, n_rows):
    frame = hourly(first, n_rows + 30)
    panel = read_panel(frame[:n_rows])
    found = forecast_baseline("seasonal_naive", panel, 30)
    ahead = panel.frame(found.columns("naive"), 30)
    assert (ahead["ds"].to_numpy() == frame["ds"][n_rows:].to_numpy()).all()
    assert ahead["naive"].tolist() == frame["y"][n_rows:].tolist()


def test_where_no_clocks_change_a_panel_stays_what_it_is():
    for zone in ("UTC", "UTC+05:30", LISBON, None):
        panel = read_panel(hourly("2024-06-01", 50, zone))
        assert WallClock.of(panel).panel is panel
        assert WallClock.of(panel, 3).ahead.tolist() == [[0, 1, 2]]


def test_clocks_that_move_by_part_of_a_step_leave_the_rows_alone():
    panel = read_panel(hourly("2024-03-20", 100, freq="6h"))
    assert WallClock.of(panel).panel is panel


def test_values_ahead_are_spread_and_gathered():
    panel = read_panel(hourly("2024-03-30 20:00", 4))
    clock = WallClock.of(panel, 4)
    assert clock.ahead.tolist() == [[0, 2, 3, 4]] and clock.n_steps == 5
    assert clock.spread(np.array([[5, 6, 7, 8]])).tolist() == [[5, 5, 6, 7, 8]]
    assert clock.gather(np.array([[5, 5, 6, 7, 8]])).tolist() == [[5, 6, 7, 8]]
    panel = read_panel(hourly("2024-10-26 22:00", 3))
    clock = WallClock.of(panel, 4)
    assert clock.ahead.tolist() == [[0, 0, 1, 2]]
    assert clock.spread(np.array([[5, 6, 7, 8]])).tolist() == [[6, 7, 8]]


def test_missing_values_stay_missing_and_covariates_hold_on():
    frame = hourly("2024-03-30 22:00", 6).assign(x=range(6))
    frame.loc[2, "y"] = np.nan
    panel = WallClock.of(read_panel(frame, future="x")).panel
    np.testing.assert_array_equal(panel.y.ravel(), [22, 23, np.nan, np.nan, 2, 3, 4])
    assert panel.future.ravel().tolist() == [0, 1, 2, 2, 3, 4, 5]


@pytest.mark.parametrize("starts", [["2024-03-28", "2024-10-26", "2024-06-01"], ["2024-06-01"] * 3])
def test_series_are_laid_out_some_at_a_time_as_all_at_once(monkeypatch, starts):
    frames = [hourly(first, 90).assign(unique_id=f"{n}") for n, first in enumerate(starts)]
    panel = read_panel(pd.concat(frames))
    whole = WallClock.of(panel).panel
    monkeypatch.setattr(ragged, "VALUES_TOGETHER", 100)
    found = by_wall_clock(panel)
    assert (found is panel) == (whole is panel) == (len(set(starts)) == 1)
    for name in ("ids", "offsets", "times", "y"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name))


def test_if_clocks_move_by_part_of_a_step_in_one_series_all_are_left_alone(monkeypatch):
    """Clocks on Lord Howe Island move by half an hour, and once did by a whole one."""
    frames = [
        hourly(first, 90, zone="Australia/Lord_Howe") for first in ("1982-03-05", "2024-04-05")
    ]
    panel = read_panel(pd.concat(frames, keys=["a", "b"], names=["unique_id"]).reset_index())
    monkeypatch.setattr(ragged, "VALUES_TOGETHER", 100)
    assert by_wall_clock(panel.take([0])) is not panel
    assert by_wall_clock(panel) is panel
