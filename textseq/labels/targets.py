"""Targets: labels, indicator matrices and numbers, checked and turned into arrays."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from textseq.labels.data_warnings import nearest_label
from textseq.labels.inputs import (
    CONVERT,
    WRITTEN,
    check_label_types,
    check_label_values,
    label_array,
    mixed_types,
    objects,
    written_as,
)
from textseq.message_language import number_of


@dataclass(frozen=True, eq=False)
class CodedLabels:
    """Labels of very many rows: each distinct one once, and which of them each row has.

    Parameters
    ----------
    distinct : Series
    codes : ndarray of shape (n,), int32
    """

    distinct: pl.Series
    codes: np.ndarray

    def __len__(self) -> int:
        return len(self.codes)


def check_labels(y: Any, n_rows: int, name: str = "y", labels: Any = None) -> np.ndarray:
    """Return ``y`` as an array of labels (n,) or 0/1 indicators (n, n_labels).

    Parameters
    ----------
    y : array-like of shape (n,) or (n, n_labels)
    n_rows : int
    name : str, default "y"
        What error messages call it.
    labels : ndarray of shape (n_labels,), optional
        Names of the labels that a frame of indicators should have; its columns are put into
        their order.

    Raises
    ------
    ValueError
        If its length is not ``n_rows``, a label is missing, a two-dimensional ``y`` holds
        anything but 0 and 1, or its columns have other names.
    """
    own = None if labels is None else column_labels(y, name)
    y = _as_array(y, n_rows, name)
    if y.ndim == 1:
        return y
    if not np.isin(y, (0, 1)).all():
        odd = y[~np.isin(y, (0, 1))].tolist()[0]
        raise ValueError(
            f"a two-dimensional {name} marks labels by 0 and 1, but holds {odd!r}; "
            "pass one column of labels, or an indicator matrix"
        )
    indicators = y.astype(np.int64)
    return indicators if own is None else indicators[:, _column_indices(own, labels, name)]


def column_labels(y: Any, name: str = "y") -> np.ndarray | None:
    """Return the names of a frame's columns, which are labels; None where they have no names.

    Raises
    ------
    ValueError
        If two are the same, or of a type that a model file has no form for.
    """
    columns = getattr(y, "columns", None)
    if columns is None or isinstance(columns, pd.RangeIndex):
        return None
    read = np.asarray(columns)
    labels = label_array(list(columns) if read.dtype == object else read, f"the columns of {name}")
    check_label_types(labels, f"the columns of {name}")
    check_label_values(labels, f"the columns of {name}")
    listed = labels.tolist()
    for index, label in enumerate(listed):
        if label in listed[:index]:
            raise ValueError(f"{name} has two columns {label!r}; give each label one column")
    return labels


def check_numbers(y: Any, n_rows: int, name: str = "y") -> np.ndarray:
    """Return ``y`` as float64 (n,).

    Raises
    ------
    ValueError
        If its length is not ``n_rows``, or a value is missing, infinite or no number.
    """
    y = _as_array(y, n_rows, name)
    if y.ndim != 1:
        raise ValueError(f"{name} must be one column of numbers, got shape {y.shape}")
    try:
        numbers = y.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numbers: {error}") from error
    if not np.isfinite(numbers).all():
        row = int(np.flatnonzero(~np.isfinite(numbers))[0])
        found = f"{name}[{number_of(row)}] is {numbers[row]}"
        raise ValueError(f"{found}; drop that row or fill in the value")
    return numbers


def find_classes(y: np.ndarray, remedy: str | None = None) -> np.ndarray:
    """Return the sorted distinct labels of ``y`` (n,).

    Parameters
    ----------
    y : ndarray of shape (n,)
    remedy : str, optional
        What predicts numbers instead, for the error that names decimals.

    Raises
    ------
    ValueError
        If there is only one, they can't be ordered, they are numbers with decimals, or a model
        file has no form for them.
    """
    check_label_types(y)
    try:
        classes = np.unique(y)
    except TypeError as error:
        raise ValueError(f"{mixed_types(y)}: {error}") from error
    check_label_values(classes)
    if len(classes) < 2:
        only = classes.tolist()[0]
        raise ValueError(f"y has only one class ({only!r}); a classifier needs at least two")
    decimals = [label for label in classes.tolist() if _is_decimal(label)]
    if decimals:
        instead = "" if remedy is None else f"to predict numbers use {remedy}; "
        raise ValueError(
            f"y holds numbers with decimals, such as {decimals[0]}: {len(classes):,} different "
            f"ones in {len(y):,} rows, each of which would be a class of its own; {instead}if "
            f"they are classes, {CONVERT}"
        )
    return classes


def joined_labels(labels: np.ndarray, *others: np.ndarray) -> np.ndarray:
    """Return labels (n,) of several arrays, end to end, of one type.

    Examples
    --------
    >>> joined_labels(np.array(["b"]), np.array(["long"])).tolist()
    ['b', 'long']
    """
    kinds = {part.dtype.kind for part in (labels, *others)}
    # Labels of unlike types stay what they are, for who finds the classes to refuse.
    parts = [part if len(kinds) == 1 else part.astype(object) for part in (labels, *others)]
    return np.concatenate(parts)


def class_indices(labels: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the places (n,) of labels (n,) among the classes, -1 for those that are none."""
    try:
        indices = np.minimum(np.searchsorted(classes, labels), len(classes) - 1)
        known = np.asarray(classes[indices] == labels)
    except TypeError:  # of types that have no common order
        numbers = {label: index for index, label in enumerate(classes.tolist())}
        return np.array([numbers.get(label, -1) for label in labels.tolist()], dtype=np.int64)
    return np.where(known, indices, -1)


def class_numbers(
    labels: np.ndarray,
    classes: np.ndarray,
    name: str = "y",
    remedy: str = "drop or mend these rows",
) -> np.ndarray:
    """Return the places (n,) of labels (n,) among the classes.

    Raises
    ------
    ValueError
        If a label is none of them.
    """
    indices = class_indices(labels, classes)
    if not (indices < 0).any():
        return indices
    unknown = labels[indices < 0].tolist()
    near = nearest_label(unknown[0], classes)
    hint = "" if near is None else f" (did you mean {near!r}?)"
    raise ValueError(
        f"{name} holds {unknown[0]!r}{hint}, a label that fit did not meet: {len(unknown):,} of "
        f"{len(labels):,} rows have such labels; {remedy}"
    )


def classes_to_json(labels: np.ndarray) -> dict[str, Any]:
    """Return labels as JSON-able values with their type.

    Examples
    --------
    >>> classes_to_json(np.array(["2024-01-01"], dtype="datetime64[D]"))
    {'dtype': '<M8[D]', 'values': [19723]}
    >>> classes_to_json(np.array([Decimal("1.5")]))
    {'dtype': '|O', 'values': ['1.5'], 'type': 'Decimal'}
    """
    kind = labels.dtype.kind
    stored: dict[str, Any] = {"dtype": kind if kind == "T" else labels.dtype.str}
    if kind in "Mm":
        return stored | {"values": labels.astype(np.int64).tolist()}
    values = labels.tolist()
    name = written_as(type(values[0]))
    if name is None:
        return stored | {"values": values}
    write = WRITTEN[name][1]
    return stored | {"values": [write(value) for value in values], "type": name}


def classes_from_json(stored: dict[str, Any]) -> np.ndarray:
    """Rebuild what ``classes_to_json`` returned."""
    kind, values = np.dtype(stored["dtype"]), stored["values"]
    if kind.kind not in "OUTSMmiufb":
        raise ValueError(f"class labels of type {kind} are not supported")
    if (name := stored.get("type")) is not None:
        values = [WRITTEN[name][2](value) for value in values]
    if kind.kind in "Mm":
        return np.array(values, dtype=np.int64).astype(kind)
    return objects(values) if kind.kind == "O" else np.array(values, dtype=kind)


def _is_decimal(label: Any) -> bool:
    """Whether a label is a number that is not whole."""
    return isinstance(label, float | Decimal) and np.isfinite(float(label)) and label % 1 != 0


def _column_indices(own: np.ndarray, labels: np.ndarray, name: str) -> list[int]:
    """Return where the labels stand among a frame's own columns."""
    given, expected = own.tolist(), labels.tolist()
    if given == expected or expected == list(range(len(expected))):
        return list(range(len(given)))  # fitted to an array, whose columns have no names
    if sorted(map(str, given)) == sorted(map(str, expected)):
        order = {str(label): index for index, label in enumerate(given)}
        return [order[str(label)] for label in expected]
    raise ValueError(
        f"{name} has the columns {_listed(given)}, but the labels that were learned are "
        f"{_listed(expected)}; name its columns so"
    )


def _listed(labels: list[Any]) -> str:
    shown = ", ".join(map(repr, labels[:10]))
    return shown if len(labels) <= 10 else f"{shown} and {len(labels) - 10} more"


def _as_array(y: Any, n_rows: int, name: str) -> np.ndarray:
    if y is None:
        raise ValueError(f"{name} is None; pass one label or number for each text")
    y = label_array(y, name)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim not in (1, 2):
        raise ValueError(f"{name} must have one or two dimensions, got shape {y.shape}")
    if len(y) != n_rows:
        raise ValueError(f"X has {n_rows} rows but {name} has {len(y)}; they must be the same rows")
    missing = pd.isna(y)
    if missing.any():
        row = number_of(np.flatnonzero(missing.reshape(len(y), -1).any(1))[0])
        raise ValueError(
            f"{name}[{row}] is missing ({missing.sum()} missing in all); drop those rows or fill "
            "them in"
        )
    return y
