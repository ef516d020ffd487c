"""Models for R: fitted, kept as the bytes of their file, opened again, asked."""

from __future__ import annotations

import hashlib
import io
import platform
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

import textseq
from textseq.checks import check_choice
from textseq.estimators.base import TrainedEstimator, arrays_of, header_of
from textseq.estimators.checkpoint import Checkpoint, FitCheckpoint
from textseq.estimators.load import KINDS, kind_named, load_model
from textseq.estimators.receipt import shown_parameters
from textseq.files import read_model, write_model
from textseq.labels.targets import CodedLabels
from textseq.r.parameters import parameters_of, python_value
from textseq.r.plain_values import plain
from textseq.r.text_files import rows_to_fit
from textseq.series.long_series import read_long_series

# Opened models by the SHA-256 of their file. R keeps the files, so a model may be dropped here.
_OPEN: OrderedDict[str, TrainedEstimator] = OrderedDict()
MOST_OPEN = 32


# What R may ask of a model.
METHODS = (
    "bits_per_character",
    "decide",
    "generate",
    "get_feature_names_out",
    "perplexity",
    "predict",
    "predict_proba",
    "predict_set",
    "score_samples",
    "span_f1",
    "span_report",
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
    columns: dict[str, Any] | None = None,
    checkpoint: dict[str, Any] | None = None,
    seed_is_drawn: Sequence[bool] = (False,),
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
    columns : dict, optional
        What R calls the columns of the data, and their levels: its file keeps them.
    checkpoint : dict, optional
        What stands for a ``Checkpoint``.
    seed_is_drawn : sequence of one bool
        Whether R has drawn the ``random_state``, and nobody chose it: a fit that goes on then has
        the one that was drawn first.

    Returns
    -------
    dict
        As ``described``.
    """
    estimator = estimator_of(kind[0], parameters)
    chosen = python_value(checkpoint)
    if chosen is not None:
        # What can't go on is refused here, before files are read.
        seed = FitCheckpoint(chosen).seed
        if seed_is_drawn[0] and seed is not None:
            estimator.set_params(random_state=seed)
    with rows_to_fit(estimator, data_values(data)) as rows:
        for name in ("class_weight", "decision_threshold"):
            named = getattr(estimator, name, None)
            if isinstance(named, dict):
                estimator.set_params(**{name: by_labels(named, rows["y"])})
        estimator.fit(**rows, **option_values(options), checkpoint=chosen)
    return described(estimator, columns)


def update_model(model: bytes, data: dict[str, Any]) -> dict[str, Any]:
    """Let a model of R's learn on from new rows, by its ``partial_fit``.

    Parameters
    ----------
    model : bytes
        Of its file, which stays as it is.
    data : dict
        ``X`` and ``y``.

    Returns
    -------
    dict
        As ``described``; levels of new classes stand behind the old.
    """
    estimator = load_model(model)
    _, header, _ = read_model(model)
    columns = header.get("columns")
    estimator.partial_fit(**data_values(data))
    if columns and columns.get("levels"):
        levels = [level for (level,) in columns["levels"]]  # each a vector of R's
        names = [str(label) for label in estimator.classes_]
        columns["levels"] += [[name] for name in names if name not in levels]
    return described(estimator, columns)


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
    return kind_named(kind)(**parameters_of(kind_named(kind), parameters or {}))


def by_labels(named: dict[str, Any], y: Any) -> dict[Any, Any]:
    """Return weights, or rows of costs, by label, which R names by text.

    Parameters
    ----------
    named : dict of str to weight, or to dict of str to cost
    y : array-like of shape (n,)

    Returns
    -------
    dict of label to weight, or to dict of label to cost
        A name that is no label stays as it is.

    Examples
    --------
    >>> by_labels({"1": 2.0, "TRUE": 1.0}, [0, 1])
    {1: 2.0, 'TRUE': 1.0}
    >>> by_labels({"0": {"1": 5.0}, "1": {"0": 1.0}}, [0, 1])
    {0: {1: 5.0}, 1: {0: 1.0}}
    >>> by_labels({"2": 5.0}, [[0, 2], [1]])
    {2: 5.0}
    """
    # Of a tagger's rows, each has tags of its own.
    labels = list(chain.from_iterable(y)) if _holds_rows(y) else y
    kind = np.asarray(y.distinct if isinstance(y, CodedLabels) else labels).dtype.kind
    return {
        _label(name, kind): by_labels(value, y) if isinstance(value, dict) else value
        for name, value in named.items()
    }


def _holds_rows(y: Any) -> bool:
    return isinstance(y, list) and len(y) > 0 and not np.isscalar(y[0])


def _label(name: str, kind: str) -> Any:
    if kind == "b":
        return {"TRUE": True, "FALSE": False}.get(name, name)
    if kind not in "iuf":
        return name
    try:
        return int(name) if kind in "iu" else float(name)
    except ValueError:
        return name


def described(estimator: TrainedEstimator, columns: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what R keeps of a fitted model.

    Parameters
    ----------
    estimator : TrainedEstimator
    columns : dict, optional
        As ``fit`` takes them.

    Returns
    -------
    dict
        ``model``, the bytes of its file, and the rest as ``summary_of`` tells it.
    """
    buffer = io.BytesIO()
    arrays = arrays_of(estimator)
    header = header_of(estimator) | {"columns": plain(columns)}
    write_model(buffer, type(estimator).__name__, header, arrays)
    content = buffer.getvalue()
    key = hashlib.sha256(content).hexdigest()
    keep(key, estimator)
    return summary_of(key, estimator) | {"model": content}


def summary_of(key: str, estimator: TrainedEstimator) -> dict[str, Any]:
    """Return what R keeps of a model beside its file.

    Returns
    -------
    dict
        ``id``, the SHA-256 of the file; ``kind``, ``classes`` (the labels), ``multilabel``,
        ``decides`` (whether it answers other than by the most probable), ``parameters``,
        ``history``, ``receipt``, ``interrupted``, ``n_parameters``; ``texts`` and ``beside``, the
        columns of texts and those beside them, if there are any.
    """
    encoding: Any = getattr(estimator, "encoding_", None)
    beside = getattr(encoding, "beside", None)
    history = estimator.history_
    return {
        "id": key,
        "kind": type(estimator).__name__,
        "classes": getattr(estimator, "classes_", None),
        "multilabel": bool(getattr(estimator, "multilabel_", False)),
        "decides": getattr(estimator, "decision_rule_", None) is not None,
        "parameters": shown_parameters(estimator),
        # Without rows its columns hold numbers all the same.
        "history": history if len(history) else history.astype(np.float64),
        "receipt": estimator.receipt_,
        "interrupted": bool(getattr(estimator, "interrupted_", False)),
        "n_parameters": getattr(estimator, "n_parameters_", None),
        "texts": None if beside is None else list(encoding.columns),
        "beside": None if beside is None else list(beside.kinds),
    }


def knows(id: list[str]) -> bool:
    """Return whether a model is open."""
    return id[0] in _OPEN


def open_model(model: bytes, path: list[str] | None = None) -> dict[str, Any]:
    """Open the bytes of a model file.

    Parameters
    ----------
    model : bytes
    path : list of one str, optional
        Where they are from, which messages name.

    Returns
    -------
    dict
        As ``summary_of``, and ``columns``, where R wrote the file; that stays as it was given.
    """
    estimator = load_model(model if path is None else path[0])
    key = hashlib.sha256(model).hexdigest()
    keep(key, estimator)
    _, header, _ = read_model(model)
    return summary_of(key, estimator) | {"columns": header.get("columns")}


def long_series(
    data: pd.DataFrame,
    value_cols: list[str],
    id_col: list[str],
    time_col: list[str] | None,
    label_col: list[str] | None,
) -> dict[str, Any]:
    """Gather the series of a long frame, as ``read_long_series`` does.

    Returns
    -------
    dict
        ``X``, ``y`` (None without ``label_col``) and ``ids``.
    """
    X, y, ids = read_long_series(
        data,
        value_cols,
        id_col=id_col[0],
        time_col=time_col[0] if time_col else None,
        label_col=label_col[0] if label_col else None,
    )
    return {"X": X, "y": y, "ids": ids}


def parameter_defaults(kind: list[str]) -> dict[str, Any]:
    """Return the parameters of an estimator with their defaults."""
    check_choice("model", kind[0], KINDS)
    defaults: dict[str, Any] = kind_named(kind[0])().get_params(deep=False)
    return defaults


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


def checkpoint_by_handle(handle: dict[str, Any]) -> Checkpoint:
    """Return the checkpoint that R describes."""
    return Checkpoint(**python_value(handle))


def model_by_handle(handle: list[str]) -> TrainedEstimator:
    """Return the open model that a handle names."""
    return model_of(handle[0])


def data_values(data: dict[str, Any] | None) -> dict[str, Any]:
    """Return data of R as estimators read it: factors are their labels, pairs are tuples."""
    return {name: data_value(value) for name, value in (data or {}).items()}


def option_values(options: dict[str, Any] | None) -> dict[str, Any]:
    """Return R's arguments as those of a Python method."""
    return {name: python_value(value, name) for name, value in (options or {}).items()}


def data_value(value: Any) -> Any:
    """Return data of R as an estimator reads it, what stands for files or waves among it."""
    if isinstance(value, pd.Categorical):
        return np.asarray(value, dtype=object)
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], Mapping):
        return [data_value(item) for item in value]  # rows held out, and their answers
    # Of series and tokens R makes lists without names; what has names stands for files.
    return python_value(value) if isinstance(value, Mapping) else value
