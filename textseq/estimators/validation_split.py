"""Which training rows are set aside to choose the best epoch."""

from __future__ import annotations

import numpy as np

# With fewer validation rows than this the best epoch would be chosen by luck.
FEWEST_VALIDATION_ROWS = 20


def split_rows(
    targets: np.ndarray,
    fraction: float,
    rng: np.random.Generator,
    fewest: int = FEWEST_VALIDATION_ROWS,
) -> tuple[np.ndarray, np.ndarray]:
    """Split rows into training and validation, each class in proportion.

    A class with a single row stays in training. Too few rows to validate on
    leave the second part empty.

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
    everything = np.arange(len(targets))
    if round(len(targets) * fraction) < fewest:
        return everything, everything[:0]
    order = rng.permutation(len(targets))
    if targets.ndim == 1:
        order = order[np.argsort(targets[order], kind="stable")]
    every = 1 / fraction
    places = np.arange(rng.uniform(0, every), len(order), every).astype(int)
    validation = np.sort(order[places])
    if targets.ndim == 1 and targets.dtype.kind == "i":
        counts = np.bincount(targets)
        validation = validation[counts[targets[validation]] > 1]
    return np.setdiff1d(everything, validation), validation
