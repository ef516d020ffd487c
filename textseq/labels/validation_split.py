"""Which training rows are set aside to choose the best epoch."""

from __future__ import annotations

import numpy as np

from textseq.row_arrays import parts_of, row_array, row_numbers, tally

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
    order = row_numbers(len(targets))
    rng.shuffle(order)
    every = 1 / fraction
    indices = np.arange(rng.uniform(0, every), len(order), every).astype(int)
    if targets.ndim == 1 and targets.dtype.kind == "i":
        counts = tally(targets)
        validation = np.sort(_at_indices(order, targets, counts, indices))
        validation = validation[counts[targets[validation]] > 1]
    elif targets.ndim == 1:
        validation = np.sort(order[np.argsort(targets[order], kind="stable")[indices]])
    else:
        validation = np.sort(order[indices])
    return without(everything, validation), validation


def _at_indices(
    order: np.ndarray, targets: np.ndarray, counts: np.ndarray, indices: np.ndarray
) -> np.ndarray:
    """Return what stands at some indices, ascending, once ``order`` is sorted by class.

    A counting sort, stable, of which only those places are filled in.
    """
    begin = np.cumsum(counts) - counts  # (C,): where the next row of each class stands
    found = np.empty(len(indices), dtype=order.dtype)
    for part in parts_of(len(order)):
        classes = targets[order[part]]
        by_class = np.argsort(classes, kind="stable")
        own = np.bincount(classes, minlength=len(counts))
        # Of each row of the part, class by class: its index in the sorted whole.
        steps = begin - (np.cumsum(own) - own)
        places = np.arange(len(classes)) + np.repeat(steps, own)
        first = np.searchsorted(indices, places)
        hit = indices[np.minimum(first, len(indices) - 1)] == places
        found[first[hit]] = order[part][by_class[hit]]
        begin += own
    return found


def without(rows: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Return rows, ascending, without some of them, which are among them, ascending too.

    Examples
    --------
    >>> without(np.array([3, 5, 6, 9]), np.array([5, 9])).tolist()
    [3, 6]
    """
    places = np.searchsorted(rows, left_out)
    kept = row_array(len(rows) - len(places), rows.dtype)
    for part in parts_of(len(rows)):
        first, last = np.searchsorted(places, [part.start, part.stop])
        own = np.delete(rows[part], places[first:last] - part.start)
        kept[part.start - first : part.stop - last] = own
    return kept


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
