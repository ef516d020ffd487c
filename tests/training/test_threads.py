import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import torch
from threadpoolctl import threadpool_limits
from torch.utils._python_dispatch import TorchDispatchMode

from textseq import (
    Forecaster,
    LanguageModel,
    Seq2Seq,
    SequenceTagger,
    SeriesClassifier,
    TextClassifier,
    TextRegressor,
    explain,
    find_learning_rate,
    gradient_flow,
    hidden_states,
    load_model,
    load_sample,
    order_matters,
    recurrent_spectrum,
    saturation,
    step_by_step,
)
from textseq.training.cores import available_cores
from textseq.training.threads import ThreadTeam, thread_count


def test_workers_run_one_thread_and_the_callers_count_comes_back():
    before = torch.get_num_threads()
    with ThreadTeam(2) as team:
        assert team.map(lambda _: torch.get_num_threads(), range(4)) == [1] * 4
        assert torch.get_num_threads() == 1
        with ThreadTeam(1):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


def test_other_threads_keep_their_counts_while_teams_come_and_go():
    before = torch.get_num_threads()

    def count():
        return torch.get_num_threads()

    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        team = ThreadTeam(2)
        team.__enter__()
        assert first.submit(count).result() == before  # a thread that meets torch only now
        other = ThreadTeam(2)
        second.submit(other.__enter__).result()
        team.__exit__(None, None, None)
        assert (count(), second.submit(count).result()) == (before, 1)
        second.submit(other.__exit__, None, None, None).result()
        counts = [pool.submit(count).result() for pool in (first, second)]
    with ThreadPoolExecutor(1) as third:
        assert [count(), *counts, third.submit(count).result()] == [before] * 4


def test_a_team_computes_alone_whatever_count_the_caller_has_set():
    before, matrix = torch.get_num_threads(), torch.rand(256, 256)
    try:
        torch.set_num_threads(1)
        alone = torch.linalg.qr(matrix).Q
        torch.set_num_threads(2)
        with ThreadTeam(1):
            assert torch.equal(torch.linalg.qr(matrix).Q, alone)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_an_error_in_a_worker_reaches_the_caller():
    with pytest.raises(ZeroDivisionError), ThreadTeam(2) as team:
        team.map(lambda x: 1 / x, [1, 0])


def test_one_item_starts_no_thread_and_several_run_side_by_side():
    with ThreadTeam(2) as team:
        before = threading.active_count()
        assert team.map(lambda _: threading.current_thread(), [0]) == [threading.main_thread()]
        assert threading.active_count() == before
        meet = threading.Barrier(2, timeout=20)
        team.map(lambda _: meet.wait(), range(2))


def test_all_threads_are_those_that_torch_may_take_here_and_never_more_than_the_cores():
    before = torch.get_num_threads()
    assert thread_count(1) == 1
    assert thread_count(1000) == available_cores()
    with threadpool_limits(1):
        assert thread_count() == 1
        assert thread_count(1000) == available_cores()
    try:
        torch.set_num_threads(available_cores() + 1)
        assert thread_count() == available_cores()
    finally:
        torch.set_num_threads(before)
    program = "from textseq.training import threads; print(threads.thread_count())"
    said = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == "1\n"


class Shared(TorchDispatchMode):
    """Notes the operations of torch that may call on OpenMP's threads; views compute nothing."""

    def __init__(self):
        super().__init__()
        self.operations = set()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        if torch.get_num_threads() > 1 and not operation.is_view:
            self.operations.add(str(operation))
        return operation(*args, **(kwargs or {}))


TEXTS, LABELS = ["so good a film", "so bad a film"] * 10, ["p", "n"] * 10
SERIES = np.random.default_rng(0).normal(size=(20, 1, 9))
SMALL = {"hidden_size": 4, "max_epochs": 1, "random_state": 0}


def fits(estimator, *data):
    def fit(path):
        model = estimator.fit(*data)
        model.save(path)
        return load_model(path)

    return fit


def read_texts(path, encoder="lstm", **parameters):
    model = TextClassifier(encoder=encoder, **SMALL | parameters)
    model = fits(model, TEXTS, LABELS)(path)
    model.predict_proba(TEXTS)
    model.save(path.with_name("features"), features_only=True)
    explain(model, TEXTS[0])
    hidden_states(model, TEXTS[0])
    find_learning_rate(model, TEXTS, LABELS, n_batches=2)
    order_matters(model, TEXTS, LABELS, n_shuffles=1)
    TextClassifier(pretrained=model, **SMALL).fit([f"{text} anew" for text in TEXTS], LABELS)
    if encoder != "mean":
        gradient_flow(model, TEXTS, LABELS)
        saturation(model, TEXTS)
        recurrent_spectrum(model)
        step_by_step(model, TEXTS[0])


def read_columns(path):
    frame = pd.DataFrame({"text": TEXTS, "price": np.arange(float(len(TEXTS)))})
    model = fits(TextClassifier(encoder="gru", **SMALL), frame, LABELS)(path)
    model.predict_proba(frame)
    explain(model, frame[:1])
    step_by_step(model, frame[:1])
    order_matters(model, frame, LABELS, n_shuffles=1)


def write(path):
    model = fits(LanguageModel(**SMALL), TEXTS)(path)
    model.generate("so", 2, random_state=0)
    model.perplexity(TEXTS)
    LanguageModel(pretrained=model, **SMALL).fit([f"{text} anew" for text in TEXTS])


def translate(path):
    fits(Seq2Seq(**SMALL), TEXTS, TEXTS)(path).predict(TEXTS)


def tag(path):
    rows = [text.split() for text in TEXTS]
    fits(SequenceTagger(**SMALL), rows, rows)(path).predict(rows)


def read_series(path):
    model = fits(SeriesClassifier(encoder="gru", **SMALL), SERIES, LABELS)(path)
    model.predict(SERIES)
    explain(model, SERIES[0])


def forecast(path):
    passengers = load_sample("airpassengers")
    model = fits(Forecaster(h=2, **SMALL), passengers)(path)
    model.predict(level=(80,))
    gradient_flow(model, passengers)


JOBS = {
    "texts": read_texts,
    "a mean": lambda path: read_texts(path, "mean"),
    "a wide path": lambda path: read_texts(path, "gru", wide="ngrams"),
    "columns": read_columns,
    "relu": lambda path: saturation(
        fits(TextRegressor(encoder="rnn", activation="relu", **SMALL), TEXTS, np.arange(20.0))(
            path
        ),
        TEXTS,
    ),
    "a language": write,
    "translations": translate,
    "tags": tag,
    "series": read_series,
    "forecasts": forecast,
}


@pytest.mark.filterwarnings("ignore:.* answers end where they would have gone on")
@pytest.mark.parametrize("job", JOBS)
def test_no_operation_calls_on_openmp_whose_threads_a_fork_may_have_left_behind(job, tmp_path):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        with Shared() as shared:
            JOBS[job](tmp_path / "a.textseq")
        assert not shared.operations
        with shared:  # it sees what is there
            torch.arange(3) + 1
        assert shared.operations == {"aten.arange.default", "aten.add.Tensor"}
    finally:
        torch.set_num_threads(before)
