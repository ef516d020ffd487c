"""One small fit of each task and encoder, and its weights: `python fits.py > weights.json`.

The file beside this script says what the fits gave before the estimators were last put in order.
Whoever changes a recipe or an initialization on purpose writes it anew, in a commit of its own.
"""

import json
import platform
import sys
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from textseq import (
    Captioner,
    Forecaster,
    LanguageModel,
    QuestionAnswerer,
    Seq2Seq,
    SequenceTagger,
    SeriesClassifier,
    SeriesRegressor,
    TextClassifier,
    TextRegressor,
    Transcriber,
    WordVectors,
)
from textseq.files import read_model
from textseq.kernels import library

WORDS = ["so", "good", "a", "film", "it", "is", "the", "old", "sea", "and", "bad", "plot", "see"]
WORDS += ["ships", "car", "go"]
RNG = np.random.default_rng(0)
TEXTS = [" ".join(RNG.choice(WORDS, RNG.integers(1, 12))) for _ in range(240)]
LABELS = ["good" if "good" in text else "sea" if "sea" in text else "none" for text in TEXTS]
MARKS = np.array([["a" in text, "old" in text] for text in TEXTS], dtype=int)
NUMBERS = [float(len(text)) for text in TEXTS]
SERIES = [RNG.normal(size=(2, RNG.integers(5, 14))).cumsum(axis=1) for _ in range(240)]
SIGNS = ["up" if series[0, -1] > 0 else "down" for series in SERIES]
TOKENS = [text.split() for text in TEXTS]
TAGS = [["vowel" if word[0] in "aeiou" else "other" for word in row] for row in TOKENS]
FRAME_TAGS = [(series[0] > 0).astype(int).tolist() for series in SERIES]
WAVES = [(np.sin(np.arange(2400) * rate), 8000) for rate in RNG.uniform(0.1, 2, 60)]
REVERSED = [" ".join(reversed(row)) for row in TOKENS]
BOOK = [" ".join(TEXTS)]
PLACES = [np.ascontiguousarray(series.T) for series in SERIES]
IMAGES = np.random.default_rng(2).normal(size=(240, 6, 9, 3))
ASKED = [(f"which comes before {row[-1]} ?", text) for row, text in zip(TOKENS, TEXTS, strict=True)]
SMALL = {"max_epochs": 2, "batch_size": 16, "n_threads": 2, "random_state": 0}
TEXT = {"hidden_size": 8, "embedding_dim": 6} | SMALL
CELLS = ("rnn", "lstm", "gru", "janet")


def panel(several: bool = False) -> pd.DataFrame:
    """Return three series of months, or two targets of them with covariates of every kind."""
    n_rows = 60
    table = pd.DataFrame(
        {
            "unique_id": np.repeat(["a", "b", "c"], n_rows),
            "ds": np.tile(pd.date_range("2015-01-01", periods=n_rows, freq="MS"), 3),
            "y": np.sin(np.arange(3 * n_rows) / 6) * np.repeat([1, 5, 9], n_rows) + 20,
        }
    )
    if several:
        table["z"] = table["y"] ** 2
        table["rain"] = np.cos(np.arange(3 * n_rows))
        table["price"] = np.arange(3 * n_rows) % 7
        table["size"] = np.repeat([1.0, 2.0, 4.0], n_rows)
    return table


def vectors() -> WordVectors:
    """Return vectors of half of the words, and of one that no text has."""
    words = [*WORDS[::2], "unseen"]
    return WordVectors(words, np.random.default_rng(1).normal(size=(len(words), 6)))


def forecast(**parameters):
    """Fit a forecaster of six months."""
    own = {"h": 6, "hidden_size": 8} | SMALL | parameters
    return Forecaster(**own).fit(panel())


def language(level="char", **parameters):
    """Fit a language model."""
    own = {"hidden_size": 8, "embedding_dim": 6, "truncated_bptt_steps": 16} | SMALL | parameters
    return LanguageModel(level, **own).fit(BOOK)


def translate(sources=TEXTS, **parameters):
    """Fit an encoder-decoder that turns texts around."""
    return Seq2Seq(**TEXT | parameters).fit(sources, REVERSED)


def classify(targets=LABELS, **parameters):
    """Fit a classifier of texts: the network alone."""
    return TextClassifier(**TEXT | {"wide": None} | parameters).fit(TEXTS, targets)


def sort(**parameters):
    """Fit a classifier of series."""
    return SeriesClassifier(**{"hidden_size": 8} | SMALL | parameters).fit(SERIES, SIGNS)


def answer(**parameters):
    """Fit what answers questions by the last two words of a text, or the only one."""
    answers = [" ".join(row[-2:]) for row in TOKENS]
    return QuestionAnswerer(**TEXT | parameters).fit(ASKED, answers)


def tag(rows=TOKENS, tags=TAGS, **parameters):
    """Fit a tagger."""
    return SequenceTagger(**TEXT | parameters).fit(rows, tags)


def caption(images=IMAGES, source="image", **parameters):
    """Fit a captioner."""
    return Captioner(source, **TEXT | parameters).fit(images, TEXTS)


FITS = {
    **{
        f"text {encoder}": lambda encoder=encoder: classify(encoder=encoder)
        for encoder in ("mean", "max", "bilstm", "tcn", *CELLS)
    },
    "text all defaults": lambda: TextClassifier(n_threads=2, random_state=0, max_epochs=1).fit(
        TEXTS, LABELS
    ),
    "text options": lambda: classify(
        encoder="gru", num_layers=2, connections="residual", normalization="layer",
        pooling="attention", head_sizes=(5,), init="orthogonal", init_gain=1.2,
        truncated_bptt_steps=4, class_weight="balanced", scoring="f1_macro", min_df=2,
    ),
    "text dense tcn": lambda: classify(
        encoder="tcn", connections="dense", pooling="last", init="xavier"
    ),
    "text chrono": lambda: classify(encoder="janet", init="chrono", normalization="batch"),
    "text relu": lambda: classify(encoder="rnn", activation="relu", init="kaiming"),
    "text onehot": lambda: classify(encoder="rnn", representation="onehot"),
    "text integer": lambda: classify(encoder="rnn", representation="integer"),
    "text labels": lambda: classify(MARKS, encoder="mean", class_weight="balanced"),
    "text vectors": lambda: classify(encoder="gru", vectors=vectors()),
    "text frozen": lambda: classify(encoder="mean", vectors=vectors(), freeze_vectors=True),
    "text hashed": lambda: classify(encoder="mean", ngram_range=(1, 2), hash_buckets=50),
    "text n-grams": lambda: classify(encoder="max", ngram_range=(1, 2)),
    "text pairs": lambda: TextClassifier(**TEXT, encoder="gru").fit(
        list(zip(TEXTS, REVERSED, strict=True)), LABELS
    ),
    "text wide": lambda: classify(encoder="mean", wide="ngrams"),
    "text wide labels": lambda: classify(MARKS, encoder="gru", wide="ngrams"),
    "text pretrained": lambda: classify(pretrained=language("word")),
    "text regressor": lambda: TextRegressor(**TEXT, encoder="bigru", wide=None).fit(TEXTS, NUMBERS),
    **{
        f"series {encoder}": lambda encoder=encoder: sort(encoder=encoder)
        for encoder in ("lstm_fcn", "mean", "max", "bigru", "tcn", *CELLS)
    },
    "series regressor": lambda: SeriesRegressor(**{"hidden_size": 8} | SMALL).fit(
        SERIES, [series.mean() for series in SERIES]
    ),
    **{
        f"tagger {encoder}": lambda encoder=encoder: tag(encoder=encoder)
        for encoder in ("bilstm", "bigru", "birnn", "bijanet", "tcn")
    },
    **{
        f"tagger with characters, {kind}": lambda kind=kind: tag(characters=kind)
        for kind in ("cnn", "lstm")
    },
    "tagger linear": lambda: tag(head="linear", encoder="lstm", vectors=vectors()),
    "tagger frames": lambda: tag(SERIES, FRAME_TAGS, encoder="lstm_fcn"),
    **{
        f"seq2seq {encoder}": lambda encoder=encoder: translate(encoder=encoder)
        for encoder in ("bilstm", "mean", "tcn", *CELLS)
    },
    "seq2seq dot": lambda: translate(attention="dot", num_layers=2, tie_weights=False),
    "seq2seq scheduled": lambda: translate(attention=None, teacher_forcing=0.5, decoder="gru"),
    "seq2seq series": lambda: translate(SERIES, source="series", encoder="gru"),
    "seq2seq vector": lambda: translate(
        np.array([series[:, 0] for series in SERIES]), source="vector"
    ),
    "captioner image": lambda: caption(filters=(4, 5)),
    "captioner places": lambda: caption(PLACES, "places", num_layers=3, attention="additive"),
    "captioner read in order": lambda: caption(PLACES, "places", encoder="bigru", num_layers=2),
    "captioner vector": lambda: caption(IMAGES[:, 0, 0], "vector", encoder="mean"),
    **{
        f"forecaster {encoder}": lambda encoder=encoder: forecast(encoder=encoder)
        for encoder in ("mean", "bilstm", "tcn", *CELLS)
    },
    **{
        f"answerer {encoder}": lambda encoder=encoder: answer(encoder=encoder)
        for encoder in ("bigru", "lstm", "tcn")
    },
    "answerer without passes": lambda: answer(n_passes=0, vectors=vectors()),
    "forecaster recursive": lambda: forecast(strategy="recursive"),
    "forecaster seq2seq": lambda: forecast(strategy="seq2seq", encoder="gru"),
    "forecaster quantile": lambda: forecast(loss="quantile", window_scaling="standard"),
    "forecaster covariates": lambda: Forecaster(6, hidden_size=8, calendar=True, **SMALL).fit(
        panel(several=True), target_col=["y", "z"], past="rain", future="price", static="size"
    ),
    **{
        f"language {encoder}": lambda encoder=encoder: language(encoder=encoder)
        for encoder in ("tcn", *CELLS)
    },
    "language words": lambda: language("word", vectors=vectors(), weight_dropout=0.1),
    "language adaptive": lambda: language("word", softmax="adaptive", tie_weights=True),
    "language onehot": lambda: language(representation="onehot", encoder="rnn"),
    **{
        f"transcriber {encoder}": lambda encoder=encoder: Transcriber(
            "word", encoder=encoder, hidden_size=8, join=2, **SMALL
        ).fit(WAVES, LABELS[:60])
        for encoder in ("bigru", "lstm", "tcn")
    },
    "transcriber deltas": lambda: Transcriber(
        sample_rate=8000, deltas=True, n_mels=20, stride=2, hidden_size=8, noise=False, **SMALL
    ).fit([wave for wave, _ in WAVES], [list(label) for label in LABELS[:60]]),
    "language pretrained": lambda: LanguageModel(
        "word", pretrained=language("word", hidden_size=6), **SMALL
    ).fit(["a new word and the old sea " * 9]),
}  # fmt: skip


def processor() -> str:
    """Return what decides on the last bits: the processor, and what of it is used."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(": ")[1] for line in lines if line.startswith("model name")), "")
    build = next((name for name in library.BUILDS if library.open_build(name)), "none")
    capability = torch.backends.cpu.get_cpu_capability()
    return f"{platform.machine()}, {model}, torch {torch.__version__} {capability}, kernels {build}"


def weights_of(fit) -> dict:
    """Return the checksum of a fit's weights, what its file holds, and what its arrays are like.

    Of the file's header the names, in its parts too; of each array mean and root mean square.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the few rows
        model = fit()
    file = BytesIO()
    model.save(file)
    _, header, stored = read_model(file.getvalue())
    arrays = {name: weight.double() for name, weight in model.network_.state_dict().items()}
    return {
        "sha256": model.receipt_["weights_sha256"],
        "header": {
            name: " ".join(sorted(part)) if isinstance(part, dict) else None
            for name, part in sorted(header.items())
        },
        "own arrays": " ".join(sorted(stored.keys() - arrays.keys())),
        "arrays": {
            name: [array.mean().item(), array.square().mean().sqrt().item()]
            for name, array in arrays.items()
        },
    }


if __name__ == "__main__":
    found = {name: weights_of(fit) for name, fit in FITS.items()}
    json.dump({"processor": processor(), "fits": found}, sys.stdout, indent=1)
