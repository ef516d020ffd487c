"""What a comparison keeps of the fits that it made."""

from __future__ import annotations

import os
import platform
import time
from typing import Any

from textseq.estimators.base import TrainedEstimator
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


def shown_parameters(model: TrainedEstimator) -> dict[str, Any]:
    """Return a fitted estimator's parameters in forms that JSON has."""
    plain = (str, int, float, bool, type(None), tuple, list)
    return {
        name: value if isinstance(value, plain) else repr(value)
        for name, value in model.fitted_parameters_.items()
    }
