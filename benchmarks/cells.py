"""Time of one training step (forward and backward) of each cell, on one thread.

    python benchmarks/cells.py [--batch 32] [--units 128]

Prints milliseconds of the compiled layer and of torch's (for janet a loop in Python), the
least of several rounds in turn, and the speed of the first against the second.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch

from textseq.nn.cells import CELLS, Cell

LENGTHS = (20, 100, 400)
ROUNDS = 15


def step(cell: Cell, read: Callable, x: torch.Tensor) -> float:
    started = time.perf_counter()
    torch.autograd.grad(read(x)[0].sum(), [x, *cell.parameters()])
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--units", type=int, default=128)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cells = {name: cell(100, arguments.units) for name, cell in CELLS.items()}
    print("| steps | " + " | ".join(cells) + " |\n|" + "---|" * (1 + len(cells)))
    for length in LENGTHS:
        x = torch.randn(arguments.batch, length, 100, requires_grad=True)
        ways = {(name, way): (cell, getattr(cell, way)) for name, cell in cells.items()
                for way in ("forward", "exact")}  # fmt: skip
        # They take turns, so that a busy moment of the machine hits all alike.
        rounds = [{key: step(*way, x) for key, way in ways.items()} for _ in range(ROUNDS)]
        least = {key: min(times[key] for times in rounds) for key in ways}
        shown = []
        for name in cells:
            ours, torchs = least[name, "forward"], least[name, "exact"]
            shown.append(f"{ours:.1f} / {torchs:.1f} ms ({torchs / ours:.1f}x)")
        print(f"| {length} | " + " | ".join(shown) + " |", flush=True)


if __name__ == "__main__":
    main()
