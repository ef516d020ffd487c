"""Rows that a page brings along: some that the model answers right, and some wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

# Rows on a page; at most half of them are answered wrong.
MOST_EXAMPLES = 20
# Rows that are read to choose among.
MOST_READ = 2_000


def chosen_rows(wrong: np.ndarray) -> np.ndarray:
    """Return the numbers of the rows that a page shows, ascending.

    Parameters
    ----------
    wrong : ndarray of shape (n,), bool
        Whether each is answered wrong.

    Examples
    --------
    >>> chosen_rows(np.array([True] * 40 + [False] * 3)).tolist()
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 40, 41, 42]
    """
    bad, good = np.flatnonzero(wrong), np.flatnonzero(~wrong)
    n_good = min(len(good), max(MOST_EXAMPLES // 2, MOST_EXAMPLES - len(bad)))
    return np.sort(np.concatenate([bad[: MOST_EXAMPLES - n_good], good[:n_good]]))


def example_forms(
    inputs: Sequence[Any],
    predictions: Sequence[Any],
    targets: Sequence[Any] | None,
    wrong: np.ndarray,
) -> list[dict[str, Any]]:
    """Describe rows as a page's script reads them; what has no target is not called wrong."""
    return [
        {
            "input": inputs[row],
            "prediction": predictions[row],
            "target": None if targets is None else targets[row],
            "wrong": bool(wrong[row]),
        }
        for row in range(len(inputs))
    ]
