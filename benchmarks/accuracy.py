"""Accuracy of each encoder on thirteen corpora, beside logistic regression on TF-IDF.

One set of defaults, three seeds, every row on the same split and tokens.
Writes accuracy.json and accuracy.md beside this file:

    python benchmarks/accuracy.py --data DIR [--sets sst2,mr] [--encoders mean,bilstm]

DIR holds classification/NAME/{train,test}.csv.gz (or all.csv.gz, of which a
tenth is set aside for the test; movie_reviews has ten folds) and glove/; see
benchmarks/README.md. A network stands beside its wide path, which is the default, and by itself.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.model_selection import train_test_split

from textseq import TextClassifier, WordVectors, compare

HERE = Path(__file__).parent
ENCODERS = ["mean", "max", "rnn", "lstm", "bilstm", "gru", "janet", "tcn"]
SETS = [
    "sst2", "mr", "subj", "ag_news10k", "banking77", "b2w_polarity_pt", "names18", "imdb",
    "movie_reviews", "newsgroups20", "debian_section_pt", "udhr_lang24", "pros_cons",
]  # fmt: skip
FOLDS = {"movie_reviews": 10}
# No English vectors for Portuguese, nor for single characters.
WITHOUT_VECTORS = {"b2w_polarity_pt", "names18", "udhr_lang24", "debian_section_pt"}
CHARACTERS = {"names18", "udhr_lang24"}


Rows = tuple[list[str], list[str]]


def read(path: Path) -> Rows:
    frame = pl.read_csv(path, schema_overrides={"label": pl.String, "text": pl.String})
    return frame["text"].fill_null("").to_list(), frame["label"].to_list()


def train_and_test(name: str, data: Path) -> tuple[Rows, Rows]:
    """Read a set's texts and labels; of one without a split a tenth is the test."""
    folder = data / "classification" / name
    if (folder / "train.csv.gz").exists():
        return read(folder / "train.csv.gz"), read(folder / "test.csv.gz")
    X, y = read(folder / "all.csv.gz")
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.1, random_state=0, stratify=y)
    return (X, y), (X_test, y_test)


def default_model(name: str, encoder: str, vectors: WordVectors, **own: Any) -> TextClassifier:
    """Return a classifier with the defaults, of the tokens and vectors that a set is read with."""
    return TextClassifier(
        tokenizer="char" if name in CHARACTERS else "word", encoder=encoder,
        vectors=None if name in WITHOUT_VECTORS else vectors, **own,
    )  # fmt: skip


def fit_and_answer(
    model: TextClassifier, train: Rows, test: Rows
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the test rows' class numbers, the log probabilities, and seconds of the fit."""
    start = time.perf_counter()
    model.fit(*train)
    seconds = time.perf_counter() - start
    return np.searchsorted(model.classes_, test[1]), model.predict_log_proba(test[0]), seconds


def run(name: str, data: Path, encoders: list[str], vectors: WordVectors, n_seeds: int) -> dict:
    folder = data / "classification" / name
    split = (folder / "train.csv.gz").exists()
    X, y = read(folder / ("train.csv.gz" if split else "all.csv.gz"))
    test = read(folder / "test.csv.gz") if split else None if name in FOLDS else 0.1
    template = TextClassifier(tokenizer="char" if name in CHARACTERS else "word")
    comparison = compare(
        X, y, encoders, estimator=template, test=test, n_seeds=n_seeds,
        vectors=None if name in WITHOUT_VECTORS else vectors, cv=FOLDS.get(name),
    )  # fmt: skip
    return {
        "set": name,
        "train_rows": comparison.receipt["train_rows"],
        "test_rows": comparison.receipt["test_rows"],
        "models": {
            model.name: {
                "scores": model.scores.tolist(),
                "network_scores": None
                if model.network_scores is None
                else model.network_scores.tolist(),
                "calibration_error": comparison.calibration_error(model),
                "fit_seconds": float(model.fit_seconds.mean()),
                "predict_microseconds": model.predict_microseconds,
            }
            for model in comparison.models
        },
        "receipt": comparison.receipt,
    }


def markdown(results: list[dict]) -> str:
    """One row a model, one column a set: mean accuracy over seeds."""
    lines = ["| | " + " | ".join(result["set"] for result in results) + " |"]
    lines.append("|" + "---|" * (len(results) + 1))
    rows = [f"{result['train_rows']:,} / {result['test_rows']:,}" for result in results]
    lines.append("| *train / test rows* | " + " | ".join(rows) + " |")
    for name in ["majority class", "tf-idf + LR", "tf-idf + NB-LR", *ENCODERS]:
        for which, title in (("scores", name), ("network_scores", f"{name}, by itself")):
            cells = [_cell(result["models"].get(name, {}).get(which)) for result in results]
            if any(cell != "-" for cell in cells):
                lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(scores: list[float] | None) -> str:
    return "-" if scores is None else f"{np.mean(scores):.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--encoders", default=",".join(ENCODERS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "accuracy")
    arguments = parser.parse_args()
    encoders = arguments.encoders.split(",")
    vectors = WordVectors.load(arguments.data / "glove" / "glove.6B.100d.top100k.txt.xz")
    stored = arguments.out.with_suffix(".json")
    # A run replaces the models and sets it names and keeps the others.
    found = {row["set"]: row for row in json.loads(stored.read_text())} if stored.exists() else {}
    for name in arguments.sets.split(","):
        result = run(name, arguments.data, encoders, vectors, arguments.seeds)
        if name in found:
            result["models"] = found[name]["models"] | result["models"]
        found[name] = result
        results = [found[known] for known in sorted(found, key=(SETS + sorted(found)).index)]
        print(markdown(results), flush=True)
        stored.write_text(json.dumps(results, indent=1))
        arguments.out.with_suffix(".md").write_text(markdown(results))


if __name__ == "__main__":
    main()
