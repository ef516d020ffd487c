"""textseq's mean against fastText: seconds of training, accuracy on the test.

fastText reads a file of textseq's own tokens, joined by spaces, which is written before its
time starts; textseq starts from the raw texts. What each is given stands in SETTINGS and
nowhere else; both were tuned on a fifth of the training part: fastText over learning rates
.1-1, 5-100 epochs (imdb 5-25), 10, 50 and 100 dimensions, minCount 1, 2 and 5 and 50,000 to two
million buckets, where the fastest within a standard error of the most accurate was taken.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

import corpora
from contests import Contest, Entrant, Figures, Line, Repeat, least, serve

SMALL = {"embedding_dim": 16, "learning_rate": 0.02}
BANKING = {
    "embedding_dim": 50, "learning_rate": 0.04, "max_epochs": 4,
    "embedding_dropout": 0.0, "dropout": 0.0,
}  # fmt: skip
SETTINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "imdb, words": (SMALL, {"lr": 0.5, "epoch": 10, "dim": 10}),
    "imdb, words and bigrams": (
        SMALL | {"ngram_range": [1, 2], "hash_buckets": 200_000},
        {"lr": 0.5, "epoch": 10, "dim": 10, "wordNgrams": 2, "bucket": 200_000},
    ),
    "ag_news10k, words": (SMALL | {"max_epochs": 4}, {"lr": 1.0, "epoch": 5, "dim": 50}),
    "ag_news10k, words and bigrams": (
        SMALL | {"max_epochs": 4, "ngram_range": [1, 2], "hash_buckets": 50_000},
        {"lr": 0.5, "epoch": 5, "dim": 10, "wordNgrams": 2, "bucket": 200_000},
    ),
    "banking77, words": (BANKING, {"lr": 1.0, "epoch": 5, "dim": 50, "minCount": 2}),
    "banking77, words and bigrams": (
        BANKING | {"ngram_range": [1, 2], "hash_buckets": 50_000},
        {
            "lr": 1.0, "epoch": 10, "dim": 50, "minCount": 2, "wordNgrams": 2,
            "bucket": 200_000,
        },
    ),
}  # fmt: skip


def textseq(folder: Path, corpus: str, settings: dict[str, Any]) -> Repeat:
    from textseq import TextClassifier

    X, y = corpora.texts(folder, corpus)
    test = corpora.texts(folder, corpus, "test")
    seeds = iter(range(100))

    def once() -> dict[str, float]:
        model = TextClassifier(encoder="mean", wide=None, random_state=next(seeds), **settings)
        started = time.perf_counter()
        model.fit(X, y)
        seconds = time.perf_counter() - started
        return {"seconds": seconds, "accuracy": float(model.score(*test))}

    return once


def fasttext(folder: Path, corpus: str, settings: dict[str, Any]) -> Repeat:
    import floret

    X, y = corpora.cut_texts(folder, corpus)
    X_test, y_test = corpora.cut_texts(folder, corpus, "test")
    numbers = {label: number for number, label in enumerate(sorted(set(y)))}
    rows = (f"__label__{numbers[label]} {text}" for text, label in zip(X, y, strict=True))
    file = folder / f"fasttext_{corpus}.txt"
    file.write_text("\n".join(rows) + "\n")
    seeds = iter(range(100))

    def once() -> dict[str, float]:
        started = time.perf_counter()
        model = floret.train_supervised(
            str(file), thread=2, seed=next(seeds), verbose=0, **settings
        )
        seconds = time.perf_counter() - started
        found, _ = model.predict(X_test)
        truth = [f"__label__{numbers[label]}" for label in y_test]
        right = [label == row[0] for label, row in zip(truth, found, strict=True)]
        return {"seconds": seconds, "accuracy": sum(right) / len(right)}

    return once


CONTESTANTS = {"textseq": textseq, "fastText": fasttext}


def contests(quick: bool) -> list[Contest]:
    return [
        Contest(
            name,
            [
                Entrant(who, {"corpus": name.split(",")[0], "settings": given})
                for who, given in zip(CONTESTANTS, settings, strict=True)
            ],
            rounds=1 if quick else 3,
        )
        for name, settings in SETTINGS.items()
        if not (quick and name.startswith("imdb"))
    ]


def accuracy(repeats: Figures) -> float:
    return statistics.mean(repeat["accuracy"] for repeat in repeats)


def lines(found: dict[str, dict[str, Figures]]) -> list[Line]:
    return [
        Line(
            f"mean, {name}",
            "s",
            {who: least(entrants[who]) for who in CONTESTANTS},
            {who: f"accuracy {accuracy(entrants[who]):.3f}" for who in CONTESTANTS},
        )
        for name, entrants in found.items()
    ]


if __name__ == "__main__":
    serve(CONTESTANTS)
