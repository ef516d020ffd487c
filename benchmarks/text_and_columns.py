"""What columns beside a text add: text alone, columns alone, both, and both with columns shuffled.

    python benchmarks/text_and_columns.py --data DIR [--sets sms_spam] [--encoders mean,gru]
        [--rows 1000,all] [--seeds 5]

A seed draws the training rows and the network's first weights; test rows are always the same.
"Columns alone" is the linear model that the head begins with. p is of the paired test over test
rows, each row's score being the mean over seeds. DIR as accuracy.py has it; of its sets the columns
are counted off the texts, as the tokenizer lets them go: characters, digits, capitals, "!" and "?".
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from accuracy import read
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from textseq import TextClassifier
from textseq.comparison.statistics import paired_bootstrap
from textseq.estimators.encoding.column_encoding import ColumnEncoding
from textseq.estimators.encoding.text_rows import TextRows

ROWS = ("text", "columns", "both", "shuffled")


def counted(texts: list[str]) -> pd.DataFrame:
    """Return texts, and beside them what is counted of their characters."""
    text = pd.Series(texts, dtype=object)
    length = text.str.len()
    capitals = text.str.count(r"[A-Z]") / text.str.count(r"[A-Za-z]").clip(lower=1)
    return pd.DataFrame({
        "text": text, "characters": length, "digits": text.str.count(r"\d"), "capitals": capitals,
        "exclamations": text.str.count("!"), "questions": text.str.count(r"\?"),
    })  # fmt: skip


def table(name: str, data: Path) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame, np.ndarray]:
    """Return the frames and targets to train on and to test on."""
    folder = data / "classification" / name
    if (folder / "train.csv.gz").exists():
        (texts, y), (others, z) = (read(folder / f"{part}.csv.gz") for part in ("train", "test"))
        return counted(texts), np.array(y), counted(others), np.array(z)
    texts, y = read(folder / "all.csv.gz")
    once = ~pd.Series(texts).duplicated().to_numpy()
    frame, y = (
        counted([text for text, first in zip(texts, once, strict=True) if first]),
        np.array(y)[once],
    )
    X, T, y, z = train_test_split(frame, y, test_size=0.2, random_state=0, stratify=y)
    return X.reset_index(drop=True), y, T.reset_index(drop=True), z


def shuffled(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Put columns of other rows beside the texts, all of a row together."""
    order = rng.permutation(len(frame))
    others = frame.drop(columns="text").iloc[order].reset_index(drop=True)
    return pd.concat([frame[["text"]], others], axis=1)


def by_columns(X: pd.DataFrame, y: np.ndarray, T: pd.DataFrame) -> np.ndarray:
    """Answer by the linear model of the columns alone."""
    own, others = (TextRows.read(frame, text_columns="text").columns for frame in (X, T))
    encoding = ColumnEncoding.learn(own)
    model = LogisticRegression(max_iter=1000)
    return model.fit(encoding.deviations(own), y).predict(encoding.deviations(others))


def measure(
    X: pd.DataFrame, y: np.ndarray, T: pd.DataFrame, z: np.ndarray, n: int, encoder: str, seed: int
) -> dict[str, np.ndarray]:
    """Return the score of every test row, by what was read."""
    rng = np.random.default_rng(seed)
    drawn = np.sort(rng.permutation(len(X))[:n])
    X, y = X.iloc[drawn].reset_index(drop=True), y[drawn]

    def answered(X: pd.DataFrame, T: pd.DataFrame) -> np.ndarray:
        model = TextClassifier(encoder=encoder, text_columns="text", random_state=seed, n_threads=1)
        return np.asarray(model.fit(X, y).predict(T))

    answers = {
        "text": answered(X[["text"]], T[["text"]]),
        "columns": by_columns(X, y, T),
        "both": answered(X, T),
        "shuffled": answered(shuffled(X, rng), shuffled(T, rng)),
    }
    return {name: (found == z).astype(float) for name, found in answers.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", default="sms_spam,b2w_polarity_pt")
    parser.add_argument("--encoders", default="mean,gru")
    parser.add_argument("--rows", default="1000,all")
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)  # of what the data are like
    print(f"| set | rows | encoder | {' | '.join(ROWS)} | both - text | shuffled - text |")
    print("|" + "---|" * (len(ROWS) + 5))
    for name in arguments.sets.split(","):
        data = table(name, arguments.data)
        for rows in arguments.rows.split(","):
            n = len(data[0]) if rows == "all" else int(rows)
            for encoder in arguments.encoders.split(","):
                found = [measure(*data, n, encoder, seed) for seed in range(arguments.seeds)]
                items = {row: np.mean([one[row] for one in found], axis=0) for row in ROWS}
                cells = [f"{items[row].mean():.3f}" for row in ROWS]
                for row in ("both", "shuffled"):
                    difference, *_, p = paired_bootstrap(items[row], items["text"])
                    cells.append(f"{difference:+.4f} (p {p:.3f})")
                print(f"| {name} | {n:,} | {encoder} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
