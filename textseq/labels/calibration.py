"""Whether probabilities mean what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd

N_BINS = 15


def reliability_table(
    truth: np.ndarray, probabilities: np.ndarray, n_bins: int = N_BINS
) -> pd.DataFrame:
    """Return how often answers are right, by how sure the model is of them.

    Parameters
    ----------
    truth : ndarray of shape (n,)
        True class numbers.
    probabilities : ndarray of shape (n, n_classes)
    n_bins : int, default 15
        Bins of equal width from 0 to 1.

    Returns
    -------
    DataFrame
        One row a bin that has rows: ``rows``, their mean ``confidence`` (the largest probability)
        and their ``accuracy``.
    """
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == truth
    numbers = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    rows = pd.DataFrame({"bin": numbers, "confidence": confidence, "accuracy": right})
    bins = rows.groupby("bin").agg(
        rows=("accuracy", "size"), confidence=("confidence", "mean"), accuracy=("accuracy", "mean")
    )
    return bins.reset_index(drop=True)


def expected_calibration_error(
    truth: np.ndarray, probabilities: np.ndarray, n_bins: int = N_BINS
) -> float:
    """Return the mean distance of confidence from accuracy over rows, bin by bin.

    Parameters
    ----------
    truth, probabilities, n_bins
        As ``reliability_table`` takes them.

    References
    ----------
    Naeini, Cooper & Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using Bayesian
    Binning"; Guo et al. (2017), "On Calibration of Modern Neural Networks", equation 3.

    Examples
    --------
    >>> truth = np.array([0, 0, 1, 1])
    >>> sure = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.1, 0.9]])
    >>> round(expected_calibration_error(truth, sure), 3)  # sure by 90 %, right in 75 %
    0.15
    """
    bins = reliability_table(truth, probabilities, n_bins)
    gaps = (bins["confidence"] - bins["accuracy"]).abs()
    return float((gaps * bins["rows"]).sum() / bins["rows"].sum())
