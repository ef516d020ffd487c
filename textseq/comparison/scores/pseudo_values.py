"""What each test row adds to a score that is no mean over rows, such as macro F1 or an AUC."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sklearn

# Scores with a unit left out, at most: rows beyond so many are left out several at once.
MOST_UNITS = 500


def units_of(n_rows: int, clusters: np.ndarray | None = None, most: int = MOST_UNITS) -> np.ndarray:
    """Return the number (n,) of the unit each row is left out with: a cluster, or a few rows."""
    if clusters is not None:
        numbers: np.ndarray = np.unique(clusters, return_inverse=True)[1]
        return numbers % most
    return np.arange(n_rows) % most


def pseudo_values(
    score: Callable[[np.ndarray], float], units: np.ndarray, kinds: np.ndarray | None = None
) -> np.ndarray:
    """Return jackknife pseudo-values (n_units,) of a score, shifted to have it as their mean.

    Of a mean over rows they are the rows' own scores, so that what is known of means, intervals
    and paired tests alike, holds of any smooth score of many rows.

    Parameters
    ----------
    score : callable
        Score of the rows whose numbers it is given.
    units : ndarray of shape (n,)
        Number of the unit that each row is of.
    kinds : ndarray of shape (n,), optional
        Rows of one kind are the same to the score; each a unit of its own, only one of a kind
        is left out.

    References
    ----------
    Tukey (1958). Bias and confidence in not quite large samples. Annals of Mathematical
    Statistics 29, 614. Efron and Tibshirani (1993). An Introduction to the Bootstrap, chapter 11.

    Examples
    --------
    >>> right = np.array([1.0, 0.0, 1.0, 1.0])
    >>> values = pseudo_values(lambda rows: right[rows].mean(), np.arange(4))
    >>> bool(np.allclose(values, right))
    True
    """
    all_rows = np.arange(len(units))
    n_units = int(units.max()) + 1
    inverse = np.arange(n_units)
    if kinds is not None:
        _, first, inverse = np.unique(kinds, return_index=True, return_inverse=True)
        left_out = units[first]
    else:
        left_out = inverse
    # Hundreds of scores of arrays that are known to be sound.
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        full_score = score(all_rows)
        without = np.array([score(all_rows[units != unit]) for unit in left_out])
    # A score may be undefined where the only row of a class is left out.
    without = np.where(np.isfinite(without), without, full_score)[inverse]
    return full_score + (n_units - 1) * (without.mean() - without)
