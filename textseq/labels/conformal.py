"""Split conformal prediction: how far off an answer may be, from rows that nothing learned of."""

from __future__ import annotations

import math

import numpy as np


def conformal_bound(misses: np.ndarray, coverage: float) -> float:
    """Return the bound that a new row's miss stays within, with probability ``coverage`` or more.

    Misses of held-out rows and of the new one are taken to be exchangeable: drawn from the same
    source, none of them having chosen anything.

    Parameters
    ----------
    misses : ndarray of shape (n,)
        How far off the answers to held-out rows are, ascending.
    coverage : float
        In (0, 1).

    Raises
    ------
    ValueError
        If coverage is no such number, or n are too few rows for it.

    References
    ----------
    Vovk, Gammerman & Shafer (2005), "Algorithmic Learning in a Random World", section 2.2; Lei et
    al. (2018), "Distribution-Free Predictive Inference for Regression", theorem 2.

    Examples
    --------
    >>> misses = np.arange(1, 20) / 10
    >>> conformal_bound(misses, 0.9), conformal_bound(misses, 0.5)
    (1.8, 1.0)
    """
    if not isinstance(coverage, int | float) or not 0 < coverage < 1:
        raise ValueError(f"coverage must be a number above 0 and under 1, got {coverage!r}")
    # The new row is as likely to have any rank among all n + 1.
    rank = math.ceil(round((len(misses) + 1) * coverage, 9))
    if rank > len(misses):
        fewest = math.ceil(round(coverage / (1 - coverage), 9))
        raise ValueError(
            f"coverage={coverage} needs {fewest:,} validation rows, and the fit had "
            f"{len(misses):,}; ask for less, or fit with more rows, a larger validation_fraction "
            "or validation_data"
        )
    return float(misses[rank - 1])
