"""The tokens of a corpus are written once, survive a kill, and are what the texts hold."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from textseq.corpus import token_writer
from textseq.corpus.source import open_source
from textseq.corpus.token_cache import tokens_of
from textseq.text.tokenizer import Tokenizer

N = 3000
RNG = np.random.default_rng(0)
ROWS = pl.DataFrame(
    {
        "text": [" ".join(f"w{n}" for n in RNG.zipf(1.4, 6).clip(max=9999)) for _ in range(N)],
        "label": RNG.choice(["no", "so", "yes"], N),
        "score": RNG.normal(size=N),
    }
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def path(tmp_path):
    ROWS.write_parquet(tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


def entries():
    folder = Path(os.environ["TEXTSEQ_CACHE"], "tokens")
    return sorted(found.name for found in folder.iterdir()) if folder.exists() else []


def test_tokens_and_labels_are_those_of_the_rows(path):
    source = open_source(path, "text", "label")
    with tokens_of(source, Tokenizer(), numeric=False) as cache:
        (tokens,) = cache.fields
        expected = Tokenizer().tokenize(ROWS["text"])
        assert tokens.to_lists() == expected.to_lists()
        counts, document_counts = tokens.tally()
        assert dict(zip(tokens.distinct, counts.tolist(), strict=True)) == dict(
            zip(expected.distinct, expected.tally()[0].tolist(), strict=True)
        )
        assert (np.diff(counts) <= 0).all()
        labels = cache.targets
        assert [labels.distinct[int(code)] for code in labels.codes] == ROWS["label"].to_list()
        assert tokens.codes.stored.dtype == np.uint16
        assert len(cache) == N


def test_characters_take_a_byte_and_numbers_stay(path):
    source = open_source(path, "text", "score")
    with tokens_of(source, Tokenizer("char"), numeric=True) as cache:
        assert cache.fields[0].codes.stored.dtype == np.uint8
        assert np.array_equal(cache.targets, ROWS["score"].to_numpy())


def test_two_fields_share_their_words(tmp_path):
    pairs = pl.DataFrame({"q": ["a b", "c"] * 9, "r": ["b", "a d"] * 9, "same": [0, 1] * 9})
    with tokens_of(open_source(pairs.lazy(), ["q", "r"], "same"), Tokenizer(), False) as cache:
        assert [field.to_lists()[:2] for field in cache.fields] == [
            [["a", "b"], ["c"]], [["b"], ["a", "d"]],
        ]  # fmt: skip
        assert cache.fields[0].distinct is cache.fields[1].distinct
        assert cache.targets.distinct.to_list() == [0, 1]


def test_files_are_read_once_and_other_sources_leave_nothing(path, monkeypatch):
    source = open_source(path, "text", "label")
    with tokens_of(source, Tokenizer(), numeric=False) as cache:
        folder = cache.folder
    assert entries() == [folder.name]
    with monkeypatch.context() as patched:
        patched.setattr(token_writer.TokenWriter, "write", None)
        with tokens_of(source, Tokenizer(), numeric=False) as again:
            assert again.folder == folder
    with tokens_of(source, Tokenizer(lowercase=False), numeric=False):
        assert len(entries()) == 2
    with tokens_of(open_source(ROWS.lazy(), "text"), Tokenizer(), False) as unnamed:
        assert unnamed.folder.exists()
    assert not unnamed.folder.exists()
    assert len(entries()) == 2


def test_what_a_kill_left_is_deleted_and_what_is_in_use_stays(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    script = """
        import polars as pl
        from textseq.corpus.source import open_source
        from textseq.corpus.token_cache import tokens_of
        from textseq.text.tokenizer import Tokenizer

        source = open_source(pl.DataFrame({"text": ["so good", "so bad"]}).lazy(), "text")
        with tokens_of(source, Tokenizer(), False) as cache:
            print(cache.folder, flush=True)
            input()
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    killed, alive = (subprocess.Popen(command, **pipes) for _ in range(2))
    left, used = (Path(process.stdout.readline().strip()) for process in (killed, alive))
    killed.kill()
    killed.communicate()
    assert left.exists() and used.exists()
    with tokens_of(open_source(ROWS.lazy(), "text"), Tokenizer(), False):
        assert not left.parent.exists() and used.exists()
    alive.communicate("\n")
    assert not list(tmp_path.glob("textseq-tokens-*"))


def test_an_entry_that_is_not_whole_is_made_anew(path):
    source = open_source(path, "text", "label")
    with tokens_of(source, Tokenizer(), numeric=False) as cache:
        folder, sha256 = cache.folder, cache.sha256
    for name in ("codes0", "corpus.json", "words.parquet", "targets"):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])
        with tokens_of(source, Tokenizer(), numeric=False) as again:
            assert again.sha256 == sha256
            assert (folder / name).read_bytes() == content


class Stopped(Exception):
    """In place of a kill."""


@pytest.mark.parametrize("rows", [1, 1500, 2999])
@pytest.mark.parametrize("most", [1_000_000, 300])
def test_what_was_stopped_goes_on_and_ends_alike(path, tmp_path, monkeypatch, rows, most):
    monkeypatch.setattr(token_writer, "SAVE_SECONDS", 0.0)
    # A clock by which every batch is long.
    seconds = (2.0**n for n in range(900))
    monkeypatch.setattr(token_writer, "time", SimpleNamespace(monotonic=seconds.__next__))
    monkeypatch.setattr("textseq.corpus.source.BATCH_ROWS", 100)
    source = open_source(path, "text", "label")
    with tokens_of(source, Tokenizer(), False, most_tokens=most) as cache:
        sha256, missed = cache.sha256, cache.missed
        whole = {file.name: file.read_bytes() for file in cache.folder.iterdir()}
    assert (missed > 0) == (most == 300)
    shutil.rmtree(cache.folder)

    def stop(n_rows):
        if n_rows >= rows:
            raise Stopped

    with pytest.raises(Stopped), tokens_of(source, Tokenizer(), False, stop, most):
        pass
    (left,) = [name for name in entries() if name.endswith(".partial")]
    # What was written behind the last note is cut off.
    partial = cache.folder.with_name(left)
    noted = json.loads((partial / "noted.json").read_bytes())
    assert 0 < noted["rows"] < N or rows > N - 100
    with open(partial / "numbers0", "ab") as file:
        file.write(b"half a number's worth of what a kill left")
    with tokens_of(source, Tokenizer(), False, most_tokens=most) as again:
        assert again.sha256 == sha256
        assert {file.name: file.read_bytes() for file in again.folder.iterdir()} == whole
    assert entries() == [cache.folder.name]


def test_forgotten_tokens_are_unknown(path):
    with tokens_of(open_source(path, "text"), Tokenizer(), False, most_tokens=300) as cache:
        (tokens,) = cache.fields
        assert cache.missed > 0
        assert "<unk>" in tokens.distinct.to_list()
        truth = Tokenizer().tokenize(ROWS["text"])
        pairs = zip(tokens.to_lists(), truth.to_lists(), strict=True)
        flat = [(a, b) for found, own in pairs for a, b in zip(found, own, strict=True)]
        assert all(a in (b, "<unk>") for a, b in flat)


def test_labels_of_many_types_and_too_many_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("textseq.corpus.target_codes.MOST_LABELS", 50)
    with (
        pytest.raises(ValueError, match="over 50 different labels; to predict numbers"),
        tokens_of(open_source(ROWS.lazy(), "text", "score"), Tokenizer(), False),
    ):
        pass
    with (
        pytest.raises(ValueError, match="holds 'so', which is no finite number|holds '(no|yes)'"),
        tokens_of(open_source(ROWS.lazy(), "text", "label"), Tokenizer(), True),
    ):
        pass
    parts = [{"text": ["a"], "label": [1]}, {"text": ["b"], "label": ["x"]}]
    with (
        pytest.raises(ValueError, match="holds String in one part and Int64 in another"),
        tokens_of(open_source(lambda: iter(parts), "text", "label"), Tokenizer(), False),
    ):
        pass


def test_no_room_is_told_and_what_was_written_stays(path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    source = open_source(path, "text", "label")
    with monkeypatch.context() as patched:
        patched.setattr(token_writer.TokenWriter, "_finish", full)
        with (
            pytest.raises(OSError, match="has no room left; make room, or .* TEXTSEQ_CACHE"),
            tokens_of(source, Tokenizer(), False),
        ):
            pass
    assert any(name.endswith(".partial") for name in entries())
    with tokens_of(source, Tokenizer(), False) as cache:
        assert len(cache) == N
