import gzip
import os
import resource
import shutil
import subprocess
import sys

import numpy as np
import pytest

from textseq import WordVectors
from textseq.text.vectors import cache as vector_cache
from textseq.text.vectors import reader as vector_reader
from textseq.text.vectors.cache import cache_folder
from textseq.text.vectors.files import VectorFileError

DIM = 20


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path / "cache"))
    # A file made a moment ago is hashed each time, in case it is written again within the
    # resolution of the clock; here no test writes that fast.
    monkeypatch.setattr(vector_cache, "_SETTLED_NANOSECONDS", 0)
    return tmp_path / "cache" / "vectors"


def write(path, seed=0, extra=""):
    """Write a file just large enough to be kept in the cache."""
    numbers = np.random.default_rng(seed).integers(-(10**6), 10**6, (6500, DIM)) / 1e6
    rows = (f"w{i} " + " ".join(f"{x:+.6f}" for x in row) for i, row in enumerate(numbers))
    path.write_text("\n".join(rows) + "\n" + extra)
    return path


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "vectors.txt")


def entries(cache):
    return sorted(cache.glob("*.vectors"))


def is_mapped(vectors):
    return isinstance(vectors.matrix, np.memmap)


def test_the_second_load_is_mapped_and_the_same(path, cache):
    plain = WordVectors.load(path, cache=False)
    assert not cache.exists()
    assert not is_mapped(plain)
    for _ in range(2):
        vectors = WordVectors.load(path)
        assert is_mapped(vectors)
        assert vectors.words.equals(plain.words)
        np.testing.assert_array_equal(vectors.matrix, plain.matrix)
        assert vectors.fingerprint == plain.fingerprint
        assert not vectors.matrix.flags.writeable
    assert len(entries(cache)) == 1
    assert not list(cache.rglob(".*"))


def test_the_second_load_does_not_read_the_file(path, monkeypatch):
    WordVectors.load(path)

    def fail(*args):
        raise AssertionError("read again")

    monkeypatch.setattr("textseq.text.vectors.reader._parse", fail)
    monkeypatch.setattr("textseq.text.vectors.reader.content_key", fail)
    assert len(WordVectors.load(path).words) > 0


def test_words_come_from_the_cache_as_from_the_file(path):
    words = ["w7", "W3", "nowhere"]
    plain = WordVectors.load(path, words=words, cache=False)
    for _ in range(2):
        vectors = WordVectors.load(path, words=words)
        assert vectors.words.to_list() == ["w3", "w7"]
        assert vectors.fingerprint == plain.fingerprint


def test_the_same_content_shares_an_entry(path, tmp_path, cache):
    WordVectors.load(path)
    WordVectors.load(shutil.copy(path, tmp_path / "copy.txt"))
    assert len(entries(cache)) == 1


def test_a_changed_file_of_the_same_size_and_time_is_read_again(path, cache):
    before = WordVectors.load(path)
    state = path.stat()
    content = path.read_bytes()
    sign = content[3:4]
    path.write_bytes(content.replace(b"w0 " + sign, b"w0 -" if sign == b"+" else b"w0 +", 1))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert path.stat().st_size == state.st_size
    after = WordVectors.load(path)
    assert after["w0"][0] == -before["w0"][0]
    assert len(entries(cache)) == 2


def test_a_fresh_file_is_not_trusted_to_stay(path, cache, monkeypatch):
    monkeypatch.setattr(vector_cache, "_SETTLED_NANOSECONDS", 3600 * 10**9)
    WordVectors.load(path)
    assert not list(cache.rglob("*.json"))


def test_a_small_file_is_not_kept(tmp_path, cache):
    small = tmp_path / "small.txt"
    small.write_text("a 1 2\n")
    WordVectors.load(small)
    assert not cache.exists()


def test_repeats_are_left_out_of_the_entry_and_warned_of_each_time(tmp_path, monkeypatch):
    # Small blocks, so that rows move from one to another.
    monkeypatch.setattr(vector_cache, "_BLOCK_BYTES", 999)
    row = " 0.5" * DIM
    path = write(tmp_path / "repeats.txt", extra=f"w17{row}\nnew{row}\nw3{row}\nlast{row}\n")
    lines = path.read_text().splitlines()
    lines.insert(100, f"w5{row}")
    path.write_text("\n".join(lines))
    expected = r"repeats\.txt: repeated words .*: 3, the first at line 101"
    with pytest.warns(UserWarning, match=expected):
        plain = WordVectors.load(path, cache=False)
    for _ in range(2):
        with pytest.warns(UserWarning, match=expected):
            vectors = WordVectors.load(path)
        assert is_mapped(vectors)
        assert vectors.fingerprint == plain.fingerprint
        np.testing.assert_array_equal(vectors.matrix, plain.matrix)
        assert vectors.words.to_list() == [*(f"w{i}" for i in range(6500)), "new", "last"]


def damaged(content):
    """Yield a name and a broken copy of an entry."""
    flipped = bytearray(content)
    flipped[60] ^= 1
    yield "header check", bytes(flipped)
    flipped = bytearray(content)
    flipped[140] ^= 1
    yield "header", bytes(flipped)
    flipped = bytearray(content)
    flipped[-100] ^= 1
    yield "words", bytes(flipped)
    yield "cut", content[:-1]
    yield "cut within the numbers", content[:5000]
    yield "longer", content + b"\0"
    yield "empty", b""
    yield "zeros", bytes(len(content))
    yield "older", content.replace(b"textseq word vectors 1", b"textseq word vectors 0")


def test_a_damaged_entry_is_made_again(path, cache):
    good = WordVectors.load(path).fingerprint
    (entry,) = entries(cache)
    content = entry.read_bytes()
    for name, broken in damaged(content):
        entry.unlink()  # not written over: the old one is still mapped
        entry.write_bytes(broken)
        vectors = WordVectors.load(path)
        assert vectors.fingerprint == good, name
        assert is_mapped(vectors)
        assert entry.read_bytes() == content, name


@pytest.mark.parametrize("note", [b"", b"[]", b"{}", b"\xff", b'{"stamp": 1, "key": "../x"}'])
def test_a_damaged_note_is_made_again(path, cache, note):
    good = WordVectors.load(path).fingerprint
    (remembered,) = cache.rglob("*.json")
    content = remembered.read_bytes()
    remembered.write_bytes(note)
    assert WordVectors.load(path).fingerprint == good
    assert remembered.read_bytes() == content


def test_a_note_cannot_lead_out_of_the_folder(path, cache, tmp_path):
    good = WordVectors.load(path).fingerprint
    (remembered,) = cache.rglob("*.json")
    key = entries(cache)[0].stem
    other = WordVectors.load(write(tmp_path / "other.txt", seed=1))
    assert other.fingerprint != good
    (evil,) = (entry for entry in entries(cache) if entry.stem != key)
    evil.rename(tmp_path / "evil.vectors")
    remembered.write_text(remembered.read_text().replace(key, "../../evil"))
    assert WordVectors.load(path).fingerprint == good


def test_a_cache_that_cannot_be_made_is_done_without(path, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path / "file" / "cache"))
    vectors = WordVectors.load(path)
    assert not is_mapped(vectors)
    assert len(vectors) == 6500


@pytest.mark.parametrize("limit", [100, 100_000, 520_000])
def test_a_full_disk_is_done_without(path, cache, limit):
    plain = WordVectors.load(path, cache=False)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        vectors = WordVectors.load(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not is_mapped(vectors)
    assert vectors.fingerprint == plain.fingerprint
    assert not entries(cache)
    assert not list(cache.glob(".*.tmp"))
    assert is_mapped(WordVectors.load(path))


def test_an_error_leaves_nothing_behind(tmp_path, cache):
    path = write(tmp_path / "bad.txt", extra="w x\n")
    with pytest.raises(VectorFileError, match="line 6,501 has width 0"):
        WordVectors.load(path)
    assert not entries(cache)
    assert not list(cache.glob(".*.tmp"))


def test_leftovers_of_killed_processes_are_swept(path, cache):
    cache.mkdir(parents=True)
    old, new = cache / ".old.tmp", cache / ".new.tmp"
    old.write_text("")
    new.write_text("")
    os.utime(old, (0, 0))
    WordVectors.load(path)
    assert not old.exists()
    assert new.exists()


def test_a_file_that_grows_while_it_is_read_is_an_error(tmp_path, monkeypatch, cache):
    path = tmp_path / "growing.txt.gz"
    path.write_bytes(gzip.compress(write(tmp_path / "vectors.txt").read_bytes(), 0))
    read_blocks = vector_reader.read_blocks

    def growing(stream, size, problems):
        yield from read_blocks(stream, size, problems)
        with path.open("ab") as file:
            file.write(b"more")

    monkeypatch.setattr(vector_reader, "read_blocks", growing)
    with pytest.raises(VectorFileError, match="changed while it was being read"):
        WordVectors.load(path)
    assert not entries(cache)


def test_several_processes_may_load_at_once(path, cache):
    code = f"from textseq import WordVectors; print(WordVectors.load({str(path)!r}).fingerprint)"
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    found = {process.communicate()[0].strip() for process in running}
    assert all(process.returncode == 0 for process in running)
    assert found == {WordVectors.load(path, cache=False).fingerprint}
    assert len(entries(cache)) == 1
    assert not list(cache.glob(".*.tmp"))


def test_the_folder_is_the_users_unless_told(monkeypatch):
    monkeypatch.delenv("TEXTSEQ_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    if sys.platform == "linux":
        assert str(cache_folder()) == "/somewhere/textseq"
    assert cache_folder().name == "textseq"
