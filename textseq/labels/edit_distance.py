"""How far a sequence is from another: insertions, deletions and substitutions."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np


def edit_distance(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """Return the fewest insertions, deletions and substitutions that make one of the other.

    Examples
    --------
    >>> edit_distance("kitten", "sitting"), edit_distance(["a"], [])
    (3, 1)
    """
    codes = {token: code for code, token in enumerate(dict.fromkeys([*first, *second]))}
    others = np.array([codes[token] for token in second], dtype=np.int64)
    columns = np.arange(len(others) + 1)
    row = columns
    for number, token in enumerate(first, start=1):
        best = np.minimum(row[1:] + 1, row[:-1] + (others != codes[token]))
        # What stands left of a place may be the nearest way to it: insertions only.
        row = np.minimum.accumulate(np.concatenate([[number], best]) - columns) + columns
    return int(row[-1])
