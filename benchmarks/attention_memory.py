"""Peak memory and seconds of encoder-decoders by the length of their pairs, for both attentions.

    python benchmarks/attention_memory.py [--pairs 32] [--lengths 100,300,1000] [--tree DIR]

Pairs of random letters, read letter by letter, in one batch with one thread. Each row of the table
is two processes: one fits for an epoch and keeps the model, the other opens it and scores the same
pairs. MB are what a process took at its peak beyond what it had before it began. --tree measures
the textseq of another checkout; --limit is the most that a process may ask for, in GB.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LETTERS = "abcdefgh"


def pairs(count: int, length: int) -> list[str]:
    """Draw texts; each is its own target."""
    draw = random.Random(0)
    return ["".join(draw.choices(LETTERS, k=length)) for _ in range(count)]


def work(what: str, attention: str, count: int, length: int, path: str, limit: float) -> None:
    """Fit or score, and print megabytes and seconds as JSON."""
    import resource

    most = int(limit * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    from textseq import Seq2Seq, load_model

    # Pairs of one letter first, which imports what is imported late.
    model = Seq2Seq(tokenizer="char", attention=attention, max_epochs=1, random_state=0)
    model.set_params(batch_size=count, n_threads=1)
    model.fit(["a", "b"] * 5, ["a", "b"] * 5)
    texts = pairs(count, length)
    before, started = _peak(), time.perf_counter()
    if what == "fit":
        model.fit(texts, texts)
    else:
        model = load_model(path)
        model.score_samples(texts, texts)
    seconds = time.perf_counter() - started
    print(json.dumps([_peak() - before, seconds]))
    if what == "fit":
        model.save(path)


def _peak() -> float:
    """Return the most megabytes that this process has held."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def measured(what: str, tree: Path, *rest: object) -> str:
    """Return what a process of its own says of its work."""
    command = [sys.executable, __file__, "--work", what, *map(str, rest)]
    told = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(tree)}
    )
    if "can't allocate memory" in told.stderr or "MemoryError" in told.stderr:
        return "out of memory"
    told.check_returncode()
    megabytes, seconds = json.loads(told.stdout.splitlines()[-1])
    return f"{megabytes:,.0f} MB, {seconds:.1f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=32)
    parser.add_argument("--lengths", default="100,300,1000")
    parser.add_argument("--tree", type=Path, default=Path(__file__).parents[1])
    parser.add_argument("--limit", type=float, default=12.0)
    parser.add_argument("--work", nargs=6, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        what, attention, count, length, path, limit = arguments.work
        work(what, attention, int(count), int(length), path, float(limit))
        return
    print("| attention | letters | fit, one epoch | score_samples |\n|---|---|---|---|")
    for attention in ("additive", "dot"):
        for length in arguments.lengths.split(","):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "model.textseq"
                rest = attention, arguments.pairs, length, path, arguments.limit
                tree = arguments.tree.resolve()
                done = [measured("fit", tree, *rest)]
                # What could not be fitted has no model to score with.
                done.append(measured("score", tree, *rest) if path.exists() else "-")
            print(f"| {attention} | {length} | {' | '.join(done)} |", flush=True)


if __name__ == "__main__":
    main()
