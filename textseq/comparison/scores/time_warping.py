"""Distances of series after dynamic time warping, and what they cost."""

from __future__ import annotations

import numpy as np

from textseq.ragged import Ragged

# Numbers that the pairs aligned at once may hold: few enough to stay in the cache.
PAIR_BUDGET = 200_000
# Share of the longer series that two steps aligned may lie apart.
BAND = 0.1
# Cells that may be filled, some minutes: of whole tables, else of bands.
MOST_CELLS = 5e10


def band_within_budget(train: np.ndarray, test: np.ndarray, n_channels: int) -> float | None:
    """Return the band in which all pairs can be aligned in minutes: 1 for whole tables, or None.

    Parameters
    ----------
    train, test : ndarray of shape (n_train,) and (n_test,), int64
        Lengths of the series.
    n_channels : int
    """
    cells = n_channels * float(train.sum()) * float(test.sum())
    share = min(1.0, 2 * BAND)
    return 1.0 if cells <= MOST_CELLS else BAND if cells * share <= MOST_CELLS else None


def dtw_distances(a: Ragged, b: Ragged, band: float = BAND) -> np.ndarray:
    """Return the squared distances of all pairs of series after time warping.

    Two series are aligned as a whole, all channels at once.

    Parameters
    ----------
    a, b : Ragged
        Values (n_steps, n_channels) without NaN; lengths may differ.
    band : float, default 0.1
        Steps aligned lie at most this share of the longer series apart, and no less than the
        series differ in length; 1 aligns without a band.

    Returns
    -------
    ndarray of shape (len(a), len(b))

    References
    ----------
    Sakoe & Chiba (1978), "Dynamic Programming Algorithm Optimization for Spoken Word
    Recognition", equation 3, with steps of equal weight, and equation 5 for the band; of several
    channels: Shokoohi-Yekta et al. (2017), "Generalizing DTW to the multi-dimensional case",
    equation 6.

    Examples
    --------
    >>> slow = Ragged(np.array([[0.0], [0.0], [1.0], [3.0]]), np.array([0, 4]))
    >>> fast = Ragged(np.array([[0.0], [1.0], [1.0]]), np.array([0, 3]))
    >>> dtw_distances(slow, fast).tolist()
    [[4.0]]
    """
    # Pairs of like lengths are aligned together.
    first, second = np.divmod(np.arange(len(a) * len(b)), len(b))
    order = np.lexsort((b.lengths[second], a.lengths[first]))
    first, second = first[order], second[order]
    left, right = (
        np.ascontiguousarray(rows.padded().transpose(1, 2, 0)) for rows in (a, b)
    )  # (T, C, n)
    size = max(1, PAIR_BUDGET // max(left.shape[0] * left.shape[1], 1))
    found = np.empty(len(order))
    for start in range(0, len(order), size):
        one, other = first[start : start + size], second[start : start + size]
        n_left, n_right = a.lengths[one], b.lengths[other]
        found[order[start : start + size]] = _aligned(
            left[: n_left.max(), :, one], right[: n_right.max(), :, other], n_left, n_right, band
        )
    return found.reshape(len(a), len(b))


def _aligned(
    left: np.ndarray, right: np.ndarray, n_left: np.ndarray, n_right: np.ndarray, band: float
) -> np.ndarray:
    """Align pairs (T, C, P) and (U, C, P), diagonal by diagonal of the T x U table."""
    (height, n_channels, n_pairs), width = left.shape, right.shape[0]
    buffer = np.empty((min(height, width), n_channels, n_pairs))
    apart = np.ceil(band * np.maximum(n_left, n_right)).astype(np.int64)
    apart = np.maximum(apart, np.abs(n_left - n_right))  # (P,)
    widest, alike = int(apart.max()), bool((apart == apart[0]).all())
    # Index i of a diagonal is row i - 1 of the table; index 0 lies before the table.
    before, last, current = (np.full((height + 2, n_pairs), np.inf) for _ in range(3))
    before[0] = 0.0  # where every path starts
    total = np.empty(n_pairs)
    ends = n_left + n_right - 2
    for diagonal in range(height + width - 1):
        top = max(0, diagonal - width + 1, (diagonal - widest + 1) // 2)
        bottom = min(diagonal, height - 1, (diagonal + widest) // 2) + 1
        there = right[diagonal - bottom + 1 : diagonal - top + 1][::-1]
        costs = np.subtract(left[top:bottom], there, out=buffer[: bottom - top])
        np.square(costs, out=costs)
        reached = current[top + 1 : bottom + 1]
        np.minimum(last[top:bottom], last[top + 1 : bottom + 1], out=reached)
        np.minimum(reached, before[top:bottom], out=reached)
        reached += costs[:, 0] if n_channels == 1 else costs.sum(1)
        if not alike:
            rows = np.arange(top, bottom)[:, None]
            reached[np.abs(2 * rows - diagonal) > apart] = np.inf
        # What a diagonal before the last left there is no neighbour.
        current[top] = current[bottom + 1] = np.inf
        done = ends == diagonal
        if done.any():
            total[done] = current[n_left[done], done]
        before, last, current = last, current, before
    return total
