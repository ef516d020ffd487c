"""What workers that share a fit gain, and what more of them would: measured, then replayed.

    python benchmarks/workers.py --data DIR [--rows 6000] [--encoder gru] [--ray]

Texts of imdb, one epoch, GloVe 100d; DIR as accuracy.py has it. Each row of the first table is a
fit: one process with 1 and with 2 threads, then 2 and 4 workers (torchrun, on localhost) with a
thread each, with --ray also 2 of a Ray cluster. The second table replays the steps of the process
with one thread, batch by batch, for 1 to 64 workers: a step takes as long as the largest share of
its tokens, by a core whose neighbours compute too, what is not shared (reading, numbering tokens,
the optimiser), and the sum of the gradients, by latency and bandwidth as they were measured between
2 and 4 workers. Workers beyond the cores of this machine compute in turn: a column replays that.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as group
from accuracy import read

N_WORKERS = [1, 2, 4, 8, 16, 32, 64]
# Sizes of messages, in numbers, whose sums are timed.
SIZES = [2**n for n in range(4, 22, 3)]
# (name, threads of each process, processes)
SETUPS = [
    ("1 thread", 1, 1),
    ("2 threads", 2, 1),
    ("2 workers", 1, 2),
    ("4 workers", 1, 4),
]


def fit(data: Path, encoder: str, n_rows: int, **given: Any) -> Any:
    """Fit for an epoch, by this process or those that it was started with."""
    from textseq import TextClassifier, WordVectors

    texts, labels = read(data / "classification" / "imdb" / "train.csv.gz")
    rows = np.random.default_rng(0).permutation(len(texts))[:n_rows]
    vectors = WordVectors.load(data / "glove" / "glove.6B.100d.top100k.txt.xz")
    model = TextClassifier(
        encoder=encoder, vectors=vectors, max_epochs=1, random_state=0, wide=None
    )
    model.set_params(n_threads=given.pop("n_threads", None))
    return model.fit([texts[row] for row in rows], [labels[row] for row in rows], **given)


def measure(data: Path, encoder: str, n_rows: int, n_threads: int) -> dict[str, Any]:
    """Fit, and note of each step its tokens, its seconds, and the numbers that were summed."""
    from textseq import Distributed
    from textseq.batches import split_shards
    from textseq.training.step import Trainer
    from textseq.training.workers import Workers, find_workers

    steps: list[dict[str, Any]] = []
    step, add, compute = Trainer.step, Workers.add, Trainer._gradients
    shared = {"numbers": 0, "summing": 0.0, "computing": 0.0}

    def timed_step(self: Any, part: Any, rows: np.ndarray, *more: Any) -> Any:
        shared.update(numbers=0, summing=0.0, computing=0.0)
        started = time.perf_counter()
        figures = step(self, part, rows, *more)
        tokens = {
            n: max(int(part.lengths[shard].sum()) for shard in split_shards(rows, n))
            for n in N_WORKERS
        }
        steps.append({"seconds": time.perf_counter() - started, "tokens": tokens} | shared)
        return figures

    def timed_add(self: Any, tensors: Sequence[torch.Tensor]) -> None:
        started = time.perf_counter()
        add(self, tensors)
        shared["numbers"] += sum(tensor.numel() for tensor in tensors)
        shared["summing"] += time.perf_counter() - started

    def timed_gradients(self: Any, *given: Any) -> Any:
        started = time.perf_counter()
        found = compute(self, *given)
        shared["computing"] += time.perf_counter() - started
        return found

    Trainer.step, Workers.add, Trainer._gradients = timed_step, timed_add, timed_gradients  # type: ignore[method-assign]
    model = fit(data, encoder, n_rows, n_threads=n_threads, distributed=Distributed())
    Trainer.step, Workers.add, Trainer._gradients = step, add, compute  # type: ignore[method-assign]
    workers = find_workers()
    return {
        "steps": steps,
        "tokens_per_second": float(model.history_["tokens_per_second"].iloc[0]),
        "seconds": float(model.history_["seconds"].iloc[0]),
        "weights": model.receipt_["weights_sha256"][:12],
        "sums": {} if workers is None else {size: sum_seconds(size) for size in SIZES},
    }


def sum_seconds(size: int, n_times: int = 30) -> float:
    """Return what it takes to sum so many numbers over the workers."""
    seconds = []
    for _ in range(n_times):
        group.barrier()
        started = time.perf_counter()
        group.all_reduce(torch.ones(size))
        seconds.append(time.perf_counter() - started)
    return float(np.median(seconds))


@dataclass(frozen=True)
class Network:
    """What lies between workers: a ring of W takes 2 (W - 1) messages of a W-th of the numbers.

    Parameters
    ----------
    latency : float
        Seconds of a message.
    bandwidth : float
        Numbers a second.
    """

    latency: float
    bandwidth: float

    def seconds(self, n_numbers: float, n_workers: int) -> float:
        """Return what a sum over the workers takes (Patarasuk & Yuan 2009)."""
        messages = 2 * (n_workers - 1)
        return messages * (self.latency + n_numbers / n_workers / self.bandwidth)

    @classmethod
    def of(cls, timed: dict[int, dict[str, float]]) -> Network:
        """Fit to sums that were timed, by number of workers and size; relative errors count."""
        rows, seconds = [], []
        for n_workers, by_size in timed.items():
            for size, found in by_size.items():
                messages = 2 * (n_workers - 1)
                rows.append([messages, messages * int(size) / n_workers])
                seconds.append(found)
        scaled = np.array(rows) / np.array(seconds)[:, None]
        latency, inverse = np.linalg.lstsq(scaled, np.ones(len(rows)), rcond=None)[0]
        return cls(max(latency, 0.0), 1 / max(inverse, 1e-12))


def replay(
    alone: dict[str, Any],
    numbers: float,
    network: Network,
    n_workers: int,
    cores: int,
    slower: float,
) -> float:
    """Return the seconds of an epoch whose steps so many workers share.

    Parameters
    ----------
    alone : dict
        What ``measure`` returned of one thread.
    numbers : float
        That are summed in a step.
    network : Network
    n_workers : int
    cores : int
        That the workers have; more workers than cores compute in turn.
    slower : float
        How much longer a core takes while others of its processor compute.
    """
    waits = max(1.0, n_workers / cores) * (slower if n_workers > 1 else 1.0)
    seconds = alone["seconds"] - sum(step["seconds"] for step in alone["steps"])
    for step in alone["steps"]:
        share = step["tokens"][str(n_workers)] / step["tokens"]["1"]
        rest = step["seconds"] - step["computing"]
        seconds += waits * (share * step["computing"] + rest)
        seconds += network.seconds(numbers, n_workers) if n_workers > 1 else 0.0
    return seconds


def started(arguments: argparse.Namespace, n_threads: int, n_workers: int) -> dict[str, Any]:
    """Measure in processes of their own; return what the first says."""
    with tempfile.TemporaryDirectory() as folder:
        own = [str(Path(__file__)), *sys.argv[1:], "--one", folder, str(n_threads)]
        command = [sys.executable, "-W", "ignore", *own]
        if n_workers > 1:
            command = [
                sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(n_workers),
                "--master-addr", "127.0.0.1", "--master-port", "29517", *own,
            ]  # fmt: skip
        environment = {**os.environ, "OMP_NUM_THREADS": str(n_threads), "PYTHONWARNINGS": "ignore"}
        subprocess.run(command, env=environment, check=True, capture_output=True)
        found: dict[str, Any] = json.loads(Path(folder, "found.json").read_text())
        return found


def ray_tokens_per_second(arguments: argparse.Namespace) -> tuple[float, str]:
    """Return the same of two workers of a Ray cluster."""
    from textseq import Distributed

    model = fit(arguments.data, arguments.encoder, arguments.rows, distributed=Distributed(2))
    history = model.history_
    return float(history["tokens_per_second"].iloc[0]), model.receipt_["weights_sha256"][:12]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=6_000)
    parser.add_argument("--encoder", default="gru")
    parser.add_argument("--ray", action="store_true")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        folder, n_threads = arguments.one
        found = measure(arguments.data, arguments.encoder, arguments.rows, int(n_threads))
        if os.environ.get("RANK", "0") == "0":
            Path(folder, "found.json").write_text(json.dumps(found))
        return
    found = {}
    print("| | tokens/s | of 2 threads | weights |\n|---|---|---|---|")
    for name, n_threads, n_workers in SETUPS:
        found[name] = started(arguments, n_threads, n_workers)
        _print_row(name, found[name]["tokens_per_second"], found, found[name]["weights"])
    if arguments.ray:
        speed, weights = ray_tokens_per_second(arguments)
        _print_row("2 workers of Ray", speed, found, weights)
    alone, n_tokens = found["1 thread"], found["1 thread"]["seconds"]
    n_tokens *= alone["tokens_per_second"]
    network = Network.of({n: found[f"{n} workers"]["sums"] for n in (2, 4)})
    numbers = float(np.mean([step["numbers"] for step in found["2 workers"]["steps"]]))
    print(
        f"\n{numbers:,.0f} numbers are summed in a step; a message takes "
        f"{1e6 * network.latency:.0f} microseconds and {1e9 / network.bandwidth:.2f} ns a number\n"
    )
    print(
        "| workers | tokens/s, as many cores | times | tokens/s, cores of this machine | measured |"
    )
    print("|---|---|---|---|---|")
    cores, slower = len(os.sched_getaffinity(0)), _computing(found["2 threads"]) / _computing(alone)
    for n_workers in N_WORKERS:
        free, here = (
            n_tokens / replay(alone, numbers, network, n_workers, own, slower)
            for own in (max(N_WORKERS), cores)
        )
        real = found.get("1 thread" if n_workers == 1 else f"{n_workers} workers")
        measured = "-" if real is None else f"{real['tokens_per_second']:,.0f}"
        times = free / alone["tokens_per_second"]
        print(f"| {n_workers} | {free:,.0f} | {times:.1f} | {here:,.0f} | {measured} |")


def _computing(found: dict[str, Any]) -> float:
    """Return the seconds that gradients took, of all threads."""
    return float(sum(step["computing"] for step in found["steps"]))


def _print_row(name: str, speed: float, found: dict[str, Any], weights: str) -> None:
    two = found.get("2 threads")
    share = "-" if two is None else f"{speed / two['tokens_per_second']:.2f}"
    print(f"| {name} | {speed:,.0f} | {share} | {weights} |", flush=True)


if __name__ == "__main__":
    main()
