"""Thresholds that held-out rows choose, and what they reach there."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import precision_recall_curve

# Below it a sum of weights is none.
NONE = 1e-12


class Reached(NamedTuple):
    """What thresholds reach on rows, one each."""

    precision: list[float]
    recall: list[float]
    f1: list[float]


def tuned_thresholds(
    value: Any, truth: np.ndarray, probabilities: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Return the thresholds (k,) that rows choose, each half-way between two probabilities.

    Parameters
    ----------
    value : "f1", or dict of "precision" or "recall" to a share
        "f1" takes the largest F1; a share of one takes the most of the other that there is with
        it. Where no threshold reaches a precision, the most precise one is taken.
    truth : ndarray of shape (n, k)
        0/1 indicators, each of both.
    probabilities : ndarray of shape (n, k)
    weights : ndarray of shape (n,), optional

    References
    ----------
    Lipton, Elkan & Naryanaswamy (2014), "Optimal Thresholding of Classifiers to Maximize F1
    Measure".

    Examples
    --------
    >>> truth = np.array([[0], [0], [1], [0], [1], [1]])
    >>> probabilities = np.array([[0.1], [0.3], [0.4], [0.6], [0.7], [0.9]])
    >>> tuned_thresholds("f1", truth, probabilities).round(2)
    array([0.35])
    >>> tuned_thresholds({"precision": 0.9}, truth, probabilities).round(2)
    array([0.65])
    """
    columns = zip(truth.T, probabilities.T, strict=True)
    return np.array([_tuned(value, there, own, weights) for there, own in columns])


def reached_by(
    thresholds: np.ndarray,
    truth: np.ndarray,
    probabilities: np.ndarray,
    weights: np.ndarray | None = None,
) -> Reached:
    """Return what given thresholds (k,) reach on rows, as ``tuned_thresholds`` takes them."""
    counts = np.ones((len(truth), 1)) if weights is None else weights[:, None]
    answered = probabilities >= thresholds
    hits = (counts * (answered & (truth > 0))).sum(0)
    said, there = (counts * answered).sum(0), (counts * truth).sum(0)
    shares = hits / np.maximum([said, there, (said + there) / 2], NONE)
    return Reached(*shares.tolist())


def _tuned(
    value: Any, there: np.ndarray, probabilities: np.ndarray, weights: np.ndarray | None
) -> float:
    precision, recall, levels = precision_recall_curve(there, probabilities, sample_weight=weights)
    precision, recall = precision[:-1], recall[:-1]  # the last one answers nothing
    if isinstance(value, str):
        f1 = 2 * precision * recall / np.maximum(precision + recall, NONE)
        place = int(f1.argmax())
    else:
        ((floor, share),) = value.items()
        held, most = (precision, recall) if floor == "precision" else (recall, precision)
        enough = held >= min(float(share), held.max()) - 1e-9
        place = int(np.lexsort((held, most, enough))[-1])
    below = levels[place - 1] if place else 0.0
    return float(levels[place] + below) / 2
