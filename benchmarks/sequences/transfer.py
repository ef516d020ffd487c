"""Two hundred labelled film reviews: from a language model of unlabelled ones, and from nothing.

The labels of 20,000 of IMDB's 25,000 training reviews are thrown away, and a language model reads
these. Each seed draws another 200 labelled reviews, 100 of each label, from the first 3,000 of
the other 5,000; the last 2,000 chose settings (--part validation scores them); the test part is
read once, to be scored. Writes transfer.json and transfer.md beside this file:

    python benchmarks/sequences/transfer.py --data DIR [--seeds 5] [--model FILE]

DIR holds classification/imdb/{train,test}.csv.gz and glove/. --model keeps the language model
in FILE, or reads it from there; without, it is trained and not kept. --quick reads one review in
twenty and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from textseq import LanguageModel, TextClassifier, WordVectors, load_model
from textseq.comparison.statistics import t_interval

HERE = Path(__file__).parent
N_LABELLED = 200
N_POOL, N_DRAWN, N_TEST = 5_000, 3_000, 5_000
QUICK = 20  # a quick run reads one in so many
# Of the language model: small enough to be trained in minutes.
LANGUAGE = dict(
    max_features=6_000, embedding_dim=128, hidden_size=128, init="chrono",
    truncated_bptt_steps=100, batch_size=32, max_epochs=3, learning_rate=5e-3,
    embedding_dropout=0.0, input_dropout=0.1, dropout=0.1, weight_dropout=0.0,
    validation_fraction=0.02, random_state=0,
)  # fmt: skip
LONGEST = 150  # words of a review, its last: there it says what it thinks of the film
SCRATCH, TRANSFER = "LSTM of the same sizes, from nothing", "LSTM from the language model"


class Reviews(NamedTuple):
    """Texts that a language model reads, those that are drawn from, and those that are scored."""

    unlabelled: list[str]
    texts: np.ndarray
    labels: np.ndarray
    scored_texts: list[str]
    scored_labels: np.ndarray


def read(data: Path, part: str, quick: bool) -> Reviews:
    folder = data / "classification" / "imdb"
    train, test = (cleaned(pd.read_csv(folder / f"{name}.csv.gz")) for name in ("train", "test"))
    # Some of the test's reviews are in the training part, too.
    test = test[~test["text"].isin(train["text"])]
    train = train.sample(frac=1, random_state=0)
    pool, unlabelled = train[:N_POOL], train[N_POOL:]
    drawn = pool[:N_DRAWN]
    scored = test.sample(N_TEST, random_state=0) if part == "test" else pool[N_DRAWN:]
    if quick:
        unlabelled, scored = unlabelled[::QUICK], scored[::QUICK]
    return Reviews(
        unlabelled["text"].tolist(),
        drawn["text"].to_numpy(),
        drawn["label"].to_numpy(),
        scored["text"].tolist(),
        scored["label"].to_numpy(),
    )


def cleaned(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the reviews without markup and without repeats, each one's last words."""
    words = frame["text"].str.replace("<br />", " ", regex=False).str.split()
    return frame.assign(text=words.str[-LONGEST:].str.join(" ")).drop_duplicates("text")


def draw(reviews: Reviews, seed: int) -> np.ndarray:
    """Return the row numbers of the labelled reviews of a seed, as many of each label."""
    rng = np.random.default_rng(seed)
    kinds = [np.flatnonzero(reviews.labels == label) for label in np.unique(reviews.labels)]
    return np.concatenate([rng.choice(rows, N_LABELLED // len(kinds), False) for rows in kinds])


def language_model(texts: list[str], path: Path | None, quick: bool) -> Any:
    if path is not None and path.exists():
        return load_model(path)
    started = time.perf_counter()
    model = LanguageModel(**LANGUAGE | ({"max_epochs": 1} if quick else {})).fit(texts)
    print(model.history_.to_string(index=False))
    print(f"language model of {len(texts)} reviews: {time.perf_counter() - started:.0f} s")
    if path is not None:
        model.save(path)
    return model


def entrants(language: Any, vectors: WordVectors | None) -> dict[str, Any]:
    """Return what is compared: by name, what makes a model for a seed."""
    sizes = {name: language.architecture_[name] for name in ("embedding_dim", "hidden_size")}
    # 20 of 200 rows are too few to choose an epoch by.
    whole = {"validation_fraction": 0.0}
    found = {
        TRANSFER: lambda seed: TextClassifier(pretrained=language, random_state=seed, **whole),
        SCRATCH: lambda seed: TextClassifier(random_state=seed, **sizes, **whole),
        "LSTM of textseq's defaults, from nothing": lambda seed: TextClassifier(random_state=seed),
        "mean of word vectors, from nothing": lambda seed: TextClassifier(
            encoder="mean", random_state=seed
        ),
        "tf-idf + LR": lambda seed: make_pipeline(
            TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)), LogisticRegression(C=10)
        ),
    }
    if vectors is not None:
        found["LSTM from GloVe"] = lambda seed: TextClassifier(vectors=vectors, random_state=seed)
    return found


def score(make: Any, reviews: Reviews, n_seeds: int) -> dict[str, Any]:
    """Fit once a seed, on another draw each time."""
    started, scores = time.perf_counter(), []
    for seed in range(n_seeds):
        rows = draw(reviews, seed)
        model = make(seed).fit(reviews.texts[rows].tolist(), reviews.labels[rows])
        answers = model.predict(reviews.scored_texts)
        scores.append(float(np.mean(answers == reviews.scored_labels)))
    seconds = (time.perf_counter() - started) / n_seeds
    return {"scores": scores, "seconds": seconds}


def markdown(result: dict[str, Any]) -> str:
    lines = ["| | accuracy | each draw | seconds |", "|---|---|---|---|"]
    for name, row in result["rows"].items():
        mean, margin = t_interval(np.array(row["scores"]))
        each = ", ".join(f"{value:.3f}" for value in row["scores"])
        lines.append(f"| {name} | {mean:.3f} ± {margin:.3f} | {each} | {row['seconds']:.0f} |")
    gains = np.subtract(*(result["rows"][name]["scores"] for name in (TRANSFER, SCRATCH)))
    mean, margin = t_interval(gains)
    lines += [
        "",
        f"{result['n_scored']} {result['part']} reviews; means over draws of {N_LABELLED} labelled "
        "reviews with 95 % t-intervals.",
        f"From the language model less from nothing: {mean:+.3f} ± {margin:.3f}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--part", choices=("test", "validation"), default="test")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path, default=HERE / "transfer")
    arguments = parser.parse_args()
    reviews = read(arguments.data, arguments.part, arguments.quick)
    language = language_model(reviews.unlabelled, arguments.model, arguments.quick)
    glove = arguments.data / "glove" / "glove.6B.100d.top100k.txt.xz"
    vectors = WordVectors.load(glove) if glove.exists() else None
    result: dict[str, Any] = {
        "part": arguments.part, "n_scored": len(reviews.scored_texts), "rows": {}
    }  # fmt: skip
    for name, make in entrants(language, vectors).items():
        result["rows"][name] = row = score(make, reviews, arguments.seeds)
        print(name, np.round(row["scores"], 3), f"{row['seconds']:.0f} s a fit", flush=True)
    print(markdown(result))
    if arguments.part == "test" and not arguments.quick:
        arguments.out.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
        arguments.out.with_suffix(".md").write_text(markdown(result))


if __name__ == "__main__":
    main()
