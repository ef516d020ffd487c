"""One number for each row: in memory, or of very many rows in a file that goes with the array."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from textseq.growing_array import NamelessFile

# Rows whose numbers lie in memory; and rows that are looked at together.
ROWS_TOGETHER = 2**20


def row_array(n_rows: int, dtype: np.dtype | type) -> np.ndarray:
    """Return an array (n_rows,) to be filled, mapped to a nameless file if it is a long one.

    Where no file can be made, it lies in memory all the same.

    Examples
    --------
    >>> row_array(3, np.int32).shape
    (3,)
    """
    if n_rows > ROWS_TOGETHER:
        with suppress(OSError):
            return NamelessFile().filled_in(np.dtype(dtype), n_rows)
    return np.empty(n_rows, dtype)


def row_numbers(n_rows: int) -> np.ndarray:
    """Return 0, 1, ... (n_rows,), in 32 bits where they hold them.

    Of very many rows that is half the memory; NumPy's generators draw the same of both.
    """
    numbers = row_array(n_rows, np.int32 if n_rows < 2**31 else np.int64)
    for part in parts_of(n_rows):
        numbers[part] = np.arange(part.start, part.stop)
    return numbers


def picked(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return ``values[rows]``, with no more in memory than ``row_array`` has."""
    if len(rows) <= ROWS_TOGETHER or values.ndim > 1:
        return values[rows]
    found = row_array(len(rows), values.dtype)
    for part in parts_of(len(rows)):
        found[part] = values[rows[part]]
    return found


def tally(numbers: np.ndarray, n_numbers: int = 0) -> np.ndarray:
    """Count how often each of 0, 1, ... occurs, up to the largest at least, int64.

    Examples
    --------
    >>> tally(np.array([2, 0, 2]), 4).tolist()
    [1, 0, 2, 0]
    """
    counts = np.zeros(max(int(numbers.max(initial=-1)) + 1, n_numbers), dtype=np.int64)
    for part in parts_of(len(numbers)):
        counts += np.bincount(numbers[part], minlength=len(counts))
    return counts


def quantile_of(numbers: np.ndarray, q: float, method: str = "linear") -> float:
    """Return what ``np.quantile`` does of whole numbers from 0 on, without sorting them.

    Examples
    --------
    >>> quantile_of(np.array([4, 1, 2]), 0.75)
    3.0
    """
    ends = np.cumsum(tally(numbers))
    place = q * (len(numbers) - 1)
    below = int(place)
    pair = np.searchsorted(ends, [below, min(below + 1, len(numbers) - 1)], side="right")
    return float(np.quantile(pair, place - below, method=method))  # type: ignore[call-overload]


def parts_of(n_rows: int) -> Iterator[slice]:
    """Yield all rows in order, some at a time."""
    for start in range(0, n_rows, ROWS_TOGETHER):
        yield slice(start, min(start + ROWS_TOGETHER, n_rows))
