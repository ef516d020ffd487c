"""What tells one fit from another: its data, its parameters and what it started from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from textseq.batches import NetworkRows
from textseq.message_language import written
from textseq.series.windows import Windows

# Parameters that decide no result, or do so as threads, which are told by their number.
_FREE = {"verbose", "n_threads", "n_jobs", "device", "api_key"}


def difference(before: Mapping[str, Any], now: Mapping[str, Any], any_threads: bool) -> str | None:
    """Say what of a fit is not as it was; None if nothing is.

    Examples
    --------
    >>> before = {"parameters": {"hidden_size": 8}, "n_threads": 2}
    >>> difference(before, {"parameters": {"hidden_size": 9}, "n_threads": 2}, any_threads=False)
    'hidden_size was 8 and is 9'
    """
    own, other = _flat(before), _flat(now)
    for name in {**own, **other}:
        was, is_now = own.get(name), other.get(name)
        if was != is_now and not (name == "n_threads" and any_threads):
            known = _TOLD.get(name, f"{name} was {written(was)} and is {written(is_now)}")
            more = _REMEDY if name == "n_threads" else ""
            return f"{known}{more}"
    return None


_TOLD = {
    "data_sha256": "its data were others",
    "parameters_sha256": "its parameters were others",
    "rows_sha256": "its weights of rows, groups, validation or test rows were others",
    "start_sha256": "its network started from other weights, as of other vectors",
}
_REMEDY = " (Checkpoint(path, any_threads=True) lets it go on all the same)"


def _flat(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Return an identity with what its parts hold in their place."""
    flat: dict[str, Any] = {}
    for name, value in identity.items():
        flat |= value if isinstance(value, dict) else {name: value}
    return flat


def told_parameters(estimator: BaseEstimator) -> dict[str, Any]:
    """Return what decides an unfitted estimator's result beside its data, JSON-able.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> told_parameters(Ridge(alpha=2.0))["alpha"]
    2.0
    """
    given = estimator.get_params(deep=False)
    return {name: told_value(value) for name, value in given.items() if name not in _FREE}


def told_value(value: Any) -> Any:
    """Return what tells a parameter's value from others, JSON-able."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): told_value(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [told_value(item) for item in value]
    if hasattr(value, "fingerprint"):
        return value.fingerprint
    if hasattr(value, "receipt_"):
        return value.receipt_["weights_sha256"]
    if isinstance(value, BaseEstimator):
        return {"estimator": type(value).__name__, **told_parameters(value)}
    if hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    # Where an object lies in memory is no part of what it is.
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def rows_sha256(*parts: NetworkRows | None) -> str:
    """Return the SHA-256 of rows' lengths, targets and weights: of which rows are where.

    What windows should answer follows from where they end in their series.
    """
    digest = hashlib.sha256()
    for part in parts:
        if part is not None:
            answers = part.ends if isinstance(part, Windows) else part.targets
            for array in (part.lengths, answers, part.weights):
                if array is not None:
                    digest.update(np.ascontiguousarray(array).data)
        digest.update(b"|")
    return digest.hexdigest()
