import json
import re
import shlex

import numpy as np
import polars as pl
import pytest

from textseq import SeriesClassifier
from textseq.cli.app import app
from textseq.cli.series_files import SeriesForm, read_labelled_series
from textseq.samples import sample_path

TRAIN = sample_path("japanese_vowels")
TEST = TRAIN.with_name(TRAIN.name.replace("_TRAIN", "_TEST"))
QUICK = "--encoders gru --epochs 2 --seeds 1 --threads 1"


def walks(n_series=60):
    """Slow and fast waves, a row a step, in no order of time."""
    rng = np.random.default_rng(0)
    parts = []
    for place in range(n_series):
        steps = np.arange(rng.integers(15, 30))
        wave = np.sin(steps * (0.3, 0.9)[place % 2])
        parts.append(
            pl.DataFrame({"walk": f"w{place}", "second": steps, "x": wave, "z": -wave})
            .with_columns(gait=pl.lit(("slow", "fast")[place % 2]), speed=pl.lit(place % 2 + 0.5))
            .sample(fraction=1, shuffle=True, seed=place)
        )
    return pl.concat(parts)


@pytest.fixture
def table(tmp_path):
    walks().write_csv(tmp_path / "walks.csv")
    return "walks.csv --id walk --time second --values x,z"


def test_ts_files_in_another_encoding(textseq, tmp_path):
    rows = "".join(f"{place},{place % 2},1:{'ab'[place % 2]}\n" for place in range(20))
    text = f"# médias\n@classLabel true a b\n@data\n{rows}"
    (tmp_path / "latin.ts").write_bytes(text.encode("latin-1"))
    command = f"compare-series latin.ts {QUICK} --no-baselines"
    assert b"latin.ts, line 1: byte 0xe9" in textseq(command).stderr
    assert textseq(f"{command} --encoding latin-1").returncode == 0


def test_ts_files_to_table_json_and_page(textseq, tmp_path):
    done = textseq(
        f"compare-series {TRAIN} --test {TEST} {QUICK} --no-baselines --out page.html "
        "--json table.json"
    )
    assert done.returncode == 0, done.stderr
    assert b"gru" in done.stdout
    stored = json.loads((tmp_path / "table.json").read_text())
    assert stored["receipt"]["train_rows"] == 270
    assert stored["receipt"]["test_rows"] == 370
    assert len(stored["classes"]) == 9
    assert "<html" in (tmp_path / "page.html").read_text()


def test_a_long_table_with_baselines(table, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    app(shlex.split(f"compare-series {table} --label gait {QUICK}"), standalone_mode=False)
    shown = capsys.readouterr().out
    for name in ("gru", "1-NN DTW", "statistics + LR", "majority class"):
        assert name in shown


def test_numbers_on_request_and_a_test_table_of_its_own(table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = (
        f"compare-series {table} --label speed --regression --test walks.csv {QUICK} "
        "--json table.json --no-baselines"
    )
    app(shlex.split(command), standalone_mode=False)
    stored = json.loads((tmp_path / "table.json").read_text())
    assert stored["metric"] == "r2"
    assert stored["receipt"]["test_rows"] == 60


def test_time_sorts_the_steps(tmp_path):
    path = tmp_path / "walks.csv"
    walks().write_csv(path)
    form = SeriesForm("walk", "second", ["x"], "utf-8", None)
    series, _ = read_labelled_series(str(path), form, "gait", regression=False)
    np.testing.assert_allclose(series[0][0], np.sin(np.arange(series[0].shape[1]) * 0.3))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("absent.ts", "absent.ts"),
        ("walks.csv --id walk --label gait", "walks.csv is a table of series: name the columns"),
        ("walks.csv --id walk --label gate --values x", "did you mean 'gait'?"),
        ("walks.csv --label gait --values x", "no column 'unique_id'"),
        ("walks.csv --id walk --label gait --values x,gait", "column 'gait' is named twice"),
        ("walks.csv --id walk --label speed --values gait", "'slow' in column 'gait' is not a"),
        ("walks.csv --id walk --label second --values x", "a series has one label"),
        ("walks.csv --id walk --label gait --values x --regression", "labels must be numbers here"),
        ("walks.csv --id walk --label gait --values x --encoders lstn", "lstn"),
        ("walks.csv --test 0.2 --folds 3", "--test and --folds exclude each other"),
        ("no_labels.ts", "no_labels.ts has no labels"),
    ],
)
def test_bad_input_is_told(table, tmp_path, monkeypatch, arguments, message):
    (tmp_path / "no_labels.ts").write_text("@univariate true\n@classLabel false\n@data\n1,2\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ValueError, OSError), match=re.escape(message)):
        app(shlex.split(f"compare-series {arguments}"), standalone_mode=False)


@pytest.fixture
def walker(tmp_path):
    """Path of a model of the walks, and what it answers to each."""
    walks().write_csv(tmp_path / "walks.csv")
    form = SeriesForm("walk", "second", ["x", "z"], "utf-8", None)
    X, y = read_labelled_series(str(tmp_path / "walks.csv"), form, "gait", regression=False)
    model = SeriesClassifier("gru", hidden_size=8, max_epochs=3, n_threads=1, random_state=0)
    path = model.fit(X, y).save(tmp_path / "m.textseq")
    return path, model.predict(X), model.score(X, y)


def test_predict_gives_a_row_a_series(walker, tmp_path, textseq):
    done = textseq(
        "predict m.textseq walks.csv --id walk --time second --values x,z --proba -o found.parquet"
    )
    assert done.returncode == 0, done.stderr
    found = pl.read_parquet(tmp_path / "found.parquet")
    assert found.columns == ["walk", "prediction", "probability_fast", "probability_slow"]
    assert found["walk"].to_list() == [f"w{place}" for place in range(60)]
    assert found["prediction"].to_list() == walker[1].tolist()


def test_evaluate_scores_a_model_of_series(walker, tmp_path, textseq):
    done = textseq(
        "evaluate m.textseq walks.csv --id walk --time second --values x,z -l gait --json e.json"
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "e.json").read_text())
    assert (figures["rows"], figures["accuracy"]) == (60, pytest.approx(walker[2]))


def test_a_table_of_texts_is_none_of_series(walker, tmp_path, fails):
    (tmp_path / "t.csv").write_text("text,label\ngood,fast\n")
    for command in ("predict", "evaluate"):
        assert "t.csv is a table of series: name the columns" in fails(f"{command} m.textseq t.csv")
