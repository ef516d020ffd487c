"""Expressions of polars, evaluated without its pool of threads, which no fork survives."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import polars as pl


def evaluate(data: pl.Series | pl.DataFrame, expression: pl.Expr) -> pl.Series:
    r"""Return what an expression makes of a column, or of columns, in this thread alone.

    The pool's threads are not there in a process that was forked from one that had used polars,
    and waiting for them would never end. Elementwise work is cut into parts for threads of our
    own, so that nothing is lost.

    Parameters
    ----------
    data : Series or DataFrame
    expression : Expr
        Of ``pl.first()``, or of the frame's columns.

    Examples
    --------
    >>> evaluate(pl.Series(["a b", "c"]), pl.first().str.extract_all(r"\w")).to_list()
    [['a', 'b'], ['c']]
    """
    frame = data.to_frame() if isinstance(data, pl.Series) else data
    return frame.select_seq(expression, *_others()).to_series()


@cache
def _others() -> tuple[pl.Expr, ...]:
    # polars reads the arguments of a function in its pool, be they two constants, unless there
    # are as many expressions as threads.
    return tuple(pl.lit(None).alias(f"\0{n}") for n in range(pl.thread_pool_size()))


class ForkedError(RuntimeError):
    """What was asked for needs threads that a fork has left behind."""


def refuse_lost_pool(action: str) -> None:
    """Raise ForkedError if ``action`` would wait for ever for threads that a fork left behind.

    Parameters
    ----------
    action : str
        What needs the pool of polars, as the subject of a sentence.
    """
    if _pool["lost"]:
        raise ForkedError(
            f"{action} needs the threads of polars, which the process used before it was forked, "
            "and no thread survives a fork; do this before the fork, or start processes by "
            "'spawn' or 'forkserver': multiprocessing.get_context('spawn')"
        )


_TASKS = Path("/proc/self/task")
_pool = {"used": False, "lost": False}


def _look_for_pool() -> None:
    """Note whether the pool's threads run; where the system does not tell, that they do."""
    try:
        names = [(task / "comm").read_text() for task in _TASKS.iterdir()]
    except OSError:
        _pool["used"] = True
    else:
        _pool["used"] = any(name.startswith("polars-0") for name in names)


def _note_fork() -> None:
    _pool["lost"] |= _pool["used"]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_look_for_pool, after_in_child=_note_fork)
