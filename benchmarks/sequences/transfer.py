"""Two hundred labelled film reviews: from a language model of unlabelled ones, and from nothing.

The labels of 20,000 of IMDB's 25,000 training reviews are thrown away. Word vectors are trained
on these, a language model that starts from the vectors, and one that starts from nothing. Each
seed draws another 200 labelled reviews, 100 of each label, from the first 3,000 of the other
5,000; the last 2,000 chose settings (--part validation scores them); the test part is read once,
to be scored. Models that start from the vectors alone tell what the language model adds to them.
Writes transfer.json and transfer.md beside this file:

    python benchmarks/sequences/transfer.py --data DIR [--seeds 5] [--models FOLDER]

DIR holds classification/imdb/{train,test}.csv.gz. --models keeps vectors and language models in
FOLDER, or reads them from there; without, they are trained and not kept. --quick reads one review
in twenty and writes nothing.
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
VECTORS = dict(dim=128, min_count=3, epochs=5, random_state=0)
# Of the language models, which are to take a few minutes each.
LANGUAGE = dict(
    max_features=8_000, embedding_dim=128, hidden_size=256, init="chrono",
    truncated_bptt_steps=100, batch_size=32, max_epochs=2, learning_rate=5e-3,
    embedding_dropout=0.0, input_dropout=0.1, dropout=0.1, weight_dropout=0.0,
    validation_fraction=0.02, random_state=0,
)  # fmt: skip
LONGEST = 150  # words of a review, its last: there it says what it thinks of the film
TRANSFER = "from the language model that started from word vectors"
SCRATCH = "from nothing, the same network"


class Reviews(NamedTuple):
    """Texts that a language model reads, those that are drawn from, and those that are scored."""

    unlabelled: list[str]
    texts: np.ndarray
    labels: np.ndarray
    scored_texts: list[str]
    scored_labels: np.ndarray


class Pretrained(NamedTuple):
    """What the unlabelled reviews give to start from."""

    vectors: WordVectors
    language: Any
    plain_language: Any


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


def pretrain(texts: list[str], folder: Path | None, quick: bool) -> Pretrained:
    """Train what the classifiers start from, or read it from a folder."""
    names = "vectors.txt", "from_vectors.textseq", "from_nothing.textseq"
    if folder is not None and (folder / names[-1]).exists():
        vectors = WordVectors.load(folder / names[0], cache=False)
        return Pretrained(vectors, *(load_model(folder / name) for name in names[1:]))
    started = time.perf_counter()
    vectors = WordVectors.train(texts, **VECTORS)
    print(f"word vectors of {len(texts)} reviews: {time.perf_counter() - started:.0f} s")
    settings = LANGUAGE | ({"max_epochs": 1} if quick else {})
    models = []
    for start in ({"vectors": vectors, "freeze_vectors": True}, {}):
        models.append(LanguageModel(**settings | start).fit(texts))
        print(models[-1].history_.to_string(index=False), flush=True)
    print(f"word vectors and language models: {time.perf_counter() - started:.0f} s", flush=True)
    if folder is not None:
        folder.mkdir(exist_ok=True)
        for made, name in zip((vectors, *models), names, strict=True):
            made.save(folder / name)
    return Pretrained(vectors, *models)


def entrants(given: Pretrained) -> dict[str, Any]:
    """Return what is compared: by name, what makes a model for a seed."""
    sizes = {name: given.language.architecture_[name] for name in ("embedding_dim", "hidden_size")}
    # 20 of 200 rows are too few to choose an epoch by; the networks stand by themselves.
    whole = {"validation_fraction": 0.0, "wide": None}
    starts = {
        TRANSFER: {"pretrained": given.language},
        "the same, only the head learns": {"pretrained": given.language, "unfreeze": "none"},
        "from the language model that started from nothing": {"pretrained": given.plain_language},
        SCRATCH: sizes,
        "from nothing, textseq's defaults": {},
        "from word vectors, the same network": sizes | {"vectors": given.vectors},
        "from word vectors, their mean": {"encoder": "mean", "vectors": given.vectors},
    }
    found: dict[str, Any] = {
        name: lambda seed, start=start: TextClassifier(random_state=seed, **whole | start)
        for name, start in starts.items()
    }
    return found | {
        "tf-idf + LR": lambda seed: make_pipeline(
            TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)), LogisticRegression(C=10)
        ),
    }


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
    lines += [
        "",
        f"{result['n_scored']} {result['part']} reviews; means over draws of {N_LABELLED} labelled "
        "reviews with 95 % t-intervals. The gain draw by draw of the first row over each other:",
        "",
    ]
    for name, row in result["rows"].items():
        if name != TRANSFER:
            gains = np.subtract(result["rows"][TRANSFER]["scores"], row["scores"])
            mean, margin = t_interval(gains)
            lines.append(f"- {name}: {mean:+.3f} ± {margin:.3f}")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--part", choices=("test", "validation"), default="test")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path, default=HERE / "transfer")
    arguments = parser.parse_args()
    reviews = read(arguments.data, arguments.part, arguments.quick)
    given = pretrain(reviews.unlabelled, arguments.models, arguments.quick)
    result: dict[str, Any] = {
        "part": arguments.part, "n_scored": len(reviews.scored_texts), "rows": {}
    }  # fmt: skip
    for name, make in entrants(given).items():
        result["rows"][name] = row = score(make, reviews, arguments.seeds)
        print(name, np.round(row["scores"], 3), f"{row['seconds']:.0f} s a fit", flush=True)
    print(markdown(result))
    if arguments.part == "test" and not arguments.quick:
        arguments.out.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
        arguments.out.with_suffix(".md").write_text(markdown(result))


if __name__ == "__main__":
    main()
