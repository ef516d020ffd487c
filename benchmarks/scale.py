"""What a fit takes to more texts than memory may hold, beside a fit to the same in memory.

    python benchmarks/scale.py --data DIR --folder TMP [--rows 2000000,20000000]
        [--kinds parquet,csv] [--encoders mean,gru] [--epochs 1] [--in-memory]

Texts are pieces of 60 to 220 letters of the corpora at hand, a third of them with a number that
hardly another has; which corpus a piece is from is to be predicted. They are written to TMP once.
Prints a row a fit: rows, tokens, seconds of reading them into the token cache and of training,
tokens a second in training, and by how much the process's own memory grew at its highest over what
it had before the fit (pages of mapped files, which the system takes back as it likes, apart). DIR
as accuracy.py has it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

CORPORA = ["imdb", "ag_news10k", "newsgroups20", "b2w_polarity_pt", "movie_reviews", "subj"]
PART = 500_000
LETTERS = (60, 220)
WATCHED_EVERY = 0.05


def write_texts(data: Path, path: Path, n_rows: int) -> None:
    """Write so many texts and the names of their corpora, some at a time."""
    corpora = {}
    for name in CORPORA:
        folder = data / "classification" / name
        tables = [folder / "train.csv.gz", folder / "all.csv.gz"]
        table = next(one for one in tables if one.exists())
        frame = pl.read_csv(table, schema_overrides={"label": pl.String, "text": pl.String})
        corpora[name] = " ".join(frame["text"].drop_nulls().to_list()).replace("\n", " ")
    rng, names = np.random.default_rng(0), np.array(list(corpora))
    with tempfile.TemporaryDirectory(dir=path.parent) as parts:
        for number, start in enumerate(range(0, n_rows, PART)):
            n_part = min(PART, n_rows - start)
            labels = names[rng.integers(len(names), size=n_part)]
            lengths = rng.integers(*LETTERS, size=n_part).tolist()
            shares, rare = (
                rng.random(n_part).tolist(),
                rng.integers(3 * 10**9, size=n_part).tolist(),
            )
            texts = []
            for label, share, length, odd in zip(labels, shares, lengths, rare, strict=True):
                corpus = corpora[label]
                place = int(share * (len(corpus) - length))
                texts.append(corpus[place : place + length] + (f" {odd}" if odd % 3 == 0 else ""))
            frame = pl.DataFrame({"text": texts, "label": labels})
            frame.write_parquet(Path(parts, f"{number:04}.parquet"), compression="lz4")
        query = pl.scan_parquet(Path(parts, "*.parquet"))
        if path.suffix == ".csv":
            query.sink_csv(path)
        else:
            query.sink_parquet(path, compression="lz4")


class Watch(threading.Thread):
    """The highest that a process's own memory reaches, over what it was."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.before = self.highest = _own_bytes()
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(WATCHED_EVERY):
            self.highest = max(self.highest, _own_bytes())

    def grown(self) -> float:
        """Return it in GB."""
        self.ended.set()
        return (self.highest - self.before) / 1e9


def _own_bytes() -> int:
    """Return the bytes of memory that no file stands behind."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("RssAnon"))
    return 1024 * int(kilobytes)


def measure(path: Path, encoder: str, in_memory: bool, epochs: int | None) -> dict[str, Any]:
    """Fit to a file, in memory or some rows at a time, and return what it took."""
    from textseq import TextClassifier, WordVectors

    own = {} if epochs is None else {"max_epochs": epochs}
    model = TextClassifier(encoder=encoder, random_state=0, wide=None, **own)
    # What is loaded once, whatever is fitted, is the interpreter's own.
    WordVectors(["a"], np.zeros((1, 4), dtype=np.float32))
    TextClassifier(encoder="mean", max_epochs=1, random_state=0, wide=None).fit(
        ["so good", "so bad"] * 20, [1, 0] * 20
    )
    watch = Watch()
    watch.start()
    started = time.perf_counter()
    if in_memory:
        read = pl.read_parquet if path.suffix == ".parquet" else pl.read_csv
        frame = read(path)
        model.fit(frame["text"], frame["label"])
    else:
        model.fit(path, target="label")
    seconds, history = time.perf_counter() - started, model.history_
    trained = float(history["seconds"].sum())
    return {
        "rows": model.receipt_["rows"] + model.receipt_["validation_rows"],
        "epochs": len(history),
        "read": seconds - trained,
        "train": trained,
        "tokens_per_second": float(history["tokens_per_second"].median()),
        "memory": watch.grown(),
        "score": model.receipt_["validation_score"],
        "weights": model.receipt_["weights_sha256"][:12],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rows", default="2000000,20000000")
    parser.add_argument("--kinds", default="parquet")
    parser.add_argument("--encoders", default="mean")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--in-memory", action="store_true")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        path, encoder, in_memory = arguments.one
        print(json.dumps(measure(Path(path), encoder, in_memory == "True", arguments.epochs)))
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    print(
        "| file | read | encoder | rows | epochs | other s | training s | tokens/s | GB | score |"
    )
    print("|" + "---|" * 10)
    for n_rows in arguments.rows.split(","):
        for kind in arguments.kinds.split(","):
            path = arguments.folder / f"texts-{n_rows}.{kind}"
            if not path.exists():
                write_texts(arguments.data, path, int(n_rows))
            for encoder in arguments.encoders.split(","):
                for in_memory in [True, False] if arguments.in_memory else [False]:
                    print(_row(path, encoder, in_memory, arguments), flush=True)


def _row(path: Path, encoder: str, in_memory: bool, arguments: argparse.Namespace) -> str:
    """Measure in a process of its own, with a cache of its own."""
    cache = arguments.folder / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *sys.argv, "--one", str(path), encoder, str(in_memory)],
        env={**os.environ, "TEXTSEQ_CACHE": str(cache)},
        capture_output=True,
        text=True,
    )
    read = "in memory" if in_memory else "in parts"
    if done.returncode:
        return f"| {path.name} | {read} | {encoder} | failed: {done.stderr[-300:]} |"
    found = json.loads(done.stdout)
    cells = [
        f"{path.suffix[1:]}, {path.stat().st_size / 1e9:.1f} GB",
        read,
        encoder,
        f"{found['rows']:,}",
        found["epochs"],
        f"{found['read']:.0f}",
        f"{found['train']:.0f}",
        f"{found['tokens_per_second']:,.0f}",
        f"{found['memory']:.2f}",
        f"{found['score']:.4f} ({found['weights']})",
    ]
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    main()
