"""What a contest is, and the process of one contestant.

A file of work has a function for each contestant. It is called once with the folder of
prepared data and the contest's case, imports and prepares whatever is not to be timed, and
returns a function: one repeat. Each contestant lives in a process of its own and does one
repeat for every line that it is sent, so that contestants take turns.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Repeat = Callable[[], dict[str, float] | None]
Figures = list[dict[str, Any]]  # of one entrant, one a repeat


@dataclass(frozen=True)
class Entrant:
    """One contestant of a contest.

    ``who`` names its function; those that begin with "textseq" run where textseq is
    installed, all others in the peers' environment. ``busy`` processes that do nothing but
    count run beside it.
    """

    who: str
    case: dict[str, Any] = field(default_factory=dict)
    label: str = ""
    busy: int = 0

    @property
    def name(self) -> str:
        return self.label or self.who


@dataclass(frozen=True)
class Contest:
    """The same work for all entrants; ``fresh`` starts a new process for every repeat."""

    name: str
    entrants: list[Entrant]
    rounds: int = 3
    fresh: bool = False


@dataclass(frozen=True)
class Line:
    """One line of the table: a figure for each contestant, None for work not achieved."""

    work: str
    unit: str
    values: dict[str, float | None]
    remarks: dict[str, str] = field(default_factory=dict)
    more_is_better: bool = False


def least(repeats: Figures, figure: str = "seconds") -> float:
    return min(repeat[figure] for repeat in repeats)


def greatest(repeats: Figures, figure: str) -> float:
    return max(repeat[figure] for repeat in repeats)


def serve(contestants: dict[str, Callable[..., Repeat]]) -> None:
    """Be the contestant that the command line names: one repeat for every line read."""
    who, folder, case = sys.argv[1:]
    # Libraries print what they like: the answers keep standard output to themselves.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    once = contestants[who](Path(folder), **json.loads(case))
    print("ready", file=answers, flush=True)
    for _ in sys.stdin:
        before = _start_of_peak()
        started = time.perf_counter()
        figures = once() or {}
        seconds = time.perf_counter() - started
        found = {"seconds": seconds, "peak_mb": _highest_mb() - before} | figures
        print(json.dumps(found), file=answers, flush=True)


def _start_of_peak() -> float:
    """Forget the highest memory so far, where the system can; return what is held now, in MB."""
    gc.collect()
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return _highest_mb()
    return _status_mb("VmRSS")


def _highest_mb() -> float:
    if sys.platform == "linux":
        return _status_mb("VmHWM")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def _status_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name + ":"))
