"""Questions about stories: where somebody or something is, or was, in English and Portuguese.

``textseq.make_stories`` makes 10,000 stories to learn from, a tenth of which choose the epoch, and
1,000 others to be scored, after one, two or three supporting facts: tasks in the manner of bAbI's
first three. ``exact`` is the share of answers that are right. Writes answering.json and
answering.md beside this file:

    python benchmarks/sequences/answering.py [--seeds 3] [--only "3 facts, en"] [--quick]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from textseq import QuestionAnswerer, make_stories

HERE = Path(__file__).parent
PAIR = ["question", "passage"]
TASKS = {
    f"{n_facts} fact{'s' * (n_facts > 1)}, {language}": (n_facts, language)
    for language in ("en", "pt")
    for n_facts in (1, 2, 3)
}


def exact(task: str, seed: int, quick: bool, threads: int | None) -> float:
    """Fit to stories of one seed, and return the share of others that is answered right."""
    n_facts, language = TASKS[task]
    train = make_stories(1_000 if quick else 10_000, n_facts, language, random_state=seed)
    test = make_stories(1_000, n_facts, language, random_state=10_000 + seed)
    model = QuestionAnswerer(random_state=seed, n_threads=threads).fit(train[PAIR], train["answer"])
    # A story of two sentences may come again by chance.
    known = set(zip(train["question"], train["passage"], strict=True))
    pairs = zip(test["question"], test["passage"], strict=True)
    test = test[[pair not in known for pair in pairs]]
    return model.score(test[PAIR], test["answer"])


def markdown(results: dict[str, dict]) -> str:
    lines = ["| task | exact, % | each seed | seconds a fit |", "|---|---|---|---|"]
    for name, row in results.items():
        shares = 100 * np.array(row["exact"])
        each = ", ".join(f"{share:.1f}" for share in shares)
        lines.append(f"| {name} | {shares.mean():.1f} | {each} | {row['seconds']:.0f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="One seed, a tenth of the stories.")
    parser.add_argument("--only", default="", help="Tasks whose names hold this.")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--out", type=Path, default=HERE / "answering")
    arguments = parser.parse_args()
    stored = arguments.out.with_suffix(".json")
    # A run replaces the tasks it names and keeps the others.
    kept = stored.exists() and not arguments.quick
    results = json.loads(stored.read_text()) if kept else {}
    for name in TASKS:
        if arguments.only not in name:
            continue
        started = time.perf_counter()
        n_seeds = 1 if arguments.quick else arguments.seeds
        shares = [exact(name, seed, arguments.quick, arguments.threads) for seed in range(n_seeds)]
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
