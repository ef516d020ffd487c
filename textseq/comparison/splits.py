"""One split for every row of a comparison."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

TEST_SHARE = 0.2


def make_splits(
    targets: np.ndarray, test: float | None, cv: int | None, random_state: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (training rows, test rows) of each fold; one fold without ``cv``.

    Class labels are split in proportion wherever every class has enough rows.

    Parameters
    ----------
    targets : ndarray of shape (n,) or (n, n_labels)
    test : float or None
        Share of the rows to test on; a fifth if None.
    cv : int or None
        Number of folds.
    random_state : int
    """
    strata = _strata(targets)
    rows = np.arange(len(targets))
    if cv is not None:
        if not 2 <= cv <= len(targets):
            raise ValueError(f"cv={cv} folds of {len(targets)} rows: use 2 to {len(targets)}")
        enough = strata is not None and np.unique(strata, return_counts=True)[1].min() >= cv
        folds: Any = (StratifiedKFold if enough else KFold)(
            cv, shuffle=True, random_state=random_state
        )
        return [(train, held_out) for train, held_out in folds.split(rows, strata)]
    share = TEST_SHARE if test is None else test
    if not 0 < share < 1:
        raise ValueError(f"test={share} is no share of the rows: use a number between 0 and 1")
    if strata is not None:
        counts = np.unique(strata, return_counts=True)[1]
        if counts.min() < 2 or len(counts) > min(share, 1 - share) * len(targets):
            strata = None
    train, held_out = train_test_split(
        rows, test_size=share, stratify=strata, random_state=random_state
    )
    return [(np.sort(train), np.sort(held_out))]


def _strata(targets: np.ndarray) -> np.ndarray | None:
    return None if targets.ndim > 1 or targets.dtype.kind == "f" else targets
