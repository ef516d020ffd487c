"""Captions of images: drawn shapes whose combinations were never seen, and scans of digits.

Shapes: 20,000 images from the training part of `make_shapes` to learn from, 1,000 more to choose
the epoch, 1,000 of held-out combinations to score: "combinations" are of shape, colour, size and
place, "pairs" of shape and colour alone, which is harder. scikit-learn's images of digits, spoken
as words: a quarter of them is the test part. Writes captions.json and captions.md beside this file:

    python benchmarks/sequences/captions.py [--seeds 3] [--quick] [--only WORD]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from textseq import Captioner, make_shapes

HERE = Path(__file__).parent
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def shapes(language: str, **apart: Any) -> Callable[[int, bool], dict[str, float]]:
    """Return a task: fit to shapes of one seed, score on what was held out and on what was not."""

    def run(seed: int, quick: bool) -> dict[str, float]:
        sizes = {"fit": 1_000, "known": 100, "new": 100} if quick else {
            "fit": 20_000, "known": 1_000, "new": 1_000
        }  # fmt: skip
        drawn = {
            name: make_shapes(
                n, "held_out" if name == "new" else "training", language=language,
                random_state=3 * seed + number, **apart,
            )
            for number, (name, n) in enumerate(sizes.items())
        }  # fmt: skip
        model = Captioner(random_state=seed, max_epochs=2 if quick else "auto")
        started = time.perf_counter()
        model.fit(*drawn["fit"], drawn["known"])
        seconds = time.perf_counter() - started
        return {
            "exact": model.score(*drawn["new"]),
            "bleu": model.bleu(*drawn["new"]).score,
            "known": model.score(*drawn["known"]),
            "seconds": seconds,
        }

    return run


def digits(seed: int, quick: bool) -> dict[str, float]:
    """Fit to scans of digits, and score words for others."""
    data = load_digits()
    words = np.array(WORDS)[data.target]
    train, test, y, truth = train_test_split(
        data.images, words, random_state=seed, stratify=data.target
    )
    model = Captioner(random_state=seed, max_epochs=2 if quick else "auto")
    started = time.perf_counter()
    model.fit(train, y.tolist())
    seconds = time.perf_counter() - started
    return {"exact": model.score(test, truth.tolist()), "seconds": seconds}


TASKS: dict[str, Callable[[int, bool], dict[str, float]]] = {
    "shapes in English, new combinations": shapes("en"),
    "shapes in Portuguese, new combinations": shapes("pt"),
    "shapes in English, new pairs": shapes("en", apart=("shape", "colour")),
    "scans of digits": digits,
}


def markdown(results: dict[str, list[dict[str, float]]]) -> str:
    lines = ["| task | exact, % | each seed | BLEU | exact of combinations known, % "
             "| seconds a fit |", "|---|---|---|---|---|---|"]  # fmt: skip
    for name, rows in results.items():
        shares = 100 * np.array([row["exact"] for row in rows])
        each = ", ".join(f"{share:.1f}" for share in shares)
        bleu, known = (
            f"{factor * np.mean([row[key] for row in rows]):.1f}" if key in rows[0] else ""
            for key, factor in (("bleu", 1), ("known", 100))
        )
        seconds = np.mean([row["seconds"] for row in rows])
        lines.append(
            f"| {name} | {shares.mean():.2f} | {each} | {bleu} | {known} | {seconds:.0f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="One seed, few images.")
    parser.add_argument("--only", default="", help="Tasks whose names hold this.")
    parser.add_argument("--out", type=Path, default=HERE / "captions")
    arguments = parser.parse_args()
    stored = arguments.out.with_suffix(".json")
    # A run replaces the tasks it names and keeps the others.
    kept = stored.exists() and not arguments.quick
    results = json.loads(stored.read_text()) if kept else {}
    for name, task in TASKS.items():
        if arguments.only not in name:
            continue
        rows = []
        for seed in range(1 if arguments.quick else arguments.seeds):
            rows.append(task(seed, arguments.quick))
            print(f"{name}, seed {seed}: {rows[-1]}", flush=True)
        results[name] = rows
        if not arguments.quick:
            results = {name: results[name] for name in TASKS if name in results}
            stored.write_text(json.dumps(results, indent=1) + "\n")
            arguments.out.with_suffix(".md").write_text(markdown(results))
    print(markdown(results))


if __name__ == "__main__":
    main()
