"""The rows of a comparison: what models read, targets, and one split for every model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from textseq.comparison.scores.inputs import ComparedInputs, SeriesInputs, TextInputs
from textseq.comparison.scores.run import Run
from textseq.comparison.scores.splits import make_splits
from textseq.estimators.sequence.fit_rows import check_groups
from textseq.labels.inputs import PLAIN, label_array
from textseq.labels.targets import check_labels, check_numbers, column_labels, find_classes

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
    groups : ndarray of shape (n,), optional
        Number of each row's group.
    """

    inputs: ComparedInputs
    y: np.ndarray
    classes: np.ndarray
    task: str
    splits: list[tuple[np.ndarray, np.ndarray]]
    groups: np.ndarray | None = None

    @property
    def test_rows(self) -> np.ndarray:
        """The test rows of all folds, fold by fold."""
        return np.concatenate([test for _, test in self.splits])

    @property
    def clusters(self) -> np.ndarray | None:
        """What test rows depend on each other by: groups, or being one row tested twice."""
        if self.groups is not None:
            return self.groups[self.test_rows]
        rows = self.test_rows
        return rows if len(np.unique(rows)) < len(rows) else None

    @property
    def metric(self) -> str:
        """Name of the score; higher is better."""
        return METRICS[self.task]

    @property
    def has_auc(self) -> bool:
        """Whether there is one curve to measure: two classes, or a curve a label."""
        return self.task == "labels" or (self.task == "classes" and len(self.classes) == 2)

    def probabilities(self, run: Run) -> np.ndarray:
        """Return probabilities (n, n_classes) of all classes, also those a fold did not meet."""
        found = run.probabilities
        assert found is not None
        if self.task == "labels" or run.classes is None or len(run.classes) == len(self.classes):
            return found
        by_class = np.zeros((len(found), len(self.classes)))
        by_class[:, np.searchsorted(self.classes, run.classes)] = found
        return by_class

    def numbers(self, y: np.ndarray) -> np.ndarray:
        """Return targets or predictions as class numbers; indicators and values as they are."""
        return np.searchsorted(self.classes, y) if self.task == "classes" else np.asarray(y)


def read_data(
    X: Any,
    y: Any,
    *,
    series: bool,
    number: bool,
    test: float | tuple[Any, ...] | None,
    cv: Any,
    random_state: int,
    groups: Any = None,
    text_columns: Any = None,
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
    test, cv, random_state, groups
        As ``compare`` takes them.
    text_columns : str or sequence of str, optional
        As an estimator of texts has it.
    """
    if test is not None and cv is not None:
        raise ValueError("pass test= or cv=, not both: cv tests on every row once")
    inputs: ComparedInputs = SeriesInputs.read(X) if series else TextInputs.read(X, text_columns)
    names = None if number else column_labels(y)

    def check(values: Any, n_rows: int, name: str = "y") -> np.ndarray:
        if number:
            return check_numbers(values, n_rows, name)
        return _named_classes(check_labels(values, n_rows, name, names))

    targets = check(y, len(inputs))
    numbers = check_groups(groups, len(inputs))
    if isinstance(test, tuple):
        if len(test) not in (2, 3):
            raise ValueError(
                f"test must be a share, (X, y) or (X, y, groups), got a tuple of {len(test)}"
            )
        n_train = len(inputs)
        inputs = inputs.followed_by(test[0])
        n_test = len(inputs) - n_train
        targets = _joined(targets, check(test[1], n_test, "the y of test"))
        splits = [(np.arange(n_train), np.arange(n_train, n_train + n_test))]
        numbers = followed_groups(groups, n_train, test[2] if len(test) == 3 else None, n_test)
    else:
        splits = make_splits(targets, test, cv, random_state, numbers)
    if number:
        return ComparedData(inputs, targets, np.empty(0), "number", splits, numbers)
    if targets.ndim == 2:
        named = np.arange(targets.shape[1]) if names is None else names
        return ComparedData(inputs, targets, named, "labels", splits, numbers)
    regressor = f"{'Series' if series else 'Text'}Regressor"
    classes = find_classes(targets, regressor)
    return ComparedData(inputs, targets, classes, "classes", splits, numbers)


def followed_groups(groups: Any, n_train: int, others: Any, n_test: int) -> np.ndarray | None:
    """Return the numbers of the groups of training rows and of a test set's rows."""
    if others is None:
        own = check_groups(groups, n_train)
        # Of the test set nothing is known: each row is a group of its own.
        return None if own is None else np.concatenate([own, n_train + np.arange(n_test)])
    if groups is None:
        raise ValueError("test has groups, but the rows to train on have none; pass groups= too")
    check_groups(groups, n_train), check_groups(others, n_test)
    both = check_groups([*groups, *others], n_train + n_test)
    assert both is not None
    shared = np.flatnonzero(np.isin(both[n_train:], both[:n_train]))
    if len(shared):
        name = np.asarray(others).tolist()[int(shared[0])]
        raise ValueError(
            f"group {name!r} is in the test set and in the rows to train on; drop it from one"
        )
    return both


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
