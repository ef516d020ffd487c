"""From probabilities to answers: by thresholds or costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from textseq.checks import check_number
from textseq.message_language import written

# Of which a threshold may have to reach one, with the most of the other.
SHARES = ("precision", "recall")


@dataclass(frozen=True, eq=False)
class DecisionRule:
    """What is answered to rows of probabilities.

    Parameters
    ----------
    thresholds : ndarray of shape (1,) or (n_labels,), optional
        Of two classes the probability from which on the second is answered; of several labels
        that of each.
    costs : ndarray of shape (n_classes, n_classes), optional
        What it costs to answer a class (column) where another is true (row): the answer of the
        least expected cost is given.

    References
    ----------
    Elkan (2001), "The Foundations of Cost-Sensitive Learning", equation 1.

    Examples
    --------
    >>> probabilities = np.array([[0.8, 0.2], [0.3, 0.7]])
    >>> DecisionRule(thresholds=np.array([0.1])).answers(probabilities)
    array([1, 1])
    >>> DecisionRule(costs=np.array([[0, 5], [1, 0]])).answers(probabilities)  # 1.0 beats 0.8 * 5
    array([0, 0])
    """

    thresholds: np.ndarray | None = None
    costs: np.ndarray | None = None

    def answers(self, probabilities: np.ndarray) -> np.ndarray:
        """Return class numbers (n,), or 0/1 indicators (n, n_labels), for probabilities."""
        if self.costs is not None:
            answers: np.ndarray = (probabilities @ self.costs).argmin(1)
            return answers
        assert self.thresholds is not None
        if len(self.thresholds) == 1:
            return (probabilities[:, 1] >= self.thresholds[0]).astype(np.int64)
        return (probabilities >= self.thresholds).astype(np.int64)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON-able form."""
        parts = {"thresholds": self.thresholds, "costs": self.costs}
        return {name: part.tolist() for name, part in parts.items() if part is not None}

    @classmethod
    def from_dict(cls, stored: dict[str, Any], n_classes: int, several: bool) -> Self:
        """Take back what ``to_dict`` gave; ``several`` labels may hold of a row."""
        (name, values), *more = stored.items()
        found = np.array(values, dtype=np.float64)
        shapes = {"thresholds": (n_classes,) if several else (1,), "costs": (n_classes, n_classes)}
        misplaced = more or (several if name == "costs" else not several and n_classes != 2)
        if misplaced or found.shape != shapes[name] or not np.isfinite(found).all():
            raise ValueError(f"the {name} by which the model answers do not fit its classes")
        return cls(**{name: found})


def check_decision(name: str, value: Any) -> None:
    """Raise ValueError unless a value is one that ``given_rule`` or ``tuned_thresholds`` takes."""
    if value is None or (isinstance(value, str) and value == "f1"):
        return
    if isinstance(value, Mapping) and set(value) <= set(SHARES) and len(value) == 1:
        ((floor, share),) = value.items()
        if not isinstance(share, Mapping):
            if not (check_number(f"the {floor} of {name}", share, above=True) <= 1):
                raise ValueError(f"the {floor} of {name} must be at most 1, got {written(share)}")
            return
    if isinstance(value, str):
        raise ValueError(f"{name} must be {_forms()}, got {written(value)}")
    if not hasattr(value, "__len__"):
        check_number(name, value, under=1.0, above=True)
    elif isinstance(value, Mapping):
        if not value or not all(isinstance(row, Mapping) for row in value.values()):
            raise ValueError(f"{name} must be {_forms()}, got {written(value):.80}")
    else:
        _matrix(name, value)


def is_tuned(value: Any) -> bool:
    """Whether held-out rows are to choose the thresholds."""
    if isinstance(value, Mapping):
        return not any(isinstance(row, Mapping) for row in value.values())
    return isinstance(value, str)


def given_rule(name: str, value: Any, classes: np.ndarray, several: bool) -> DecisionRule | None:
    """Return the rule that is given; None where rows are to choose it, or the most probable is it.

    Parameters
    ----------
    name : str
        What messages call it.
    value : None, number, "f1", dict or matrix of costs
    classes : ndarray of shape (n_classes,)
    several : bool
        Whether several labels may hold of a row.

    Raises
    ------
    ValueError
        If it does not go with the classes.
    """
    if value is None:
        return None
    if is_tuned(value) or not hasattr(value, "__len__"):
        if not several and len(classes) != 2:
            raise ValueError(
                f"{name}={value!r} is for two classes or several labels a row, and there are "
                f"{len(classes)} classes; pass a matrix of costs, or leave {name} out"
            )
        if is_tuned(value):
            return None
        return DecisionRule(np.full(len(classes) if several else 1, float(value)))
    if several:
        raise ValueError(
            f"{name} has costs, which are of one class a row, and y marks several labels a row; "
            f"pass a number, {_shares()}"
        )
    return DecisionRule(costs=_costs(name, value, classes))


def _costs(name: str, value: Any, classes: np.ndarray) -> np.ndarray:
    """Return costs (n_classes, n_classes) in the order of the classes."""
    labels = classes.tolist()
    if isinstance(value, pd.DataFrame):
        value = value.to_dict("index")
    if isinstance(value, Mapping):
        costs = _named_costs(name, value, labels)
    else:
        costs = _matrix(name, value)
        if len(costs) != len(labels):
            raise ValueError(
                f"{name} has costs of shape {costs.shape}, and there are {len(labels)} classes; "
                "give a row and a column each, in the order of classes_"
            )
    dear = costs.diagonal()[:, None] > costs
    if dear.any():
        true, wrong = (labels[place] for place in np.argwhere(dear)[0])
        raise ValueError(
            f"{name} makes it cost more to answer {true!r} where that is true than to answer "
            f"{wrong!r}; rows are the true classes, and gains are costs below 0"
        )
    return costs


def _named_costs(name: str, value: Mapping[Any, Any], labels: list[Any]) -> np.ndarray:
    named = [*value, *(label for row in value.values() for label in row)]
    unknown = [label for label in named if label not in set(labels)]
    if unknown:
        raise ValueError(
            f"{name} names {unknown[0]!r}, which is not among the classes "
            f"{', '.join(map(repr, labels[:10]))}"
        )
    rows = []
    for true in labels:
        row = value.get(true, {})
        left = [label for label in labels if label != true and label not in row]
        if left:
            raise ValueError(
                f"{name} does not say what it costs to answer {left[0]!r} where {true!r} is true; "
                "right answers alone may be left out, at 0"
            )
        rows.append([row.get(label, 0.0) for label in labels])
    return _matrix(name, rows)


def _shares() -> str:
    return f"'f1', {written({'precision': 0.9})} or {written({'recall': 0.95})}"


def _forms() -> str:
    return (
        f"{written(None)}, a number above 0 and under 1, {_shares()}, or costs, whose rows are the "
        "true classes and whose columns are those answered"
    )


def _matrix(name: str, value: Any) -> np.ndarray:
    try:
        costs = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be {_forms()}: {error}") from error
    if costs.ndim != 2 or costs.shape[0] != costs.shape[1] or not np.isfinite(costs).all():
        raise ValueError(
            f"{name} has costs of shape {costs.shape}"
            + ("" if np.isfinite(costs).all() else ", not all of them finite numbers")
            + "; give a finite number for each true class (row) and each answer (column)"
        )
    return costs
