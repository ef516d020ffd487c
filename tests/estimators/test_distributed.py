"""Processes that share a fit learn what one process with as many threads does, to the last bit."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import psutil
import pytest
import ray
from distributed import Client, LocalCluster
from joblib.pool import PicklingPool
from ray.util.joblib import register_ray
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from test_checkpoint import FITS, LABELS, SMALL, TEXTS, figures

from textseq import (
    Checkpoint,
    Distributed,
    Forecaster,
    TextClassifier,
    TextRegressor,
    compare,
    compare_forecasts,
    load_sample,
)
from textseq.estimators.checkpoint import FitCheckpoint

# Of Ray and of what it calls.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
HERE = Path(__file__).parent


def torchrun(folder, *names, wait=True, **environment):
    """Start two processes together, on localhost; return how it ended, or the process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2",
        "--master-addr", "127.0.0.1", "--master-port", str(port),
        str(HERE / "shared_fits.py"), str(folder), *names,
    ]  # fmt: skip
    paths = os.pathsep.join([str(HERE), str(HERE.parent), *sys.path])
    given = {
        "env": os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"} | environment,
        "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True,
    }  # fmt: skip
    if not wait:
        return subprocess.Popen(command, **given)
    return subprocess.run(command, timeout=300, **given)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """What each of two processes says of all fits."""
    folder = tmp_path_factory.mktemp("shared")
    done = torchrun(folder, *FITS)
    assert done.returncode == 0, done.stdout
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in (0, 1)]


@pytest.mark.filterwarnings("ignore:no more of the validation rows", "ignore:the validation rows")
@pytest.mark.parametrize("name", FITS)
def test_two_processes_learn_what_two_threads_do(shared, name):
    kind, own, data = FITS[name]
    alone = kind(**SMALL | own).fit(*data)
    for weights, n_threads, n_workers, losses in (found[name] for found in shared):
        assert weights == alone.receipt_["weights_sha256"]
        assert (n_threads, n_workers) == (1, 2)
        # The losses of two processes meet in float32.
        np.testing.assert_allclose(losses, alone.history_["loss"], rtol=1e-6)
    assert "n_workers" not in alone.receipt_


def test_a_process_by_itself_shares_with_none():
    model = TextClassifier(encoder="mean", **SMALL).fit(TEXTS, LABELS, distributed=Distributed())
    alone = TextClassifier(encoder="mean", **SMALL).fit(TEXTS, LABELS)
    assert model.receipt_["weights_sha256"] == alone.receipt_["weights_sha256"]
    assert vars(model).keys() == vars(alone).keys()


def test_processes_with_other_data_are_refused(tmp_path):
    done = torchrun(tmp_path, "gru", OTHER_DATA="1")
    assert done.returncode == 1
    assert "worker 1 has another fit than the first, of which its data were others" in done.stdout


# Long enough to be stopped within.
LONG = {"max_epochs": 150, "patience": None}


def test_sigterm_of_one_is_obeyed_by_all_and_a_thread_each_goes_on(tmp_path):
    path, more = tmp_path / "run.ckpt", json.dumps(LONG)
    process = torchrun(tmp_path, "gru", wait=False, CHECKPOINT=str(path), MORE=more)
    while not path.exists():
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.01)
    children = psutil.Process(process.pid).children()
    last = [child for child in children if "shared_fits.py" in " ".join(child.cmdline())][-1]
    last.send_signal(signal.SIGTERM)
    told, _ = process.communicate(timeout=100)
    assert process.returncode == 1, told
    assert not list(tmp_path.glob("*.json"))
    gru = TextClassifier(encoder="gru", **SMALL | LONG)
    alone = clone(gru).fit(TEXTS, LABELS)
    began = FitCheckpoint(Checkpoint(path)).kept[0][1].facts["position"]["epoch"]
    assert 1 <= began < 150
    gru.fit(TEXTS, LABELS, checkpoint=path)
    assert gru.receipt_["weights_sha256"] == alone.receipt_["weights_sha256"]


@pytest.fixture(scope="module")
def cluster():
    """A Ray cluster of two processors."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", os.pathsep.join([str(HERE), str(HERE.parent), *sys.path]))
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        yield
        ray.shutdown()


def test_rays_workers_go_on_where_one_was_killed(cluster, tmp_path):
    path, ended = tmp_path / "run.ckpt", threading.Event()

    def killed():
        while not path.exists():
            if ended.wait(0.01):
                return 0
        found = psutil.process_iter(["cmdline"])
        workers = [one for one in found if "TrainWorker" in " ".join(one.info["cmdline"] or [])]
        workers[-1].kill()
        return len(workers)

    gru = TextClassifier(encoder="gru", **SMALL | LONG)
    alike = np.where(np.array(LABELS) == "pos", "neg ", "neg")
    told = "labels differ by spaces or case only: 'neg'"
    with pytest.warns(UserWarning, match=told):
        alone = clone(gru).fit(TEXTS, alike)
    gru.set_params(n_threads=1)
    with ThreadPoolExecutor(1) as pool, pytest.warns(UserWarning, match=told):
        n_workers = pool.submit(killed)
        try:
            found = gru.fit(TEXTS, alike, checkpoint=path, distributed=Distributed(2))
        finally:
            ended.set()
    assert found is gru and n_workers.result() == 2
    assert gru.receipt_["weights_sha256"] == alone.receipt_["weights_sha256"]
    assert gru.receipt_["n_workers"] == 2
    assert figures(gru)["epoch"].tolist() == [*range(1, 151)]
    assert (gru.predict(TEXTS) == alone.predict(TEXTS)).all()
    gru.save(tmp_path / "gru.textseq")


def test_what_is_wrong_is_told_as_without_workers(cluster):
    gru = TextClassifier(encoder="gru", **SMALL)
    with pytest.raises(ValueError, match="X has 300 rows but y has 299"):
        gru.fit(TEXTS, LABELS[:-1], distributed=Distributed(2))
    with pytest.raises(ValueError, match="max_epochs must be a whole number of at least 1, got 0"):
        TextClassifier(max_epochs=0).fit(TEXTS, LABELS, distributed=Distributed(2))
    with pytest.raises(ValueError, match="distributed must be a Distributed, got 2"):
        gru.fit(TEXTS, LABELS, distributed=2)
    with pytest.raises(ValueError, match="num_workers must be a whole number of at least 0"):
        Distributed(-1)


def without_seconds(comparison):
    timed = ["train_seconds", "predict_microseconds", "disk_bytes"]
    return comparison.table.sort_values("model").drop(columns=timed, errors="ignore")


@pytest.fixture(params=["loky", pytest.param("ray", marks=pytest.mark.slow), "dask"])
def back_end(request):
    """joblib's active back end is one of those that start processes."""
    with ExitStack() as stack:
        if request.param == "ray":
            request.getfixturevalue("cluster")
            register_ray()
        elif request.param == "dask":
            own = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
            stack.enter_context(Client(stack.enter_context(own)))
        bases = PicklingPool.__bases__
        with joblib.parallel_config(request.param, n_jobs=2):
            yield
        # Ray lets the pools of joblib's back end "multiprocessing" be of its own kind, for good.
        PicklingPool.__bases__ = bases


def test_joblibs_back_end_fits(back_end):
    small = TextRegressor(encoder="mean", **SMALL | {"n_threads": 1})
    numbers = [text.count("good") + 0.5 for text in TEXTS]
    quick = Forecaster(hidden_size=4, max_epochs=1, n_threads=1)

    def compared():
        yield without_seconds(compare(TEXTS, numbers, ["mean"], estimator=small, n_seeds=2))
        found = compare_forecasts(load_sample("airpassengers"), 6, ["gru"], estimator=quick)
        assert found.receipt["n_jobs"] == joblib.effective_n_jobs(None)
        yield without_seconds(found)
        search = GridSearchCV(small, {"hidden_size": [3, 4]}, cv=2).fit(TEXTS, numbers)
        yield pd.DataFrame(search.cv_results_)[["mean_test_score", "rank_test_score"]]

    side_by_side = list(compared())
    assert joblib.effective_n_jobs(None) == 2
    with joblib.parallel_config("sequential"):
        one_by_one = list(compared())
    for found, expected in zip(side_by_side, one_by_one, strict=True):
        pd.testing.assert_frame_equal(found, expected)
