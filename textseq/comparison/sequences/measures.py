"""Scores of sequences, computed of counts that each row adds to."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from textseq.comparison.corpus_tests import Score

# Orders of n-grams that BLEU and chrF count, and the weight of recall in chrF.
BLEU_ORDER, CHRF_ORDER, CHRF_BETA = 4, 6, 2
# sacrebleu's logarithm of no match at all.
_NO_MATCH = -9999999999.0


@dataclass(frozen=True)
class Measure:
    """A score of sequences.

    Parameters
    ----------
    name : str
    score : callable
        Counts (..., K), summed over rows, to scores (...).
    """

    name: str
    score: Score


def share(count: int, of: int) -> Score:
    """Return the score that is one of the counts over another, given by their places."""

    def score(counts: np.ndarray) -> np.ndarray:
        return _over(counts[..., count], counts[..., of])

    return score


def f1(found_right: int, found: int, true: int) -> Score:
    """Return the F1 score of what was found, 0 where nothing was and nothing should have been."""

    def score(counts: np.ndarray) -> np.ndarray:
        return _over(2 * counts[..., found_right], counts[..., found] + counts[..., true], 0.0)

    return score


def bleu(counts: np.ndarray, effective_order: bool = False) -> np.ndarray:
    """Return BLEU, from 0 to 100, of sacrebleu's counts (..., 10): as it computes it, at once.

    Precisions of no match are smoothed as in mteval-v13a, sacrebleu's default. With
    ``effective_order`` orders of n-grams that no answer has count for nothing.

    Examples
    --------
    >>> from sacrebleu.metrics import BLEU
    >>> found = BLEU.compute_bleu([5, 3, 1, 0], [6, 5, 4, 3], 6, 7, smooth_method="exp")
    >>> round(found.score, 6), round(float(bleu(np.array([6, 7, 5, 3, 1, 0, 6, 5, 4, 3]))), 6)
    (32.159351, 32.159351)
    """
    written, reference = counts[..., 0], counts[..., 1]
    right, all_ = counts[..., 2 : 2 + BLEU_ORDER], counts[..., 2 + BLEU_ORDER :]
    missed = (right == 0) & (all_ > 0)
    halved = 2.0 ** np.cumsum(missed, axis=-1)
    precisions = np.where(missed, 100 / halved, 100 * right) / np.where(all_ > 0, all_, 1)
    # Behind an order without n-grams nothing counts.
    counted = np.minimum.accumulate(all_ > 0, axis=-1)
    logs = np.where(counted, np.log(np.where(counted, precisions, 1.0)), _NO_MATCH)
    orders = np.maximum(counted.sum(axis=-1), 1) if effective_order else BLEU_ORDER
    mean = np.where(counted | (not effective_order), logs, 0.0).sum(axis=-1) / orders
    short = np.exp(np.minimum(0.0, 1 - reference / np.where(written > 0, written, 1)))
    found = short * np.exp(mean)
    return np.where((written > 0) & right.any(axis=-1), found, 0.0)


def chrf(counts: np.ndarray) -> np.ndarray:
    """Return chrF, from 0 to 100, of sacrebleu's counts (..., 18), as it computes it."""
    written, reference, right = (counts[..., place::3] for place in range(3))
    counted = (written > 0) & (reference > 0)
    n_orders = counted.sum(axis=-1)
    precision = _over(np.where(counted, _over(right, written, 0.0), 0.0).sum(-1), n_orders, 0.0)
    recall = _over(np.where(counted, _over(right, reference, 0.0), 0.0).sum(-1), n_orders, 0.0)
    weight = CHRF_BETA**2
    return 100 * _over((1 + weight) * precision * recall, weight * precision + recall, 0.0)


def bits(nats: int, of: int) -> Score:
    """Return the score that is a number of nats, in bits, over another of the counts."""

    def score(counts: np.ndarray) -> np.ndarray:
        return _over(counts[..., nats] / math.log(2), counts[..., of])

    return score


def perplexity(nats: int, tokens: int) -> Score:
    """Return the score that is exp of nats a token."""

    def score(counts: np.ndarray) -> np.ndarray:
        return np.exp(_over(counts[..., nats], counts[..., tokens]))

    return score


def _over(counts: np.ndarray, of: np.ndarray, nothing: float = float("nan")) -> np.ndarray:
    """Divide, with a value where there is nothing to divide by."""
    return np.where(of > 0, counts / np.where(of > 0, of, 1), nothing)
