"""What each row counts for in the loss: its own weight, and those of its class or labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from textseq.message_language import number_of
from textseq.row_arrays import row_numbers


def check_sample_weight(
    sample_weight: Any, n_rows: int, name: str = "sample_weight"
) -> np.ndarray | None:
    """Return weights of rows as float64 (n,); None for none.

    Raises
    ------
    ValueError
        If there is not one a row, one is negative or no finite number, or all are 0.
    """
    if sample_weight is None:
        return None
    try:
        weights = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be one number a row: {error}") from error
    if weights.ndim == 2 and weights.shape[1] == 1:
        weights = weights[:, 0]
    if weights.shape != (n_rows,):
        raise ValueError(
            f"{name} has shape {weights.shape}, but there are {n_rows} rows; give one number a row"
        )
    wrong = ~np.isfinite(weights) | (weights < 0)
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"{name}[{number_of(row)}] is {weights[row]:g}; weights must be finite and at least 0 "
            "(0 leaves a row out)"
        )
    if not weights.any():
        raise ValueError(f"{name} is 0 for every row; give some rows a weight above 0")
    return weights


def weighing_rows(
    sample_weight: Any, n_rows: int, name: str = "sample_weight"
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the rows that have a weight above 0, and their weights: None where all are equal.

    Examples
    --------
    >>> rows, weights = weighing_rows([2.0, 0.0, 1.0], 3)
    >>> rows.tolist(), weights.tolist()
    ([0, 2], [2.0, 1.0])
    """
    weights = check_sample_weight(sample_weight, n_rows, name)
    if weights is None:
        return row_numbers(n_rows), None
    rows = np.flatnonzero(weights)
    kept = weights[rows]
    return rows, None if (kept == kept[0]).all() else kept


def row_weights(
    sample_weight: np.ndarray | None, class_weights: np.ndarray | None = None
) -> np.ndarray | None:
    """Return the product of weights of rows, mean 1, float32; None where there are none."""
    if sample_weight is None and class_weights is None:
        return None
    rows = np.ones(1) if class_weights is None else class_weights
    rows = rows if sample_weight is None else rows * sample_weight
    if not rows.any():
        raise ValueError("class_weight is 0 for the class of every row; raise one")
    return (rows / rows.mean()).astype(np.float32)


def class_row_weights(
    class_weight: Any,
    targets: np.ndarray,
    classes: np.ndarray,
    sample_weight: np.ndarray | None = None,
) -> np.ndarray | None:
    """Return the weight (n,) that each row has by its class; None where all are equal.

    Parameters
    ----------
    class_weight, targets, classes, sample_weight
        As ``class_weights`` takes them.
    """
    weights = class_weights(class_weight, targets, classes, sample_weight)
    return None if weights is None else weights[targets]


def class_weights(
    class_weight: Any,
    targets: np.ndarray,
    classes: np.ndarray,
    sample_weight: np.ndarray | None = None,
) -> np.ndarray | None:
    """Return the weight of each class; None where all are equal.

    Parameters
    ----------
    class_weight : None, "balanced" or dict of label to weight
        As in scikit-learn: ``"balanced"`` weighs a class by n_rows / (n_classes * its rows).
    targets : ndarray of shape (n,)
        Class numbers.
    classes : ndarray
    sample_weight : ndarray of shape (n,), optional
        By which ``"balanced"`` counts the rows.
    """
    if class_weight is None:
        return None
    if isinstance(class_weight, str) and class_weight == "balanced":
        counts = np.bincount(targets, sample_weight, minlength=len(classes))
        # A class without rows has no weight to give.
        balanced: np.ndarray = counts.sum() / (len(classes) * np.where(counts > 0, counts, 1))
        return balanced
    if isinstance(class_weight, Mapping):
        _check_known(class_weight, classes)
        return np.array(
            [_number(class_weight.get(label, 1.0), label) for label in classes.tolist()]
        )
    raise ValueError(
        f"class_weight must be None, 'balanced' or a dict of label to weight, got {class_weight!r}"
    )


def label_weights(
    class_weight: Any,
    targets: np.ndarray,
    labels: np.ndarray,
    sample_weight: np.ndarray | None = None,
) -> np.ndarray | None:
    """Return the weights (n_labels, 2) of each label where it is absent and where it is there.

    Their mean over rows and labels is 1.

    Parameters
    ----------
    class_weight : None, "balanced", dict of label to weight, or list of one weight a label
        ``"balanced"`` weighs a label's 0s and 1s by n_rows / (2 * their rows). A number is the
        weight of a label where it is there; a dict has both, as in ``{0: 1.0, 1: 5.0}``.
    targets : ndarray of shape (n, n_labels)
        0/1 indicators.
    labels : ndarray of shape (n_labels,)
    sample_weight : ndarray of shape (n,), optional
        By which ``"balanced"`` counts the rows.

    Examples
    --------
    >>> targets = np.array([[1, 0], [0, 0], [0, 1], [0, 1]])
    >>> label_weights("balanced", targets, np.arange(2)).round(2).tolist()
    [[0.67, 2.0], [1.0, 1.0]]
    """
    if class_weight is None:
        return None
    shares = np.average(targets, axis=0, weights=sample_weight)
    counts = np.stack([1 - shares, shares], axis=1)
    balanced = 0.5 / np.where(counts > 0, counts, 0.5)
    each: list[Any]
    if isinstance(class_weight, str) and class_weight == "balanced":
        each = ["balanced"] * len(labels)
    elif isinstance(class_weight, Mapping):
        _check_known(class_weight, labels)
        each = [class_weight.get(label) for label in labels.tolist()]
    elif isinstance(class_weight, list | tuple | np.ndarray):
        each = list(class_weight)
        if len(each) != len(labels):
            raise ValueError(
                f"class_weight has {len(each)} entries for {len(labels)} labels; give one a label"
            )
    else:
        raise ValueError(
            "class_weight of several labels a row must be None, 'balanced', a dict of label to "
            f"weight, or a list of one weight a label, got {class_weight!r}"
        )
    table = np.array(
        [
            own if isinstance(weight, str) and weight == "balanced" else _pair(weight, label)
            for weight, label, own in zip(each, labels.tolist(), balanced.tolist(), strict=True)
        ]
    )
    mean = float((table * counts).sum(1).mean())
    if not mean:
        raise ValueError("class_weight is 0 for every label of every row; raise one")
    return table / mean


def _pair(weight: Any, label: Any) -> list[float]:
    """Return the weights of a label's 0s and 1s."""
    if weight is None:
        return [1.0, 1.0]
    if isinstance(weight, Mapping):
        unknown = [key for key in weight if key not in (0, 1)]
        if unknown:
            raise ValueError(
                f"class_weight of label {label!r} names {unknown[0]!r}; its values are 0 and 1"
            )
        return [_number(weight.get(value, 1.0), label) for value in (0, 1)]
    return [1.0, _number(weight, label)]


def _check_known(class_weight: Mapping[Any, Any], classes: np.ndarray) -> None:
    unknown = [label for label in class_weight if label not in set(classes.tolist())]
    if unknown:
        raise ValueError(
            f"class_weight names {unknown[0]!r}, which is not among the classes "
            f"{', '.join(map(repr, classes.tolist()[:10]))}"
        )


def _number(weight: Any, label: Any) -> float:
    try:
        number = float(weight)
    except (TypeError, ValueError):
        number = float("nan")
    if not np.isfinite(number) or number < 0:
        raise ValueError(
            f"class_weight of {label!r} is {weight!r}; use a finite number of at least 0"
        )
    return number
