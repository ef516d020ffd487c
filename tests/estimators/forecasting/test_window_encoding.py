import numpy as np
import pandas as pd
import pytest

from textseq.estimators.forecasting.encoding import WindowEncoding
from textseq.series.panel import read_panel


def panel_of(**series):
    parts = [
        pd.DataFrame(
            {"unique_id": name, "ds": pd.date_range("2024", periods=len(y), freq="h"), "y": y}
        )
        for name, y in series.items()
    ]
    frame = pd.concat(parts)
    frame["load"] = np.arange(len(frame), dtype=float)
    frame["size"] = frame["unique_id"].map({"a": 1.0, "b": 3.0, "c": 5.0})
    return read_panel(frame, past="load", static="size", freq="h")


def test_each_series_is_scaled_by_the_rows_that_were_trained_on():
    whole = panel_of(a=[1, 3, 100, -50], b=[10, 30, 7, 7])
    encoding = WindowEncoding.learn(whole.until(np.array([2, 2])), with_calendar=False)
    assert encoding.location.ravel().tolist() == [2, 20]
    assert encoding.scale.ravel().tolist() == [1, 10]
    source = encoding.source(whole)
    assert source.y.ravel().tolist() == [-1, 1, 98, -52, -1, 1, -1.3, -1.3]
    # The training rows' covariates are 0, 1, 4, 5.
    assert encoding.past.location.tolist() == [2.5]
    assert source.static.ravel().tolist() == [-1, 1]


def test_a_series_that_training_did_not_meet_is_scaled_by_what_it_brings():
    encoding = WindowEncoding.learn(panel_of(a=[1, 3], b=[1, 3]), with_calendar=False)
    location, scale = encoding.scales_of(panel_of(a=[9, 9], c=[4, 4, 8, 8] * 100))
    assert location.ravel().tolist() == [2, 6] and scale[0, 0] == 1
    assert scale[1, 0] == pytest.approx(2, rel=0.01)


def test_missing_values_are_left_out_and_marked():
    encoding = WindowEncoding.learn(panel_of(a=[1, np.nan, 3], b=[5, 5, 5]), with_calendar=False)
    assert encoding.location.ravel().tolist() == [2, 5]
    assert encoding.scale.ravel().tolist() == [1, 1]
    source = encoding.source(panel_of(a=[1, np.nan, 3]))
    assert source.channels[:, 0].tolist() == [0, 1, 0]
    assert encoding.n_channels == 1 + source.channels.shape[1]


def test_values_that_lack_behind_the_training_rows_are_filled_too():
    encoding = WindowEncoding.learn(panel_of(a=[1, 2, 3], b=[1, 2]), with_calendar=False)
    source = encoding.source(panel_of(a=[1, 2, 3, np.nan]))
    assert not encoding.marks_missing and np.isnan(source.y[3, 0])
    assert source.filled[3, 0] == source.y[2, 0]


def test_the_calendar_is_known_ahead():
    panel = panel_of(a=np.arange(48), b=np.arange(48))
    encoding = WindowEncoding.learn(panel, with_calendar=True)
    source = encoding.source(panel)
    assert source.ahead.shape == (96, encoding.n_ahead) and encoding.n_ahead == 6
    # 6 o'clock: a quarter of the day.
    np.testing.assert_allclose(source.ahead[6, :2], [1, 0], atol=1e-6)


@pytest.mark.parametrize("role", ["past", "future"])
def test_a_covariate_that_never_changed_is_left_out_with_a_warning(role):
    frame = pd.DataFrame({"ds": range(100), "y": range(100), "price": 19.99, "load": range(100)})
    panel = read_panel(frame, **{role: ["load", "price"]})
    # The mean of 100 times 19.99 is not 19.99 to the last bit.
    assert getattr(panel, role)[:, 1].std() > 0
    with pytest.warns(UserWarning, match=f"the {role} covariate 'price' is 19.99 in all rows"):
        encoding = WindowEncoding.learn(panel, with_calendar=False)
    later = read_panel(frame.assign(price=1e6), **{role: ["load", "price"]})
    assert encoding.source(later).channels[:, 1].tolist() == [0] * 100
    assert encoding.source(later).channels[:, 0].std() == pytest.approx(1)


def test_a_static_covariate_that_all_series_share_is_left_out_with_a_warning():
    with pytest.warns(UserWarning, match="'size' is 1 in all series"):
        encoding = WindowEncoding.learn(panel_of(a=[1, 2, 4]), with_calendar=False)
    assert encoding.source(panel_of(c=[1, 2, 4])).static.tolist() == [[0]]


def test_a_new_series_that_tells_no_spread_has_what_is_typical():
    rng = np.random.default_rng(0)
    alike = {name: 50 + 3 * rng.normal(size=40) for name in "ab"}
    encoding = WindowEncoding.learn(panel_of(**alike), with_calendar=False)
    assert 2 < encoding.scales_of(panel_of(c=[50]))[1].item() < 4
    assert 2 < encoding.scales_of(panel_of(c=[50] * 4))[1].item() < 4
    # Here the spread goes with the size.
    sizes = {"a": alike["a"], "b": alike["b"] * 1e6}
    encoding = WindowEncoding.learn(panel_of(**sizes), with_calendar=False)
    assert 20 < encoding.scales_of(panel_of(c=[500]))[1].item() < 40


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_a_constant_series_is_scaled_in_the_units_of_the_others(unit):
    rng = np.random.default_rng(0)
    still = np.full(40, 50.3 * unit)
    still[::2] *= 1 + 1e-15
    panel = panel_of(a=(50 + 3 * rng.normal(size=40)) * unit, b=still)
    encoding = WindowEncoding.learn(panel, with_calendar=False)
    assert 1 < encoding.scale[1, 0] / unit < 6
