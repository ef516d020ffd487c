"""What one fit of a comparison gave, as a file holds it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from textseq.comparison.scores.run import Run
from textseq.estimators.finished_fits import KeptFit, shown_again

_PLAIN = (
    "fit_seconds", "predict_seconds", "n_parameters", "encode_seconds", "disk_bytes", "service",
    "notes",
)  # fmt: skip
_ARRAYS = ("predictions", "probabilities", "class_scores", "classes", "token_counts", "spelt")
# Before the names of what the network alone gave.
_NETWORK = "network/"


def keep_run(run: Run, kept: KeptFit) -> None:
    """Write what a fit gave."""
    kept.keep(*_stored(run))


def kept_run(kept: KeptFit) -> Run | None:
    """Return what the fit gave in an earlier process; None if it is not over."""
    found = kept.result()
    return None if found is None else _restored(*found)


def _stored(run: Run) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return all of a run: what JSON has, and the arrays of numbers."""
    facts: dict[str, Any] = {name: getattr(run, name) for name in _PLAIN}
    facts["parameters"] = run.parameters
    facts["history"] = None if run.history is None else run.history.to_dict(orient="list")
    arrays: dict[str, np.ndarray] = {}
    for name in _ARRAYS:
        values = getattr(run, name)
        if values is None or values.dtype.kind not in "biuf":
            # Labels that are strings, or of several types.
            facts[name] = None if values is None else (values.dtype.kind, values.tolist())
        else:
            arrays[name] = values
    if run.network is not None:
        facts["network"], own = _stored(run.network)
        arrays |= {_NETWORK + name: array for name, array in own.items()}
    return facts, arrays


def _restored(facts: dict[str, Any], arrays: dict[str, np.ndarray]) -> Run:
    history, network = facts["history"], facts.get("network")
    own = {name.removeprefix(_NETWORK): a for name, a in arrays.items() if "/" in name}
    given: dict[str, Any] = {name: facts[name] for name in _PLAIN if name in facts}
    given |= {name: arrays.get(name, _labels(facts.get(name))) for name in _ARRAYS}
    return Run(
        **given,
        parameters=shown_again(facts["parameters"]),
        history=None if history is None else pd.DataFrame(history),
        network=None if network is None else _restored(network, own),
    )


def _labels(stored: Any) -> np.ndarray | None:
    return None if stored is None else np.array(stored[1], dtype=stored[0])
