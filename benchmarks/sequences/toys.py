"""Two tasks whose answers are either right or wrong: digits reversed, and digits spelled out.

Strings of 3 to 12 random digits, reversed, with attention and without: 20,000 to learn from,
2,000 to choose the epoch; of 1,000 others those that are new are scored. scikit-learn's images of
digits, 64 numbers each, to the spelled word, letter by letter: a quarter of them is the test part.
Writes toys.json and toys.md beside this file:

    python benchmarks/sequences/toys.py [--seeds 3] [--quick]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from itertools import compress
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from textseq import Seq2Seq

HERE = Path(__file__).parent
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def strings(n_rows: int, seed: int) -> tuple[list[str], list[str]]:
    """Return digit strings and the same reversed."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(3, 13, n_rows)
    rows = ["".join(map(str, rng.integers(0, 10, length))) for length in lengths]
    return rows, [row[::-1] for row in rows]


def reversal(attention: str | None) -> Callable[[int, bool], float]:
    """Return a task: fit to strings of one seed, answer with the share that is exact."""

    def run(seed: int, quick: bool) -> float:
        n_rows = 2_000 if quick else 20_000
        # Strings without attention must pass through one vector, which takes longer to learn.
        model = Seq2Seq(
            tokenizer="char", attention=attention, random_state=seed, dropout=0.1,
            embedding_dropout=0.0, embedding_dim=64, max_epochs=10 if attention else 20,
        )  # fmt: skip
        source, target = strings(n_rows, 2 * seed)
        model.fit(source, target, strings(n_rows // 10, 10_000 + seed))
        # Fresh: short strings come again by chance, and are left out.
        known = set(source)
        test, truth = strings(1_000, 2 * seed + 1)
        fresh = [row not in known for row in test]
        return exact(list(compress(model.predict(test), fresh)), list(compress(truth, fresh)))

    return run


def spelling(seed: int, quick: bool) -> float:
    X, y = load_digits(return_X_y=True)
    words = np.array(WORDS)[y]
    train, test, answers, truth = train_test_split(X, words, random_state=seed, stratify=y)
    model = Seq2Seq("vector", target_tokenizer="char", random_state=seed)
    return exact(model.fit(train, answers.tolist()).predict(test), truth.tolist())


TASKS: dict[str, Callable[[int, bool], float]] = {
    "reversed digits, additive attention": reversal("additive"),
    "reversed digits, dot attention": reversal("dot"),
    "reversed digits, no attention": reversal(None),
    "images of digits, spelled": spelling,
}


def exact(said: list[str], truth: list[str]) -> float:
    return float(np.mean([one == other for one, other in zip(said, truth, strict=True)]))


def markdown(results: dict[str, dict]) -> str:
    lines = ["| task | exact, % | each seed | seconds a fit |", "|---|---|---|---|"]
    for name, row in results.items():
        shares = 100 * np.array(row["exact"])
        each = ", ".join(f"{share:.1f}" for share in shares)
        lines.append(f"| {name} | {shares.mean():.2f} | {each} | {row['seconds']:.0f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="One seed, a tenth of the strings.")
    parser.add_argument("--only", default="", help="Tasks whose names hold this.")
    parser.add_argument("--out", type=Path, default=HERE / "toys")
    arguments = parser.parse_args()
    stored = arguments.out.with_suffix(".json")
    # A run replaces the tasks it names and keeps the others.
    kept = stored.exists() and not arguments.quick
    results = json.loads(stored.read_text()) if kept else {}
    for name, task in TASKS.items():
        if arguments.only not in name:
            continue
        started = time.perf_counter()
        n_seeds = 1 if arguments.quick else arguments.seeds
        shares = [task(seed, arguments.quick) for seed in range(n_seeds)]
        seconds = (time.perf_counter() - started) / n_seeds
        results[name] = {"exact": shares, "seconds": seconds}
        print(f"{name}: {shares} ({seconds:.0f} s a fit)", flush=True)
    if not arguments.quick:
        results = {name: results[name] for name in TASKS if name in results}
        stored.write_text(json.dumps(results, indent=1) + "\n")
        arguments.out.with_suffix(".md").write_text(markdown(results))
    print(markdown(results))


if __name__ == "__main__":
    main()
