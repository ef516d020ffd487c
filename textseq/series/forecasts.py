"""Forecasts: means and intervals of many series, many steps ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from textseq.series.panel import Panel
from textseq.series.wall_clock import WallClock


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

    @classmethod
    def joined(cls, parts: Iterable[Forecasts]) -> Self:
        """Return the forecasts of some series and then those of others, as one."""
        found = list(parts)

        def end_to_end(ends: Callable[[Forecasts], dict[float, np.ndarray]]) -> dict[float, Any]:
            own = [ends(part) for part in found]
            return {level: np.concatenate([part[level] for part in own]) for level in own[0]}

        mean = np.concatenate([part.mean for part in found])
        return cls(mean, end_to_end(lambda one: one.lower), end_to_end(lambda one: one.upper))

    def columns(self, name: str) -> dict[str, np.ndarray]:
        """Return the columns of a frame: the mean under ``name``, then each interval's ends."""
        columns = {name: self.mean}
        for level in sorted(self.lower):
            columns[f"{name}-lo-{level:g}"] = self.lower[level]
            columns[f"{name}-hi-{level:g}"] = self.upper[level]
        return columns

    def at(self, clock: WallClock) -> Forecasts:
        """Return the forecasts of a panel's own next steps from those of its rows by the clock."""
        return Forecasts(
            clock.gather(self.mean),
            {level: clock.gather(ends) for level, ends in self.lower.items()},
            {level: clock.gather(ends) for level, ends in self.upper.items()},
        )


def forecast_each(
    panel: Panel,
    h: int,
    levels: Sequence[float],
    forecast: Callable[[np.ndarray], np.ndarray],
    called: str,
) -> Forecasts:
    """Forecast every series and target on its own.

    Parameters
    ----------
    panel : Panel
    h : int
        Steps ahead.
    levels : sequence of float
        Percent that the prediction intervals are to hold.
    forecast : callable
        Takes the values of one series from its first observed one on (T,), NaN where missing,
        and returns the mean, the lower and the upper ends by ascending level, shape
        (1 + 2 * len(levels), h).
    called : str
        What an error calls the method.

    Raises
    ------
    ValueError
        If the method fails on a series; the message names it.
    """
    # The mean, then all lower ends, then all upper ones: (1 + 2 L, S, h, K). A target without
    # any value stays NaN.
    out = np.full((1 + 2 * len(levels), len(panel), h, panel.y.shape[1]), np.nan)
    for series, (start, end) in enumerate(zip(panel.offsets, panel.offsets[1:], strict=False)):
        for target in range(panel.y.shape[1]):
            y = panel.y[start:end, target]
            seen = np.flatnonzero(~np.isnan(y))
            if not len(seen):
                continue
            try:
                out[:, series, :, target] = forecast(y[seen[0] :])
            except Exception as error:
                raise ValueError(
                    f"{called} failed on series {panel.ids[series]!r} ({len(seen)} values): "
                    f"{error}. Leave out the series, or this baseline"
                ) from error
    order = sorted(levels)
    lower, upper = out[1 : 1 + len(levels)], out[1 + len(levels) :]
    return Forecasts(
        out[0], dict(zip(order, lower, strict=True)), dict(zip(order, upper, strict=True))
    )
