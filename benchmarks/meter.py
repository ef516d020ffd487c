"""How long work takes, and what else the machine did meanwhile."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

_STAT = Path("/proc/stat")


class Meter:
    """Count seconds, and the core-seconds of other processes.

    Examples
    --------
    >>> meter = Meter()
    >>> begun = meter.read()
    >>> meter.add(np.array([5.0, 0.0]))
    >>> seconds, others = meter.read() - begun
    >>> bool(5 <= seconds < 6)
    True
    """

    def __init__(self) -> None:
        self._kept = np.zeros(2)

    def read(self) -> np.ndarray:
        """Return both since some moment, (2,); the second is NaN where the system does not tell."""
        return np.array([time.perf_counter(), _others()]) + self._kept

    def add(self, cost: np.ndarray) -> None:
        """Count what was computed before and need not be again as if it were computed now."""
        self._kept = self._kept + cost


def _others() -> float:
    """Return the core-seconds of all processes but this one, since some moment."""
    if not _STAT.exists():
        return float("nan")
    # What a virtual machine's host takes ("steal") is other work as well; waiting is none.
    user, nice, system, _, _, irq, softirq, steal = map(int, _STAT.read_text().split()[1:9])
    busy = user + nice + system + irq + softirq + steal
    return busy / os.sysconf("SC_CLK_TCK") - time.process_time()
