"""Fits of a comparison that are kept: those that are over are not done again."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import joblib
import numpy as np
import pytest
from embedding_server import KEY, embedding_server
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from textseq import ApiEmbedder, Checkpoint, SeriesClassifier, TextClassifier, compare
from textseq.comparison.scores.kept_run import keep_run, kept_run
from textseq.comparison.scores.run import Run
from textseq.estimators.checkpoint import FitCheckpoint
from textseq.estimators.finished_fits import FinishedFits

RNG = np.random.default_rng(0)
LABELS = RNG.choice(["neg", "pos"], 200)
WORDS = {"neg": ["bad", "dull", "film"], "pos": ["good", "fine", "film"]}
TEXTS = [" ".join(RNG.choice(WORDS[label], 4)) for label in LABELS]
QUICK = TextClassifier(hidden_size=6, embedding_dim=6, max_epochs=2, n_threads=1)
BAYES = make_pipeline(CountVectorizer(), MultinomialNB())
ROWS = ["mean", {"a/gru": {"encoder": "gru"}, "bayes": BAYES}]


def compared(rows=ROWS, X=TEXTS, y=LABELS, **given):
    """Return a comparison, and the names of what was fitted for it."""
    fitted = []
    found = compare(
        X, y, rows, **{"estimator": QUICK, "n_seeds": 2} | given,
        on_fit=lambda done, total, name: fitted.append((done, total, name)),
    )  # fmt: skip
    return found, fitted


def untimed(comparison):
    # A pickle is longer where equal strings are not one.
    timed = ["train_seconds", "predict_microseconds", "disk_bytes"]
    return comparison.table.set_index("model").sort_index().drop(columns=timed)


def test_finished_fits_are_not_done_again(tmp_path):
    expected, fitted = compared()
    kept, first = compared(checkpoint=tmp_path / "fits")
    again, second = compared(checkpoint=tmp_path / "fits")
    assert fitted == first and len(first) == 8 and second == []
    for found in (kept, again):
        assert untimed(found).equals(untimed(expected))
        assert found.pairs.equals(expected.pairs)
    # What it took stays what it was.
    for name in ("train_seconds", "predict_microseconds", "disk_bytes"):
        assert again.table[name].equals(kept.table[name])
    for one, other in zip(kept.models, again.models, strict=True):
        assert (one.predictions == other.predictions).all()
        assert one.parameters == other.parameters
        assert all(a.equals(b) for a, b in zip(one.histories, other.histories, strict=True))


def test_rows_and_seeds_are_added(tmp_path):
    compared(["mean"], checkpoint=tmp_path / "fits", baselines=False, n_seeds=1)
    _, fitted = compared(["mean", "max"], checkpoint=tmp_path / "fits", baselines=False)
    assert fitted == [(1, 4, "mean"), (2, 4, "max"), (3, 4, "max")]


def test_a_network_goes_on_within_its_fit(tmp_path, monkeypatch):
    expected, _ = compared(["gru"], baselines=False, n_seeds=1)
    save, saved = FitCheckpoint.save, []

    def save_and_stop(self, state):
        save(self, state)
        saved.append(state.facts.get("position", {}).get("batch"))
        if len(saved) == 3:
            raise OSError("a stop")

    monkeypatch.setattr(FitCheckpoint, "is_due", lambda self, epoch_ended: True)
    monkeypatch.setattr(FitCheckpoint, "save", save_and_stop)
    with pytest.raises(OSError, match="a stop"):
        compared(["gru"], checkpoint=tmp_path / "fits", baselines=False, n_seeds=1)
    assert [path.name for path in (tmp_path / "fits").iterdir()] == ["gru-seed0-fold0.ckpt"]
    found, _ = compared(["gru"], checkpoint=tmp_path / "fits", baselines=False, n_seeds=1)
    # It went on where it was, and not from the start.
    assert saved[:4] == [1, 2, 3, 4]
    assert untimed(found).equals(untimed(expected))
    history = found.models[0].histories[0]
    assert found.models[0].fit_seconds[0] > history["seconds"].sum()
    assert [path.name for path in (tmp_path / "fits").iterdir()] == ["gru-seed0-fold0.fit"]


@pytest.mark.parametrize(
    "other, told",
    [
        ({"y": LABELS[::-1]}, "its data were others"),
        ({"estimator": clone(QUICK).set_params(hidden_size=7)}, "hidden_size was 6 and is 7"),
        ({"cv": 3}, "its weights of rows, groups, validation or test rows were others"),
        ({"rows": ["mean", {"bayes": make_pipeline(CountVectorizer(), MultinomialNB(alpha=2))}]},
         "its parameters were others"),
    ],
)  # fmt: skip
def test_another_comparison_is_refused_with_what_differs(tmp_path, other, told):
    rows = ["mean", {"bayes": BAYES}]
    given = {"rows": rows, "n_seeds": 1, "baselines": False, "checkpoint": tmp_path / "fits"}
    compared(**given)
    with pytest.raises(ValueError, match=told):
        compared(**given | other)


def test_a_damaged_file_is_refused(tmp_path):
    given = {"rows": ["mean"], "n_seeds": 1, "baselines": False, "checkpoint": tmp_path / "fits"}
    compared(**given)
    (path,) = (tmp_path / "fits").iterdir()
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ValueError, match=r"mean-seed0-fold0\.fit.*delete it, and its fit is done"):
        compared(**given)


def test_only_folders_keep_fits(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ValueError, match="file' is a file, and fits are kept in a folder"):
        compared(checkpoint=tmp_path / "file")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        compared(checkpoint=tmp_path / "none" / "fits")
    with pytest.raises(ValueError, match="checkpoint must be the path of a folder"):
        compared(checkpoint=3)


@pytest.mark.parametrize(
    "labels", [np.array(["a", "é"]), np.array(["a", 1, None], object), np.array([2.5, np.nan])]
)
def test_all_of_a_run_is_kept(tmp_path, labels):
    network = Run(labels[:1], np.ones((1, 2)), None, labels, 1.0, 2.0)
    run = Run(
        labels, None, np.zeros((len(labels), 1), np.float32), labels, 0.1 + 0.2, 3.0,
        n_parameters=4, parameters={"hidden_size": (3, 4), "init": None}, encode_seconds=0.5,
        disk_bytes=12, service={"requests": 3}, network=network,
    )  # fmt: skip
    kept = FinishedFits(Checkpoint(tmp_path / "fits")).fit("row", {"seed": 0})
    assert kept_run(kept) is None
    keep_run(run, kept)
    found = kept_run(kept)

    def check(one, other):
        for name, value in vars(one).items():
            mine = getattr(other, name)
            if isinstance(value, np.ndarray):
                assert mine.dtype == value.dtype
                np.testing.assert_array_equal(mine, value)
            elif isinstance(value, Run):
                check(value, mine)
            else:
                assert mine == value, name

    check(run, found)


def test_other_rows_than_texts_are_kept(tmp_path):
    X = RNG.normal(size=(80, 1, 12)).astype(np.float32)
    y = np.where(X[:, 0].mean(1) > 0, 1, 0)
    estimator = SeriesClassifier(hidden_size=4, max_epochs=1, n_threads=1)
    given = {"rows": ["lstm"], "X": X, "y": y, "estimator": estimator, "n_seeds": 1}
    expected, fitted = compared(**given, checkpoint=tmp_path / "fits")
    found, again = compared(**given, checkpoint=tmp_path / "fits")
    assert len(fitted) > 3 and again == []
    assert untimed(found).equals(untimed(expected))


def test_nothing_secret_is_kept_and_nothing_is_asked_twice(tmp_path):
    with embedding_server() as server:
        rows = [{"service": ApiEmbedder("m", base_url=server.url, api_key=KEY)}]
        given = {"rows": rows, "checkpoint": tmp_path / "fits", "baselines": False}
        expected, _ = compared(**given)
        asked = server.counts.total()
        found, fitted = compared(**given)
        assert fitted == [] and server.counts.total() == asked > 0
    assert untimed(found).equals(untimed(expected))
    assert found.receipt["services"] == expected.receipt["services"]
    (path,) = (tmp_path / "fits").iterdir()
    assert KEY.encode() not in path.read_bytes()


def test_a_killed_comparison_goes_on(tmp_path):
    script = textwrap.dedent("""
        import sys
        sys.path.insert(0, sys.argv[1])
        from test_kept_fits import compared
        found, fitted = compared(["gru", "lstm"], checkpoint=sys.argv[2], n_seeds=40)
        found.to_json(sys.argv[2] + ".json")
        print(len(fitted))
    """)
    command = [sys.executable, "-c", script, os.path.dirname(__file__), str(tmp_path / "fits")]
    process = subprocess.Popen(command, env=_environment())
    deadline = time.monotonic() + 120
    while len(list((tmp_path / "fits").glob("*.fit"))) < 12 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    over = len(list((tmp_path / "fits").glob("*.fit")))
    assert 12 <= over < 83
    done = subprocess.run(command, env=_environment(), capture_output=True, check=True)
    assert int(done.stdout) == 83 - over
    assert not list((tmp_path / "fits").glob(".*"))
    assert not list((tmp_path / "fits").glob("*.ckpt"))


def _environment():
    tests = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    return os.environ | {"PYTHONPATH": os.pathsep.join([tests, *sys.path])}


def test_joblib_decides_where_fits_run(tmp_path):
    expected, _ = compared()
    with joblib.parallel_config("loky", n_jobs=2):
        found, fitted = compared(checkpoint=tmp_path / "fits")
    assert found.receipt["n_jobs"] == 2 and len(fitted) == 8
    assert untimed(found).equals(untimed(expected))
    again, fitted = compared(checkpoint=tmp_path / "fits")
    assert fitted == [] and untimed(again).equals(untimed(found))
