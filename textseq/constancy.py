"""Whether values that vary only by rounding are one value."""

from __future__ import annotations

from typing import Any

import numpy as np

# Under this share of the size of the values, a spread is what rounding left: sums and steps of
# computed values are off by up to some 1e-11 of their size.
ROUNDING = 1e-10
FLOAT32_ROUNDING = 5e-7


def is_constant(spread: Any, size: Any) -> Any:
    """Return whether a spread is no more than rounding of values of some size.

    Parameters
    ----------
    spread : float or ndarray
        Standard deviation, mean absolute change or range, in float64; 0 or more.
    size : float or ndarray
        Largest absolute value.

    Returns
    -------
    bool or ndarray of bool
        False where the spread is unknown (NaN).

    Examples
    --------
    >>> values = np.full(100, 19.99)
    >>> float(values.std()) > 0, bool(is_constant(values.std(), values.max()))
    (True, True)
    >>> bool(is_constant(1e-300, 2e-300))
    False
    """
    return np.asarray(spread) <= ROUNDING * np.abs(size)


def constant_columns(values: np.ndarray) -> np.ndarray:
    """Return which columns (n, n_columns) hold one value at most, missing ones aside.

    Examples
    --------
    >>> constant_columns(np.array([[0.3, 1.0], [0.1 + 0.2, np.nan], [0.3, 2.0]])).tolist()
    [True, False]
    """
    return constant_parts(values, np.zeros(1, dtype=np.int64))[0]


def constant_parts(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return which columns hold one value at most in each part of the rows, (S, n_columns).

    Parameters
    ----------
    values : ndarray of shape (N, n_columns)
        NaN where missing.
    starts : ndarray of shape (S,), int64
        First row of each part; none is empty.
    """
    if not len(values):
        return np.ones((len(starts), values.shape[1]), dtype=bool)
    low = np.fmin.reduceat(values, starts, axis=0)
    high = np.fmax.reduceat(values, starts, axis=0)
    size = np.maximum(np.abs(low), np.abs(high))
    if values.dtype == np.float32:
        size = size * (FLOAT32_ROUNDING / ROUNDING)
    same: np.ndarray = is_constant(high - low, size)
    return same | np.isnan(low)
