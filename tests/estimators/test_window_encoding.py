import numpy as np
import pandas as pd

from textseq.estimators.window_encoding import WindowEncoding
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
    return read_panel(frame, past="load", static="size")


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
    encoding = WindowEncoding.learn(panel_of(a=[1, 3]), with_calendar=False)
    location, scale = encoding.scales_of(panel_of(a=[9, 9], c=[4, 4, 8, 8]))
    assert (location.ravel().tolist(), scale.ravel().tolist()) == ([2, 6], [1, 2])


def test_missing_values_are_left_out_and_marked():
    encoding = WindowEncoding.learn(panel_of(a=[1, np.nan, 3], b=[5, 5, 5]), with_calendar=False)
    assert encoding.location.ravel().tolist() == [2, 5]
    assert encoding.scale.ravel().tolist() == [1, 1]
    source = encoding.source(panel_of(a=[1, np.nan, 3]))
    assert source.channels[:, 0].tolist() == [0, 1, 0]
    assert encoding.n_channels == 1 + source.channels.shape[1]


def test_the_calendar_is_known_ahead():
    encoding = WindowEncoding.learn(panel_of(a=np.arange(48)), with_calendar=True)
    source = encoding.source(panel_of(a=np.arange(48)))
    assert source.ahead.shape == (48, encoding.n_ahead) and encoding.n_ahead == 6
    # 6 o'clock: a quarter of the day.
    np.testing.assert_allclose(source.ahead[6, :2], [1, 0], atol=1e-6)
