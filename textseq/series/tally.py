"""What is refused of rows that are looked at part by part: the first of it, and how much."""

from __future__ import annotations

from typing import Any

import numpy as np


class Tally:
    """The number of what was found, and what is to be said of the first.

    Examples
    --------
    >>> tally = Tally()
    >>> for part in ([False, False], [False, True, True], [True]):
    ...     if (place := tally.add(np.array(part))) is not None:
    ...         tally.first = f"place {place} of {part}"
    >>> tally.count, tally.first
    (3, 'place 1 of [False, True, True]')
    """

    def __init__(self) -> None:
        self.count = 0
        self.first: Any = None

    def add(self, found: np.ndarray) -> int | None:
        """Count what was found in a part (n,), bool; return the place of the first of all."""
        places = np.flatnonzero(found)
        is_first = len(places) and not self.count
        self.count += len(places)
        return int(places[0]) if is_first else None
