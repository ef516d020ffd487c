import sys

import numpy as np
import pytest

from textseq import load_sample
from textseq.series.baselines import BASELINE_SETS, forecast_baseline
from textseq.series.panel import read_panel

MODELS = {"auto_ets": "AutoETS", "auto_theta": "AutoTheta"}


def air(**changes):
    return read_panel(load_sample("airpassengers").assign(**changes))


@pytest.mark.stats
@pytest.mark.parametrize("name", MODELS)
def test_forecasts_are_those_of_statsforecast_itself(name):
    from statsforecast import StatsForecast, models

    model = getattr(models, MODELS[name])(season_length=12)
    theirs = StatsForecast(models=[model], freq="MS").forecast(
        df=load_sample("airpassengers"), h=6, level=[80, 95]
    )
    panel = air()
    ours = panel.frame(forecast_baseline(name, panel, 6).columns(MODELS[name]), 6)
    assert ours["ds"].tolist() == theirs["ds"].tolist()
    for column in ours.columns[2:]:
        # Their frame holds float32.
        np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-6)


@pytest.mark.stats
@pytest.mark.parametrize("name", MODELS)
def test_missing_values_are_interpolated(name):
    y = load_sample("airpassengers")["y"].astype(float)
    y[[0, 1, 30, 143]] = np.nan
    out = forecast_baseline(name, air(y=y), 3, levels=[99.5])
    filled = y.copy()
    filled[30], filled[143] = (y[29] + y[31]) / 2, y[142]
    whole = read_panel(load_sample("airpassengers").assign(y=filled)[2:])
    expected = forecast_baseline(name, whole, 3, levels=[99.5])
    np.testing.assert_array_equal(out.mean, expected.mean)
    np.testing.assert_array_equal(out.upper[99.5], expected.upper[99.5])


@pytest.mark.stats
def test_no_level_is_needed():
    assert forecast_baseline("auto_theta", air(), 3, levels=[]).lower == {}


@pytest.mark.parametrize("name", MODELS)
def test_what_is_missing_is_named(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "statsforecast", None)
    with pytest.raises(ImportError, match=r'needs statsforecast.*pip install "textseq\[stats\]"'):
        forecast_baseline(name, air(), 2)


def test_they_stand_beside_the_simple_ones():
    assert BASELINE_SETS["statistical"][3:] == tuple(MODELS)
