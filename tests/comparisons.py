"""Comparisons with simulated predictions, for the tests of results and reports."""

import dataclasses

import numpy as np
import pandas as pd

from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.scores.result import Comparison
from textseq.comparison.statistics import compare_pairs, item_scores

# name, kind, how often right at medium difficulty (as a logit), seconds, parameters
ROWS = (
    ("majority", "baseline", None, 0.002, None),
    ("tf-idf + logistic regression", "baseline", 1.45, 0.9, 21_410),
    ("mean", "network", 1.40, 4.1, 1_204_102),
    ("rnn", "network", 0.95, 14.2, 1_260_034),
    ("lstm", "network", 1.66, 21.7, 1_321_730),
    ("bilstm", "network", 1.85, 34.9, 1_440_386),
    ("bigru", "network", 1.80, 29.3, 1_381_250),
    ("my svm", "estimator", 1.38, 2.2, None),
)
OPENINGS = ("A film that", "The director", "This story", "Nobody here", "Every scene", "The cast")
VERBS = ("never quite finds", "somehow keeps", "squanders", "earns", "barely hides", "celebrates")
OBJECTS = ("its own rhythm", "the viewer's trust", "a fine script", "what it promised", "its heart")
CLOSINGS = ("and it shows.", "until the last reel.", "as if nobody were watching.", "but why?")


def make_texts(n, rng):
    parts = [
        np.array(part)[rng.integers(len(part), size=n)]
        for part in (OPENINGS, VERBS, OBJECTS, CLOSINGS)
    ]
    return tuple(f"{' '.join(words)} ({i})" for i, words in enumerate(zip(*parts, strict=True)))


def make_history(rng, n_epochs, quality):
    """Losses by epoch; strong models overfit, weak ones learn slowly."""
    epochs = np.arange(1, n_epochs + 1)
    noise = rng.normal(0, 0.02, (2, n_epochs))
    rise = max(quality - 1.4, 0) * 0.06 * np.maximum(epochs - rng.uniform(2, 4), 0)
    speed = 4 - quality
    validation_loss = 0.5 - quality / 12 + 0.3 * np.exp(-epochs / speed) + rise + noise[1]
    return pd.DataFrame(
        {
            "epoch": epochs,
            "loss": 0.3 - quality / 8 + 0.55 * np.exp(-epochs / speed) + noise[0],
            "validation_loss": validation_loss,
            "validation_score": 0.95 - validation_loss / 3,
            "gradient_norm": 1 / epochs,
            "learning_rate": 1e-3,
            "seconds": 3.1,
            "tokens_per_second": 90_000.0,
        }
    )


def make_predictions(kind, targets, n_classes, quality, n_seeds, rng):
    """Guess right as often as the quality says; models find the same items hard."""
    n = len(targets)
    difficulty = np.random.default_rng(7).normal(0, 1.6, n)
    if kind == "regression":
        spread = 1.2 / (1 + np.exp(quality))
        return targets + difficulty * spread / 2 + rng.normal(0, spread, (n_seeds, n))
    right = rng.random((n_seeds, n)) < 1 / (1 + np.exp(difficulty - quality))
    if kind == "multilabel":
        flipped = targets.copy()
        column = np.random.default_rng(8).integers(targets.shape[1], size=n)
        flipped[np.arange(n), column] ^= 1
        return np.where(right[:, :, None], targets, flipped)
    # A class is mostly taken for one of the two next to it.
    wrong = (targets + np.random.default_rng(9).choice([1, 1, 1, 2], n)) % n_classes
    return np.where(right, targets, wrong)


def make_targets(kind, n_test, n_classes, rng):
    if kind == "regression":
        return rng.normal(3, 1, n_test)
    if kind == "multilabel":
        return (rng.random((n_test, n_classes)) < np.linspace(0.1, 0.5, n_classes)).astype(int)
    shares = np.linspace(2, 1, n_classes)
    return rng.choice(n_classes, n_test, p=shares / shares.sum())


def majority_of(kind, targets):
    if kind == "regression":
        return np.full((1, len(targets)), targets.mean())
    if kind == "multilabel":
        return np.zeros((1, *targets.shape), dtype=int)
    return np.full((1, len(targets)), np.bincount(targets).argmax())


def make_model(kind, row, targets, n_classes, metric, n_seeds):
    name, family, quality, seconds, n_parameters = row
    rng = np.random.default_rng(abs(hash_of(name)))
    if quality is None:
        predictions = majority_of(kind, targets)
    else:
        n_fits = n_seeds if family == "network" else 1
        predictions = make_predictions(kind, targets, n_classes, quality, n_fits, rng)
    scores = item_scores(predictions, targets, metric).mean(axis=1)
    histories = ()
    if family == "network":
        histories = tuple(make_history(rng, 8 + seed % 3, quality) for seed in range(n_seeds))
    return ComparedModel(
        name=name,
        kind=family,
        scores=scores + (metric == "r2"),
        predictions=predictions,
        fit_seconds=seconds * rng.uniform(0.9, 1.1, len(predictions)),
        predict_microseconds=18.0 + 20 * seconds,
        n_parameters=n_parameters,
        histories=histories,
        parameters={"encoder": name, "hidden_size": 128} if family == "network" else {},
        aucs=make_aucs(kind, row, scores),
    )


def with_costs(comparison):
    """Let two rows be pretrained: the svm reads vectors of a service, bigru of a transformer."""
    costs = {
        "my svm": dict(
            predict_microseconds=8_150.0,
            encode_microseconds=8_100.0,
            disk_bytes=6_200,
            dollars_per_1000=4.6e-4,
            cached_share=0.6,
        ),
        "bigru": dict(encode_microseconds=540.0, disk_bytes=91_400_000),
        "lstm": dict(disk_bytes=5_300_000),
    }
    models = tuple(
        dataclasses.replace(model, **costs.get(model.name, {})) for model in comparison.models
    )
    return dataclasses.replace(comparison, models=models)


def make_aucs(kind, row, scores):
    """AUCs somewhat above the scores; the majority guesses, the svm gives no scores."""
    if kind in ("multiclass", "regression"):
        return None
    name, _, quality, *_ = row
    if name == "my svm":
        return np.full(len(scores), np.nan)
    return np.full(1, 0.5) if quality is None else 0.4 + 0.6 * scores


def hash_of(name):
    return int.from_bytes(name.encode(), "little") % 2**32


def make_comparison(
    kind="binary", *, n_test=1_000, n_seeds=3, n_models=8, classes=None, texts=None, warnings=None
):
    """Build a comparison of ``kind`` binary, multiclass, multilabel or regression."""
    rng = np.random.default_rng(0)
    if classes is None:
        classes = {
            "binary": ("negative", "positive"),
            "multiclass": tuple(f"intent {i:02d}: card not working" for i in range(77)),
            "multilabel": ("joy", "anger", "sadness", "fear", "surprise"),
            "regression": (),
        }[kind]
    metric = {"multilabel": "subset accuracy", "regression": "r2"}.get(kind, "accuracy")
    targets = make_targets(kind, n_test, len(classes), rng)
    rows = [ROWS[i] for i in (0, 1, 2, 4, 5, 3, 6, 7)][:n_models]
    models = tuple(make_model(kind, row, targets, len(classes), metric, n_seeds) for row in rows)
    if warnings is None:
        warnings = (
            "12 of 1,000 test texts (1.2 %) also occur in training, 4 of them only up to case and "
            "spacing; drop them from one side, or the scores reward memory",
            "max_length=60 cuts 412 of 5,000 texts (8.2 %) and drops 9,120 of 101,020 tokens "
            "(9.0 %); max_length=112 would keep 99 % of the texts whole",
        )
    return Comparison(
        models=models,
        metric=metric,
        pairs=compare_pairs(
            [model.name for model in models],
            [item_scores(m.predictions, targets, metric).mean(axis=0) for m in models],
            n_resamples=2_000,
        ),
        targets=targets,
        classes=tuple(classes),
        texts=tuple(texts) if texts else make_texts(n_test, rng),
        warnings=tuple(warnings),
        receipt={
            "textseq": "0.1.0",
            "torch": "2.13.0",
            "seeds": list(range(n_seeds)),
            "threads": 2,
            "split": {"train": 4_000, "validation": 400, "test": n_test},
            "data": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "seconds": 412.3,
        },
    )
