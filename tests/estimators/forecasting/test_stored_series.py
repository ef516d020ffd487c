"""A forecaster that reads series some rows at a time is the one that reads them in memory."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from textseq import Forecaster, ragged
from textseq.corpus import frames, table_batches
from textseq.estimators.checkpoint import FitCheckpoint
from textseq.estimators.identity import rows_sha256
from textseq.series.windows import Windows
from textseq.text.vectors.cache import cache_folder

QUICK = {"h": 4, "max_epochs": 2, "hidden_size": 8, "random_state": 0, "n_threads": 1}
ROLES = {"past": "wind", "future": "holiday", "static": "size"}


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Memory holds a few series, and files are read in many parts."""
    monkeypatch.setattr(ragged, "VALUES_TOGETHER", 90)
    monkeypatch.setattr(frames, "BATCH_ROWS", 100)
    monkeypatch.setattr(table_batches, "BATCH_ROWS", 100)


def long_frame(n_series=12, missing=0.05):
    rng = np.random.default_rng(0)
    parts = []
    for number in range(n_series):
        times = pd.date_range("2024-01-01", periods=int(rng.integers(30, 90)), freq="D", unit="us")
        weekly = np.sin(2 * np.pi * np.arange(len(times)) / 7)
        y = 10 * (number + 1) + 3 * weekly + rng.normal(size=len(times))
        y[rng.random(len(times)) < missing] = np.nan
        part = pd.DataFrame({"unique_id": f"s{number}", "ds": times, "y": y})
        part["wind"], part["size"] = rng.normal(size=len(times)), float(number)
        part["holiday"] = (np.arange(len(times)) % 7 == 6).astype(float)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


FRAME = long_frame()


def in_polars(frame):
    return pl.DataFrame({name: frame[name].to_list() for name in frame})


@pytest.fixture
def folder(tmp_path):
    rows = in_polars(FRAME).sample(fraction=1, shuffle=True, seed=0)
    for number, part in enumerate(rows.iter_slices(150)):
        part.write_parquet(tmp_path / f"part-{number}.parquet")
    return tmp_path


def ahead_of(frame, h):
    return pl.concat(
        pl.DataFrame(
            {
                "unique_id": [name] * h,
                "ds": pd.date_range(part["ds"].max() + pd.Timedelta("1D"), periods=h, unit="us"),
                "holiday": float(len(part)),
            }
        )
        for name, part in frame.groupby("unique_id")
    )


def same(found, expected, **call):
    assert found.receipt_["weights_sha256"] == expected.receipt_["weights_sha256"]
    assert found.receipt_["data_sha256"] == expected.receipt_["data_sha256"]
    forecasts = found.predict(**call)
    assert forecasts.equals(expected.predict(**call))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ragged, "VALUES_TOGETHER", 10**9)
        assert_frame_equal(forecasts, expected.predict(**call), rel_tol=1e-5)


@pytest.mark.parametrize(
    ("options", "roles"),
    [
        ({}, {}),
        ({"calendar": True}, ROLES),
        ({"strategy": "recursive", "window_scaling": "standard"}, {"future": "holiday"}),
        ({"strategy": "seq2seq", "loss": "quantile"}, {"static": "size"}),
        ({"retrain": False, "encoder": "tcn"}, {"past": "wind"}),
    ],
    ids=["alone", "covariates", "recursive", "seq2seq", "not again"],
)
def test_the_same_weights_and_forecasts_from_files(folder, options, roles):
    call = {"X_future": ahead_of(FRAME, 4)} if "future" in roles else {}
    expected = Forecaster(**QUICK | options).fit(in_polars(FRAME), **roles)
    found = Forecaster(**QUICK | options).fit(folder, **roles)
    same(found, expected, **call)
    assert not list(cache_folder().glob("series-*"))


def test_how_many_series_memory_holds_changes_nothing(folder, monkeypatch):
    found = Forecaster(**QUICK).fit(folder)
    monkeypatch.setattr(ragged, "VALUES_TOGETHER", 10**6)
    same(found, Forecaster(**QUICK).fit(in_polars(FRAME)))


def test_what_has_a_row_a_step_lies_in_files(folder):
    model = Forecaster(**QUICK)
    prepared = model.prepare(folder)
    source = prepared.rows.source
    for array in (source.y, source.filled, source.channels, prepared.rows.ends):
        assert isinstance(array, np.memmap)
    assert isinstance(prepared.rows.lengths, np.memmap)
    model.fit(folder)
    assert not any(isinstance(array, np.memmap) for array in vars(model.panel_).values())


def test_of_all_windows_no_checkpoint_asks_what_they_should_answer(folder, monkeypatch):
    rows = Forecaster(**QUICK).prepare(folder).rows
    told = rows_sha256(rows)
    assert told != rows_sha256(rows.take(slice(1, None)))
    monkeypatch.setattr(Windows, "targets", property(lambda windows: 1 / 0))
    assert rows_sha256(rows) == told


def test_newer_rows_are_read_from_files(folder, tmp_path):
    model = Forecaster(**QUICK).fit(FRAME)
    newer = in_polars(FRAME.assign(y=lambda rows: rows["y"] + 1))
    path = tmp_path / "newer.parquet"
    newer.write_parquet(path)
    assert model.predict(df=path).equals(model.predict(df=newer))
    assert model.predict(df=str(path)).equals(model.predict(df=newer))
    with pytest.raises(ValueError, match="pass the rows as df="):
        model.predict(path)


def test_backtests_are_the_same_from_files(folder):
    model = Forecaster(**QUICK)
    expected = model.cross_validation(in_polars(FRAME), n_windows=2)
    assert model.cross_validation(folder, n_windows=2).equals(expected)
    # Other processes map the same files.
    assert_frame_equal(model.cross_validation(folder, n_windows=2, n_jobs=2), expected)


def test_a_frame_of_pandas_from_a_function_is_answered_in_pandas():
    found = Forecaster(**QUICK).fit(lambda: (FRAME[at::3] for at in range(3))).predict()
    pd.testing.assert_frame_equal(found, Forecaster(**QUICK).fit(FRAME).predict())


def test_a_fit_goes_on_from_a_checkpoint_wherever_its_series_are(folder, tmp_path, monkeypatch):
    class Stopped(Exception):
        """In place of a kill."""

    def save_and_stop(self, state):
        save(self, state)
        raise Stopped

    path, save = tmp_path / "run.ckpt", FitCheckpoint.save
    expected = Forecaster(**QUICK).fit(folder)
    with monkeypatch.context() as patch:
        patch.setattr(FitCheckpoint, "save", save_and_stop)
        with pytest.raises(Stopped):
            Forecaster(**QUICK).fit(folder, checkpoint=path)
    same(Forecaster(**QUICK).fit(in_polars(FRAME), checkpoint=path), expected)
    with pytest.raises(ValueError, match="is of another fit: its data were others"):
        Forecaster(**QUICK).fit(folder, past="wind", checkpoint=path)


def test_what_is_wrong_is_told_before_training(folder):
    model = Forecaster(**QUICK)
    gap = in_polars(FRAME.drop(index=[10, 11]))
    with pytest.raises(ValueError, match="series 's0' has a gap: .*fill_gaps"):
        model.fit(gap.lazy())
    with pytest.raises(ValueError, match="has no column 'sales'; its columns are"):
        model.fit(folder, target_col="sales")
    with pytest.raises(FileNotFoundError, match="there is no file 'nowhere'"):
        model.fit("nowhere")
    assert not hasattr(model, "network_")
