from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from textseq import Forecaster, load_model
from textseq.series.calibration import POINT
from textseq.series.mondrian import (
    MondrianCalibration,
    WindowErrors,
    lengths_to_calibrate,
)
from textseq.series.scales import error_rates

H = 7


def errors_of(rng, roughness, length=8, share=1.0):
    roughness = np.asarray(roughness, dtype=float)[:, None]
    errors = rng.normal(size=(len(roughness), 3, 1)) * roughness[:, None]
    return WindowErrors(length, share, roughness, errors, {POINT: np.abs(errors)})


def test_windows_unlike_in_difficulty_do_not_share_their_errors():
    rng = np.random.default_rng(0)
    rough = np.repeat([0.05, 0.06, 1.0], 60)
    found = errors_of(rng, rough)
    # The calm ones are far better forecast than they look.
    found.errors[:120] *= 0.01
    found.outside[POINT][:120] *= 0.01
    calibration = MondrianCalibration.learn([found], n_apart=len(rough))
    assert calibration.cuts.shape == (1,) and 0.06 < calibration.cuts[0] < 1
    width = calibration.widening(POINT, 80, 3, np.full(2, 8), np.array([[0.05], [1.0]]))
    assert width.shape == (2, 3, 1)
    np.testing.assert_allclose(width[:, :, 0].mean(1), [1.28 * 0.05 * 0.01, 1.28], rtol=0.25)


def test_a_group_has_enough_windows_or_is_none():
    rng = np.random.default_rng(0)
    rough = np.repeat([0.05, 1.0], [20, 60])
    assert not len(MondrianCalibration.learn([errors_of(rng, rough)], n_apart=80).cuts)
    # They overlap, so that 80 count for no more than 40.
    rough = np.repeat([0.05, 1.0], [40, 40])
    assert not len(MondrianCalibration.learn([errors_of(rng, rough)], n_apart=40).cuts)
    assert len(MondrianCalibration.learn([errors_of(rng, rough)], n_apart=80).cuts) == 1


def test_short_windows_have_errors_of_their_own():
    rng = np.random.default_rng(0)
    short, long = errors_of(rng, np.ones(100), length=1), errors_of(rng, np.ones(100), length=8)
    calibration = MondrianCalibration.learn(
        [short._replace(errors=short.errors * 5, outside={POINT: short.outside[POINT] * 5}), long],
        n_apart=100,
    )
    width = calibration.widening(POINT, 80, 1, np.array([1, 7, 8, 20]), np.ones((4, 1))).ravel()
    assert width[0] == width[1] and width[2] == width[3]
    assert width[0] / width[2] == pytest.approx(5, rel=0.2)


@pytest.mark.parametrize(
    "longest, season, lengths",
    [(35, 7, [1, 2, 4, 7, 14, 28, 35]), (5, 24, [1, 2, 4, 5]), (8, 1, [1, 2, 4, 8]), (1, 1, [1])],
)
def test_lengths_halve_from_whole_seasons_to_a_step(longest, season, lengths):
    assert lengths_to_calibrate(longest, season) == lengths


def mixed_frame():
    """Long, calm, short, gappy, rarely selling and constant series, and new ones."""
    rng, n = np.random.default_rng(0), 140 + H

    def season(noise):
        return 50 + 10 * np.sin(np.arange(n) * 2 * np.pi / 7 + 6 * rng.random()) + noise

    kinds = {
        "long": [season(3 * rng.normal(size=n)) for _ in range(40)],
        "calm": [season(0.3 * rng.normal(size=n)) for _ in range(40)],
        "short": [season(3 * rng.normal(size=n)) for _ in range(40)],
        "gaps": [season(3 * rng.normal(size=n)) for _ in range(40)],
        "rare": [rng.poisson(0.5, n) * 4.0 for _ in range(40)],
        "constant": [np.full(n, 20.1) for _ in range(10)],
        "new": [season(3 * rng.normal(size=n)) for _ in range(40)],
        "newest": [season(3 * rng.normal(size=n)) for _ in range(40)],
    }
    days = pd.date_range("2024", periods=n)
    frame = pd.concat(
        pd.DataFrame({"kind": kind, "unique_id": f"{kind}{place}", "ds": days, "y": y})
        for kind, rows in kinds.items()
        for place, y in enumerate(rows)
    )
    known = frame[frame["ds"] <= days[-H - 1]].copy()
    known.loc[known["kind"].eq("gaps") & known["ds"].gt(days[-H - 4]), "y"] = np.nan
    last = known["kind"].map({"short": 30, "newest": 3}).fillna(n)
    known = known[known.groupby("unique_id").cumcount(ascending=False) < last]
    return known, frame[frame["ds"] > days[-H - 1]]


def test_intervals_hold_what_they_should_in_every_kind_of_series(tmp_path):
    known, ahead = mixed_frame()
    is_new = known["kind"].str.startswith("new")
    model = Forecaster(h=H, hidden_size=8, max_epochs=4, n_threads=1, random_state=0)
    model.fit(known[~is_new].drop(columns="kind"))
    model.save(tmp_path / "mixed.textseq")
    opened = load_model(tmp_path / "mixed.textseq")
    new = known[is_new].drop(columns="kind")
    pd.testing.assert_frame_equal(opened.predict(df=new), model.predict(df=new))
    found = pd.concat([model.predict(level=(80,)), model.predict(df=new, level=(80,))])
    found = found.merge(ahead, on=["unique_id", "ds"])
    inside = found["y"].between(found["lstm-lo-80"], found["lstm-hi-80"])
    held = inside.groupby(found["kind"]).mean()
    width = (found["lstm-hi-80"] - found["lstm-lo-80"]).groupby(found["kind"]).mean()
    assert held.pop("constant") >= 0.7 and width["constant"] < 5
    assert held.between(0.7, 0.9).all(), held


def test_files_of_before_open_and_forecast_as_they_did(tmp_path):
    """They hold one group of scores, and neither roughness nor what is typical."""
    days = pd.date_range("2024", periods=60)
    y = np.sin(np.arange(60)) + np.random.default_rng(0).normal(size=60)
    model = Forecaster(h=3, hidden_size=4, max_epochs=1, n_threads=1, random_state=0)
    model.fit(pd.DataFrame({"ds": days, "y": y}))
    only = MondrianCalibration(np.array([1]), np.empty(0), ((model.calibration_.groups[-1][0],),))
    old = {"roughness": None, "error_rate": None, "typical": None}
    model.encoding_ = replace(model.encoding_, **old)
    model.calibration_ = only
    arrays = model._own_arrays()
    header = model._own_to_json()
    for name in ("lengths", "cuts"):
        del arrays[f"calibration.{name}"]
    arrays = {name.replace("calibration.0.0.", "calibration."): a for name, a in arrays.items()}
    assert {"calibration.spread", "calibration.point", "calibration.n_apart"} <= set(arrays)
    expected = model.predict()
    model._own_from_file(header, arrays, {})
    pd.testing.assert_frame_equal(model.predict(), expected)
    single = pd.DataFrame({"unique_id": "new", "ds": days[:5], "y": y[:5]})
    assert model.encoding_.scales_of(model._read(single, None))[1].item() == pytest.approx(
        y[:5].std()
    )


def test_error_rates_of_series_with_few_windows_lean_on_the_median():
    errors = np.array([[2.0], [2.0], [1.0], [np.nan], [8.0]])
    rates, median = error_rates(errors[:, None], np.ones((5, 1)), np.array([0, 0, 1, 1, 2]), 4)
    np.testing.assert_allclose([*median, *rates[0], *rates[3]], 2)
    assert 1 < rates[1] < 2 < rates[2] < 8
    # Of one mean, but errors of 0 and 8, and of 4 and 4.
    rates, _ = error_rates(np.array([[[0.0], [8]], [[4], [4]]]), np.ones((2, 1)), np.arange(2), 2)
    assert rates[0] < 0.9 * rates[1]
