"""The contenders a user would pick today, on the same rows: the table of the README.

    python benchmarks/contenders.py --data DIR [--sets subj,sst2] [--sizes 1000] [--most-minutes 60]
    python benchmarks/contenders.py --table

Each finished fit is a line of contenders.jsonl beside this file, with the test texts that it got
right, and is not run again: a run that was stopped goes on where it was. The fit that is expected
to be over soonest is always the next. DIR holds classification/NAME/{train,test}.csv.gz (or
all.csv.gz, of which a tenth is set aside for the test) and glove/; see benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import os
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from contender_models import MINILM, Contenders
from contender_results import Result, append_result, pack, read_results
from contender_tables import SETS, SIZES, TITLES, markdown
from meter import Meter
from sklearn.model_selection import train_test_split
from tokenizers import Tokenizer

from textseq.training.threads import thread_count

HERE = Path(__file__).parent
MOST_TEST_ROWS = 2_000
# Tokens that a contender reads of a text; those that are not named read all.
LONGEST = {
    **dict.fromkeys(("gru", "bilstm", "static-gru"), 400),
    **dict.fromkeys(("minilm-lr", "minilm-gru", "minilm"), 256),
}
# Tokens of the training rows a second of a fit, as long as none of a contender is known.
FIRST_GUESS = {
    "tf-idf": 30_000,
    "mean": 50_000,
    "gru": 3_000,
    "bilstm": 2_000,
    "static-mean": 50_000,
    "static-gru": 3_000,
    "minilm-lr": 3_000,
    "minilm-gru": 1_000,
    "minilm": 80,
}


class Task(NamedTuple):
    """Texts, labels and numbers of MiniLM's tokens of the rows to learn from, and of the test."""

    X: np.ndarray
    y: np.ndarray
    n_tokens: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    n_test_tokens: np.ndarray

    @property
    def test_sha256(self) -> str:
        """Fingerprint of the test texts and labels."""
        rows = "\0".join([*self.X_test, *self.y_test])
        return hashlib.sha256(rows.encode()).hexdigest()[:16]

    def rows(self, size: str, seed: int) -> np.ndarray:
        """Return which rows a fit learns from: all, or so many of them, drawn class by class."""
        every = np.arange(len(self.y))
        if size == "all":
            return every
        rows, _ = train_test_split(every, train_size=int(size), stratify=self.y, random_state=seed)
        return rows


class Fit(NamedTuple):
    """What is fitted once."""

    set: str
    size: str
    contender: str
    seed: int

    def __str__(self) -> str:
        return f"{self.set}, {self.size} rows, {TITLES[self.contender]}, seed {self.seed}"


def read_task(data: Path, name: str) -> Task:
    """Read a set; of a test part of more than 2,000 texts, so many that are the same each time."""
    folder = data / "classification" / name
    if (folder / "train.csv.gz").exists():
        X, y = _read(folder / "train.csv.gz")
        X_test, y_test = _read(folder / "test.csv.gz")
        drawn = np.random.default_rng(0).permutation(len(y_test))[:MOST_TEST_ROWS]
        X_test, y_test = X_test[np.sort(drawn)], y_test[np.sort(drawn)]
    else:
        texts, labels = _read(folder / "all.csv.gz")
        X, X_test, y, y_test = train_test_split(
            texts, labels, test_size=0.1, random_state=0, stratify=labels
        )
    return Task(X, y, _token_counts(X), X_test, y_test, _token_counts(X_test))


def _read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    frame = pl.read_csv(path, schema_overrides={"label": pl.String, "text": pl.String})
    texts = np.array(frame["text"].fill_null("").to_list(), dtype=object)
    return texts, np.array(frame["label"].to_list())


def _token_counts(texts: np.ndarray) -> np.ndarray:
    """Return how many tokens MiniLM's tokenizer cuts each text into."""
    tokenizer = Tokenizer.from_file(str(MINILM / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return np.array([len(found) for found in tokenizer.encode_batch_fast(texts.tolist())])


def tokens_read(fit: Fit, task: Task) -> tuple[int, int]:
    """Return how many tokens a contender reads of its training rows and of the test texts."""
    longest = LONGEST.get(fit.contender)
    counts = task.n_tokens[task.rows(fit.size, fit.seed)], task.n_test_tokens
    train, test = (int(np.clip(count, None, longest).sum()) for count in counts)
    return train, test


def expected_seconds(fit: Fit, tokens: tuple[int, int], results: list[Result]) -> float:
    """Judge how long a fit and its test will take, by its contender's fit that is most alike.

    Parameters
    ----------
    fit : Fit
    tokens : tuple of (int, int)
        Tokens read of the training rows and of the test texts.
    results : list of Result
        What is known: best is the same set and size under another seed, then what has as many
        tokens to learn from. Both times are taken to grow with their tokens.

    Returns
    -------
    float
    """
    train, test = tokens
    known = [result for result in results if result.contender == fit.contender]
    if not known:
        return (train + test / 5) / FIRST_GUESS[fit.contender]

    def distance(result: Result) -> tuple[bool, float]:
        other = (result.set, result.size) != (fit.set, fit.size)
        return other, abs(math.log(train / result.train_tokens))

    like = min(known, key=distance)
    fit_seconds = like.fit_seconds * train / like.train_tokens
    return fit_seconds + like.predict_seconds * test / like.test_tokens


def run(fit: Fit, task: Task, model: Any, meter: Meter) -> Result:
    """Fit a contender, let it answer for the test texts, and tell what came of it."""
    rows = task.rows(fit.size, fit.seed)
    X, y, X_test = task.X[rows].tolist(), task.y[rows].tolist(), task.X_test.tolist()
    load, begun = os.getloadavg()[0], meter.read()
    # What others do is measured in hundredths of a second, of which a quick fit has few.
    time.sleep(0.5)
    start, _ = meter.read()
    model.fit(X, y)
    fitted, _ = meter.read()
    right = np.asarray(model.predict(X_test)) == task.y_test
    ended = meter.read()
    train_tokens, test_tokens = tokens_read(fit, task)
    seconds, others = ended - begun
    return Result(
        *fit,
        train_rows=len(rows),
        test_rows=len(right),
        test_sha256=task.test_sha256,
        correct=pack(right),
        fit_seconds=fitted - start,
        predict_seconds=ended[0] - fitted,
        train_tokens=train_tokens,
        test_tokens=test_tokens,
        epochs=len(model.history_) if hasattr(model, "history_") else None,
        threads=thread_count(),
        load=load,
        others=others / seconds,
    )


def work_off(
    fits: list[Fit],
    read: Callable[[str], Task],
    make: Callable[[str, str, int], Any],
    meter: Meter,
    path: Path,
    deadline: float = math.inf,
) -> tuple[dict[Fit, float], list[Fit]]:
    """Run the fits that the file does not have, the shortest first, and add each to the file.

    Parameters
    ----------
    fits : list of Fit
    read : callable
        A set's name to its task; not called where all of a set is finished.
    make : callable
        A contender's name, a set's and a seed to a classifier that is not fitted.
    meter : Meter
    path : Path
    deadline : float
        No fit is begun that is expected to end later on ``time.monotonic``.

    Returns
    -------
    left : dict of Fit to float
        Those not begun, and the seconds expected of each.
    failed : list of Fit
        Those that ended in an error, which is printed.
    """
    results = read_results(path)
    done = {result.key for result in results}
    fits = [fit for fit in fits if fit not in done]
    tasks = {name: read(name) for name in dict.fromkeys(fit.set for fit in fits)}
    tokens = {fit: tokens_read(fit, tasks[fit.set]) for fit in fits}
    failed: list[Fit] = []
    while tokens:
        expected = {fit: expected_seconds(fit, tokens[fit], results) for fit in tokens}
        fit = min(expected, key=expected.__getitem__)
        if time.monotonic() + expected[fit] > deadline:
            return expected, failed
        del tokens[fit]
        try:
            result = run(fit, tasks[fit.set], make(fit.contender, fit.set, fit.seed), meter)
        except Exception:  # what one contender can't do must not keep the others from it
            traceback.print_exc()
            failed.append(fit)
            continue
        append_result(path, result)
        results.append(result)
        print(
            f"{fit}: {result.accuracy:.3f}, {result.fit_seconds:,.1f} s "
            f"({expected[fit]:,.0f} expected with the test), "
            f"{result.test_rows / result.predict_seconds:,.0f} texts/s, "
            f"{result.others:.2f} cores taken by others",
            flush=True,
        )
    return {}, failed


def _names(known: list[str]) -> Callable[[str], list[str]]:
    def chosen(text: str) -> list[str]:
        names = text.split(",")
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(
                f"{unknown[0]!r} is none of {', '.join(known)}; name some of these"
            )
        return names

    return chosen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--sets", type=_names(SETS), default=SETS)
    parser.add_argument("--sizes", type=_names(list(SIZES)), default=list(SIZES))
    parser.add_argument("--contenders", type=_names(list(TITLES)), default=list(TITLES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--most-minutes", type=float, default=math.inf)
    parser.add_argument("--table", action="store_true", help="print the tables of what is there")
    parser.add_argument("--file", type=Path, default=HERE / "contenders.jsonl")
    parser.add_argument(
        "--static-table", type=Path, default=HERE.parent / "build" / "minilm-256",
        help="where the distilled table is kept, or put",
    )  # fmt: skip
    arguments = parser.parse_args()
    if arguments.table:
        print(markdown(read_results(arguments.file)), end="")
        return 0
    if arguments.seeds < 1:
        parser.error(f"--seeds {arguments.seeds} is no fit at all; 3 are usual")
    if arguments.data is None:
        parser.error("--data is missing: name the folder that has classification/ and glove/")
    fits = [
        Fit(name, size, contender, seed)
        for size in arguments.sizes
        for name in arguments.sets
        for contender in arguments.contenders
        for seed in range(arguments.seeds)
    ]
    deadline = time.monotonic() + 60 * arguments.most_minutes
    meter = Meter()
    contenders = Contenders(arguments.data, arguments.static_table, meter)
    read = partial(read_task, arguments.data)
    left, failed = work_off(fits, read, contenders.make, meter, arguments.file, deadline)
    for fit, seconds in left.items():
        print(f"left, about {seconds / 60:,.1f} minutes: {fit}")
    for fit in failed:
        print(f"failed: {fit}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
