"""The learning rate's course over training."""

from __future__ import annotations

import math
from typing import Any

SCHEDULES = ("constant", "one_cycle", "linear", "cosine", "plateau", "slanted_triangular")
WARMUP = 0.2
# Of the slanted triangle: the share of training that it rises, and its highest over its lowest.
CUT, RATIO = 0.1, 32
# Epochs without a lower loss before the rate is halved.
PLATEAU_PATIENCE = 2


class Schedule:
    """Factor on the learning rate.

    Parameters
    ----------
    name : {"constant", "one_cycle", "linear", "cosine", "plateau", "slanted_triangular"}
        "one_cycle" rises for the first fifth of training, then falls along a half
        cosine to zero; "linear" and "cosine" only fall; "plateau" is halved whenever
        the loss has not fallen for two epochs; "slanted_triangular" rises for the first tenth
        from a 32nd, then falls back to it along a line.

    References
    ----------
    Smith & Topin (2019), "Super-Convergence"; Loshchilov & Hutter (2017), "SGDR",
    equation 5; Howard & Ruder (2018), "Universal Language Model Fine-tuning for Text
    Classification", equation 3.

    Examples
    --------
    >>> one_cycle = Schedule("one_cycle")
    >>> [round(one_cycle.factor(progress), 3) for progress in (0, 0.1, 0.2, 0.6, 1)]
    [0.04, 0.52, 1.0, 0.5, 0.0]
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._lowest, self._waited, self._halvings = math.inf, 0, 0

    def factor(self, progress: float) -> float:
        """Return the factor at a progress through training in [0, 1]."""
        if self.name == "plateau":
            return 0.5**self._halvings
        if self.name == "linear":
            return 1 - progress
        if self.name == "cosine":
            return _half_cosine(progress)
        if self.name == "one_cycle":
            if progress < WARMUP:
                return 0.04 + 0.96 * progress / WARMUP
            return _half_cosine((progress - WARMUP) / (1 - WARMUP))
        if self.name == "slanted_triangular":
            height = progress / CUT if progress < CUT else (1 - progress) / (1 - CUT)
            return (1 + height * (RATIO - 1)) / RATIO
        return 1.0

    def observe(self, loss: float) -> None:
        """Take note of an epoch's loss, of the validation data where there is some."""
        self._waited = 0 if loss < self._lowest else self._waited + 1
        self._lowest = min(loss, self._lowest)
        if self._waited == PLATEAU_PATIENCE:
            self._waited, self._halvings = 0, self._halvings + 1

    def state(self) -> list[Any]:
        """Return what it has taken note of, JSON-able."""
        return [repr(self._lowest), self._waited, self._halvings]

    def take_up(self, state: list[Any]) -> None:
        """Go on from what ``state`` returned."""
        self._lowest, self._waited, self._halvings = float(state[0]), *state[1:]


def _half_cosine(progress: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * min(progress, 1)))
