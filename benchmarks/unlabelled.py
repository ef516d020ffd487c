"""What texts without labels add to a few with labels: `fit(X, y, unlabelled=texts)`.

    python benchmarks/unlabelled.py --data DIR [--sets imdb] [--encoder gru] [--draws 5]

Of a set's training part, each draw labels other rows (--labelled) and keeps the rest as texts
alone. Prints accuracy on the test part (--part validation: on a fifth of the training part, which
neither fit reads) without the texts, with them, and the gain with its interval over the draws.
DIR as accuracy.py has it.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from accuracy import CHARACTERS, WITHOUT_VECTORS, read
from sklearn.model_selection import train_test_split

from textseq import TextClassifier, WordVectors
from textseq.comparison.statistics import t_interval

Texts = tuple[np.ndarray, np.ndarray]


def read_parts(data: Path, name: str, part: str) -> tuple[Texts, Texts]:
    """Return texts and labels to draw from, and those that are scored."""
    folder = data / "classification" / name
    if (folder / "train.csv.gz").exists():
        X, y = map(np.array, read(folder / "train.csv.gz"))
        test = tuple(map(np.array, read(folder / "test.csv.gz")))
    else:
        X, y = map(np.array, read(folder / "all.csv.gz"))
        X, X_test, y, y_test = train_test_split(X, y, test_size=0.1, random_state=0, stratify=y)
        test = X_test, y_test
    if part == "validation":
        X, X_test, y, y_test = train_test_split(X, y, test_size=0.2, random_state=0, stratify=y)
        test = X_test, y_test
    # What stands in both parts would be learned by heart.
    new = ~np.isin(X, test[0])
    return (X[new], y[new]), test


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", default="imdb")
    parser.add_argument("--encoder", default="gru")
    parser.add_argument("--labelled", type=int, default=1_000)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--part", choices=("test", "validation"), default="test")
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    vectors = WordVectors.load(arguments.data / "glove" / "glove.6B.100d.top100k.txt.xz")
    for name in arguments.sets.split(","):
        (X, y), test = read_parts(arguments.data, name, arguments.part)
        scores = []
        for seed in range(arguments.draws):
            drawn, rest = train_test_split(
                np.arange(len(y)), train_size=arguments.labelled, random_state=seed, stratify=y
            )
            found, seconds = [], []
            for more in (None, X[rest].tolist()):
                started = time.perf_counter()
                model = TextClassifier(
                    tokenizer="char" if name in CHARACTERS else "word", encoder=arguments.encoder,
                    vectors=None if name in WITHOUT_VECTORS else vectors, random_state=seed,
                    n_threads=arguments.threads,
                ).fit(X[drawn].tolist(), y[drawn], unlabelled=more)  # fmt: skip
                seconds.append(time.perf_counter() - started)
                found.append(model.score(test[0].tolist(), test[1]))
            scores.append(found)
            print(
                f"{name}, {arguments.encoder}, draw {seed}: {found[0]:.3f} in {seconds[0]:.0f} s, "
                f"with {len(rest):,} texts {found[1]:.3f} in {seconds[1]:.0f} s; "
                f"kept: {model.receipt_['unlabelled']['learned_from']}",
                flush=True,
            )
        without, both = np.transpose(scores)
        gain, margin = t_interval(both - without) if len(scores) > 1 else (both - without, 0)
        print(
            f"{name}, {arguments.encoder}: {without.mean():.3f}, with texts {both.mean():.3f}; "
            f"gain {np.mean(gain):+.3f} +/- {margin:.3f} over {len(scores)} draws",
            flush=True,
        )


if __name__ == "__main__":
    main()
