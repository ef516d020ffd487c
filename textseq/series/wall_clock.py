"""Panels whose rows follow the clock on the wall, so that a season is the same hours of the day."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from textseq.ragged import offsets_of
from textseq.series.panel import Panel
from textseq.series.times import wall_times


class WallClock(NamedTuple):
    """A panel laid out by the clock on the wall, and where its next steps stand there.

    A step that clocks left out has the mean of its neighbours, and one that they showed twice
    the mean of both, so that a season stays so many rows.

    Parameters
    ----------
    panel : Panel
        The panel itself where no clocks changed.
    rows : ndarray of shape (N,), int64
        Row of ``panel`` that each row of the panel given became.
    ahead : ndarray of shape (S, h), int64
        Row of each of the next steps, from 0, behind the last row of its series.
    """

    panel: Panel
    rows: np.ndarray
    ahead: np.ndarray

    @classmethod
    def of(cls, panel: Panel, h: int = 0) -> WallClock:
        """Lay out a panel, and its next ``h`` steps."""
        as_given = np.arange(len(panel.y))
        usual = np.broadcast_to(np.arange(h), (len(panel), h))
        if not _may_change(panel):
            return cls(panel, as_given, usual)
        clock_steps = _steps_of_rows(panel)
        first = panel.times[panel.offsets[:-1]]
        ahead = _clock_steps(panel.future_times(h).ravel(), np.repeat(first, h), panel)
        if clock_steps is None or ahead is None:
            return cls(panel, as_given, usual)
        last = clock_steps[panel.offsets[1:] - 1]
        # A time that the clock shows again is forecast as the step after.
        steps = np.maximum(ahead.reshape(len(panel), h) - last[:, None] - 1, 0)
        if not _changed(panel, clock_steps):
            return cls(panel, as_given, steps)
        return cls(*_laid_out(panel, clock_steps), steps)

    @property
    def n_steps(self) -> int:
        """Rows behind each series that the next steps take."""
        return int(self.ahead.max(initial=-1)) + 1

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Return values of the next steps (S, h, ...) as rows (S, n_steps, ...)."""
        at = np.zeros((len(self.ahead), self.n_steps), dtype=np.int64)
        at[np.arange(len(at))[:, None], self.ahead] = np.arange(self.ahead.shape[1])
        return self._taken(values, np.maximum.accumulate(at, axis=1))

    def gather(self, rows: np.ndarray) -> np.ndarray:
        """Return rows (S, n_steps, ...) as values of the next steps (S, h, ...)."""
        return self._taken(rows, self.ahead)

    @staticmethod
    def _taken(values: np.ndarray, at: np.ndarray) -> np.ndarray:
        return values[np.arange(len(at))[:, None], at]


def by_wall_clock(panel: Panel) -> Panel:
    """Return the panel of ``WallClock.of``, laid out some series at a time."""
    if not _may_change(panel):
        return panel
    changed = False
    for _, part in panel.parts():
        clock_steps = _steps_of_rows(part)
        if clock_steps is None:
            return panel
        changed = changed or _changed(part, clock_steps)
    if not changed:
        return panel
    parts = (WallClock.of(part).panel for _, part in panel.parts())
    return panel.joined(parts, in_file=panel.is_stored)


def _may_change(panel: Panel) -> bool:
    """Whether the panel's times are not those of the clock on the wall as they are."""
    frequency = panel.frequency
    return not (frequency.zone is None or frequency.is_wall_time or frequency.unit == "integer")


def _changed(panel: Panel, clock_steps: np.ndarray) -> bool:
    within = np.arange(len(clock_steps)) - np.repeat(panel.offsets[:-1], panel.lengths)
    return bool((clock_steps != within).any())


def _steps_of_rows(panel: Panel) -> np.ndarray | None:
    """Return what ``_clock_steps`` does of all rows (N,)."""
    first = panel.times[panel.offsets[:-1]]
    return _clock_steps(panel.times, np.repeat(first, panel.lengths), panel)


def _clock_steps(times: np.ndarray, first: np.ndarray, panel: Panel) -> np.ndarray | None:
    """Return how many steps of the wall clock each time is after the first of its series.

    Nothing where clocks moved by a part of a step.
    """
    zone = panel.frequency.zone
    assert zone is not None
    moved = (wall_times(times, zone) - wall_times(first, zone)).astype(np.int64)
    fits = moved % panel.frequency.step == 0
    return moved // panel.frequency.step if fits.all() else None


def _laid_out(panel: Panel, clock_steps: np.ndarray) -> tuple[Panel, np.ndarray]:
    """Return a panel with a row for each step of a series, and the rows that became which."""
    starts = panel.offsets[:-1]
    last = np.maximum.reduceat(clock_steps, starts)
    offsets = offsets_of(last + 1)
    target = np.repeat(offsets[:-1], panel.lengths) + clock_steps
    n_rows = int(offsets[-1])
    counts = np.bincount(target, minlength=n_rows)
    # The latest row at or before each step, whose covariates hold on.
    held = np.zeros(n_rows, dtype=np.int64)
    held[target] = np.arange(len(target))
    held = np.maximum.accumulate(held)
    laid_out = replace(
        panel,
        offsets=offsets,
        times=panel.times[held],
        y=_means(panel.y, target, counts),
        past=panel.past[held],
        future=panel.future[held],
    )
    return laid_out, target


def _means(y: np.ndarray, target: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the targets (N, K) of each step: the mean of its rows, or of its neighbours."""
    known = ~np.isnan(y)
    out = np.full((len(counts), y.shape[1]), np.nan)
    left_out = np.flatnonzero(counts == 0)
    filled = np.flatnonzero(counts)
    after = np.searchsorted(filled, left_out)
    below, above = filled[after - 1], filled[after]
    share = ((left_out - below) / (above - below))[:, None]
    for column in range(y.shape[1]):
        seen = known[:, column]
        sums = np.bincount(target[seen], y[seen, column], len(counts))
        n_seen = np.bincount(target[seen], minlength=len(counts))
        out[:, column] = np.where(n_seen > 0, sums / np.maximum(n_seen, 1), np.nan)
    out[left_out] = out[below] * (1 - share) + out[above] * share
    return out
