"""A rising curve that puts the probabilities of two classes right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.special import logit
from sklearn.isotonic import isotonic_regression

# Probabilities that differ by less are the same.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class IsotonicCalibration:
    """Log odds to better ones: straight between knots, and at a slope of 1 beyond them.

    It rises everywhere, so that rows keep their order, and none become equal that were not.

    Parameters
    ----------
    log_odds, calibrated : ndarray of shape (n_knots,), float64
        Both ascending.

    References
    ----------
    Zadrozny & Elkan (2002), "Transforming Classifier Scores into Accurate Multiclass Probability
    Estimates"; the knots: Oron & Flournoy (2017), "Centered Isotonic Regression".
    """

    log_odds: np.ndarray
    calibrated: np.ndarray

    @classmethod
    def fit(
        cls, log_odds: np.ndarray, there: np.ndarray, weights: np.ndarray | None = None
    ) -> Self:
        """Fit to held-out rows: to the mean of each block of rows that isotonic regression levels.

        Parameters
        ----------
        log_odds : ndarray of shape (n,)
            Of the second class.
        there : ndarray of shape (n,), bool
            Whether a row is of it.
        weights : ndarray of shape (n,), optional

        References
        ----------
        What 0 and 1 are taken for, so that log odds are finite: Platt (1999), "Probabilistic
        Outputs for Support Vector Machines", equation 12.

        Examples
        --------
        >>> log_odds = np.array([-2.0, -1.0, 0.0, 1.0])
        >>> curve = IsotonicCalibration.fit(log_odds, np.array([False, True, False, True]))
        >>> curve.log_odds.tolist()  # the two in the middle are one block
        [-2.0, -0.5, 1.0]
        """
        counts = np.ones(len(there)) if weights is None else weights.astype(np.float64)
        counts = counts * len(there) / counts.sum()
        positive = counts[there].sum()
        goals = np.where(there, (positive + 1) / (positive + 2), 1 / (len(there) - positive + 2))
        places, which = np.unique(log_odds, return_inverse=True)
        weight = np.bincount(which, counts)
        means = np.bincount(which, counts * goals) / weight
        levels = isotonic_regression(means, sample_weight=weight)
        starts = np.flatnonzero(np.diff(levels, prepend=-1) > ROUNDING)
        centres = np.add.reduceat(weight * places, starts) / np.add.reduceat(weight, starts)
        return cls(centres, logit(levels[starts]))

    def __call__(self, log_odds: np.ndarray) -> np.ndarray:
        """Return calibrated log odds of the same shape."""
        ends = np.clip(log_odds, self.log_odds[0], self.log_odds[-1])
        found: np.ndarray = np.interp(ends, self.log_odds, self.calibrated) + log_odds - ends
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON-able form."""
        return {"log_odds": self.log_odds.tolist(), "calibrated": self.calibrated.tolist()}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Take back what ``to_dict`` gave."""
        knots = [np.array(stored[name], dtype=np.float64) for name in ("log_odds", "calibrated")]
        if not len(knots[0]) or knots[0].shape != knots[1].shape or not all(map(_ascends, knots)):
            raise ValueError("the knots of the calibration are no ascending numbers")
        return cls(*knots)


def _ascends(numbers: np.ndarray) -> bool:
    one_row = numbers.ndim == 1 and np.isfinite(numbers).all()
    return bool(one_row and (np.diff(numbers) > 0).all())
