"""Targets: labels, indicator matrices and numbers, checked and turned into arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def check_labels(y: Any, n_rows: int) -> np.ndarray:
    """Return ``y`` as an array of labels (n,) or 0/1 indicators (n, n_labels).

    Raises
    ------
    ValueError
        If its length is not ``n_rows``, a label is missing, or a
        two-dimensional ``y`` holds anything but 0 and 1.
    """
    y = _as_array(y, n_rows)
    if y.ndim == 1:
        return y
    if not np.isin(y, (0, 1)).all():
        odd = y[~np.isin(y, (0, 1))].tolist()[0]
        raise ValueError(
            f"a two-dimensional y marks labels by 0 and 1, but holds {odd!r}; "
            "pass one column of labels, or an indicator matrix"
        )
    return y.astype(np.int64)


def check_numbers(y: Any, n_rows: int) -> np.ndarray:
    """Return ``y`` as float32 (n,).

    Raises
    ------
    ValueError
        If its length is not ``n_rows``, or a value is missing, infinite or no number.
    """
    y = _as_array(y, n_rows)
    if y.ndim != 1:
        raise ValueError(f"y must be one column of numbers, got shape {y.shape}")
    try:
        numbers = y.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"y must be numbers: {error}") from error
    if not np.isfinite(numbers).all():
        row = int(np.flatnonzero(~np.isfinite(numbers))[0])
        raise ValueError(f"y[{row}] is {numbers[row]}; drop that row or fill in the value")
    return numbers


def find_classes(y: np.ndarray) -> np.ndarray:
    """Return the sorted distinct labels of ``y`` (n,).

    Raises
    ------
    ValueError
        If there is only one, or they can't be ordered.
    """
    try:
        classes = np.unique(y)
    except TypeError as error:
        kinds = sorted({type(label).__name__ for label in y})
        raise ValueError(
            f"y mixes labels of types {', '.join(kinds)}; make them all strings: {error}"
        ) from error
    if len(classes) < 2:
        only = classes.tolist()[0]
        raise ValueError(f"y has only one class ({only!r}); a classifier needs at least two")
    return classes


def classes_to_json(classes: np.ndarray) -> dict[str, Any]:
    """Return classes as JSON-able values with their type."""
    return {"dtype": classes.dtype.str, "values": classes.tolist()}


def classes_from_json(stored: dict[str, Any]) -> np.ndarray:
    """Rebuild what ``classes_to_json`` returned."""
    kind = np.dtype(stored["dtype"])
    if kind.kind not in "OUiufb":
        raise ValueError(f"class labels of type {kind} are not supported")
    return np.array(stored["values"], dtype=kind)


def _as_array(y: Any, n_rows: int) -> np.ndarray:
    if y is None:
        raise ValueError("y is None; pass one label or number for each text")
    if hasattr(y, "to_numpy"):
        y = y.to_numpy()
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim not in (1, 2):
        raise ValueError(f"y must have one or two dimensions, got shape {y.shape}")
    if len(y) != n_rows:
        raise ValueError(f"X has {n_rows} rows but y has {len(y)}; they must be the same rows")
    missing = pd.isna(y)
    if missing.any():
        row = int(np.flatnonzero(missing.reshape(len(y), -1).any(1))[0])
        raise ValueError(
            f"y[{row}] is missing ({missing.sum()} missing in all); drop those rows or fill them in"
        )
    return y
