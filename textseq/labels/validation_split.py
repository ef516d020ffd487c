"""Which training rows are set aside to choose the best epoch."""

from __future__ import annotations

import numpy as np

from textseq.ragged import row_numbers

# With fewer validation rows than this the best epoch would be chosen by luck.
FEWEST_VALIDATION_ROWS = 20


def split_rows(
    targets: np.ndarray,
    fraction: float,
    rng: np.random.Generator,
    fewest: int = FEWEST_VALIDATION_ROWS,
    groups: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Split rows into training and validation, each class in proportion.

    A class with a single row stays in training. Too few rows to validate on
    leave the second part empty. Groups stay whole, drawn at random.

    Parameters
    ----------
    targets : ndarray of shape (n,) or (n, n_labels)
        Class numbers, values (split in proportion along their range) or
        indicators (split at random).
    fraction : float
        Share of rows for validation.
    rng : numpy Generator
    fewest : int, default 20
        Rows without which there is no validation.
    groups : ndarray of shape (n,), optional
        Rows of one group stand on one side.

    Returns
    -------
    training, validation : ndarray
        Row numbers, ascending.

    Examples
    --------
    >>> targets = np.repeat([0, 1], [300, 100])
    >>> training, validation = split_rows(targets, 0.1, np.random.default_rng(0))
    >>> len(training), np.bincount(targets[validation]).tolist()
    (360, [30, 10])
    """
    everything = row_numbers(len(targets))
    if round(len(targets) * fraction) < fewest:
        return everything, everything[:0]
    if groups is not None:
        return _whole_groups(targets, fraction, rng, groups)
    order = rng.permutation(everything)
    if targets.ndim == 1:
        order = order[np.argsort(targets[order], kind="stable")]
    every = 1 / fraction
    indices = np.arange(rng.uniform(0, every), len(order), every).astype(int)
    validation = np.sort(order[indices])
    if targets.ndim == 1 and targets.dtype.kind == "i":
        counts = np.bincount(targets)
        validation = validation[counts[targets[validation]] > 1]
    return without(everything, validation), validation


def without(rows: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Return rows, ascending, without some of them, without sorting millions.

    Examples
    --------
    >>> without(np.array([3, 5, 6, 9]), np.array([5, 9])).tolist()
    [3, 6]
    """
    kept = np.ones(len(rows), dtype=bool)
    kept[np.searchsorted(rows, left_out)] = False
    return rows[kept]


def _whole_groups(
    targets: np.ndarray, fraction: float, rng: np.random.Generator, groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Set groups aside that hold the share of rows at most, and no class's last training row."""
    _, numbers = np.unique(groups, return_inverse=True)
    rows_of = np.split(np.argsort(numbers, kind="stable"), np.cumsum(np.bincount(numbers))[:-1])
    classes = targets.ndim == 1 and targets.dtype.kind == "i"
    left = np.bincount(targets) if classes else np.array([len(targets)])
    room = round(len(targets) * fraction)
    chosen: list[np.ndarray] = []
    for group in rng.permutation(len(rows_of)):
        rows = rows_of[group]
        its = np.bincount(targets[rows], minlength=len(left)) if classes else len(rows)
        if len(rows) <= room and ((left - its > 0) | (left == 0)).all():
            chosen.append(rows)
            left, room = left - its, room - len(rows)
    validation = np.sort(np.concatenate(chosen)) if chosen else np.arange(0)
    return np.setdiff1d(np.arange(len(targets)), validation), validation
