"""One split for every row of a comparison."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    train_test_split,
)

from textseq.checks import check_count

TEST_SHARE = 0.2

Splits = list[tuple[np.ndarray, np.ndarray]]


def make_splits(
    targets: np.ndarray,
    test: float | None,
    cv: Any,
    random_state: int,
    groups: np.ndarray | None = None,
) -> Splits:
    """Return (training rows, test rows) of each fold; one fold without ``cv``.

    Class labels are split in proportion wherever every class has enough rows. No group stands
    on both sides of a fold.

    Parameters
    ----------
    targets : ndarray of shape (n,) or (n, n_labels)
    test : float or None
        Share of the rows to test on (with groups, of the groups); a fifth if None.
    cv : int, splitter, iterable of (training rows, test rows), or None
    random_state : int
    groups : ndarray of shape (n,), optional
    """
    rows = np.arange(len(targets))
    if cv is None:
        return [_one_split(targets, test, random_state, groups)]
    if isinstance(cv, int | float):
        return _folds(targets, check_count("cv", cv), random_state, groups)
    if hasattr(cv, "split") and not isinstance(cv, str):
        strata = None if targets.ndim > 1 and "Stratified" not in type(cv).__name__ else targets
        # Those of scikit-learn that keep no groups whole warn of them.
        kind = type(cv)
        reads_groups = "Group" in kind.__name__ or not kind.__module__.startswith("sklearn.")
        pairs = cv.split(rows[:, None], strata, groups if reads_groups else None)
    elif isinstance(cv, Iterable) and not isinstance(cv, str):
        pairs = cv
    else:
        raise ValueError(
            "cv must be a number of folds, a splitter of scikit-learn such as GroupKFold(5), or "
            f"pairs of (training rows, test rows), got {cv!r}"
        )
    splits = [_checked(pair, fold, len(targets), groups) for fold, pair in enumerate(pairs)]
    if not splits:
        raise ValueError("cv has no folds; give at least one pair of (training rows, test rows)")
    return splits


def _one_split(
    targets: np.ndarray, test: float | None, random_state: int, groups: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    share = TEST_SHARE if test is None else test
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1:
        raise ValueError(
            f"test={share!r} is no share of the rows: use a number between 0 and 1, or (X, y)"
        )
    rows, strata = np.arange(len(targets)), _strata(targets)
    if groups is not None:
        if len(np.unique(groups)) < 2:
            raise ValueError("groups holds one group, and a test set needs another; leave it out")
        splitter = GroupShuffleSplit(1, test_size=share, random_state=random_state)
        train, held_out = next(splitter.split(rows, targets, groups))
        return np.sort(train), np.sort(held_out)
    if strata is not None:
        counts = np.unique(strata, return_counts=True)[1]
        if counts.min() < 2 or len(counts) > min(share, 1 - share) * len(targets):
            strata = None
    train, held_out = train_test_split(
        rows, test_size=share, stratify=strata, random_state=random_state
    )
    return np.sort(train), np.sort(held_out)


def _folds(targets: np.ndarray, cv: int, random_state: int, groups: np.ndarray | None) -> Splits:
    units, name = len(targets), "rows"
    if groups is not None:
        units, name = len(np.unique(groups)), "groups"
    if not 2 <= cv <= units:
        raise ValueError(f"cv={cv} folds of {units} {name}: use 2 to {units}")
    strata = _strata(targets)
    enough = strata is not None and np.unique(strata, return_counts=True)[1].min() >= cv
    kinds: tuple[Any, Any] = (StratifiedKFold, KFold)
    if groups is not None:
        kinds = (StratifiedGroupKFold, GroupKFold)
    folds = kinds[0 if enough else 1](cv, shuffle=True, random_state=random_state)
    rows = np.arange(len(targets))
    splits = list(folds.split(rows, strata, groups))
    if min(len(part) for pair in splits for part in pair) == 0:
        raise ValueError(
            f"cv={cv} folds of {units} {name} leave a fold without test rows; use fewer folds"
        )
    return splits


def _checked(
    pair: Any, fold: int, n_rows: int, groups: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of a fold that a caller cut, if they are two sides."""
    try:
        train, test = (np.asarray(part) for part in pair)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"fold {fold} of cv must be a pair (training rows, test rows), got {pair!r}"
        ) from error
    sides = {"training": train, "test": test}
    for side, rows in sides.items():
        if rows.dtype.kind == "b" and rows.shape == (n_rows,):
            sides[side] = rows = np.flatnonzero(rows)
        if rows.ndim != 1 or not len(rows) or rows.dtype.kind not in "iu":
            raise ValueError(f"fold {fold} of cv has no row numbers for {side}; give at least one")
        if rows.min() < 0 or rows.max() >= n_rows:
            raise ValueError(
                f"fold {fold} of cv names row {rows.max() if rows.min() >= 0 else rows.min()}, "
                f"but the rows are 0 to {n_rows - 1}"
            )
    both = np.intersect1d(sides["training"], sides["test"])
    if len(both):
        raise ValueError(f"fold {fold} of cv both trains and tests on row {both[0]}")
    if groups is not None:
        shared = np.intersect1d(groups[sides["training"]], groups[sides["test"]])
        if len(shared):
            row = int(np.flatnonzero(groups == shared[0])[0])
            raise ValueError(
                f"fold {fold} of cv has the group of row {row} on both sides; use a splitter that "
                "keeps groups whole, such as GroupKFold"
            )
    return sides["training"], sides["test"]


def _strata(targets: np.ndarray) -> np.ndarray | None:
    return None if targets.ndim > 1 or targets.dtype.kind == "f" else targets
