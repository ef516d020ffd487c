"""A team of threads that shares a batch, instead of OpenMP threads inside each operation."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import cache
from types import TracebackType
from typing import TypeVar

import torch

from textseq.nn.buffer_pool import close_pool, open_pool
from textseq.nn.recurrence import using_two_threads
from textseq.training.cores import available_cores

T = TypeVar("T")
R = TypeVar("R")


def thread_count(n_threads: int | None = None) -> int:
    """Return how many threads share a batch, of those asked for; None asks for all allowed.

    Never more than there are cores that the process may use: more would wait for each other,
    and each for a smaller shard. All allowed are those, or as many as torch would take here if
    these are fewer: it follows OMP_NUM_THREADS, which joblib sets where processes share the
    cores, what threadpoolctl limits, and ``torch.set_num_threads``.
    """
    asked = torch.get_num_threads() if n_threads is None else n_threads
    return min(int(asked), available_cores())


def threads_each(n_side_by_side: int) -> int:
    """Return how many threads each of some fits side by side may take."""
    return max(1, thread_count() // n_side_by_side)


class ThreadTeam:
    """Run shards side by side, each with one torch thread.

    OpenMP threads wait for each other in every operation, and collapse when a
    core is taken by another process; shards wait for each other once a batch.
    torch's own thread count is put back on leaving, and never changed in other threads.

    Parameters
    ----------
    n_threads : int

    Examples
    --------
    >>> with ThreadTeam(2) as team:
    ...     team.map(abs, [-1, 2, -3])
    [1, 2, 3]
    """

    def __init__(self, n_threads: int) -> None:
        self.n_threads = n_threads

    def __enter__(self) -> ThreadTeam:
        self._put_back = compute_alone()
        self._pool: ThreadPoolExecutor | None = None
        open_pool()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        close_pool()
        self._put_back()

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Return ``function`` of every item, in the items' order."""
        items = list(items)
        if len(items) < 2 or self.n_threads == 1:
            # To start threads for one text takes as long as to read it; its layers may use two.
            with using_two_threads() if self.n_threads > 1 else nullcontext():
                return [function(item) for item in items]
        if self._pool is None:
            self._pool = ThreadPoolExecutor(
                self.n_threads,
                thread_name_prefix="textseq",
                initializer=_begin,
            )
        return list(self._pool.map(function, items))


def _begin() -> None:
    compute_alone()
    open_pool()


def compute_alone() -> Callable[[], None]:
    """Let torch use no threads beside the calling one in its operations; return what undoes it.

    ``torch.set_num_threads`` is of the whole process: it is also where every thread begins that
    meets torch later, and of two threads that set it and put it back, one leaves the other's
    count. OpenMP and MKL each keep a count for the calling thread, which is set here.
    """
    before = torch.get_num_threads()  # the first call in a thread sets its count, later ones do not
    openmp, mkl = _counts()
    mkl_before = mkl(1)
    openmp(1)

    def put_back() -> None:
        openmp(before)
        mkl(mkl_before)

    if torch.get_num_threads() == 1:
        return put_back
    put_back()
    torch.set_num_threads(1)
    return lambda: torch.set_num_threads(before)


@cache
def _counts() -> tuple[Callable[[int], int], Callable[[int], int]]:
    """Return what sets the calling thread's count in OpenMP and in MKL, as far as torch has them.

    OpenMP's is asked of the process, whose first one torch is linked to; MKL lies within torch.
    """
    process = None if sys.platform == "win32" else ctypes.CDLL(None)
    linked = ctypes.CDLL(torch._C.__file__)
    openmp = getattr(process, "omp_set_num_threads", _nothing)
    return openmp, getattr(linked, "MKL_Set_Num_Threads_Local", _nothing)


def _nothing(count: int) -> int:
    return count
