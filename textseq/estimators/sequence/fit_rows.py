"""The rows that a fit is given: which count, for how much, and which choose the epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from textseq.batches import SequenceData
from textseq.labels.row_weights import weighing_rows
from textseq.message_language import number_of


@dataclass(frozen=True, eq=False)
class FitRows:
    """Rows that have a weight above 0; the others are left out.

    Parameters
    ----------
    rows : ndarray
        Their numbers.
    weights : ndarray, optional
        Their weights, unless all are equal.
    groups : ndarray, optional
        What group each is of.
    """

    rows: np.ndarray
    weights: np.ndarray | None
    groups: np.ndarray | None

    @classmethod
    def read(cls, n_rows: int, sample_weight: Any, groups: Any) -> Self:
        """Check the weights and groups that ``fit`` was given."""
        rows, weights = weighing_rows(sample_weight, n_rows)
        found = check_groups(groups, n_rows)
        return cls(rows, weights, None if found is None else found[rows])


@dataclass(frozen=True, eq=False)
class ValidationRows:
    """Rows that choose the best epoch.

    Parameters
    ----------
    data : SequenceData
        As the network reads them, with what each counts for in the loss.
    X
        As the caller has them.
    weights : ndarray, optional
        The caller's weights of them.
    """

    data: SequenceData
    X: Any
    weights: np.ndarray | None

    def __len__(self) -> int:
        return len(self.data)

    def first(self, n_rows: int) -> ValidationRows:
        """Return so many of the rows."""
        weights = None if self.weights is None else self.weights[:n_rows]
        X = None if self.X is None else self.X[:n_rows]
        return ValidationRows(self.data.take(np.arange(n_rows)), X, weights)


def read_validation(given: Any) -> tuple[Any, Any, Any]:
    """Return X, y and weights of ``validation_data``."""
    parts = given if isinstance(given, tuple | list) else ()
    if len(parts) not in (2, 3):
        raise ValueError(
            f"validation_data must be (X, y) or (X, y, sample_weight), got {type(given).__name__}"
            + (f" of {len(parts)}" if parts else "")
        )
    X, y, *weights = parts
    if isinstance(X, str):
        raise ValueError("the validation X is a single string; pass a list of texts")
    return X, y, weights[0] if weights else None


def check_groups(groups: Any, n_rows: int) -> np.ndarray | None:
    """Return the number of each row's group (n,); None for none.

    Raises
    ------
    ValueError
        If there is not one a row, or one is missing.
    """
    if groups is None:
        return None
    values = pd.Series(groups.to_list() if hasattr(groups, "to_list") else list(groups))
    if len(values) != n_rows:
        raise ValueError(
            f"groups has {len(values)} values, but there are {n_rows} rows; give one a row"
        )
    numbers, _ = pd.factorize(values)
    if (numbers < 0).any():
        row = int((numbers < 0).argmax())
        raise ValueError(f"groups[{number_of(row)}] is missing; give every row a group")
    return numbers
