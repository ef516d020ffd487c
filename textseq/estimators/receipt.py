"""What is noted about a fit, so that it can be repeated and trusted."""

from __future__ import annotations

import hashlib
import platform
from importlib import metadata
from typing import Any

import numpy as np
import polars as pl

from textseq.ragged import Ragged, slices_of
from textseq.series.panel import Panel
from textseq.text.tokens import Tokens

PACKAGES = ("textseq", "torch", "numpy", "scikit-learn", "polars")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that decide the result."""
    found = {"python": platform.python_version()}
    return found | {name: metadata.version(name) for name in PACKAGES}


def shown_parameters(model: Any) -> dict[str, Any]:
    """Return a fitted estimator's parameters in forms that JSON has."""
    plain = (str, int, float, bool, type(None), tuple, list)
    return {
        name: value if isinstance(value, plain) else repr(value)
        for name, value in model.fitted_parameters_.items()
    }


def data_fingerprint(
    fields: tuple[pl.Series | Tokens, ...], targets: np.ndarray, columns: bytes = b""
) -> str:
    """Return a SHA-256 of the training texts, columns beside them and targets, in their order."""
    digest = hashlib.sha256()
    for field in fields:
        texts = field.joined("\x1f") if isinstance(field, Tokens) else field
        digest.update("\x1e".join(texts).encode())
    digest.update(columns)
    digest.update(_bytes_of(targets))
    return digest.hexdigest()


def panel_fingerprint(panel: Panel) -> str:
    """Return a SHA-256 of all that a forecaster reads of a panel."""
    digest = hashlib.sha256("\x1f".join(map(str, panel.ids.tolist())).encode())
    parts = (panel.offsets, panel.times.view(np.int64), panel.y)
    for array in (*parts, panel.past, panel.future, panel.static):
        for rows in slices_of(len(array)):
            digest.update(np.ascontiguousarray(array[rows]).data)
    return digest.hexdigest()


def series_fingerprint(rows: Ragged, targets: np.ndarray) -> str:
    """Return a SHA-256 of the training series and targets, in their order."""
    digest = hashlib.sha256(rows.values.tobytes())
    digest.update(rows.offsets.tobytes())
    digest.update(_bytes_of(targets))
    return digest.hexdigest()


def steps_fingerprint(steps: Tokens | Ragged, tags: np.ndarray) -> str:
    """Return a SHA-256 of the training tokens or frames, and their tags, in their order."""
    if isinstance(steps, Tokens):
        return data_fingerprint((steps,), tags)
    return series_fingerprint(steps, tags)


def _bytes_of(targets: np.ndarray) -> bytes:
    return "\x1e".join(map(str, targets.ravel().tolist())).encode()
