"""``reticulate::import("textseq")``: counts that are doubles, lone strings, frames' columns."""

import inspect
import json
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

import textseq
from textseq import (
    Captioner,
    Forecaster,
    IntegerEncoder,
    LanguageModel,
    MeanEmbedder,
    OneHotEncoder,
    QuestionAnswerer,
    Seq2Seq,
    SequenceTagger,
    SeriesClassifier,
    SeriesRegressor,
    TextClassifier,
    TextRegressor,
    Tokenizer,
    Transcriber,
    WordVectors,
)
from textseq.r import plain

TEXTS = ["a good film", "a bad film", "so good , and so bright", "so bad and so long"] * 8
LABELS = ["pos", "neg", "pos", "neg"] * 8
NUMBERS = [1.5, -0.5, 2.5, -1.5] * 8
IMAGES = np.random.default_rng(1).random((32, 4, 6))
STEPS = np.random.default_rng(0).normal(size=(32, 2, 6))
WAVES = [(wave, 400) for wave in np.random.default_rng(1).normal(size=(32, 900))]
YEARS = pd.DataFrame({"ds": range(120), "y": np.sin(np.arange(120.0))})
TOKENS = [text.split() for text in TEXTS]
TAGS = [["x" if "o" in token else "y" for token in tokens] for tokens in TOKENS]
ASKED = [("what is good ?", text) for text in TEXTS]
WORDS_SAID = [text.split()[-1] for text in TEXTS]
QUICK = {"max_epochs": 1, "hidden_size": 4, "num_layers": 1, "random_state": 3, "n_threads": 1}
TRAINING = {
    "batch_size": 16, "patience": 2, "truncated_bptt_steps": 2, "verbose": 0,
}  # fmt: skip
WORDS = {"min_df": 2, "max_features": 6}
TEXT = {
    "max_length": 3,
    "crop_length": 2,
    "n_members": 2,
    "embedding_dim": 4,
    "head_sizes": (5, 3),
} | WORDS
SERIES = {"head_sizes": (5,), "n_members": 2} | TRAINING
HASHED = {"encoder": "mean", "ngram_range": (1, 2), "hash_buckets": 50}
# Each with what it is fitted to, what is asked of it, and the counts that it takes.
CASES = {
    TextClassifier: ((TEXTS, LABELS), "predict_proba", TEXTS, TEXT | TRAINING, HASHED),
    TextRegressor: ((TEXTS, NUMBERS), "predict", TEXTS, TEXT | TRAINING, HASHED),
    SeriesClassifier: ((STEPS, LABELS), "predict_proba", STEPS, SERIES, {}),
    SeriesRegressor: ((STEPS, NUMBERS), "predict", STEPS, SERIES, {}),
    Forecaster: (
        (YEARS,), "predict", None,
        {"h": 3, "input_size": 8, "head_sizes": (5,), "fold": 2, "season_length": 4} | TRAINING, {},
    ),
    LanguageModel: (
        (TEXTS,), "score_samples", TEXTS,
        {"min_count": 2, "max_features": 6, "embedding_dim": 4, "mogrifier": 2} | TRAINING, {},
    ),
    Seq2Seq: (
        (TEXTS, TEXTS), "score_samples", (TEXTS, TEXTS),
        WORDS | {"max_length": 3, "embedding_dim": 4, "beam_size": 2} | TRAINING, {},
    ),
    Captioner: (
        (IMAGES, TEXTS), "score_samples", (IMAGES, TEXTS),
        WORDS | {"max_length": 3, "embedding_dim": 4, "beam_size": 2, "filters": (5,)} | TRAINING,
        {},
    ),
    SequenceTagger: (
        (TOKENS, TAGS), "predict_proba", TOKENS,
        WORDS | {"embedding_dim": 4, "n_members": 2} | TRAINING, {},
    ),
    Transcriber: (
        (WAVES, TEXTS), "predict_proba", WAVES,
        {"sample_rate": 400, "n_mels": 5, "stride": 2, "masks": 1, "join": 2} | TRAINING, {},
    ),
    QuestionAnswerer: (
        (ASKED, WORDS_SAID), "predict", ASKED,
        WORDS | {"embedding_dim": 4, "n_passes": 2, "max_answer_length": 2} | TRAINING, {},
    ),
    IntegerEncoder: ((TEXTS,), "transform", TEXTS, WORDS | {"max_length": 3}, {}),
    OneHotEncoder: ((TEXTS,), "transform", TEXTS, WORDS | {"max_length": 3}, {}),
}  # fmt: skip
COUNTS = [
    (kind, name, value, {})
    for kind, (*_, counts, _) in CASES.items()
    for name, value in (counts | (QUICK if "random_state" in dir(kind()) else {})).items()
] + [
    (kind, name, HASHED[name], HASHED)
    for kind in (TextClassifier, TextRegressor)
    for name in ("ngram_range", "hash_buckets")
]  # fmt: skip


def doubled(value):
    """What reticulate makes of R's number or vector."""
    return list(map(float, value)) if isinstance(value, tuple) else float(value)


def answers(kind, **parameters):
    data, method, asked, _, _ = CASES[kind]
    quick = QUICK if "random_state" in dir(kind()) else {}
    model = kind(**quick | parameters).fit(*data)
    asked = () if asked is None else asked if isinstance(asked, tuple) else (asked,)
    found = getattr(model, method)(*asked)
    if isinstance(found, pd.DataFrame):
        return found.select_dtypes("number").to_numpy()
    found = found.toarray() if hasattr(found, "toarray") else found
    several = isinstance(found, list) and not isinstance(found[0], str)
    return np.concatenate(found) if several else np.asarray(found)


@pytest.mark.filterwarnings("ignore:.* are read up to their first 3 tokens")
@pytest.mark.parametrize(
    ("kind", "name", "value", "others"), COUNTS, ids=[f"{k.__name__}-{n}" for k, n, *_ in COUNTS]
)
def test_a_whole_double_counts(kind, name, value, others):
    whole = answers(kind, **others | {name: value})
    assert np.array_equal(answers(kind, **others | {name: doubled(value)}), whole)


def test_no_count_is_left_out():
    for kind in CASES:
        tried = {name for other, name, *_ in COUNTS if other is kind}
        for name, parameter in inspect.signature(kind).parameters.items():
            if "int" in str(parameter.annotation) or name == "random_state":
                assert name in tried, f"{kind.__name__}({name}=)"


def test_counts_of_methods_and_functions():
    model = Forecaster(h=3, **QUICK).fit(YEARS, val_size=12.0)
    assert len(model.predict(h=2.0)) == 2
    windows = model.cross_validation(YEARS, n_windows=2.0, step_size=3.0, val_size=9.0)
    assert len(windows) == 6
    language = LanguageModel("char", **QUICK).fit(TEXTS)
    assert language.perplexity(TEXTS, cache=3.0) == language.perplexity(TEXTS, cache=3)
    drawn = language.generate("a", max_new_tokens=4.0, top_k=3.0, random_state=1.0)
    assert drawn == language.generate("a", max_new_tokens=4, top_k=3, random_state=1)
    translator = Seq2Seq(**QUICK).fit(TEXTS, TEXTS)
    counts = {"beam_size": 2, "n_best": 2, "max_new_tokens": 3}
    drawn = {"top_k": 3, "n_best": 2, "max_new_tokens": 3, "random_state": 1}
    for asked in (counts, drawn):
        with warnings.catch_warnings():
            # One epoch teaches no end.
            warnings.simplefilter("ignore")
            of_doubles = translator.predict(TEXTS[:2], **{n: float(c) for n, c in asked.items()})
            assert of_doubles == translator.predict(TEXTS[:2], **asked)
    cutter = Tokenizer("bpe", vocab_size=300.0, ngram_range=[1.0, 2.0]).fit(TEXTS)
    assert cutter.vocab_size == 300 and cutter.ngram_range == (1, 2)
    counts = {"dim": 4, "min_count": 2, "epochs": 1, "random_state": 1, "n_threads": 1}
    as_doubles = {name: float(count) for name, count in counts.items()}
    vectors = WordVectors.train(TEXTS, **as_doubles)
    assert np.array_equal(vectors.matrix, WordVectors.train(TEXTS, **counts).matrix)
    assert len(vectors.most_similar("good", n=3.0)) == 3
    fitted = TextClassifier("word", **QUICK).fit(TEXTS, LABELS)
    order = textseq.order_matters(fitted, TEXTS, LABELS, n_shuffles=2.0, random_state=1.0)
    assert repr(order) == repr(textseq.order_matters(fitted, TEXTS, LABELS, 2, random_state=1))
    textseq.find_learning_rate(TextClassifier(**QUICK), TEXTS, LABELS, n_batches=5.0)
    template = TextClassifier(**QUICK | {"random_state": None})
    table = textseq.compare(
        TEXTS, LABELS, ["mean"], estimator=template, cv=2.0, n_seeds=2.0, n_jobs=1.0,
        random_state=1.0,
    )  # fmt: skip
    assert table.receipt["seeds"] == [1, 2] and table.receipt["folds"] == 2
    forecasts = textseq.compare_forecasts(
        YEARS, 3.0, ["gru"], estimator=Forecaster(**QUICK), n_windows=2.0, step_size=2.0,
        n_seeds=1.0, random_state=1.0, val_size=6.0, freq=1.0,
    )  # fmt: skip
    assert forecasts.receipt["seeds"] == [1] and forecasts.n_windows == 2


@pytest.mark.parametrize("kind", [TextClassifier, TextRegressor])
def test_a_lone_string_is_one_text_to_answer_for(kind):
    y = LABELS if kind is TextClassifier else NUMBERS
    model = kind(**QUICK).fit(TEXTS, y)
    methods = ["predict", "transform", *(["predict_proba"] if kind is TextClassifier else [])]
    for name in methods:
        ask = getattr(model, name)
        assert np.array_equal(ask("a good film"), ask(["a good film"]))
    if kind is TextClassifier:
        assert model.score("a good film", y[:1]) == model.score(["a good film"], y[:1])
    with pytest.raises(ValueError, match=r"X is a single string; pass a list of texts"):
        kind(**QUICK).fit("a good film", y[:1])
    with pytest.raises(ValueError, match=r"X is a single string; pass a list of texts"):
        kind(**QUICK).fit(TEXTS, y, validation_data=("a good film", y[:1]))


@pytest.mark.filterwarnings("ignore:1 answers end where they would have gone on")
def test_lone_strings_elsewhere():
    vectors = WordVectors(["a", "good"], np.eye(2))
    for encoder in (IntegerEncoder(), OneHotEncoder(), MeanEmbedder(vectors)):
        with pytest.raises(ValueError, match="single string"):
            encoder.fit("a good film")
        encoder.fit(TEXTS)
        one, listed = encoder.transform("a good film"), encoder.transform(["a good film"])
        if not isinstance(one, np.ndarray):
            one, listed = one.toarray(), listed.toarray()
        assert len(one) == 1 and np.array_equal(one, listed)
    assert Tokenizer().tokenize("a film").to_lists() == [["a", "film"]]
    with pytest.raises(ValueError, match="texts is a single string"):
        Tokenizer().fit("a film")
    language = LanguageModel(**QUICK).fit(TEXTS)
    assert language.score_samples("a good") == language.score_samples(["a good"])
    assert language.perplexity("a good") == language.perplexity(["a good"])
    assert language.bits_per_character("a good") == language.bits_per_character(["a good"])
    with pytest.raises(ValueError, match="texts is a single string"):
        LanguageModel(**QUICK).fit("a good film and a bad one " * 9)
    translator = Seq2Seq(**QUICK).fit(TEXTS, TEXTS)
    assert translator.predict("a good film") == translator.predict(["a good film"])
    assert translator.score_samples("a", "good") == translator.score_samples(["a"], ["good"])
    assert translator.bleu("a", "good").score == translator.bleu(["a"], ["good"]).score
    with pytest.raises(ValueError, match="src is a single string"):
        Seq2Seq(**QUICK).fit("a", "b")


DIRECT = """
textseq <- reticulate::import("textseq")
plain <- reticulate::import("textseq.r")$plain
films <- data.frame(text = rep(c("a good film", "a bad film", "so good", "so bad"), 8),
                    label = factor(rep(c("pos", "neg"), 16)))
model <- textseq$TextClassifier(
  encoder = "mean", max_epochs = 3, hidden_size = 4, n_threads = 1, random_state = 1,
  max_features = 10, min_df = 2, ngram_range = c(1, 2), head_sizes = list(4)
)
model$fit(films$text, films$label)
class <- plain(model$predict("a good film"))
stopifnot(length(class) == 1, class %in% c("pos", "neg"))
shares <- plain(model$predict_proba(films$text[1:3]))
stopifnot(length(shares) == 3, abs(sum(shares[[2]]) - 1) < 1e-6)
stopifnot(identical(plain(model$classes_), c("neg", "pos")))
history <- as.data.frame(plain(model$history_))
stopifnot(nrow(history) == 3, identical(history$epoch, 1:3), is.double(history$loss))
stopifnot(is.numeric(model$score(films["text"], as.list(as.character(films$label)))))
stopifnot(is.numeric(plain(model$transform("so good"))[[1]]))
numbers <- textseq$TextRegressor(max_epochs = 1, hidden_size = 4, n_threads = 1)
numbers$fit(films$text, rep(c(1.5, -1), 16))
stopifnot(is.numeric(plain(numbers$predict(films$text[1:2]))))
air <- data.frame(ds = as.character(seq(as.Date("2000-01-01"), by = "month", length.out = 60)),
                  y = sin(1:60))
ahead <- textseq$Forecaster(h = 3, max_epochs = 1, n_threads = 1)$fit(air)$predict(h = 2)
ahead <- as.data.frame(plain(ahead))
stopifnot(identical(ahead$ds, c("2005-01-01", "2005-02-01")))
told <- tryCatch(model$fit("one", "x"), error = conditionMessage)
stopifnot(grepl("X is a single string; pass a list of texts", told))
cat("told\\n")
"""


def test_from_r_by_reticulate_alone(monkeypatch):
    monkeypatch.setenv("RETICULATE_PYTHON", sys.executable)
    out = subprocess.run(["Rscript", "-e", DIRECT], capture_output=True, text=True, check=False)
    assert out.returncode == 0 and out.stdout.endswith("told\n"), out.stderr


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.array([1.5, np.nan]), [1.5, np.nan]),
        (np.array([[1, 2], [3, 4]], dtype=np.int8), [[1, 2], [3, 4]]),
        (np.array(["a", None], dtype=object), ["a", None]),
        (np.array(["2024-02-29", "NaT"], "datetime64[ns]"), ["2024-02-29T00:00:00", None]),
        (np.array([1500, "NaT"], "timedelta64[ms]"), [1.5, None]),
        (np.float32(0.5), 0.5),
        (np.datetime64("2024-02-29"), "2024-02-29T00:00:00"),
        (pd.array([1, None], "Int64"), [1, None]),
        (pd.Series(["a", None]), ["a", None]),
        (pd.Series([0.5, np.nan]), [0.5, np.nan]),
        (pd.Categorical(["a", None]), ["a", None]),
        (pd.to_datetime(["2024-07-01 12:00"]).tz_localize("UTC"), ["2024-07-01T12:00:00+00:00"]),
        (pd.DataFrame({"n": [1], "ok": [True]}), {"n": [1], "ok": [True]}),
        (pl.DataFrame({"n": [1, None]}), {"n": [1, None]}),
        ([np.array([1]), {"a": (None, "b")}], [[1], {"a": [None, "b"]}]),
    ],
)
def test_plain_values(value, expected):
    found = plain(value)
    assert json.dumps(found) == json.dumps(expected)


def test_what_is_not_plain_is_named():
    with pytest.raises(TypeError, match="no plain form for a value of type Tokenizer"):
        plain([Tokenizer()])
