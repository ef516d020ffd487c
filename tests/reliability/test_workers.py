"""Workers of a Ray cluster: the same fit, whichever worker, node or driver is lost."""

import os
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
import ray
from ray.cluster_utils import Cluster

from textseq import Distributed, SeriesClassifier, TextClassifier, load_model

pytestmark = [
    pytest.mark.slow,
    # Of Ray and of what it calls.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

RNG = np.random.default_rng(1)
WORDS = np.array(["good", "bad", "film", "plot", "so", "not", "very", "a"])
TEXTS = [" ".join(RNG.choice(WORDS, RNG.integers(1, 14))) for _ in range(400)]
LABELS = ["pos" if text.count("good") > 1 else "neg" for text in TEXTS]
# Without dropout, whose numbers each thread draws by itself.
PLAIN = {
    "encoder": "gru", "hidden_size": 6, "random_state": 0, "n_threads": 1, "wide": None,
    "recipe": "plain", "max_epochs": 4,
}  # fmt: skip
LONG = {"max_epochs": 400, "patience": None}


@pytest.fixture
def nodes(monkeypatch):
    """A cluster of four nodes with a processor each, and those nodes."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    added = [cluster.add_node(num_cpus=1) for _ in range(4)]
    ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
    yield cluster, added
    ray.shutdown()
    cluster.shutdown()


def losses(model):
    return model.history_.filter(like="loss").to_numpy()


def test_four_nodes_have_the_loss_curve_of_one_process(nodes):
    alone = TextClassifier(**PLAIN).fit(TEXTS, LABELS)
    shared = TextClassifier(**PLAIN).fit(TEXTS, LABELS, distributed=Distributed(4))
    assert shared.receipt_["n_workers"] == 4
    np.testing.assert_allclose(losses(shared), losses(alone), atol=1e-4)
    X = RNG.normal(size=(120, 2, 15))
    y = (X[:, 0].mean(1) > 0).astype(int)
    series = {name: PLAIN[name] for name in ("hidden_size", "random_state", "n_threads", "recipe")}
    one, four = (
        SeriesClassifier(encoder="lstm", **series, max_epochs=3).fit(X, y, distributed=distributed)
        for distributed in (None, Distributed(4))
    )
    np.testing.assert_allclose(losses(four), losses(one), atol=1e-4)


def test_a_lost_node_costs_what_was_not_kept(nodes, tmp_path):
    cluster, added = nodes
    alone = TextClassifier(**PLAIN | LONG).fit(TEXTS, LABELS)
    path = tmp_path / "run.ckpt"

    def lose_a_node():
        while not path.exists():
            time.sleep(0.01)
        busy = next(node for node in added if _trains(node))
        cluster.remove_node(busy, allow_graceful=False)

    model = TextClassifier(**PLAIN | LONG)
    with ThreadPoolExecutor(1) as pool:
        lost = pool.submit(lose_a_node)
        model.fit(TEXTS, LABELS, checkpoint=path, distributed=Distributed(3))
        lost.result()
    np.testing.assert_allclose(losses(model), losses(alone), atol=1e-3)
    assert len(model.history_) == 400


def _trains(node):
    """Whether one of a node's processes is a worker that trains."""
    raylet = next(info.process.pid for infos in node.all_processes.values() for info in infos)
    children = psutil.Process(raylet).children(recursive=True)
    return any("TrainWorker" in " ".join(child.cmdline()) for child in children)


def test_a_driver_that_was_killed_goes_on(tmp_path):
    script = f"""
        import json, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_workers import LABELS, LONG, PLAIN, TEXTS
        from textseq import Distributed, TextClassifier

        model = TextClassifier(**PLAIN | LONG)
        model.fit(TEXTS, LABELS, checkpoint="run.ckpt", distributed=Distributed(2))
        model.save("m.textseq")
    """
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment)
    while not (tmp_path / "run.ckpt").exists():
        assert process.poll() is None
        time.sleep(0.01)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    # What a driver started ends after it.
    psutil.wait_procs(children, timeout=60)
    assert not (tmp_path / "m.textseq").exists()
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    found = load_model(tmp_path / "m.textseq")
    alone = TextClassifier(**PLAIN | LONG).set_params(n_threads=2).fit(TEXTS, LABELS)
    assert found.receipt_["weights_sha256"] == alone.receipt_["weights_sha256"]
