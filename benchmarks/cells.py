"""Time of one training step (forward and backward) of each cell, on one thread.

    python benchmarks/cells.py [--batch 32] [--units 128]

Prints milliseconds, the least of several rounds in turn, and the speed against gru.
"""

from __future__ import annotations

import argparse
import time

import torch

from textseq.nn.cells import CELLS, Cell

LENGTHS = (20, 100, 400)
ROUNDS = 15


def step(cell: Cell, x: torch.Tensor) -> float:
    started = time.perf_counter()
    torch.autograd.grad(cell(x)[0].sum(), [x, *cell.parameters()])
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--units", type=int, default=128)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cells = {name: cell(100, arguments.units) for name, cell in CELLS.items()}
    print("| steps | " + " | ".join(cells) + " | janet / gru speed |\n|" + "---|" * 6)
    for length in LENGTHS:
        x = torch.randn(arguments.batch, length, 100, requires_grad=True)
        # The cells take turns, so that a busy moment of the machine hits all alike.
        rounds = [{name: step(cell, x) for name, cell in cells.items()} for _ in range(ROUNDS)]
        least = {name: min(times[name] for times in rounds) for name in cells}
        shown = " | ".join(f"{least[name]:.1f} ms" for name in cells)
        print(f"| {length} | {shown} | {least['gru'] / least['janet']:.2f} |", flush=True)


if __name__ == "__main__":
    main()
