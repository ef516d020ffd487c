"""Against R itself: what Rscript prints for the same series."""

import os
import re
import subprocess
import sys
import threading

import numpy as np
import pandas as pd
import pytest

from textseq import load_sample
from textseq.r_session import start_r
from textseq.series.baselines import forecast_baseline
from textseq.series.panel import read_panel

LEVELS = [80, 95]
R_CODE = """
suppressPackageStartupMessages(library(forecast))
show <- function(name, f) cat(name, formatC(c(f$mean, f$lower, f$upper), digits = 17), "\\n")
gappy <- AirPassengers
gappy[c(1, 30, 31, 143, 144)] <- NA
flat <- ts(as.numeric(AirPassengers)[1:60])
level <- c(80, 95)
show("naive", naive(AirPassengers, 30, level = level))
show("seasonal_naive", snaive(AirPassengers, 30, level = level))
show("drift", rwf(AirPassengers, 30, drift = TRUE, level = level))
show("r_ets", forecast(ets(AirPassengers), 30, level = level))
show("r_ets-gappy", forecast(ets(na.interp(window(gappy, c(1949, 2)))), 6, level = level))
show("r_ets-flat", forecast(ets(flat), 6, level = level))
show("r_auto_arima", forecast(auto.arima(AirPassengers), 30, level = level))
show("r_auto_arima-gappy", forecast(auto.arima(window(gappy, c(1949, 2))), 6, level = level))
"""


@pytest.fixture(scope="module")
def by_r():
    out = subprocess.run(["Rscript", "-e", R_CODE], capture_output=True, text=True, check=True)
    lines = [line.split() for line in out.stdout.splitlines()]
    return {name: np.array(values, dtype=np.float64) for name, *values in lines}


def air(**changes):
    return read_panel(load_sample("airpassengers").assign(**changes))


def flattened(forecasts):
    parts = [forecasts.mean]
    for ends in (forecasts.lower, forecasts.upper):
        assert list(ends) == LEVELS
        parts += ends.values()
    return np.concatenate([part.ravel() for part in parts])


@pytest.mark.parametrize("name", ["naive", "seasonal_naive", "drift", "r_ets", "r_auto_arima"])
def test_forecasts_and_intervals_are_those_of_r(by_r, name):
    ours = flattened(forecast_baseline(name, air(), 30, levels=LEVELS))
    np.testing.assert_allclose(ours, by_r[name], rtol=1e-9)


@pytest.mark.parametrize("name", ["r_ets", "r_auto_arima"])
def test_missing_values_shift_no_forecast(by_r, name):
    y = load_sample("airpassengers")["y"].astype(float)
    y[[0, 29, 30, 142, 143]] = np.nan
    ours = flattened(forecast_baseline(name, air(y=y), 6, levels=LEVELS))
    np.testing.assert_allclose(ours, by_r[f"{name}-gappy"], rtol=1e-9)


def test_the_season_is_the_frequency_of_ts(by_r):
    panel = read_panel(load_sample("airpassengers")[:60])
    ours = flattened(forecast_baseline("r_ets", panel, 6, season_length=1, levels=LEVELS))
    np.testing.assert_allclose(ours, by_r["r_ets-flat"], rtol=1e-9)


def test_every_series_and_target_is_forecast_and_no_level_is_needed():
    y = np.arange(20.0)
    frame = pd.DataFrame({"ds": range(20), "up": y, "down": -y})
    frame = pd.concat([frame.assign(unique_id="a"), frame.assign(unique_id="b", up=y + 100)])
    panel = read_panel(frame, target_col=["up", "down"])
    out = forecast_baseline("r_ets", panel, 2, levels=[])
    expected = [[[20, -20], [21, -21]], [[120, -20], [121, -21]]]
    np.testing.assert_allclose(out.mean, expected, atol=0.1)
    assert out.lower == {}


def test_what_r_warns_of_is_said_once():
    long_season = pd.DataFrame({"ds": range(120), "y": np.tile(np.arange(30.0), 4)})
    both = pd.concat([long_season.assign(unique_id=name) for name in "ab"])
    with pytest.warns(UserWarning, match=r"forecast::ets: .*frequency greater than 24") as caught:
        forecast_baseline("r_ets", read_panel(both), 3, season_length=30)
    assert len(caught) == 1


def test_the_state_of_rs_random_numbers_stays():
    rinterface = start_r("a test")
    drawn = []
    for forecasts in (False, True):
        rinterface.evalr("set.seed(7)")
        if forecasts:
            forecast_baseline("r_ets", air(), 2)
        drawn.append(rinterface.evalr("runif(1)")[0])
    assert drawn[0] == drawn[1]


def test_another_thread_is_refused():
    caught = []

    def call():
        try:
            forecast_baseline("r_ets", air(), 2)
        except RuntimeError as error:
            caught.append(str(error))

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    assert caught == ["R can only be called from the main thread, not for forecast::ets"]


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"PATH": ""}, r"forecast::ets needs R and rpy2 \(.*pip install \"textseq\[r\]\""),
        ({"R_LIBS_SITE": "/nowhere"}, r"R has no package forecast, which the baseline ets needs"),
    ],
)
def test_what_is_missing_is_named(environment, message):
    code = (
        "import pandas as pd\n"
        "from textseq.series.baselines import forecast_baseline\n"
        "from textseq.series.panel import read_panel\n"
        "panel = read_panel(pd.DataFrame({'ds': range(9), 'y': range(9)}))\n"
        "forecast_baseline('r_ets', panel, 2)\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", code],
        env={name: value for name, value in os.environ.items() if name != "R_HOME"} | environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert out.returncode == 1
    last = out.stderr.splitlines()[-1]
    assert re.match(f"ImportError: {message}", last)


@pytest.mark.parametrize("path", [None, "/opt/lib"])
def test_r_leaves_the_search_path_of_libraries_alone(path):
    """A Python started afterwards would load R's neighbours in place of its own libraries."""
    script = (
        "import os; from textseq.r_session import start_r; start_r('this'); "
        "print(os.environ.get('LD_LIBRARY_PATH'))"
    )
    environment = {k: v for k, v in os.environ.items() if k != "LD_LIBRARY_PATH"}
    environment |= {} if path is None else {"LD_LIBRARY_PATH": path}
    ran = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True
    )
    assert ran.stdout == f"{path}\n", ran.stderr
