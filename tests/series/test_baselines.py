import numpy as np
import pandas as pd
import pytest

from textseq import load_sample
from textseq.series.baselines import BASELINES, choose_baselines, forecast_baseline
from textseq.series.panel import read_panel

NAMES = ["naive", "seasonal_naive", "drift"]
# Normal quantile of a two-sided 95 % interval.
Z95 = 1.959963984540054


def panel_of(*series):
    frame = pd.concat(
        pd.DataFrame({"unique_id": f"s{i}", "ds": range(len(y)), "y": y})
        for i, y in enumerate(series)
    )
    return read_panel(frame)


def test_naive_by_hand():
    # Changes 2, -1, 2, -1: sigma is the root of (4 + 1 + 4 + 1) / 4.
    out = forecast_baseline("naive", panel_of([1, 3, 2, 4, 3]), 4, levels=[95])
    np.testing.assert_array_equal(out.mean.ravel(), [3, 3, 3, 3])
    width = Z95 * np.sqrt(2.5) * np.sqrt([1, 2, 3, 4])
    np.testing.assert_allclose(out.upper[95].ravel(), 3 + width)
    np.testing.assert_allclose(out.lower[95].ravel(), 3 - width)


def test_seasonal_naive_by_hand():
    # Changes over two steps: 4, 6, 2, so sigma is the root of 56 / 3.
    out = forecast_baseline("seasonal_naive", panel_of([1, 2, 5, 8, 7]), 5, 2, levels=[95])
    np.testing.assert_array_equal(out.mean.ravel(), [8, 7, 8, 7, 8])
    width = Z95 * np.sqrt(56 / 3) * np.sqrt([1, 1, 2, 2, 3])
    np.testing.assert_allclose((out.upper[95] - out.mean).ravel(), width)


def test_drift_by_hand():
    # Slope 1/2; residuals 3/2, -3/2, 3/2, -3/2; one parameter: sigma squared is 9 / 3.
    out = forecast_baseline("drift", panel_of([1, 3, 2, 4, 3]), 2, levels=[95])
    np.testing.assert_array_equal(out.mean.ravel(), [3.5, 4])
    width = Z95 * np.sqrt(3) * np.sqrt([1 * (1 + 1 / 4), 2 * (1 + 2 / 4)])
    np.testing.assert_allclose((out.upper[95] - out.mean).ravel(), width)


def test_missing_values_are_passed_over():
    gappy = panel_of([np.nan, 1, 3, np.nan, 2, 4, np.nan, np.nan])
    out = forecast_baseline("naive", gappy, 2, levels=[95])
    np.testing.assert_array_equal(out.mean.ravel(), [4, 4])
    # Changes between neighbours: 2 and 2; the last value lies two steps before the end.
    np.testing.assert_allclose((out.upper[95] - 4).ravel(), Z95 * 2 * np.sqrt([3, 4]))
    out = forecast_baseline("seasonal_naive", gappy, 4, 2, levels=[95])
    np.testing.assert_array_equal(out.mean.ravel(), [2, 4, 2, 4])
    # One pair two steps apart, 2 after 3 ... 2: rows 2 and 4; seasons since: 2, 2, 3, 3.
    np.testing.assert_allclose((out.upper[95] - out.mean).ravel(), Z95 * np.sqrt([2, 2, 3, 3]))
    out = forecast_baseline("drift", gappy, 1, levels=[95])
    # From 1 at step 1 to 4 at step 5, then three steps on.
    np.testing.assert_allclose(out.mean.ravel(), 4 + 0.75 * 3)


def test_a_short_series_falls_back_on_its_last_value():
    out = forecast_baseline("seasonal_naive", panel_of([1, 2, 4]), 5, 4, levels=[95])
    np.testing.assert_array_equal(out.mean.ravel(), [4, 1, 2, 4, 4])
    sigma = np.sqrt(5 / 2)
    width = Z95 * sigma * np.sqrt([1, 2, 3, 4, 5])
    np.testing.assert_allclose((out.upper[95] - out.mean).ravel(), width)


def test_a_season_without_a_value_falls_back_on_the_last_one():
    # Changes from step to step: 1 and 2; over a season: 2 and 3.
    out = forecast_baseline("seasonal_naive", panel_of([1, 2, np.nan, 3, 5, np.nan]), 3, 3, [95])
    np.testing.assert_array_equal(out.mean.ravel(), [3, 5, 5])
    width = Z95 * np.sqrt([13 / 2, 13 / 2, 5 / 2 * 4])
    np.testing.assert_allclose((out.upper[95] - out.mean).ravel(), width)


@pytest.mark.parametrize("name", NAMES)
def test_one_row_has_a_mean_but_no_interval(name):
    out = forecast_baseline(name, panel_of([7], [1, 2, 3, 5]), 3, 2, levels=[80])
    np.testing.assert_array_equal(out.mean[0].ravel(), [7, 7, 7])
    assert np.isnan(out.lower[80][0]).all()
    assert not np.isnan(out.lower[80][1]).any()


@pytest.mark.parametrize("name", NAMES)
def test_series_and_targets_do_not_meet(name):
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 40))
    first[rng.random(40) < 0.2] = np.nan
    frame = pd.DataFrame({"ds": range(40), "u": first, "v": second})
    both = pd.concat([frame.assign(unique_id="a"), frame[:30].assign(unique_id="b")])
    together = forecast_baseline(name, read_panel(both, target_col=["u", "v"]), 9, 7)
    assert together.mean.shape == (2, 9, 2)
    for row, length in enumerate((40, 30)):
        for target, column in enumerate("uv"):
            alone = forecast_baseline(name, read_panel(frame[:length], target_col=column), 9, 7)
            np.testing.assert_array_equal(together.mean[row, :, target], alone.mean[0, :, 0])
            for level in (80, 95):
                np.testing.assert_array_equal(
                    together.upper[level][row, :, target], alone.upper[level][0, :, 0]
                )


@pytest.mark.parametrize("name", NAMES)
def test_a_series_cut_before_its_first_value_has_no_forecast(name):
    panel = panel_of([np.nan, np.nan, 5], [1, 2, 3]).until(np.array([2, 2]))
    out = forecast_baseline(name, panel, 2)
    assert np.isnan(out.mean[0]).all()
    assert not np.isnan(out.mean[1]).any()


def test_the_season_is_that_of_the_frequency():
    panel = read_panel(load_sample("airpassengers"))
    out = forecast_baseline("seasonal_naive", panel, 24)
    np.testing.assert_array_equal(out.mean.ravel(), np.tile(panel.y[-12:, 0], 2))
    assert list(out.lower) == [80, 95]
    frame = panel.frame(out.columns("seasonal_naive"), 24)
    assert list(frame.columns[2:]) == [
        "seasonal_naive", "seasonal_naive-lo-80", "seasonal_naive-hi-80",
        "seasonal_naive-lo-95", "seasonal_naive-hi-95",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("last", None), "unknown baseline 'last'; the baselines are naive, seasonal_naive"),
        (("naive", None, 0), "h=0 steps ahead"),
        (("naive", None, 1, 0), "season_length=0"),
        (("naive", None, 1, 1, [0.9, 100]), "level 100 is no percentage"),
    ],
)
def test_what_is_wrong_is_named(arguments, message):
    name, _, *rest = arguments
    with pytest.raises(ValueError, match=message):
        forecast_baseline(name, panel_of([1, 2, 3]), *(rest or [1]))


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (True, NAMES),
        ("naive", NAMES),
        (False, []),
        ("r", [*NAMES, "r_auto_arima", "r_ets"]),
        (["drift"], ["drift"]),
        (tuple(BASELINES), list(BASELINES)),
    ],
)
def test_baselines_are_chosen_by_a_word_or_by_name(asked, names):
    assert choose_baselines(asked) == tuple(names)


@pytest.mark.parametrize("asked", ["R", ["naive", "r_arima"]])
def test_an_unknown_choice_lists_the_known(asked):
    with pytest.raises(ValueError, match="known"):
        choose_baselines(asked)
