"""Forecasts: means and intervals of many series, many steps ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Forecasts:
    """What a model says of the next steps of every series.

    Parameters
    ----------
    mean : ndarray of shape (S, h, K)
        One value a series, step and target.
    lower, upper : dict of level in percent to ndarray of shape (S, h, K)
        Ends of the prediction intervals.

    Examples
    --------
    >>> ahead = np.zeros((1, 2, 1))
    >>> list(Forecasts(ahead, {90: ahead - 1}, {90: ahead + 1}).columns("lstm"))
    ['lstm', 'lstm-lo-90', 'lstm-hi-90']
    """

    mean: np.ndarray
    lower: dict[float, np.ndarray]
    upper: dict[float, np.ndarray]

    def columns(self, name: str) -> dict[str, np.ndarray]:
        """Return the columns of a frame: the mean under ``name``, then each interval's ends."""
        columns = {name: self.mean}
        for level in sorted(self.lower):
            columns[f"{name}-lo-{level:g}"] = self.lower[level]
            columns[f"{name}-hi-{level:g}"] = self.upper[level]
        return columns
