import datetime as dt
import uuid
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from textseq import Forecaster, load_model, load_sample
from textseq.labels.inputs import objects
from textseq.nn.encoders import ENCODERS

QUICK = {"h": 4, "max_epochs": 2, "hidden_size": 8, "random_state": 0, "n_threads": 2}


def long_frame(n_series=3, n_rows=60, seed=0):
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(n_series):
        times = pd.date_range("2024-01-01", periods=n_rows, freq="D")
        weekly = np.sin(2 * np.pi * np.arange(n_rows) / 7)
        y = 10 * (number + 1) + 3 * weekly + rng.normal(size=n_rows)
        parts.append(
            pd.DataFrame(
                {
                    "unique_id": f"s{number}",
                    "ds": times,
                    "y": y,
                    "wind": rng.normal(size=n_rows),
                    "holiday": (np.arange(n_rows) % 7 == 6).astype(float),
                    "size": float(number),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


FRAME = long_frame()


def tomorrow(frame, h):
    """The future covariates of the steps behind each series."""
    return pd.concat(
        pd.DataFrame(
            {
                "unique_id": name,
                "ds": pd.date_range(part["ds"].max() + pd.Timedelta("1D"), periods=h),
                "holiday": 1.0,
            }
        )
        for name, part in frame.groupby("unique_id")
    )


def test_forecasts_beat_the_seasonal_naive_where_there_is_something_to_learn():
    passengers = load_sample("airpassengers")
    model = Forecaster(h=12, random_state=0, n_threads=2)
    found = model.cross_validation(passengers, n_windows=3, level=(90,))
    error = (found["lstm"] - found["y"]).abs().mean()
    assert error < 0.8 * (found["seasonal_naive"] - found["y"]).abs().mean()
    assert len(found) == 36 and found["cutoff"].nunique() == 3
    assert (found["cutoff"] < found["ds"]).all()
    assert not hasattr(model, "network_")


def test_one_row_a_series_and_step_in_the_users_names():
    frame = FRAME.rename(columns={"unique_id": "store", "ds": "day", "y": "sales"})
    model = Forecaster(**QUICK).fit(frame, id_col="store", time_col="day", target_col="sales")
    found = model.predict(level=(80, 95))
    assert found.columns.tolist() == [
        "store", "day", "lstm", "lstm-lo-80", "lstm-hi-80", "lstm-lo-95", "lstm-hi-95",
    ]  # fmt: skip
    assert found["store"].tolist() == ["s0"] * 4 + ["s1"] * 4 + ["s2"] * 4
    assert found["day"].iloc[0] == pd.Timestamp("2024-03-01")
    assert (found["lstm-lo-95"] <= found["lstm-lo-80"]).all()
    assert (found["lstm-lo-80"] < found["lstm"]).all()
    assert (found["lstm"] < found["lstm-hi-80"]).all()
    assert found["lstm"].between(0, 50).all()


def test_polars_in_polars_out_and_the_order_of_rows_is_nothing():
    expected = Forecaster(**QUICK).fit(FRAME).predict()
    rows = FRAME.sample(frac=1, random_state=0)
    shuffled = pl.DataFrame({name: rows[name].to_list() for name in rows})
    found = Forecaster(**QUICK).fit(shuffled).predict()
    assert isinstance(found, pl.DataFrame)
    np.testing.assert_array_equal(found["lstm"].to_numpy(), expected["lstm"].to_numpy())


@pytest.mark.parametrize("strategy", ["direct", "recursive", "seq2seq"])
def test_the_future_never_changes_a_forecast(strategy):
    """Rows behind a cutoff are replaced by wild ones: the forecasts from it stay."""
    wild = FRAME.copy()
    last = wild.groupby("unique_id").cumcount() >= 52
    wild.loc[last, ["y", "wind"]] = 1e6
    columns = {"future": "holiday", "static": "size"}
    if strategy == "direct":
        columns["past"] = "wind"
    options = {"n_windows": 2, "level": (90,), **columns}
    model = Forecaster(**QUICK, strategy=strategy)
    found = model.cross_validation(FRAME, **options)
    leaked = model.cross_validation(wild, **options)
    first = found["cutoff"] == found["cutoff"].min()
    names = [name for name in found if name.startswith(("lstm", "naive", "seasonal"))]
    pd.testing.assert_frame_equal(found.loc[first, names], leaked.loc[first, names])
    assert not np.array_equal(found.loc[~first, "lstm"], leaked.loc[~first, "lstm"])


@pytest.mark.parametrize("scaling", [None, "last", "standard"])
def test_validation_rows_reach_neither_scales_nor_weights(scaling):
    """With one epoch nothing is chosen: only the training rows may matter."""
    wild = FRAME.copy()
    wild.loc[wild.groupby("unique_id").cumcount() >= 50, "y"] *= 50
    options = QUICK | {"max_epochs": 1, "window_scaling": scaling, "retrain": False}
    models = [Forecaster(**options).fit(frame, val_size=10) for frame in (FRAME, wild)]
    receipts = [model.receipt_["weights_sha256"] for model in models]
    assert receipts[0] == receipts[1]
    np.testing.assert_array_equal(models[0].encoding_.location, models[1].encoding_.location)


@pytest.mark.parametrize("strategy", ["direct", "recursive", "seq2seq"])
def test_a_second_fit_equals_the_first(strategy):
    model = Forecaster(**QUICK, strategy=strategy)
    first = model.fit(FRAME).predict()
    pd.testing.assert_frame_equal(model.fit(FRAME).predict(), first)
    other = Forecaster(**QUICK, strategy=strategy).fit(FRAME)
    assert other.receipt_["weights_sha256"] == model.receipt_["weights_sha256"]


@pytest.mark.parametrize("encoder", ["bilstm", *ENCODERS])
def test_every_encoder_forecasts(encoder):
    found = Forecaster(**QUICK, encoder=encoder).fit(FRAME).predict(level=None)
    assert found.columns.tolist() == ["unique_id", "ds", encoder]
    assert found[encoder].notna().all()


@pytest.mark.parametrize("strategy", ["direct", "recursive", "seq2seq"])
def test_more_steps_than_were_trained(strategy):
    model = Forecaster(**QUICK, strategy=strategy).fit(FRAME)
    near, far = model.predict(), model.predict(h=11)
    merged = far.merge(near, on=["unique_id", "ds"])
    np.testing.assert_allclose(merged["lstm_x"], merged["lstm_y"], rtol=1e-6)
    assert far.groupby("unique_id").size().tolist() == [11, 11, 11]
    width = (far["lstm-hi-95"] - far["lstm-lo-95"]).to_numpy().reshape(3, 11)
    assert (np.diff(width[:, 4:]) > 0).all()


def test_rolling_on_reads_its_own_forecasts_as_if_they_were_observed():
    model = Forecaster(**QUICK).fit(FRAME)
    far = model.predict(h=8, level=None)
    near = model.predict(level=None).rename(columns={"lstm": "y"})
    continued = model.predict(df=pd.concat([FRAME, near]), level=None)
    np.testing.assert_allclose(
        far.merge(continued, on=["unique_id", "ds"])["lstm_x"], continued["lstm"], rtol=1e-6
    )


def test_newer_rows_and_series_that_fit_did_not_meet():
    model = Forecaster(**QUICK).fit(FRAME[FRAME["unique_id"] != "s2"])
    new = FRAME[FRAME["unique_id"] == "s2"].assign(unique_id="new", y=lambda rows: rows["y"] * 1e3)
    found = model.predict(df=new)
    assert found["unique_id"].unique().tolist() == ["new"]
    assert found["lstm"].between(15_000, 45_000).all()
    both = model.predict(df=pd.concat([new, FRAME]))
    alone = both[both["unique_id"] == "new"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, found)


def test_of_a_new_series_only_the_window_decides():
    """Also its scale: its far past is not there when a fitted series is forecast either."""
    model = Forecaster(**QUICK, window_scaling=None).fit(FRAME)
    new = FRAME[FRAME["unique_id"] == "s0"].assign(unique_id="new")
    new["y"] = np.linspace(1000, 10, len(new))
    recent = new.tail(model.fitted_parameters_["input_size"])
    pd.testing.assert_frame_equal(model.predict(df=new), model.predict(df=recent))


def test_teacher_forcing_falls_to_nothing():
    fits = {}
    for share in (0.0, 1.0):
        model = Forecaster(**QUICK, strategy="seq2seq", teacher_forcing=share, retrain=False)
        fits[share] = model.fit(FRAME)
        assert abs(model.network_.teacher_forcing) < 1e-9
    assert fits[0.0].receipt_["weights_sha256"] != fits[1.0].receipt_["weights_sha256"]


def test_covariates_known_ahead_are_read_and_asked_for():
    model = Forecaster(**QUICK).fit(FRAME, future="holiday", past="wind", static="size")
    with pytest.raises(ValueError, match="future covariates holiday; pass X_future"):
        model.predict()
    ahead = tomorrow(FRAME, 4)
    found = model.predict(X_future=ahead)
    other = model.predict(X_future=ahead.assign(holiday=0.0))
    assert (found["lstm"] != other["lstm"]).all()
    with pytest.raises(ValueError, match="lack the time 2024-03-04"):
        model.predict(X_future=tomorrow(FRAME, 3))
    with pytest.raises(ValueError, match="h=9 is beyond the 4 steps.*wind.*not known there"):
        model.predict(h=9, X_future=tomorrow(FRAME, 9))
    with pytest.raises(ValueError, match="recursive.*wind.*strategy='direct'"):
        Forecaster(**QUICK, strategy="recursive").fit(FRAME, past="wind")


def test_several_targets_together():
    model = Forecaster(**QUICK).fit(FRAME, target_col=["y", "wind"])
    found = model.predict(level=(90,))
    assert found["variable"].tolist()[:4] == ["y", "wind", "y", "wind"]
    assert found.loc[found["variable"] == "y", "lstm"].mean() > 10
    assert found.loc[found["variable"] == "wind", "lstm"].abs().max() < 10
    back = model.cross_validation(FRAME, n_windows=1, target_col=["y", "wind"])
    truth = back[back["variable"] == "wind"].set_index(["unique_id", "ds"])["y"]
    expected = FRAME.set_index(["unique_id", "ds"])["wind"]
    pd.testing.assert_series_equal(truth, expected[truth.index], check_names=False)


def test_missing_targets_are_no_reason_to_stop():
    frame = FRAME.copy()
    frame.loc[[5, 6, 59, 70, 179], "y"] = np.nan
    found = Forecaster(**QUICK).fit(frame).predict()
    assert found["lstm"].notna().all() and found["lstm"].between(0, 50).all()


@pytest.mark.parametrize("n_missing", [5, 14])
def test_values_missing_at_the_end_leave_season_and_level(n_missing):
    steps = np.arange(156)
    y = 100 + 30 * np.sin(2 * np.pi * steps / 12) + steps
    months = pd.date_range("2000-01-01", periods=144, freq="MS")
    known = pd.DataFrame({"ds": months, "y": y[:144]})
    late = known.assign(y=known["y"].where(known.index < 144 - n_missing))
    model = Forecaster(h=12, hidden_size=8, max_epochs=20, random_state=0, n_threads=1)
    found = model.fit(late).predict(level=(95,))
    assert (found["lstm"] - y[144:]).abs().max() < 3
    # Further from the last value that is known, less is known.
    width = found["lstm-hi-95"] - found["lstm-lo-95"]
    whole = model.predict(df=known, level=(95,))
    wider = width / (whole["lstm-hi-95"] - whole["lstm-lo-95"])
    assert (wider > 1 - 1e-9).all() and wider.iloc[-1] > 1.1


def test_a_gap_is_an_error_that_names_it():
    with pytest.raises(ValueError, match=r"'s1'.*2024-01-10.*2024-01-12"):
        Forecaster(**QUICK).fit(FRAME.drop(index=70))


def test_gaps_are_filled_in_fit_predict_and_backtests_and_after_a_file(tmp_path):
    roles = {"past": "wind", "future": "holiday", "static": "size"}
    missing = [20, 70, 71, 176]
    by_hand = FRAME.assign(**{name: FRAME[name].drop(missing) for name in ("y", "wind", "holiday")})
    by_hand[["y", "wind", "holiday"]] = by_hand[["y", "wind", "holiday"]].interpolate()
    gappy = FRAME.drop(missing)
    filled = Forecaster(**QUICK, fill_gaps="interpolate").fit(gappy, **roles)
    ahead = tomorrow(FRAME, 4)
    expected = Forecaster(**QUICK).fit(by_hand, **roles).predict(X_future=ahead)
    pd.testing.assert_frame_equal(filled.predict(X_future=ahead), expected)
    again = load_model(filled.save(tmp_path / "model.textseq"))
    pd.testing.assert_frame_equal(again.predict(df=gappy, X_future=ahead), expected)
    backtest = {"n_windows": 2, "refit": False, "level": None} | roles
    pd.testing.assert_frame_equal(
        filled.cross_validation(gappy, **backtest),
        Forecaster(**QUICK).cross_validation(by_hand, **backtest),
    )


def test_quantile_loss_learns_intervals():
    model = Forecaster(**QUICK, loss="quantile", quantiles=(0.05, 0.5, 0.95)).fit(FRAME)
    found = model.predict(level=(90,))
    assert (found["lstm-lo-90"] < found["lstm-hi-90"]).all()
    with pytest.raises(ValueError, match="level=80 is none that loss='quantile' learned; use 90"):
        model.predict(level=(80,))
    with pytest.raises(ValueError, match="ends of intervals around the median"):
        Forecaster(**QUICK, quantiles=(0.1, 0.5)).fit(FRAME)


def test_without_validation_rows_there_are_no_intervals():
    model = Forecaster(**QUICK).fit(FRAME, val_size=0)
    assert model.predict(level=None)["lstm"].notna().all()
    with pytest.raises(ValueError, match="no validation rows.*level=None"):
        model.predict()
    with pytest.raises(ValueError, match="level=0.9 is no percentage from 1 to under 100; use 90"):
        model.predict(level=0.9)


def test_the_last_network_has_learned_from_all_rows():
    """The validation rows decide on epoch and intervals, and are then trained on too."""
    first, again = (Forecaster(**QUICK, retrain=each).fit(FRAME) for each in (False, True))
    assert first.receipt_["weights_sha256"] != again.receipt_["weights_sha256"]
    assert first.receipt_["rows"] < again.receipt_["rows"]
    assert first.receipt_["best_epoch"] == again.receipt_["best_epoch"]
    assert first.receipt_["validation_score"] == again.receipt_["validation_score"]
    for name, scores in first.calibration_.groups[-1][0].scores.items():
        np.testing.assert_array_equal(scores, again.calibration_.groups[-1][0].scores[name])
    columns = ["epoch", "loss", "validation_loss"]
    pd.testing.assert_frame_equal(first.history_[columns], again.history_[columns])


def test_whole_number_times():
    frame = FRAME.assign(ds=FRAME.groupby("unique_id").cumcount() * 5)
    assert Forecaster(**QUICK).fit(frame).predict()["ds"].tolist()[:4] == [300, 305, 310, 315]
    # They have no season but the one that is named.
    model = Forecaster(**QUICK, season_length=7)
    found = model.cross_validation(frame, n_windows=1, level=None)
    before = frame[frame["unique_id"] == "s0"]["y"].iloc[56 - 7 : 56 - 3]
    assert found["seasonal_naive"].tolist()[:4] == before.tolist()


@pytest.mark.parametrize("strategy", ["direct", "seq2seq"])
def test_saved_and_opened_it_forecasts_the_same(tmp_path, strategy):
    model = Forecaster(**QUICK, strategy=strategy)
    model.fit(FRAME, past="wind", future="holiday", static="size")
    again = load_model(model.save(tmp_path / "model.textseq"))
    ahead = tomorrow(FRAME, 4)
    expected = model.predict(X_future=ahead)
    pd.testing.assert_frame_equal(again.predict(X_future=ahead), expected)
    pd.testing.assert_frame_equal(again.predict(df=FRAME, X_future=ahead), expected)
    assert again.get_params() == model.get_params() | {"device": "auto"}
    assert again.receipt_ == model.receipt_


def test_refit_false_keeps_the_first_cutoffs_model():
    model = Forecaster(**QUICK)
    kept = model.cross_validation(FRAME, n_windows=2, refit=False, level=None)
    fresh = model.cross_validation(FRAME, n_windows=2, level=None)
    first = kept["cutoff"] == kept["cutoff"].min()
    np.testing.assert_array_equal(kept.loc[first, "lstm"], fresh.loc[first, "lstm"])
    assert not np.array_equal(kept.loc[~first, "lstm"], fresh.loc[~first, "lstm"])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"h": 0}, "h must be a whole number of at least 1"),
        ({"strategy": "dirct"}, "unknown strategy 'dirct'; did you mean 'direct'"),
        ({"loss": "rmse"}, "unknown loss 'rmse'.*mae, mse, huber, quantile"),
        ({"window_scaling": "mean"}, "unknown window_scaling 'mean'"),
        ({"skip": 3}, "unknown skip 3"),
        ({"fill_gaps": "mean"}, "unknown fill_gaps 'mean'; choose from: error, interpolate, zero"),
        ({"input_size": 2.5}, "input_size must be a whole number"),
        ({"teacher_forcing": 2}, r"teacher_forcing must be in \[0, 1\], got 2"),
        ({"encoder": "lsmt"}, "unknown encoder 'lsmt'; did you mean 'lstm'"),
    ],
)
def test_parameters_are_refused_with_a_remedy(parameters, message):
    with pytest.raises(ValueError, match=message):
        Forecaster(**(QUICK | parameters)).fit(FRAME)


def test_too_little_to_learn_from():
    with pytest.raises(ValueError, match="longest series has 1 rows"):
        Forecaster(**QUICK).fit(FRAME.iloc[[0, 60]], freq="D")
    with pytest.raises(ValueError, match="60 rows, too few for 20 windows"):
        Forecaster(**QUICK).cross_validation(FRAME, n_windows=20)


def test_parameters_can_be_tuned_like_any_estimators():
    from sklearn.base import clone

    model = Forecaster(**QUICK)
    assert clone(model.set_params(hidden_size=5)).hidden_size == 5


@pytest.mark.parametrize(
    "ids",
    [
        [dt.date(2024, 2, 1), dt.date(2024, 1, 1)],
        [uuid.UUID(int=2), uuid.UUID(int=1)],
        [Decimal("1.5"), Decimal("1")],
        [("shop", 2), ("shop", 1)],
    ],
)
def test_ids_of_any_kind_survive_a_file(ids, tmp_path):
    frame = pd.DataFrame({"unique_id": np.repeat(objects(ids), 40), "ds": [*range(40)] * 2})
    frame["y"] = np.arange(80.0)
    model = Forecaster(2, hidden_size=4, max_epochs=1, n_threads=1, random_state=0).fit(frame)
    model.save(tmp_path / "m.textseq")
    again = load_model(tmp_path / "m.textseq")
    pd.testing.assert_frame_equal(again.predict(), model.predict())
    pd.testing.assert_frame_equal(again.predict(df=frame), model.predict())
    assert sorted(set(again.predict()["unique_id"])) == sorted(ids)


def test_ids_that_no_file_holds_are_refused_before_training():
    frame = pd.DataFrame({"unique_id": pd.period_range("2024", periods=2, freq="M").repeat(40)})
    frame = frame.assign(ds=[*range(40)] * 2, y=1.0)
    with pytest.raises(ValueError, match="the id column holds labels of type Period.*strings"):
        Forecaster(2, n_threads=1).fit(frame)


def test_columns_that_forecasts_would_replace_are_refused_before_training():
    frame = pd.DataFrame({"lstm": "a", "cutoff": range(40), "y": 1.0})
    model = Forecaster(2, n_threads=1)
    with pytest.raises(ValueError, match="the id column is called 'lstm', as a column"):
        model.fit(frame, id_col="lstm", time_col="cutoff")
    with pytest.raises(ValueError, match="the time column is called 'cutoff', as a column"):
        model.cross_validation(frame, 1, time_col="cutoff")


@pytest.mark.parametrize("first", ["2024-03-25", "2024-10-21"])
def test_an_hour_on_the_wall_is_forecast_after_a_change_of_clocks(first):
    ds = pd.date_range(pd.Timestamp(first, tz="Europe/Lisbon"), periods=240, freq="h")
    frame = pd.DataFrame({"ds": ds, "y": 10.0 * (ds.hour >= 12)})
    model = Forecaster(
        24, encoder="mean", max_epochs=30, input_size=48, n_threads=1, random_state=0
    )
    found = model.fit(frame[:192]).predict(30, level=None)
    assert (found["ds"].to_numpy() == ds[192:222].to_numpy()).all()
    assert np.abs(found["mean"] - frame["y"][192:222].to_numpy()).max() < 3


def test_by_default_the_horizon_fits_short_series():
    frame = long_frame(1, 50)
    model = Forecaster(hidden_size=4, max_epochs=1, n_threads=1, random_state=0)
    found = model.fit(frame).predict()
    assert model.horizon_ == len(found) and 1 <= len(found) <= 50 // 3
    assert "lstm-lo-80" in found
    backtested = model.cross_validation(frame, level=(80,))
    assert backtested["cutoff"].nunique() == 5 and backtested["lstm-lo-80"].notna().all()


def test_a_backtest_too_long_for_intervals_is_refused_before_training():
    model = Forecaster(h=24, n_threads=1)
    with pytest.raises(ValueError, match="leave at most 24 rows before the first cutoff"):
        model.cross_validation(long_frame(1, 144))
    with pytest.raises(ValueError, match="with val_size=0 there are no validation rows"):
        Forecaster(h=3, n_threads=1).cross_validation(long_frame(1, 144), val_size=0)


def test_frames_that_do_not_fit_the_model_are_refused_with_a_remedy():
    two = FRAME[FRAME["unique_id"].isin(FRAME["unique_id"].unique()[:2])].assign(z=0.0)
    two["z"] = np.arange(len(two)) % 5.0
    model = Forecaster(h=3, hidden_size=4, max_epochs=1, n_threads=1, random_state=0)
    model.fit(two, future="z")
    with pytest.raises(ValueError, match="pass the rows as df="):
        model.predict(two)
    ahead = pd.DataFrame({"ds": tomorrow(two, 3)["ds"].unique(), "z": 1.0})
    with pytest.raises(ValueError, match="X_future has no column 'unique_id'"):
        model.predict(X_future=ahead)
    with pytest.raises(ValueError, match="X_future has no row of series .* begin with 1"):
        model.predict(X_future=ahead.assign(unique_id=1))
    for level in ("80", [True], ["80"]):
        with pytest.raises(ValueError, match="holds no number"):
            model.predict(level=level)
    with pytest.raises(ValueError, match="id_col=.* is not the name of one column"):
        model.fit(two, id_col=["unique_id", "z"])
    area = pd.DataFrame({"unique_id": two["unique_id"].unique(), "area": [1.0, 2.0]})
    model.fit(two.drop(columns="z"), static=area)
    with pytest.raises(ValueError, match="df has no column 'area'; pass static="):
        model.predict(df=two.drop(columns="z"))
    with pytest.raises(ValueError, match="static covariate 'z' is missing in 1 rows"):
        model.fit(two.assign(z=[np.nan, *[1.0] * (len(two) - 1)]), static="z")
