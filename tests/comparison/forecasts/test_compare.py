"""``compare_forecasts`` end to end on small series, where the right order of rows is known."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from forecast_comparisons import QUICK, weekly
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from textseq import Forecaster, load_sample, ragged
from textseq.comparison.forecasts.compare import compare_forecasts
from textseq.estimators.checkpoint import FitCheckpoint
from textseq.series.metrics import score_forecasts
from textseq.series.panel import read_panel


@pytest.fixture(scope="module")
def comparison():
    rows = ["gru", {"wide": {"encoder": "lstm", "hidden_size": 8}, "own": QUICK}]
    return compare_forecasts(
        weekly(), 7, rows, estimator=QUICK, n_windows=3, n_seeds=2, level=(80,)
    )


def test_rows_are_baselines_then_what_was_named(comparison):
    assert [(m.name, m.kind) for m in comparison.models] == [
        ("naive", "baseline"),
        ("seasonal_naive", "baseline"),
        ("drift", "baseline"),
        ("gru", "network"),
        ("wide", "network"),
        ("own", "network"),
    ]
    by_name = {model.name: model for model in comparison.models}
    assert by_name["wide"].parameters["hidden_size"] == 8
    assert by_name["wide"].n_parameters > by_name["own"].n_parameters
    assert [len(model.mase) for model in comparison.models] == [1, 1, 1, 2, 2, 2]
    assert comparison.receipt["seeds"] == [0, 1]


def test_seasonal_naive_is_known_to_beat_naive(comparison):
    assert comparison.table["mase"].is_monotonic_increasing
    table = comparison.table.set_index("model")
    assert table.loc["seasonal_naive", "mase"] < 1.5 < table.loc["naive", "mase"]
    pairs = comparison.pairs.set_index(["first", "second"])
    pair = pairs.loc["naive", "seasonal_naive"]
    # MASE of the first minus that of the second.
    difference = table.loc["naive", "mase"] - table.loc["seasonal_naive", "mase"]
    assert pair["difference"] == pytest.approx(difference)
    assert pair["low"] < difference < pair["high"]
    assert pair["verdict"] == "seasonal_naive better"
    assert len(pairs) == 15


def test_the_table_is_what_the_frame_scores(comparison):
    panel = read_panel(weekly())
    expected = score_forecasts(comparison.frame, panel).set_index("model")
    first = {model.name: model.scores.iloc[0] for model in comparison.models}
    for name, scores in first.items():
        for score in ("mase", "smape", "rmse", "coverage-80", "width-80"):
            assert scores[score] == pytest.approx(expected.loc[name, score]), (name, score)
    # Errors by step average to the MASE, as no value is missing.
    for model in comparison.models:
        assert model.by_step.mean() == pytest.approx(model.mase.mean())
        assert len(model.by_step) == 7


def test_baselines_stand_in_the_first_seed_alone(comparison):
    first, second = comparison.frames
    assert "naive" in first and "naive" not in second
    assert (first["gru"] != second["gru"]).all()
    assert comparison.frame is first


def test_a_backtest_of_one_network_gives_the_same_forecasts(comparison):
    # Row "own" is that forecaster, here with the first seed.
    alone = clone(QUICK).set_params(random_state=0, h=7)
    again = alone.cross_validation(weekly(), 3, level=(80,))
    np.testing.assert_array_equal(again["lstm"], comparison.frame["own"])


def test_shown_series_are_those_of_the_frame(comparison):
    assert sorted(series.id for series in comparison.shown) == ["s0", "s1", "s2", "s3"]
    errors = [series.error for series in comparison.shown]
    assert errors == sorted(errors)
    known = weekly().set_index(["unique_id", "ds"])["y"]
    for series in comparison.shown:
        np.testing.assert_allclose(series.y, known[series.id][series.times])


def test_five_of_many_series_are_shown_from_the_smallest_error_to_the_largest():
    comparison = compare_forecasts(weekly(9), 7, [], n_windows=2)
    assert [series.place for series in comparison.shown] == [
        "smallest error",
        "a quarter have less error",
        "median error",
        "a quarter have more error",
        "largest error",
    ]
    errors = [series.error for series in comparison.shown]
    assert errors == sorted(errors)
    # No networks took part: the errors are those of the best model.
    frame, panel, best = comparison.frame, read_panel(weekly(9)), comparison.best.name
    by_series = [
        score_forecasts(part[["unique_id", "ds", "cutoff", "y", best]], panel)["mase"][0]
        for _, part in frame.groupby("unique_id")
    ]
    assert errors[0] == pytest.approx(min(by_series))
    assert errors[2] == pytest.approx(np.median(by_series))
    assert errors[4] == pytest.approx(max(by_series))


def test_windows_that_overlap_are_one_item():
    frame = weekly(2)
    apart = compare_forecasts(frame, 7, [], n_windows=4)
    overlapping = compare_forecasts(frame, 7, [], n_windows=4, step_size=2)
    assert apart.n_items == 8
    # Cutoffs at 0, 2, 4 and 6 steps all forecast of the same week.
    assert overlapping.n_items == 2


def test_polars_in_polars_out():
    frame = pl.DataFrame(
        {
            "meter": [1] * 60 + [2] * 60,
            "hour": [*range(60), *range(60)],
            "kwh": np.random.default_rng(0).normal(size=120),
        }
    )
    comparison = compare_forecasts(
        frame,
        5,
        ["rnn"],
        estimator=QUICK,
        n_windows=2,
        baselines=["naive", "seasonal_naive"],
        id_col="meter",
        time_col="hour",
        target_col="kwh",
    )
    assert isinstance(comparison.frame, pl.DataFrame)
    # Integer times have no season, and the seasonal naive forecast would be the naive again.
    assert [model.name for model in comparison.models] == ["naive", "rnn"]
    assert comparison.step == "1"


def test_several_targets_and_missing_values():
    frame = load_sample("etth1").iloc[:400]
    frame.loc[380:383, "OT"] = np.nan
    comparison = compare_forecasts(
        frame, 12, ["gru"], estimator=QUICK, n_windows=2, target_col=["OT", "LULL"], past="HUFL"
    )
    assert comparison.frame["variable"].tolist()[:3] == ["OT", "LULL", "OT"]
    assert {series.target for series in comparison.shown} == {"OT", "LULL"}
    assert comparison.n_items == 4
    assert all(np.isfinite(model.mase).all() for model in comparison.models)
    assert any("4 of 800 values (0.5 %) are missing" in line for line in comparison.warnings)


def test_repeats_with_its_random_state_and_differs_with_another():
    first, again, other = (
        compare_forecasts(weekly(2), 7, ["gru"], estimator=QUICK, n_windows=1, random_state=seed)
        for seed in (3, 3, 4)
    )
    pd.testing.assert_frame_equal(first.frame, again.frame)
    assert (first.frame["gru"] != other.frame["gru"]).any()


def test_fits_are_counted_over_all_seeds():
    seen = []
    compare_forecasts(
        weekly(1),
        7,
        ["rnn", "gru"],
        estimator=QUICK,
        n_windows=2,
        n_seeds=2,
        on_fit=lambda *fit: seen.append(fit),
    )
    assert [done for done, *_ in seen] == list(range(8))
    assert {total for _, total, _ in seen} == {8}
    assert [name for *_, name in seen] == ["rnn", "gru"] * 4


def test_the_season_of_the_estimator_counts():
    frame = weekly(1)
    week = compare_forecasts(frame, 7, [], n_windows=2)
    none = compare_forecasts(frame, 7, [], estimator=Forecaster(season_length=1), n_windows=2)
    assert week.receipt["season_length"] == 7
    assert none.receipt["season_length"] == 1
    assert [model.name for model in none.models] == ["naive", "drift"]
    three = compare_forecasts(frame, 7, [], estimator=Forecaster(season_length=3), n_windows=1)
    repeated = three.frame["seasonal_naive"].to_numpy()
    np.testing.assert_array_equal(repeated[3:6], repeated[:3])
    assert repeated[0] != repeated[1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoders": ["lstn"]}, "lstn"),
        ({"encoders": [LogisticRegression()]}, "a name"),
        ({"encoders": {"mine": 3}}, "row 'mine' must be an encoder's name"),
        ({"encoders": ["gru", {"gru": {"encoder": "lstm"}}]}, "the name 'gru' is taken"),
        ({"encoders": {"naive": "gru"}}, "the name 'naive' is taken"),
        ({"encoders": {"y": "gru"}}, "the name 'y' is taken"),
        ({"encoders": [], "baselines": False}, "nothing to compare"),
        ({"baselines": ["arima"]}, "unknown baseline 'arima'"),
        ({"n_windows": 0}, "n_windows must be"),
        ({"n_windows": 90}, "too few for 90 windows"),
        ({"level": 120}, "no percentage"),
        ({"target_col": "z"}, "no column 'z'"),
    ],
)
def test_what_cannot_be_compared_is_refused(changes, message):
    arguments = {"encoders": ["gru"], "estimator": QUICK, "n_windows": 1} | changes
    with pytest.raises(ValueError, match=message):
        compare_forecasts(weekly(1), 7, **arguments)


def test_series_that_never_change_have_no_scale():
    frame = weekly(1).assign(y=3.0)
    with pytest.raises(ValueError, match="MASE has no scale"):
        compare_forecasts(frame, 7, [], n_windows=1)


def test_control_c_ends_the_comparison(monkeypatch):
    fit = Forecaster.fit_panel

    def interrupted(self, *arguments):
        fitted = fit(self, *arguments)
        fitted.interrupted_ = True
        return fitted

    monkeypatch.setattr(Forecaster, "fit_panel", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compare_forecasts(weekly(1), 7, ["gru"], estimator=QUICK, n_windows=2)


def test_gaps_are_filled_as_the_estimator_says():
    frame = weekly()
    gappy = frame.drop(index=[20, 21])
    naive = {"encoders": [], "n_windows": 2, "level": None}
    with pytest.raises(ValueError, match="has a gap.*fill_gaps='interpolate' or 'zero'"):
        compare_forecasts(gappy, 7, **naive)
    found = compare_forecasts(gappy, 7, estimator=Forecaster(fill_gaps="zero"), **naive)
    by_hand = frame.assign(y=frame["y"].drop([20, 21])).fillna({"y": 0.0})
    pd.testing.assert_frame_equal(found.frames[0], compare_forecasts(by_hand, 7, **naive).frames[0])


def test_a_row_that_fills_gaps_otherwise_is_refused():
    rows = {"own": {"encoder": "gru", "fill_gaps": "zero"}}
    with pytest.raises(ValueError, match=r"'own' has fill_gaps='zero'.*pass estimator="):
        compare_forecasts(weekly(), 7, rows, n_windows=2)


def compared(encoders=("gru",), **given):
    """Return a comparison, and what was fitted for it."""
    fitted = []
    found = compare_forecasts(
        weekly(2), 7, encoders, **{"estimator": QUICK, "n_windows": 3, "n_seeds": 2} | given,
        on_fit=lambda *fit: fitted.append(fit),
    )  # fmt: skip
    return found, fitted


def untimed(comparison):
    return comparison.table.sort_values("model").drop(columns="train_seconds")


@pytest.mark.parametrize("refit", [True, False])
def test_finished_fits_are_not_done_again(tmp_path, refit):
    expected, fitted = compared(refit=refit)
    kept, first = compared(refit=refit, checkpoint=tmp_path / "fits")
    again, second = compared(refit=refit, checkpoint=tmp_path / "fits")
    assert fitted == first and len(first) == (6 if refit else 2) and second == []
    for found in (kept, again):
        pd.testing.assert_frame_equal(untimed(found), untimed(expected))
        for frame, other in zip(found.frames, expected.frames, strict=True):
            pd.testing.assert_frame_equal(frame, other)
    assert again.table["train_seconds"].equals(kept.table["train_seconds"])
    assert again.models[-1].parameters == kept.models[-1].parameters
    more, third = compared(["gru", "rnn"], refit=refit, checkpoint=tmp_path / "fits")
    assert {name for _, _, name in third} == {"rnn"} and len(more.models) == 5


def test_a_forecasters_fit_goes_on_within(tmp_path, monkeypatch):
    save, saved = FitCheckpoint.save, []

    def save_and_stop(self, state):
        save(self, state)
        saved.append(state.facts.get("position", {}).get("batch"))
        if len(saved) == 2:
            raise OSError("a stop")

    monkeypatch.setattr(FitCheckpoint, "is_due", lambda self, epoch_ended: True)
    monkeypatch.setattr(FitCheckpoint, "save", save_and_stop)
    quick = clone(QUICK).set_params(batch_size=8)
    expected = quick.cross_validation(weekly(2), 3)
    with pytest.raises(OSError, match="a stop"):
        quick.cross_validation(weekly(2), 3, checkpoint=tmp_path / "fits")
    found = quick.cross_validation(weekly(2), 3, checkpoint=tmp_path / "fits")
    assert saved[:3] == [1, 2, 3]
    # Without a seed the one that was drawn stays, and others were drawn before.
    assert found.columns.equals(expected.columns) and len(found) == len(expected)
    again = quick.cross_validation(weekly(2), 3, checkpoint=tmp_path / "fits")
    pd.testing.assert_frame_equal(found, again)
    with pytest.raises(ValueError, match="its data were others"):
        quick.cross_validation(weekly(3), 3, checkpoint=tmp_path / "fits")
    with pytest.raises(ValueError, match="rows_behind_cutoffs was .* and is"):
        quick.cross_validation(weekly(2), 4, checkpoint=tmp_path / "fits")


def test_fits_run_side_by_side():
    expected, _ = compared()
    found, fitted = compared(n_jobs=2)
    pd.testing.assert_frame_equal(untimed(found), untimed(expected))
    assert found.receipt["n_jobs"] == 2 and len(fitted) == 6
    with pytest.raises(ValueError, match="n_jobs must be a whole number of at least 1"):
        compared(n_jobs=0)


def test_series_in_files_are_compared_as_those_in_memory(tmp_path, monkeypatch):
    frame = weekly(n_series=9, n_rows=70)
    still = frame["unique_id"] == "s3"
    frame.loc[still, "y"] = 5.0
    frame.loc[frame["unique_id"].isin(["s5", "s6"]) & (frame["y"] > 25), "y"] = np.nan
    frame = frame.drop(index=frame.index[frame["unique_id"] == "s7"][:54])
    rows = pl.DataFrame({name: frame[name].to_list() for name in frame})
    for number, part in enumerate(rows.sample(fraction=1, shuffle=True).iter_slices(99)):
        part.write_parquet(tmp_path / f"{number}.parquet")
    given = {"encoders": ["gru"], "estimator": QUICK, "n_windows": 2, "level": (80,)}
    given["step_size"] = 10  # before the only cutoff of s7 are values a week apart
    expected = compare_forecasts(rows, 7, **given)
    # Memory holds one or two series at a time, of which each sum begins anew.
    monkeypatch.setattr(ragged, "VALUES_TOGETHER", 100)
    found = compare_forecasts(tmp_path, 7, **given)
    assert found.receipt["data_sha256"] == expected.receipt["data_sha256"]
    timed = [name for name in found.table if "seconds" in name]
    figures = [one.table.drop(columns=timed) for one in (found, expected)]
    pd.testing.assert_frame_equal(*figures, check_exact=False, rtol=1e-12)
    assert found.warnings == expected.warnings
    assert len(found.warnings) == 3
