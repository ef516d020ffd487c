"""A fit whose process was ended goes on, and ends with the same weights to the last bit."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import polars as pl
import pytest

from textseq import (
    Checkpoint,
    Forecaster,
    LanguageModel,
    Seq2Seq,
    SequenceTagger,
    SeriesClassifier,
    TextClassifier,
    TextRegressor,
    Transcriber,
    WordVectors,
    load_sample,
)
from textseq.estimators import base, checkpoint
from textseq.estimators.checkpoint import FitCheckpoint

RNG = np.random.default_rng(1)
WORDS = np.array(["good", "bad", "film", "plot", "so", "not", "very", "a"])
TEXTS = [" ".join(RNG.choice(WORDS, RNG.integers(1, 14))) for _ in range(300)]
LABELS = ["pos" if text.count("good") > 1 else "neg" for text in TEXTS]
SERIES = RNG.normal(size=(120, 2, 15))
WAVES = np.random.default_rng(2).normal(size=(30, 3000))
SMALL = {"hidden_size": 6, "max_epochs": 3, "random_state": 0, "n_threads": 2}
PASSENGERS = load_sample("airpassengers")

# fmt: off
FITS = {
    "gru": (TextClassifier, {"encoder": "gru"}, (TEXTS, LABELS)),
    "mean": (TextClassifier, {"encoder": "mean"}, (TEXTS, LABELS)),
    "patience": (
        TextClassifier, {"encoder": "mean", "patience": 1, "max_epochs": 9}, (TEXTS, LABELS),
    ),
    "members": (TextClassifier, {"encoder": "mean", "n_members": 2}, (TEXTS, LABELS)),
    "normalized": (
        TextClassifier,
        {"encoder": "lstm", "normalization": "batch", "schedule": "plateau", "crop_length": 6},
        (TEXTS, LABELS),
    ),
    "frozen vectors": (
        TextRegressor,
        {
            "encoder": "gru",
            "optimizer": "sgd",
            "freeze_vectors": True,
            "vectors": WordVectors(["good", "bad"], np.eye(2, 5, dtype=np.float32)),
        },
        (TEXTS, np.arange(300.0) % 7),
    ),
    "words": (LanguageModel, {"level": "word"}, (TEXTS,)),
    "characters": (LanguageModel, {"level": "char", "max_epochs": 1}, (TEXTS[:60],)),
    "averaged": (
        LanguageModel, {"level": "word", "averaging": "exponential", "mogrifier": 2}, (TEXTS,),
    ),
    "averaged pairs": (
        Seq2Seq,
        {"averaging": "triggered", "max_epochs": 8, "learning_rate": 0.3, "schedule": "constant"},
        (TEXTS[:220], [text[::-1] for text in TEXTS[:220]]),
    ),
    "a query": (LanguageModel, {"level": "word"}, (pl.DataFrame({"text": TEXTS}).lazy(),)),
    "tags": (
        SequenceTagger,
        {},
        ([text.split() for text in TEXTS], [[w[0] for w in text.split()] for text in TEXTS]),
    ),
    "pairs": (Seq2Seq, {}, (TEXTS[:90], [text[::-1] for text in TEXTS[:90]])),
    "series": (SeriesClassifier, {}, (SERIES, (SERIES[:, 0].mean(1) > 0).astype(int))),
    "speech": (Transcriber, {"sample_rate": 8000, "batch_size": 2}, (WAVES, LABELS[:30])),
    "forecasts": (Forecaster, {"h": 6, "strategy": "seq2seq"}, (PASSENGERS,)),
}
# fmt: on


class Stopped(Exception):
    """In place of a kill."""


def weights(model):
    return model.receipt_["weights_sha256"]


def figures(model):
    timed = ["seconds", "tokens_per_second", "steps_per_second"]
    return model.history_.drop(columns=timed, errors="ignore")


@pytest.fixture
def stop_often(monkeypatch):
    """Keep the state after every batch, and stop at every so many of them."""
    save, saved = FitCheckpoint.save, []

    def save_and_stop(self, state):
        save(self, state)
        saved.append(state.facts.get("position", {}).get("batch"))
        if len(saved) % 7 == 0:
            raise Stopped

    monkeypatch.setattr(FitCheckpoint, "is_due", lambda self, epoch_ended: True)
    monkeypatch.setattr(FitCheckpoint, "save", save_and_stop)
    return saved


def go_on_until_it_ends(make, data, **given):
    """Fit anew after every stop; return the model, and how often it was stopped."""
    n_stops = 0
    while n_stops < 200:
        model = make()
        try:
            return model.fit(*data, **given), n_stops
        except Stopped:
            n_stops += 1
    raise AssertionError("it goes on from nowhere")


@pytest.mark.filterwarnings("ignore:no more of the validation rows", "ignore:the validation rows")
@pytest.mark.parametrize("name", FITS)
def test_a_fit_that_was_stopped_ends_with_the_same_weights(tmp_path, stop_often, name):
    kind, own, data = FITS[name]
    expected = kind(**SMALL | own).fit(*data)
    path = tmp_path / "run.ckpt"
    model, n_stops = go_on_until_it_ends(lambda: kind(**SMALL | own), data, checkpoint=path)
    assert n_stops > 1
    assert any(batch for batch in stop_often), "none was kept within an epoch"
    assert weights(model) == weights(expected)
    assert figures(model).equals(figures(expected))
    assert [file.name for file in tmp_path.iterdir()] == ["run.ckpt"]


@pytest.mark.filterwarnings("ignore:no more of the validation rows")
@pytest.mark.parametrize("case", ["unlabelled", "pretrained"])
def test_what_becomes_of_a_network_after_its_training_is_not_kept(tmp_path, stop_often, case):
    own, given, more = SMALL | {"encoder": "gru"}, {}, {}
    if case == "unlabelled":  # the first fit shares with its wide path before the second begins
        given = {"unlabelled": TEXTS[150:]}
    else:  # each head takes the mean and spread of its vectors into its weights
        more = {"pretrained": TextClassifier(**own).fit(TEXTS, LABELS), "n_members": 2}
        own = {"max_epochs": 3, "random_state": 0, "n_threads": 2}
    data = TEXTS[:150], LABELS[:150]
    expected = TextClassifier(**own, **more).fit(*data, **given)
    model, n_stops = go_on_until_it_ends(
        lambda: TextClassifier(**own, **more), data, **given, checkpoint=tmp_path / "run.ckpt"
    )
    assert n_stops > 1
    assert weights(model) == weights(expected)
    assert (model.predict_proba(TEXTS) == expected.predict_proba(TEXTS)).all()


def test_a_fit_that_is_over_is_not_done_again(tmp_path, monkeypatch):
    path = tmp_path / "run.ckpt"
    model = TextClassifier(encoder="gru", **SMALL).fit(TEXTS, LABELS, checkpoint=path)
    before = path.read_bytes()
    monkeypatch.setattr("textseq.training.step.Trainer.step", None)
    again = TextClassifier(encoder="gru", **SMALL).fit(TEXTS, LABELS, checkpoint=str(path))
    assert weights(again) == weights(model)
    assert figures(again).equals(figures(model))
    assert path.read_bytes() == before
    assert "_checkpoint" not in vars(model) | vars(again)


def test_without_a_seed_the_first_one_stays(tmp_path, stop_often):
    own = SMALL | {"random_state": None, "encoder": "mean"}
    with pytest.raises(Stopped):
        TextClassifier(**own).fit(TEXTS, LABELS, checkpoint=tmp_path / "run.ckpt")
    seeds = set()
    for _ in range(20):
        model = TextClassifier(**own)
        try:
            model.fit(TEXTS, LABELS, checkpoint=tmp_path / "run.ckpt")
        except Stopped:
            continue
        seeds.add(model.receipt_["seed"])
    assert len(seeds) == 1
    same = TextClassifier(**own | {"random_state": seeds.pop()}).fit(TEXTS, LABELS)
    assert weights(same) == weights(model)


@pytest.fixture
def stopped(tmp_path, monkeypatch):
    """A checkpoint of a fit that was stopped in its second epoch."""
    path = tmp_path / "run.ckpt"
    with monkeypatch.context() as patched:
        save = FitCheckpoint.save

        def save_and_stop(self, state):
            save(self, state)
            if state.facts["position"]["epoch"] > 1:
                raise Stopped

        patched.setattr(FitCheckpoint, "save", save_and_stop)
        patched.setattr(FitCheckpoint, "is_due", lambda self, epoch_ended: True)
        with pytest.raises(Stopped):
            TextClassifier(encoder="gru", **SMALL).fit(TEXTS, LABELS, checkpoint=path)
    return path


@pytest.mark.parametrize(
    ("own", "given", "told"),
    [
        ({"hidden_size": 7}, {}, "hidden_size was 6 and is 7"),
        ({"max_epochs": 4}, {}, "max_epochs was 3 and is 4"),
        ({"random_state": 1}, {}, "random_state was 0 and is 1"),
        ({"n_threads": 1}, {}, "n_threads was 2 and is 1 .Checkpoint.path, any_threads=True"),
        ({"encoder": "lstm"}, {}, "encoder was 'gru' and is 'lstm'"),
        ({}, {"texts": [*TEXTS[:-1], "so good"]}, "its data were others"),
        ({}, {"sample_weight": [1, 2] * 150}, "its weights of rows"),
        (
            {"vectors": WordVectors(["good"], np.eye(1, 6, dtype=np.float32))},
            {},
            "vectors was None and is '[0-9a-f]{64}'",
        ),
    ],
)
def test_another_fit_is_refused_with_what_differs(stopped, own, given, told):
    before = stopped.read_bytes()
    model = TextClassifier(**SMALL | {"encoder": "gru"} | own)
    texts = given.pop("texts", TEXTS)
    with pytest.raises(ValueError, match=f"of another fit: {told}.*delete this one to start anew"):
        model.fit(texts, LABELS, checkpoint=stopped, **given)
    assert stopped.read_bytes() == before


def test_another_version_is_refused(stopped, monkeypatch):
    own = base.versions() | {"torch": "9.9"}
    monkeypatch.setattr(base, "versions", lambda: own)
    with pytest.raises(ValueError, match="torch was .* and is '9.9'"):
        TextClassifier(encoder="gru", **SMALL).fit(TEXTS, LABELS, checkpoint=stopped)


def test_another_number_of_threads_goes_on_where_that_is_meant(stopped):
    model = TextClassifier(encoder="gru", **SMALL | {"n_threads": 3})
    model.fit(TEXTS, LABELS, checkpoint=Checkpoint(stopped, any_threads=True))
    expected = TextClassifier(encoder="gru", **SMALL).fit(TEXTS, LABELS)
    assert figures(model)["loss"][0] == figures(expected)["loss"][0]
    assert np.allclose(model.predict_proba(TEXTS), expected.predict_proba(TEXTS), atol=0.2)


def test_what_is_no_checkpoint_is_refused_and_stays(tmp_path, stopped):
    model = TextClassifier(encoder="gru", **SMALL)
    content = stopped.read_bytes()
    for damaged in (content[:-100], content[:50], b"", content[:300] + b"x" + content[301:]):
        stopped.write_bytes(damaged)
        with pytest.raises(ValueError, match="no fit can go on from .* delete it to start anew"):
            model.fit(TEXTS, LABELS, checkpoint=stopped)
        assert stopped.read_bytes() == damaged
    fitted = TextClassifier(encoder="mean", **SMALL).fit(TEXTS, LABELS)
    other = fitted.save(tmp_path / "model.textseq")
    with pytest.raises(ValueError, match="is a model of the kind TextClassifier, not a checkpoint"):
        model.fit(TEXTS, LABELS, checkpoint=other)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        model.fit(TEXTS, LABELS, checkpoint=tmp_path / "no" / "run.ckpt")
    with pytest.raises(ValueError, match="checkpoint must be the path of a file, or a Checkpoint"):
        model.fit(TEXTS, LABELS, checkpoint=3)
    with pytest.raises(ValueError, match="every_minutes"):
        Checkpoint("run.ckpt", every_minutes=0)


def test_states_are_kept_at_epochs_ends_and_after_minutes(tmp_path, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: clock[0])
    kept = FitCheckpoint(Checkpoint(tmp_path / "run.ckpt", every_minutes=2))
    assert kept.is_due(epoch_ended=True)
    assert not kept.is_due(epoch_ended=False)
    clock[0] += 121
    assert kept.is_due(epoch_ended=False)
    # Writing that takes 10 seconds is not done again for 200.
    kept.written, kept.cost = clock[0], 10.0
    clock[0] += 150
    assert not kept.is_due(epoch_ended=True)
    clock[0] += 51
    assert kept.is_due(epoch_ended=True)
    assert kept.is_due(epoch_ended=False)


PROGRAM = textwrap.dedent(
    """
    import sys, time
    import numpy as np
    from textseq import TextClassifier
    from textseq.estimators.checkpoint import FitCheckpoint

    if "slowly" in sys.argv:
        from textseq.training.step import Trainer
        step = Trainer.step
        Trainer.step = lambda *given: (time.sleep(0.02), step(*given))[1]
        FitCheckpoint.is_due = lambda self, epoch_ended: epoch_ended
    rng = np.random.default_rng(1)
    texts = [" ".join(rng.choice(["good", "bad", "so", "a"], 9)) for _ in range(400)]
    labels = [text.count("good") > 2 for text in texts]
    own = {"encoder": "gru", "hidden_size": 6, "max_epochs": 4, "random_state": 0, "n_threads": 2}
    print("begun", flush=True)
    model = TextClassifier(**own).fit(texts, labels, checkpoint=sys.argv[1])
    print(model.interrupted_, model.receipt_["weights_sha256"])
    """
)


def run(path, *more):
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, str(path), *more],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_signals_end_a_process_and_the_next_goes_on(tmp_path, number):
    *_, expected = run(tmp_path / "whole.ckpt")
    path = tmp_path / "run.ckpt"
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, str(path), "slowly"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "begun\n"
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    before = path.read_bytes()
    time.sleep(0.1)
    os.kill(process.pid, number)
    out, _ = process.communicate(timeout=60)
    if number == signal.SIGINT:  # the fit ends as it does without a checkpoint
        assert (process.returncode, out.split()[0]) == (0, "True")
    else:
        assert (process.returncode, out) == (-number, "")
    if number != signal.SIGKILL:
        assert path.read_bytes() != before, "the state within the epoch was not kept"
    assert run(path)[-2:] == ["False", expected]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run.ckpt", "whole.ckpt"]


def test_what_a_kill_left_while_writing_is_swept(tmp_path):
    left = tmp_path / ".run[1].ckpt.0123456789abcdef.tmp"
    other = tmp_path / ".other.ckpt.0123456789abcdef.tmp"
    left.touch()
    other.touch()
    TextClassifier(encoder="mean", **SMALL).fit(TEXTS, LABELS, checkpoint=tmp_path / "run[1].ckpt")
    assert not left.exists()
    assert other.exists()
