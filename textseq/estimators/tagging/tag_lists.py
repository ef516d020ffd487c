"""Rows of tags as they are answered."""

from __future__ import annotations

from typing import Any

import numpy as np


class TagLists(list[list[Any]]):
    """A list of rows of tags, which NumPy takes for one object a row.

    So scikit-learn's ``cross_val_predict`` can join the answers of its folds, whose rows differ in
    length, or do not.

    Examples
    --------
    >>> answers = TagLists([["O", "B"], ["O"]])
    >>> answers == [["O", "B"], ["O"]], np.concatenate([answers, answers]).shape
    (True, (4,))
    """

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Return an array of lists, shape (n_rows,)."""
        rows = np.fromiter(self, dtype=object, count=len(self))
        return rows if dtype is None else rows.astype(dtype)
