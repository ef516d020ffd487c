"""The rows of a comparison: what models read, targets, and one split for every model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from textseq.comparison.inputs import ComparedInputs, SeriesInputs, TextInputs
from textseq.comparison.splits import make_splits
from textseq.estimators.class_labels import PLAIN, label_array
from textseq.estimators.targets import check_labels, check_numbers, column_labels, find_classes

METRICS = {"classes": "accuracy", "labels": "subset accuracy", "number": "r2"}


@dataclass(frozen=True, eq=False)
class ComparedData:
    """All rows, training and test, and the folds that tell them apart.

    Parameters
    ----------
    inputs : TextInputs or SeriesInputs
    y : ndarray of shape (n,) or (n, n_labels)
        Targets as the caller gave them.
    classes : ndarray
        Distinct labels, or label names; empty for numbers.
    task : {"classes", "labels", "number"}
    splits : list of (training rows, test rows)
        One a fold.
    """

    inputs: ComparedInputs
    y: np.ndarray
    classes: np.ndarray
    task: str
    splits: list[tuple[np.ndarray, np.ndarray]]

    @property
    def test_rows(self) -> np.ndarray:
        """The test rows of all folds, fold by fold."""
        return np.concatenate([test for _, test in self.splits])

    @property
    def metric(self) -> str:
        """Name of the score; higher is better."""
        return METRICS[self.task]

    @property
    def has_auc(self) -> bool:
        """Whether there is one curve to measure: two classes, or a curve a label."""
        return self.task == "labels" or (self.task == "classes" and len(self.classes) == 2)

    def numbers(self, y: np.ndarray) -> np.ndarray:
        """Return targets or predictions as class numbers; indicators and values as they are."""
        return np.searchsorted(self.classes, y) if self.task == "classes" else np.asarray(y)


def read_data(
    X: Any,
    y: Any,
    *,
    series: bool,
    number: bool,
    test: float | tuple[Any, Any] | None,
    cv: int | None,
    random_state: int,
) -> ComparedData:
    """Check rows and targets and split them.

    Parameters
    ----------
    X, y
        As ``compare`` takes them.
    series : bool
        Whether X holds series rather than texts.
    number : bool
        Whether ``y`` holds numbers to predict rather than labels.
    test, cv, random_state
        As ``compare`` takes them.
    """
    if test is not None and cv is not None:
        raise ValueError("pass test= or cv=, not both: cv tests on every row once")
    inputs: ComparedInputs = SeriesInputs.read(X) if series else TextInputs.read(X)
    names = None if number else column_labels(y)

    def check(values: Any, n_rows: int, name: str = "y") -> np.ndarray:
        if number:
            return check_numbers(values, n_rows, name)
        return _named_classes(check_labels(values, n_rows, name, names))

    targets = check(y, len(inputs))
    if isinstance(test, tuple):
        n_train = len(inputs)
        inputs = inputs.followed_by(test[0])
        n_test = len(inputs) - n_train
        targets = _joined(targets, check(test[1], n_test, "the y of test"))
        splits = [(np.arange(n_train), np.arange(n_train, n_train + n_test))]
    else:
        splits = make_splits(targets, test, cv, random_state)
    if number:
        return ComparedData(inputs, targets, np.empty(0), "number", splits)
    if targets.ndim == 2:
        named = np.arange(targets.shape[1]) if names is None else names
        return ComparedData(inputs, targets, named, "labels", splits)
    regressor = f"{'Series' if series else 'Text'}Regressor"
    return ComparedData(inputs, targets, find_classes(targets, regressor), "classes", splits)


def are_fractions(y: Any) -> bool:
    """Whether ``y`` can only be meant as numbers: floats, not all of them whole."""
    values = label_array(y)
    return values.dtype.kind == "f" and values.ndim == 1 and bool((values % 1 != 0).any())


def _named_classes(labels: np.ndarray) -> np.ndarray:
    """Return labels of types that scikit-learn does not take, such as dates, as strings."""
    if labels.ndim > 1 or labels.dtype.kind not in "SOTMm":
        return labels
    if labels.dtype.kind == "O" and {type(label) for label in labels.tolist()} <= set(PLAIN):
        return labels
    values = labels.tolist() if labels.dtype.kind in "SO" else labels.astype(str).tolist()
    return np.array([str(value) for value in values])


def _joined(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Put targets end to end, labels of several types each as they are."""
    if (train.dtype.kind in "biuf") == (test.dtype.kind in "biuf"):
        return np.concatenate([train, test])
    return np.concatenate([train.astype(object), test.astype(object)])
