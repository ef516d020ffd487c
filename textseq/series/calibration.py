"""Prediction intervals from errors on windows that training did not see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.special import ndtri, stdtrit

# Scores kept of each level: evenly spaced order statistics stand for more.
MOST_SCORES = 2_000
# With fewer windows apart than this, an interval would be too wide to be of any use.
FEWEST_APART = 2
# What the scores of a network that forecasts one value are kept under.
POINT = "point"


@dataclass(frozen=True, eq=False)
class Calibration:
    """How far forecasts were off, step by step, and the intervals that follow from it.

    The errors of a step are divided by its typical error, so that the errors of all steps
    decide together how wide an interval is; the typical error never falls with the step.

    Parameters
    ----------
    spread : ndarray of shape (H, K)
        Typical absolute error of each step (a mean of roots, squared), in the windows' units:
        their difficulty.
    scores : dict of level, or ``POINT``, to ndarray of shape (n_scores,)
        Sorted: how far the truth lay outside the base interval, in typical errors.
    n_apart : float
        Windows that do not overlap. The errors of those that do are much alike, and few tell
        little of what is to come: intervals are widened as Student's t is against the normal
        distribution, with as many degrees of freedom.

    References
    ----------
    Split conformal prediction: Lei et al. (2018), "Distribution-Free Predictive Inference for
    Regression", algorithm 2, and section 5.2 for units that differ; of quantiles: Romano,
    Patterson & Candes (2019), "Conformalized Quantile Regression", equation 6.

    Examples
    --------
    >>> errors = np.arange(1.0, 101.0)[:, None, None]  # (n, H, K)
    >>> calibration = Calibration.learn(errors, {POINT: np.abs(errors)}, n_apart=1e9)
    >>> round(float(calibration.widening(POINT, 90, 1)[0, 0]))
    91
    """

    spread: np.ndarray
    scores: dict[Any, np.ndarray]
    n_apart: float

    @classmethod
    def learn(cls, errors: np.ndarray, outside: Mapping[Any, np.ndarray], n_apart: float) -> Self:
        """Learn from the windows of a validation part.

        Parameters
        ----------
        errors : ndarray of shape (n, H, K)
            Truth minus forecast in the windows' units, NaN where unknown.
        outside : dict of level, or ``POINT``, to ndarray of shape (n, H, K)
            How far the truth lay outside of each base interval; negative inside.
        n_apart : float
            How many of the windows do not overlap.
        """
        known = ~np.isnan(errors)
        # Means of roots, which a few huge errors do not rule.
        total = np.sqrt(np.where(known, np.abs(errors), 0.0)).sum(axis=0)
        counts = known.sum(axis=0)
        # A target without an error has those of the others.
        of_all = total.sum(axis=1) / np.maximum(counts.sum(axis=1), 1)
        spread = np.where(counts > 0, total / np.maximum(counts, 1), of_all[:, None])
        spread = np.square(np.maximum.accumulate(spread, axis=0))
        spread = np.maximum(spread, np.finfo(float).tiny)
        return cls(
            spread,
            {name: _thinned(np.sort((values / spread)[known])) for name, values in outside.items()},
            n_apart,
        )

    def widening(self, name: Any, level: float, steps: int) -> np.ndarray:
        """Return what to add to both ends of a base interval, shape (steps, K).

        Beyond the calibrated steps the typical error grows with the square root of the step,
        as a random walk's.

        Parameters
        ----------
        name : float or ``POINT``
            Whose scores.
        level : float
            Percent of the truths that the interval should hold.
        steps : int
        """
        scores = self.scores[name]
        place = int(np.ceil((len(scores) + 1) * level / 100)) - 1
        score = scores[min(place, len(scores) - 1)]
        if score > 0:
            tail = (100 + level) / 200
            score *= stdtrit(max(self.n_apart, FEWEST_APART), tail) / ndtri(tail)
        calibrated = len(self.spread)
        beyond = np.sqrt(np.arange(calibrated + 1, steps + 1) / calibrated)
        spread = np.concatenate([self.spread[:steps], self.spread[-1] * beyond[:, None]])
        return score * spread


def middle_of(found: np.ndarray) -> np.ndarray:
    """Return the median (...,) of quantiles (..., Q) that rise."""
    middle: np.ndarray = found[..., found.shape[-1] // 2]
    return middle


def base_intervals(
    found: np.ndarray, quantiles: Sequence[float], levels: Sequence[float] | None = None
) -> dict[Any, tuple[np.ndarray, np.ndarray]]:
    """Return the interval to widen of each level: the forecast itself, or two of its quantiles.

    Parameters
    ----------
    found : ndarray of shape (..., Q)
        Quantiles of each step, or one value.
    quantiles : sequence of float
        Empty for one value.
    levels : sequence of float, optional
        In percent. Without them, all that the quantiles give, or the one value under ``POINT``.

    Raises
    ------
    ValueError
        If the network does not forecast a level's quantiles.
    """
    if not quantiles:
        names = [POINT] if levels is None else levels
        return {name: (middle_of(found), middle_of(found)) for name in names}
    known = {
        round(100 * (high - low), 6): (found[..., place], found[..., -1 - place])
        for place, (low, high) in enumerate(zip(quantiles, reversed(quantiles), strict=True))
        if low < high
    }
    if levels is None:
        return known
    for level in levels:
        if level not in known:
            raise ValueError(
                f"level={level:g} is none that loss='quantile' learned; use "
                f"{', '.join(f'{one:g}' for one in sorted(known))}, or fit with the quantiles "
                f"{(50 - level / 2) / 100:g}, 0.5 and {(50 + level / 2) / 100:g}"
            )
    return {level: known[level] for level in levels}


def _thinned(scores: np.ndarray) -> np.ndarray:
    if len(scores) <= MOST_SCORES:
        return scores
    return np.quantile(scores, np.linspace(0, 1, MOST_SCORES))
