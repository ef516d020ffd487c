"""Models for R: fitted, kept as the bytes of their file, opened again, asked."""

from __future__ import annotations

import hashlib
import platform
import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import textseq
from textseq.comparison.run import shown_parameters
from textseq.estimators.checks import check_choice
from textseq.estimators.load import KINDS, load_model
from textseq.estimators.trained_estimator import TrainedEstimator
from textseq.r.parameters import parameters_of, python_value

# Opened models by the SHA-256 of their file. R keeps the files, so a model may be dropped here.
_OPEN: OrderedDict[str, TrainedEstimator] = OrderedDict()
MOST_OPEN = 8


# What R may ask of a model.
METHODS = (
    "bits_per_character",
    "bleu",
    "chrf",
    "cross_validation",
    "generate",
    "perplexity",
    "predict",
    "predict_proba",
    "score",
    "score_samples",
    "span_f1",
    "transform",
)


def echo(value: Any) -> Any:
    """Return what R sent, to test the wire."""
    return value


def fit(
    kind: list[str],
    data: dict[str, Any],
    options: dict[str, Any] | None,
    parameters: dict[str, Any] | None,
) -> dict[str, Any]:
    """Fit an estimator.

    Parameters
    ----------
    kind : list of one str
        Name of the estimator.
    data : dict
        What its ``fit`` takes as data, by name.
    options : dict or None
        What else its ``fit`` takes: names of columns, sizes.
    parameters : dict or None
        Of the estimator, as R has them.

    Returns
    -------
    dict
        As ``described``.
    """
    estimator = estimator_of(kind[0], parameters)
    estimator.fit(**data_values(data), **option_values(options))
    return described(estimator)


def ask(
    id: list[str], method: list[str], data: dict[str, Any] | None, options: dict[str, Any] | None
) -> Any:
    """Call one of the ``METHODS`` of an open model.

    Parameters
    ----------
    id : list of one str
        Of the model.
    method : list of one str
    data, options : dict or None
        Its arguments; vectors stay vectors in ``data`` and become lone values in ``options``.

    Returns
    -------
    value
    """
    check_choice("method", method[0], METHODS)
    return getattr(model_of(id[0]), method[0])(**data_values(data), **option_values(options))


def estimator_of(kind: str, parameters: dict[str, Any] | None) -> TrainedEstimator:
    """Return an estimator that R asked for, not yet fitted."""
    check_choice("model", kind, KINDS)
    return KINDS[kind](**parameters_of(KINDS[kind], parameters or {}))


def described(estimator: TrainedEstimator) -> dict[str, Any]:
    """Return what R keeps of a fitted model.

    Returns
    -------
    dict
        ``model``, the bytes of its file, and ``id``, their SHA-256; ``kind``, ``levels`` (the
        labels, as text), ``parameters``, ``history``, ``receipt``, ``interrupted``,
        ``n_parameters``.
    """
    with tempfile.TemporaryDirectory() as folder:
        content = estimator.save(Path(folder) / "model.textseq").read_bytes()
    key = hashlib.sha256(content).hexdigest()
    keep(key, estimator)
    levels = getattr(estimator, "classes_", None)
    return {
        "id": key,
        "kind": type(estimator).__name__,
        "model": content,
        "levels": None if levels is None else [str(level) for level in levels],
        "parameters": shown_parameters(estimator),
        "history": estimator.history_,
        "receipt": estimator.receipt_,
        "interrupted": bool(getattr(estimator, "interrupted_", False)),
        "n_parameters": getattr(estimator, "n_parameters_", None),
    }


def knows(id: list[str]) -> bool:
    """Return whether a model is open."""
    return id[0] in _OPEN


def open_model(model: bytes) -> dict[str, Any]:
    """Open the bytes of a model file.

    Parameters
    ----------
    model : bytes

    Returns
    -------
    dict
        As ``described``.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.textseq"
        path.write_bytes(model)
        return described(load_model(path))


def parameter_defaults(kind: list[str]) -> pd.DataFrame:
    """Return the parameters of an estimator and their defaults, as Python writes them."""
    check_choice("model", kind[0], KINDS)
    given = KINDS[kind[0]]().get_params(deep=False)
    return pd.DataFrame({"parameter": list(given), "default": list(map(repr, given.values()))})


def versions_here() -> dict[str, str]:
    """Return the versions of Python and textseq."""
    return {"version": platform.python_version(), "textseq": textseq.__version__}


def keep(key: str, estimator: TrainedEstimator) -> None:
    """Keep a model open; of more than ``MOST_OPEN`` the one not used for longest goes."""
    _OPEN[key] = estimator
    _OPEN.move_to_end(key)
    while len(_OPEN) > MOST_OPEN:
        _OPEN.popitem(last=False)


def model_of(key: str) -> TrainedEstimator:
    """Return an open model."""
    _OPEN.move_to_end(key)
    return _OPEN[key]


def model_by_handle(handle: list[str]) -> TrainedEstimator:
    """Return the open model that a handle names."""
    return model_of(handle[0])


def data_values(data: dict[str, Any] | None) -> dict[str, Any]:
    """Return data of R as estimators read it: factors are their labels, pairs are tuples."""
    return {name: _data(value) for name, value in (data or {}).items()}


def option_values(options: dict[str, Any] | None) -> dict[str, Any]:
    """Return R's arguments as those of a Python method."""
    return {name: python_value(value) for name, value in (options or {}).items()}


def _data(value: Any) -> Any:
    if isinstance(value, pd.Categorical):
        return np.asarray(value, dtype=object)
    return value
