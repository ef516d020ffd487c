"""The machine's own roof, taken between the contestants' turns."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from contests import Repeat, serve

SIZE = 1024  # rows and columns of the matrices
COPIED = 128 * 2**20  # bytes a thread copies: far beyond the caches
BURST = 4  # of each thread, side by side with the others
SECONDS = 0.6  # each of the three


def roof(folder: Path) -> Repeat:
    """sgemm of torch and of numpy, and a copy in memory, on a thread a core side by side."""
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    import numpy as np
    import torch

    torch.set_num_threads(1)
    n_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    pool = ThreadPoolExecutor(n_threads, initializer=torch.set_num_threads, initargs=(1,))
    arrays = [
        [np.random.default_rng(0).random((SIZE, SIZE), dtype=np.float32) for _ in range(3)]
        for _ in range(n_threads)
    ]
    blocks = [[np.ones(COPIED, np.uint8), np.ones(COPIED, np.uint8)] for _ in range(n_threads)]

    def numpy_product(thread: int) -> None:
        a, b, out = arrays[thread]
        np.matmul(a, b, out=out)

    def torch_product(thread: int) -> None:
        a, b, out = map(torch.from_numpy, arrays[thread])
        torch.mm(a, b, out=out)

    def copy(thread: int) -> None:
        np.copyto(*blocks[thread])

    def rate(work: Callable[[int], None]) -> float:
        """Return how often a second all threads together do the work, in their best burst."""

        def burst(thread: int) -> None:
            for _ in range(BURST):
                work(thread)

        ended, best = time.perf_counter() + SECONDS, 0.0
        while time.perf_counter() < ended:
            started = time.perf_counter()
            list(pool.map(burst, range(n_threads)))
            best = max(best, n_threads * BURST / (time.perf_counter() - started))
        return best

    def once() -> dict[str, float]:
        products = max(rate(numpy_product), rate(torch_product))
        return {
            "threads": n_threads,
            "sgemm_gflops": products * 2 * SIZE**3 / 1e9,
            "copy_gb_per_second": rate(copy) * 2 * COPIED / 1e9,
        }

    return once


if __name__ == "__main__":
    serve({"textseq": roof})
