"""What a network learns from long texts: their first tokens, drawn stretches, or all of them.

    python benchmarks/long_texts.py --data DIR [--sets imdb] [--encoder gru] [--rows 2000]

Prints a row a set and a way of reading: accuracy and mean log loss on the test rows, means over
seeds, of the network by itself (`wide=None`) learning from so many rows, other ones for each seed;
and the seconds of a fit. The ways: `max_length=400`, which cuts at a prediction, too; the default,
`crop_length="auto"`; and `crop_length=None`, which reads all of a text in every epoch. DIR as
accuracy.py has it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from accuracy import default_model, fit_and_answer, train_and_test
from sklearn.model_selection import train_test_split

from textseq import WordVectors

WAYS = {
    "first 400": {"max_length": 400, "crop_length": None},
    "stretches": {},
    "whole": {"crop_length": None},
}


def measure(
    name: str, data: Path, encoder: str, vectors: WordVectors, n_rows: int, seed: int, way: str
) -> tuple[float, float, float]:
    """Return accuracy, log loss and seconds."""
    (X, y), test = train_and_test(name, data)
    if n_rows < len(X):
        X, _, y, _ = train_test_split(X, y, train_size=n_rows, random_state=seed, stratify=y)
    model = default_model(name, encoder, vectors, wide=None, random_state=seed, **WAYS[way])
    truth, logs, seconds = fit_and_answer(model, (X, y), test)
    own = logs[np.arange(len(truth)), truth]
    return float((logs.argmax(1) == truth).mean()), float(-own.mean()), seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", default="movie_reviews,imdb,newsgroups20")
    parser.add_argument("--encoder", default="gru")
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    vectors = WordVectors.load(arguments.data / "glove" / "glove.6B.100d.top100k.txt.xz")
    print("| set | read | accuracy | each seed | log loss | seconds |")
    print("|" + "---|" * 6)
    for name in arguments.sets.split(","):
        for way in arguments.ways.split(","):
            found = [
                measure(name, arguments.data, arguments.encoder, vectors, arguments.rows, seed, way)
                for seed in range(arguments.seeds)
            ]
            accuracy, loss, seconds = np.mean(found, axis=0)
            each = " ".join(f"{one[0]:.3f}" for one in found)
            print(
                f"| {name} | {way} | {accuracy:.3f} | {each} | {loss:.3f} | {seconds:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
