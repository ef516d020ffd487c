"""What a comparison keeps of the fits that it made."""

from __future__ import annotations

import os
import platform
import time
from typing import Any

from textseq.estimators.receipt import versions


def machine_receipt(started: float) -> dict[str, Any]:
    """Return where a comparison ran, for how long and with which versions.

    Parameters
    ----------
    started : float
        ``time.perf_counter()`` at its start.
    """
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "seconds": time.perf_counter() - started,
        "versions": versions(),
    }
