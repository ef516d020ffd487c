"""Model files under random damage and repeated interruption."""

import hashlib
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from textseq import ModelFileError, TextClassifier, load_model

pytestmark = pytest.mark.slow

FIT = """
import sys
from textseq import TextClassifier
texts = [f"w{i % 7} w{i % 5} w{i % 3}" for i in range(400)]
labels = [i % 2 for i in range(400)]
model = TextClassifier(encoder="bilstm", hidden_size=16, max_epochs=5, random_state=0, n_threads=2)
print(model.fit(texts, labels).receipt_["weights_sha256"])
"""


def test_20_000_mutations_end_in_one_error(tmp_path):
    texts, labels = ["good film", "bad film"] * 20, ["pos", "neg"] * 20
    model = TextClassifier(encoder="gru", hidden_size=4, embedding_dim=4, random_state=0)
    path = tmp_path / "model"
    saved = model.fit(texts, labels).save(path).read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(20_000):
        damaged = bytearray(saved)
        for place in rng.integers(0, len(saved), size=rng.integers(1, 4)):
            damaged[place] = int(rng.integers(256))
        if rng.random() < 0.1:
            damaged = damaged[: rng.integers(len(damaged))]
        if bytes(damaged) != saved:
            path.write_bytes(damaged)
            with pytest.raises(ModelFileError):
                load_model(path)


def test_ten_processes_give_the_same_weights():
    sums = {
        subprocess.run(
            [sys.executable, "-c", FIT], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(10)
    }
    assert len(sums) == 1 and len(sums.pop().strip()) == len(hashlib.sha256().hexdigest())


INTERRUPTED = """
import sys, warnings
warnings.simplefilter("ignore")
from textseq import TextClassifier
texts = [f"w{i % 97} w{i % 89} w{i % 83}" for i in range(2000)]
labels = [i % 2 for i in range(2000)]
print("ready", flush=True)
model = TextClassifier(encoder="bilstm", max_epochs=10_000, random_state=0).fit(texts, labels)
assert model.interrupted_ and len(model.predict(texts[:3])) == 3
"""


def test_fifty_interrupts_leave_a_usable_model():
    rng = np.random.default_rng(0)
    for _ in range(50):
        with subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert process.stdout.readline().strip() == "ready"
            time.sleep(1 + float(rng.uniform(0, 2)))
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
