"""How far answers agree with true classes beyond luck."""

from __future__ import annotations

import numpy as np


def agreement_beyond_luck(truth: np.ndarray, answers: np.ndarray) -> float:
    """Return how many standard deviations of luck answers agree more often than by luck.

    Luck deals the same answers to the rows in any order. With t_c rows of class c and s_c
    answers c, sum_c t_c s_c / n rows then agree on average.

    Parameters
    ----------
    truth, answers : ndarray of shape (n,)
        Class numbers.

    Returns
    -------
    float
        0 where no order is better than another: all rows, or all answers, are of one class, or
        none of the classes answered is there.

    References
    ----------
    Hoeffding (1951), "A Combinatorial Central Limit Theorem", theorem 2, for mean and variance.

    Examples
    --------
    >>> truth = np.array([0, 1] * 10)
    >>> round(agreement_beyond_luck(truth, truth), 2), agreement_beyond_luck(truth, 0 * truth)
    (4.36, 0.0)
    """
    n_rows, n_classes = len(truth), int(max(truth.max(), answers.max())) + 1
    true = np.bincount(truth, minlength=n_classes).astype(np.float64)
    said = np.bincount(answers, minlength=n_classes).astype(np.float64)
    pairs = true * said
    by_luck = pairs.sum() / n_rows
    if not by_luck or n_rows in (true.max(), said.max()):
        return 0.0
    variance = pairs.sum() - (pairs * (true + said)).sum() / n_rows + by_luck**2
    excess = np.count_nonzero(truth == answers) - by_luck
    return float(excess / np.sqrt(variance / (n_rows - 1)))
