import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from textseq.embedding.vector_store import VectorStore

VECTORS = np.arange(12, dtype=np.float32).reshape(4, 3)
KEYS = [VectorStore.key(text) for text in "abcd"]
ONES = np.ones(4)


def store(model="m", dimensions=None, base_url="http://localhost/v1"):
    return VectorStore(base_url, model, dimensions)


def filled():
    own = store()
    with own.alone():
        own.add(KEYS, ONES * 2.5, VECTORS)
    return own


def test_an_empty_one_needs_no_file():
    own = store()
    assert own.held(KEYS) == {} and own.width() is None
    assert not own.path.exists()


def test_vectors_come_back():
    filled()
    own = store()
    assert own.held([*KEYS, VectorStore.key("e")]) == dict.fromkeys(KEYS, 2.5)
    found = dict(own.read(reversed(KEYS)))
    np.testing.assert_array_equal([found[key] for key in KEYS], VECTORS)
    assert own.width() == 3


def test_the_first_vector_of_a_text_stays():
    own = filled()
    own.add(KEYS[:1], ONES[:1], VECTORS[1:2])
    assert dict(own.read(KEYS[:1]))[KEYS[0]].tolist() == VECTORS[0].tolist()
    assert own.held(KEYS[:1]) == {KEYS[0]: 2.5}


def test_many_at_once():
    own = store()
    keys = [VectorStore.key(str(number)) for number in range(5000)]
    vectors = np.arange(5000, dtype=np.float32)[:, None]
    with own.alone():
        own.add(keys, np.ones(5000), vectors)
    assert len(own.held(keys)) == 5000
    assert {key: vector.item() for key, vector in own.read(keys)} == dict(
        zip(keys, vectors[:, 0].tolist(), strict=True)
    )


@pytest.mark.parametrize(
    "other", [{"model": "n"}, {"dimensions": 3}, {"base_url": "http://localhost:8080/v1"}], ids=str
)
def test_what_else_decides_a_vector_has_its_own_file(other):
    filled()
    assert store(**other).held(KEYS) == {}


def test_no_text_is_written(tmp_path):
    own = store()
    text = "what nobody else may read"
    with own.alone():
        own.add([VectorStore.key(text)], ONES[:1], VECTORS[:1])
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or text.encode() not in path.read_bytes()


def test_one_thread_is_alone():
    inside, most = [], []

    def ask():
        with store().alone():
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 5


ALONE = """
from textseq.embedding.vector_store import VectorStore
with VectorStore("http://localhost/v1", "m", None).alone():
    print("alone", flush=True)
    input()
"""


def test_a_killed_process_lets_the_next_in():
    with subprocess.Popen(
        [sys.executable, "-c", ALONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"alone\n"
        entered = threading.Event()

        def enter():
            with store().alone():
                entered.set()

        thread = threading.Thread(target=enter)
        thread.start()
        assert not entered.wait(0.3)
        os.kill(process.pid, signal.SIGKILL)
        thread.join(60)
        assert entered.is_set()


WRITING = """
import numpy as np
from textseq.embedding.vector_store import VectorStore
store = VectorStore("http://localhost/v1", "m", None)
with store.alone():
    for start in range(0, 10**6, 50):
        keys = [VectorStore.key(str(number)) for number in range(start, start + 50)]
        store.add(keys, np.ones(50), np.full((50, 500), start, np.float32))
        print(start, flush=True)
"""


def test_a_kill_within_a_write_leaves_whole_answers(monkeypatch, tmp_path):
    for wait in (0.0, 0.003, 0.011, 0.04):
        monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path / str(wait)))
        with subprocess.Popen([sys.executable, "-c", WRITING], stdout=subprocess.PIPE) as process:
            told = [int(process.stdout.readline()) for _ in range(3)]
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
            told += [int(line) for line in process.stdout]
        own = store()
        written = range(0, told[-1] + 150, 50)
        by_batch = [
            dict(own.read([VectorStore.key(str(n)) for n in range(start, start + 50)]))
            for start in written
        ]
        # All that was told is there; of the next, all or nothing.
        sizes = [len(vectors) for vectors in by_batch]
        assert sizes[: len(told)] == [50] * len(told)
        assert set(sizes) <= {0, 50}
        for start, vectors in zip(written, by_batch, strict=True):
            assert all((vector == start).all() for vector in vectors.values())
        with sqlite3.connect(own.path) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


def test_it_may_be_deleted():
    own = filled()
    for path in own.path.parent.iterdir():
        path.unlink()
    assert own.held(KEYS) == {}
    with own.alone():
        own.add(KEYS[:1], ONES[:1], VECTORS[:1])
    assert list(own.held(KEYS)) == KEYS[:1]


def test_what_a_deleted_file_left_beside_it_is_not_read_into_the_next():
    own = filled()
    reader = sqlite3.connect(own.path)
    reader.execute("SELECT * FROM vectors").fetchone()
    own.add([VectorStore.key("e")], ONES[:1], VECTORS[:1])
    assert own.path.with_name(own.path.name + "-wal").stat().st_size
    own.path.unlink()
    with own.alone():
        own.add(KEYS[:1], ONES[:1], VECTORS[:1])
    assert list(own.held([*KEYS, VectorStore.key("e")])) == KEYS[:1]
    reader.close()


def test_a_damaged_file_is_named():
    own = filled()
    own.path.write_bytes(b"not what it was" * 1000)
    for use in (lambda: own.held(KEYS), lambda: list(own.read(KEYS)), own.width):
        with pytest.raises(OSError, match=r"'.*\.sqlite' can't be used: file is not a database"):
            use()


def test_a_folder_that_can_not_be_made_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path / "file"))
    with pytest.raises(OSError), store().alone():
        pass


def test_a_folder_of_a_relative_name(monkeypatch):
    monkeypatch.setenv("TEXTSEQ_CACHE", "here#there?")
    assert filled().held(KEYS[:1]) == {KEYS[0]: 2.5}
