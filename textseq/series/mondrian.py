"""Prediction intervals learned apart for windows of like length and like difficulty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from textseq.series.calibration import Calibration

# Windows apart that a group must have: with them an interval is hardly wider than with many.
FEWEST_APART = 30
# Groups are told apart where the difficulty of one is so many times that of the other.
UNLIKE = 1.5


class WindowErrors(NamedTuple):
    """How far forecasts of some windows, all cut to one length, were off.

    Parameters
    ----------
    length : int
        Most steps of each window.
    share : float
        Of all windows that may calibrate, those that are as long.
    difficulty : ndarray of shape (n, K)
        Of each window: the units of what follows.
    errors : ndarray of shape (n, H, K)
        Truth minus forecast, NaN where unknown.
    outside : dict of level, or ``POINT``, to ndarray of shape (n, H, K)
        How far the truth lay outside of each base interval; negative inside.
    """

    length: int
    share: float
    difficulty: np.ndarray
    errors: np.ndarray
    outside: Mapping[Any, np.ndarray]


@dataclass(frozen=True, eq=False)
class MondrianCalibration:
    """Calibrations of groups of windows, so that each group's intervals hold what they should.

    Series that hardly ever change and lively ones do not share their errors, nor do long
    windows and short ones, as of series that have just begun.

    Parameters
    ----------
    lengths : ndarray of shape (L,), int64
        Steps of a window from which on each row of groups is used, ascending.
    cuts : ndarray of shape (G - 1,)
        Roughness at which one group ends and the next begins.
    groups : tuple of tuple of Calibration
        For each length, for each group.

    References
    ----------
    Boström & Johansson (2020), "Mondrian conformal regressors", Proceedings of Machine Learning
    Research 128, section 3: calibration within bins of the estimated difficulty.
    """

    lengths: np.ndarray
    cuts: np.ndarray
    groups: tuple[tuple[Calibration, ...], ...]

    @classmethod
    def learn(cls, found: Sequence[WindowErrors], n_apart: float) -> Self:
        """Learn from windows of a validation part, cut to several lengths.

        Parameters
        ----------
        found : sequence of WindowErrors
            By length, ascending.
        n_apart : float
            How many of all windows do not overlap.
        """
        longest = found[-1]
        cuts = _cuts(longest.difficulty.ravel(), FEWEST_APART / (n_apart * longest.share))
        groups = [_of_length(part, cuts, n_apart * part.share) for part in found]
        return cls(np.array([part.length for part in found]), cuts, tuple(groups))

    def widening(
        self, name: Any, level: float, steps: int, lengths: np.ndarray, difficulty: np.ndarray
    ) -> np.ndarray:
        """Return what to add to both ends of base intervals, shape (n, steps, K).

        Parameters
        ----------
        name : float or ``POINT``
        level : float
        steps : int
            As ``Calibration.widening`` takes them.
        lengths : ndarray of shape (n,)
        difficulty : ndarray of shape (n, K)
            Of each window.
        """
        row = np.maximum(np.searchsorted(self.lengths, lengths, side="right") - 1, 0)
        group = np.searchsorted(self.cuts, difficulty, side="right")  # (n, K)
        more = np.array(
            [[one.widening(name, level, steps) for one in groups] for groups in self.groups]
        )  # (L, G, steps, K)
        targets = np.arange(difficulty.shape[1])
        chosen: np.ndarray = more[row[:, None], group, :, targets]  # (n, K, steps)
        return chosen.transpose(0, 2, 1) * difficulty[:, None]


def lengths_to_calibrate(longest: int, season_length: int) -> list[int]:
    """Return window lengths that halve from whole seasons down to a step, ascending.

    Examples
    --------
    >>> lengths_to_calibrate(35, 7)
    [1, 2, 4, 7, 14, 28, 35]
    """
    season = min(season_length, longest)
    parts = [2**power for power in range(season.bit_length()) if 2**power < season]
    seasons = [season * 2**power for power in range(longest.bit_length())]
    return [*parts, *(length for length in seasons if length < longest), longest]


def _of_length(part: WindowErrors, cuts: np.ndarray, n_apart: float) -> tuple[Calibration, ...]:
    """Return a calibration a group; of all windows of that length where the group has few."""
    group = np.searchsorted(cuts, part.difficulty, side="right")
    found = []
    for place in range(len(cuts) + 1):
        inside = group == place
        own = n_apart * inside.any(axis=1).mean()
        if own < min(FEWEST_APART, n_apart):
            inside, own = np.ones_like(inside), n_apart
        errors = np.where(inside[:, None], part.errors, np.nan) / part.difficulty[:, None]
        outside = {name: values / part.difficulty[:, None] for name, values in part.outside.items()}
        found.append(Calibration.learn(errors, outside, own))
    return tuple(found)


def _cuts(difficulty: np.ndarray, least_share: float) -> np.ndarray:
    """Return where to cut values (n,), so that what lies between two cuts is alike."""
    values = np.sort(np.log(difficulty))
    least = int(np.ceil(least_share * len(values)))
    return np.exp(np.array(sorted(_split(values, max(least, 1)))))


def _split(values: np.ndarray, least: int) -> list[float]:
    """Cut sorted values (n,) in two where that explains most of their variance, and so on."""
    before = np.arange(least, len(values) - least + 1)
    before = before[values[before - 1] < values[np.minimum(before, len(values) - 1)]]
    if not len(before):
        return []
    sums, total = np.cumsum(values)[before - 1], values.sum()
    apart = (total - sums) / (len(values) - before) - sums / before
    best = int(np.argmax(before * (len(values) - before) * np.square(apart)))
    if apart[best] < np.log(UNLIKE):
        return []
    place = before[best]
    cut = float(values[place - 1] + values[place]) / 2
    return [cut, *_split(values[:place], least), *_split(values[place:], least)]
