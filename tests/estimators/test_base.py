import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError

from textseq import (
    Forecaster,
    LanguageModel,
    Seq2Seq,
    SequenceTagger,
    SeriesClassifier,
    SeriesRegressor,
    TextClassifier,
    TextRegressor,
    Transcriber,
    load_sample,
)
from textseq.training.cores import available_cores

TEXTS = ["a good film", "a bad film", "good", "so bad it is"] * 10
LABELS = ["p", "n", "p", "n"] * 10
WORDS = [text.split() for text in TEXTS]
TAGS = [["long" if len(word) > 3 else "short" for word in words] for words in WORDS]
SERIES = np.random.default_rng(0).normal(size=(40, 2, 12))
NUMBERS = np.arange(40.0)
MONTHS = load_sample("airpassengers")[:60]
SIZES = {"max_epochs": 1, "hidden_size": 8, "n_threads": 2, "random_state": 0}

FITS = {
    "classifier": lambda: TextClassifier(encoder="bilstm", **SIZES).fit(TEXTS, LABELS),
    "attention, xavier": lambda: TextClassifier(
        encoder="tcn", init="xavier", pooling="attention", dropout=0.3, **SIZES
    ).fit(TEXTS, LABELS),
    "kaiming": lambda: TextClassifier(encoder="janet", init="kaiming", **SIZES).fit(TEXTS, LABELS),
    "chrono": lambda: TextClassifier(encoder="gru", init="chrono", **SIZES).fit(TEXTS, LABELS),
    "regressor": lambda: TextRegressor(encoder="rnn", **SIZES).fit(TEXTS, NUMBERS),
    "series classifier": lambda: SeriesClassifier(**SIZES).fit(SERIES, LABELS),
    "series regressor": lambda: SeriesRegressor(**SIZES).fit(SERIES, NUMBERS),
    "forecaster": lambda: Forecaster(h=4, strategy="recursive", **SIZES).fit(MONTHS),
    "forecaster, seq2seq": lambda: Forecaster(h=4, strategy="seq2seq", **SIZES).fit(MONTHS),
    "language model": lambda: LanguageModel("word", **SIZES).fit(TEXTS),
    "tagger": lambda: SequenceTagger(**SIZES).fit(WORDS, TAGS),
    "translator": lambda: Seq2Seq(**SIZES).fit(TEXTS, TEXTS),
}


def weights(fit):
    return FITS[fit]().receipt_["weights_sha256"]


def random_states():
    _, numbers, place, *_ = np.random.get_state()  # noqa: NPY002 - the process-wide one is meant
    return torch.random.get_rng_state().tolist(), numbers.tolist(), place, random.getstate()


@pytest.mark.parametrize("fit", FITS)
def test_fits_side_by_side_give_the_weights_of_one_alone_and_leave_the_process_as_it_was(fit):
    torch.manual_seed(1)
    before = random_states()
    alone = weights(fit)
    with ThreadPoolExecutor(8) as pool:
        together = {*pool.map(weights, [fit] * 12)}
        counts = {*pool.map(lambda _: torch.get_num_threads(), range(8))}
    assert together == {alone}
    assert random_states() == before
    assert counts == {torch.get_num_threads()}


def test_first_values_depend_on_no_thread_count_but_the_models_own():
    before = torch.get_num_threads()
    wide = TextClassifier(
        encoder="lstm", init="orthogonal", hidden_size=64, max_epochs=1, n_threads=1, random_state=0
    )
    found = []
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            wide.fit(TEXTS, LABELS)
            found.append(wide.receipt_["weights_sha256"])
    finally:
        torch.set_num_threads(before)
    assert found[0] == found[1]


def test_no_more_threads_are_taken_than_there_are_cores_and_the_receipt_says_how_many():
    model = TextClassifier(encoder="gru", hidden_size=8, max_epochs=1, random_state=0)
    cores = available_cores()
    receipts = [
        model.set_params(n_threads=count).fit(TEXTS, LABELS).receipt_ for count in (cores, 50)
    ]
    assert receipts[0] == receipts[1] and receipts[1]["n_threads"] == cores


ASKED = {
    SequenceTagger: {
        "predict predict_proba predict_spans rows": ([["a"]],),
        "score span_f1 span_report rows": ([["a"]], [["B-x"]]),
        "save": ("never.textseq",),
    },
    Seq2Seq: {
        "predict rows attention_map": (["a"],),
        "score bleu chrf score_samples rows": (["a"], ["b"]),
        "save": ("never.textseq",),
    },
    Transcriber: {
        "predict predict_proba predict_times rows": ([(np.zeros(400), 8000)],),
        "score error_rate rows": ([(np.zeros(400), 8000)], ["b"]),
        "save": ("never.textseq",),
    },
    LanguageModel: {
        "score_samples perplexity bits_per_character rows": (["a"],),
        "generate": ("a",),
        "save": ("never.textseq",),
    },
}


@pytest.mark.parametrize(
    ("kind", "method", "arguments"),
    [
        (kind, method, arguments)
        for kind, asked in ASKED.items()
        for methods, arguments in asked.items()
        for method in methods.split()
    ],
)
def test_what_is_not_fitted_says_so(kind, method, arguments):
    with pytest.raises(NotFittedError):
        getattr(kind(), method)(*arguments)


@pytest.mark.parametrize("kind", ASKED)
def test_what_is_not_fitted_has_no_networks(kind):
    for name in ("networks", "n_parameters_"):
        with pytest.raises(NotFittedError):
            getattr(kind(), name)
