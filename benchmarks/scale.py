"""What a fit takes to more rows than memory may hold, beside a fit to the same in memory.

    python benchmarks/scale.py --data DIR --folder TMP [--rows 2000000,20000000]
        [--kinds parquet,csv] [--encoders mean,gru] [--epochs 1] [--in-memory] [--no-wide]
    python benchmarks/scale.py --folder TMP --series 2000,10000 [--length 1000]
        [--encoders lstm] [--epochs 1] [--in-memory]

Texts are pieces of 60 to 220 letters of the corpora at hand, a third of them with a number that
hardly another has; which corpus a piece is from is to be predicted. They are written to TMP once.
Prints a row a fit: rows, tokens, seconds of reading them into the token cache and of training,
tokens a second in training, and by how much the process's own memory grew at its highest over what
it had before the fit (pages of mapped files, which the system takes back as it likes, apart). DIR
as accuracy.py has it.

Series are hours of so many meters, each with a day, a week and a noise of its own, in files of
500 meters whose rows stand hour by hour. Prints a row a fit: rows, seconds of the fit (which trains
twice, the second time on all rows) and, of them, of the first training, and of forecasting the next
day; and by how much memory grew, all in GB and in bytes for each row.
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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

SERIES_A_FILE = 500
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


def measure(
    path: Path, encoder: str, in_memory: bool, epochs: int | None, wide: str | None
) -> dict[str, Any]:
    """Fit to a file, in memory or some rows at a time, and return what it took."""
    from textseq import TextClassifier, WordVectors

    own = {} if epochs is None else {"max_epochs": epochs}
    model = TextClassifier(encoder=encoder, random_state=0, wide=wide, **own)
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
        "rows": f"{model.receipt_['rows'] + model.receipt_['validation_rows']:,}",
        "epochs": len(history),
        "other s": f"{seconds - trained:.0f}",
        "training s": f"{trained:.0f}",
        "tokens/s": f"{history['tokens_per_second'].median():,.0f}",
        "GB": f"{watch.grown():.2f}",
        "score": f"{model.receipt_['validation_score']:.4f} "
        f"({model.receipt_['weights_sha256'][:12]})",
    }


def write_series(folder: Path, n_series: int, length: int) -> None:
    """Write so many series of hours, some to each file, a row of each for every hour."""
    rng, hours = np.random.default_rng(0), np.arange(length)
    times = np.datetime64("2024-01-01", "us") + hours * np.timedelta64(1, "h")
    folder.mkdir()
    for start in range(0, n_series, SERIES_A_FILE):
        numbers = range(start, min(start + SERIES_A_FILE, n_series))
        column = len(numbers), 1
        day = 1 + np.sin(2 * np.pi * (hours + rng.uniform(0, 24, column)) / 24)  # (S, T)
        week = np.where(hours // 24 % 7 >= 5, rng.uniform(0.2, 1, column), 1.0)
        noise = rng.uniform(0.05, 0.3, column) * rng.normal(size=(len(numbers), length))
        y = rng.lognormal(3, 1, column) * np.maximum(day * week + noise, 0)
        frame = pl.DataFrame(
            {
                "unique_id": [f"meter {number:06}" for number in numbers] * length,
                "ds": np.repeat(times, len(numbers)),
                "y": y.T.ravel(),
            }
        )
        frame.write_parquet(folder / f"meters-{start:06}.parquet", compression="lz4")


def measure_series(
    folder: Path, encoder: str, in_memory: bool, epochs: int | None
) -> dict[str, Any]:
    """Fit to a folder, in memory or some rows at a time, forecast, and return what it took."""
    from textseq import Forecaster

    own = {} if epochs is None else {"max_epochs": epochs}
    model = Forecaster(h=24, encoder=encoder, random_state=0, **own)
    # What is loaded once, whatever is fitted, is the interpreter's own.
    few = pl.DataFrame({"ds": range(200), "y": np.sin(np.arange(200))})
    Forecaster(h=4, encoder=encoder, max_epochs=1, random_state=0).fit(few)
    watch = Watch()
    watch.start()
    started = time.perf_counter()
    model.fit(pl.read_parquet(folder / "*.parquet") if in_memory else folder)
    fitted = time.perf_counter()
    model.predict()
    ended, grown = time.perf_counter(), watch.grown()
    n_rows = pl.scan_parquet(folder / "*.parquet").select(pl.len()).collect().item()
    return {
        "series": f"{model.receipt_['series']:,}",
        "rows": f"{n_rows:,}",
        "windows": f"{model.receipt_['rows']:,}",
        "epochs": len(model.history_),
        "fit s": f"{fitted - started:.0f}",
        "training s": f"{model.history_['seconds'].sum():.0f}",
        "forecast s": f"{ended - fitted:.0f}",
        "GB": f"{grown:.2f}",
        "bytes a row": f"{1e9 * grown / n_rows:.0f}",
        "score": f"{model.receipt_['validation_score']:.4f} "
        f"({model.receipt_['weights_sha256'][:12]})",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rows", default="2000000,20000000")
    parser.add_argument("--kinds", default="parquet")
    parser.add_argument("--series", help="numbers of series, in the texts' stead")
    parser.add_argument("--length", type=int, default=1_000)
    parser.add_argument("--encoders")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--in-memory", action="store_true")
    parser.add_argument("--no-wide", action="store_true", help="the network by itself")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.series is None and arguments.data is None:
        parser.error("--data says where the texts are; --series needs none")
    if arguments.one is not None:
        path, encoder, in_memory = arguments.one
        given = Path(path), encoder, in_memory == "True", arguments.epochs
        wide = None if arguments.no_wide else "auto"
        series = Path(path).is_dir()
        print(json.dumps(measure_series(*given) if series else measure(*given, wide)))
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    headed = False
    for path in _written(arguments):
        usual = "lstm" if path.is_dir() else "mean"
        for encoder in (arguments.encoders or usual).split(","):
            for in_memory in [True, False] if arguments.in_memory else [False]:
                row = _measured(path, encoder, in_memory, arguments)
                if not headed:
                    print(f"| {' | '.join(row)} |")
                    print("|" + "---|" * len(row))
                    headed = True
                print(f"| {' | '.join(map(str, row.values()))} |", flush=True)


def _written(arguments: argparse.Namespace) -> Iterator[Path]:
    """Write what is to be read, and is not there."""
    if arguments.series is not None:
        for n_series in map(int, arguments.series.split(",")):
            folder = arguments.folder / f"series-{n_series}x{arguments.length}"
            if not folder.exists():
                write_series(folder, n_series, arguments.length)
            yield folder
        return
    for n_rows in arguments.rows.split(","):
        for kind in arguments.kinds.split(","):
            path = arguments.folder / f"texts-{n_rows}.{kind}"
            if not path.exists():
                write_texts(arguments.data, path, int(n_rows))
            yield path


def _measured(
    path: Path, encoder: str, in_memory: bool, arguments: argparse.Namespace
) -> dict[str, Any]:
    """Measure in a process of its own, with a cache of its own."""
    cache = arguments.folder / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *sys.argv, "--one", str(path), encoder, str(in_memory)],
        env={**os.environ, "TEXTSEQ_CACHE": str(cache)},
        capture_output=True,
        text=True,
    )
    files = path.iterdir() if path.is_dir() else [path]
    read = {
        "file": f"{path.name}, {sum(file.stat().st_size for file in files) / 1e9:.1f} GB",
        "read": "in memory" if in_memory else "in parts",
        "encoder": encoder,
    }
    if done.returncode:
        return read | {"failed": done.stderr[-300:]}
    return read | json.loads(done.stdout)


if __name__ == "__main__":
    main()
