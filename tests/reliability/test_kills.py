"""SIGKILL at any moment: what was begun goes on, ends with the same bits, and nothing is left."""

import itertools
import json
import multiprocessing
import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals"),
]

N_KILLS = 200
# What changes files for good: before and after each of them a kill may come.
CALLS = [(os, "replace"), (os, "rename"), (os, "fsync"), (os, "unlink")]


def die_at(number):
    """Kill this process at the moment of such a number: each call has one before, one behind."""
    moments = itertools.count(1)

    def die_now():
        if next(moments) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def dying(function):
        def called(*given, **named):
            die_now()
            result = function(*given, **named)
            die_now()
            return result

        return called

    for module, name in CALLS:
        setattr(module, name, dying(getattr(module, name)))


def fit(folder, own, save_always, die):
    """Fit in this process, which is a child of its own, from a file and with a checkpoint."""
    os.environ["TEXTSEQ_CACHE"] = str(folder / "cache")
    from textseq import TextClassifier
    from textseq.corpus import token_writer
    from textseq.estimators.checkpoint import FitCheckpoint

    if save_always:
        token_writer.SAVE_SECONDS = 0.0
        FitCheckpoint.is_due = lambda self, epoch_ended: True
    if die is not None:
        die_at(die)
    model = TextClassifier(**own)
    model.fit(folder / "rows.csv", target="label", checkpoint=folder / "run.ckpt")
    (folder / "done.json").write_text(json.dumps(model.receipt_["weights_sha256"]))


@pytest.fixture(scope="module")
def server():
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["textseq.estimators.sequence.text", "sklearn.linear_model"])
    return context


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    words = np.array([f"w{n}" for n in range(3000)])
    texts = [" ".join(words[rng.zipf(1.3, 12) % 3000]) for _ in range(6000)]
    labels = [str(text.count("w1") % 2) for text in texts]
    pl.DataFrame({"text": texts, "label": labels}).write_csv(tmp_path / "rows.csv")
    return tmp_path


OWN = {
    "encoder": "gru", "hidden_size": 8, "max_epochs": 2, "random_state": 0, "n_threads": 2,
    "crop_length": 8, "n_members": 2, "batch_size": 1024,
}  # fmt: skip


def run(server, folder, save_always=True, die=None, seconds=None):
    """Run a fit; return whether it came to its end."""
    process = server.Process(target=fit, args=(folder, OWN, save_always, die))
    process.start()
    if seconds is not None:
        process.join(seconds)
        process.kill()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode == 0


def end(folder):
    """Return what the fit ended with, see that nothing is left, and make ready for another."""
    found = json.loads((folder / "done.json").read_text())
    entries = sorted((folder / "cache" / "tokens").iterdir())
    assert len(entries) == 1, entries
    (entry,) = entries
    kept = {"bounds0", "codes0", "corpus.json", "labels.parquet", "targets", "words.parquet"}
    assert {path.name for path in entry.iterdir()} == kept
    left = {path.name for path in folder.iterdir()}
    assert left == {"rows.csv", "run.ckpt", "done.json", "cache"}
    for path in (folder / "run.ckpt", folder / "done.json", *entry.iterdir()):
        path.unlink()
    entry.rmdir()
    return found


def test_kills_at_random_moments(server, folder):
    started = time.monotonic()
    assert run(server, folder)
    whole = time.monotonic() - started
    expected = end(folder)
    chance, n_killed, n_ended = random.Random(0), 0, 0
    while n_killed < N_KILLS:
        if run(server, folder, seconds=chance.uniform(0.02, whole)):
            assert end(folder) == expected
            n_ended += 1
        else:
            n_killed += 1
    assert run(server, folder)
    assert end(folder) == expected
    assert n_ended > 2


def test_kills_around_every_call_that_changes_files(server, folder):
    assert run(server, folder)
    expected = end(folder)
    for number in itertools.count(1):
        if run(server, folder, die=number):
            assert end(folder) == expected
            assert number > 40
            return
        assert run(server, folder)
        assert end(folder) == expected


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid(), reason="mounting is for root")
def test_a_full_disk_is_told_and_the_last_checkpoint_stays(tmp_path):
    import subprocess

    from textseq import TextClassifier
    from textseq.estimators.checkpoint import FitCheckpoint

    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk]).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        texts = [f"word{n % 700} so good" for n in range(1500)]
        labels = [n % 2 for n in range(1500)]
        own = {"encoder": "mean", "max_epochs": 3, "random_state": 0, "wide": None}
        path = disk / "run.ckpt"
        save, n_saved = FitCheckpoint.save, itertools.count()

        def fill(self, state):
            save(self, state)
            if next(n_saved) == 0:
                kept.append(path.read_bytes())
                room = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
                (disk / "other").write_bytes(bytes(max(room - 4096, 0)))

        kept: list[bytes] = []
        FitCheckpoint.save = fill
        with pytest.raises(OSError, match="No space left|no room left"):
            TextClassifier(**own).fit(texts, labels, checkpoint=path)
        assert path.read_bytes() == kept[0]
        assert sorted(file.name for file in disk.iterdir()) == ["other", "run.ckpt"]
        (disk / "other").unlink()
        FitCheckpoint.save = save
        model = TextClassifier(**own).fit(texts, labels, checkpoint=path)
        expected = TextClassifier(**own).fit(texts, labels)
        assert model.receipt_["weights_sha256"] == expected.receipt_["weights_sha256"]
    finally:
        FitCheckpoint.save = save
        subprocess.run(["umount", disk], check=True)


def test_a_full_disk_for_tokens_is_told(tmp_path, monkeypatch):
    import resource

    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path / "cache"))
    pl.DataFrame({"text": ["so good a film"] * 50_000, "label": [0, 1] * 25_000}).write_parquet(
        tmp_path / "rows.parquet"
    )
    from textseq import TextClassifier

    model = TextClassifier(encoder="mean", max_epochs=1, random_state=0, wide=None)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        with pytest.raises(OSError, match="the folder of tokens .* can't be written"):
            model.fit(tmp_path / "rows.parquet", target="label")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, heard)
    with pytest.warns(UserWarning, match="than luck explains"):
        model.fit(tmp_path / "rows.parquet", target="label")
    assert not list(Path(tmp_path / "cache" / "tokens").glob("*.partial"))
