"""textseq's mean against fastText, from raw texts: seconds of training, accuracy on the test.

What each is given stands in SETTINGS and nowhere else.
"""

from __future__ import annotations

import re
import statistics
import time
from pathlib import Path
from typing import Any

import corpora
from contests import Contest, Entrant, Figures, Line, Repeat, least, serve

SETS = ("imdb", "ag_news10k", "banking77")
SETTINGS: dict[str, dict[str, dict[str, Any]]] = {
    "words": {
        "textseq": {"encoder": "mean"},
        "fastText": {"lr": 0.5, "epoch": 10, "dim": 100, "wordNgrams": 1, "thread": 2},
    },
    "words and bigrams": {
        "textseq": {"encoder": "mean", "ngram_range": [1, 2]},
        "fastText": {"lr": 0.5, "epoch": 10, "dim": 100, "wordNgrams": 2, "thread": 2},
    },
}


def textseq(folder: Path, corpus: str, settings: dict[str, Any]) -> Repeat:
    from textseq import TextClassifier

    X, y = corpora.texts(folder, corpus)
    test = corpora.texts(folder, corpus, "test")

    def once() -> dict[str, float]:
        started = time.perf_counter()
        model = TextClassifier(random_state=0, **settings).fit(X, y)
        seconds = time.perf_counter() - started
        return {"seconds": seconds, "accuracy": float(model.score(*test))}

    return once


def fasttext(folder: Path, corpus: str, settings: dict[str, Any]) -> Repeat:
    import floret

    X, y = corpora.texts(folder, corpus)
    X_test, y_test = corpora.texts(folder, corpus, "test")
    file = folder / f"fasttext_{corpus}.txt"

    def cleaned(text: str) -> str:
        """Lower case, punctuation apart from words: what fastText's own tutorial does."""
        return " ".join(re.sub(r"([.!?,'/()\"])", r" \1 ", text.lower()).split())

    def once() -> dict[str, float]:
        started = time.perf_counter()
        rows = (f"__label__{label} {cleaned(text)}" for text, label in zip(X, y, strict=True))
        file.write_text("\n".join(rows) + "\n")
        model = floret.train_supervised(str(file), verbose=0, **settings)
        seconds = time.perf_counter() - started
        found, _ = model.predict([cleaned(text) for text in X_test])
        right = [f"__label__{label}" == row[0] for label, row in zip(y_test, found, strict=True)]
        return {"seconds": seconds, "accuracy": sum(right) / len(right)}

    return once


CONTESTANTS = {"textseq": textseq, "fastText": fasttext}


def contests(quick: bool) -> list[Contest]:
    return [
        Contest(
            f"{corpus}, {name}",
            [Entrant(who, {"corpus": corpus, "settings": settings[who]}) for who in CONTESTANTS],
            rounds=1 if quick else 2,
        )
        for corpus in (SETS[1:] if quick else SETS)
        for name, settings in SETTINGS.items()
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
