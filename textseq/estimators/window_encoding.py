"""From a panel to the scaled numbers that windows are cut from, the same way at every moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from textseq.series.frequency import Frequency
from textseq.series.panel import Panel
from textseq.series.windows import WindowSource


@dataclass(frozen=True, eq=False)
class ColumnScale:
    """Location and scale of columns, from the rows that were trained on.

    Parameters
    ----------
    location, scale : ndarray of shape (n_columns,)
    """

    location: np.ndarray
    scale: np.ndarray

    @classmethod
    def learn(cls, values: np.ndarray) -> Self:
        """Take mean and standard deviation of columns (n, n_columns) that lack no value."""
        if not len(values):
            return cls(np.zeros(values.shape[1]), np.ones(values.shape[1]))
        spread = values.std(axis=0)
        return cls(values.mean(axis=0), np.where(spread > 0, spread, 1.0))

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Scale columns (n, n_columns) to float32."""
        return ((values - self.location) / self.scale).astype(np.float32)


@dataclass(frozen=True, eq=False)
class WindowEncoding:
    """Scales of every series and covariate, and which channels a window has.

    Parameters
    ----------
    ids : ndarray of shape (S,)
        The series that were trained on.
    location, scale : ndarray of shape (S, K)
        Mean and standard deviation of each, over the rows that were trained on.
    past, future, static : ColumnScale
        Of the covariates, over all series.
    frequency : Frequency
    marks_missing : bool
        Whether a channel a target tells which values were missing.
    with_calendar : bool
        Whether the hour, the weekday and so on are read as covariates known ahead.
    """

    ids: np.ndarray
    location: np.ndarray
    scale: np.ndarray
    past: ColumnScale
    future: ColumnScale
    static: ColumnScale
    frequency: Frequency
    marks_missing: bool
    with_calendar: bool

    @classmethod
    def learn(cls, panel: Panel, with_calendar: bool) -> Self:
        """Learn all scales from the rows to train on, and from no others."""
        location, scale = _series_scales(panel)
        return cls(
            ids=panel.ids,
            location=location,
            scale=scale,
            past=ColumnScale.learn(panel.past),
            future=ColumnScale.learn(panel.future),
            static=ColumnScale.learn(panel.static),
            frequency=panel.frequency,
            marks_missing=bool(np.isnan(panel.y).any()),
            with_calendar=with_calendar,
        )

    @property
    def n_ahead(self) -> int:
        """Channels F of each step ahead."""
        n_calendar = len(self.frequency.calendar_names) if self.with_calendar else 0
        return len(self.future.location) + n_calendar

    @property
    def n_channels(self) -> int:
        """Channels K + C of each step of a window."""
        n_targets = self.location.shape[1]
        n_marks = n_targets if self.marks_missing else 0
        return n_targets + n_marks + len(self.past.location) + self.n_ahead

    def scales_of(self, panel: Panel) -> tuple[np.ndarray, np.ndarray]:
        """Return location and scale (S, K) of a panel's series: those learned, where they were.

        A series that training did not meet is scaled by the rows it brings.
        """
        known = {series: place for place, series in enumerate(self.ids.tolist())}
        places = np.array([known.get(series, -1) for series in panel.ids.tolist()])
        location, scale = self.location[places], self.scale[places]
        new = np.flatnonzero(places < 0)
        if len(new):
            location[new], scale[new] = _series_scales(panel.take(new))
        return location, scale

    def source(self, panel: Panel, season_length: int = 1) -> WindowSource:
        """Scale a panel; NaN targets stay."""
        location, scale = (np.repeat(part, panel.lengths, axis=0) for part in self.scales_of(panel))
        y = (panel.y - location) / scale
        ahead = self.future.apply(panel.future)
        if self.with_calendar:
            calendar = self.frequency.calendar(panel.times).astype(np.float32)
            ahead = np.concatenate([ahead, calendar], axis=1)
        marks = [np.isnan(y).astype(np.float32)] if self.marks_missing else []
        channels = np.concatenate([*marks, self.past.apply(panel.past), ahead], axis=1)
        static = self.static.apply(panel.static)
        return WindowSource(panel.offsets, y, channels, ahead, static, season_length)


def _series_scales(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation (S, K) of each series, missing values left out."""
    starts = panel.offsets[:-1]
    known = ~np.isnan(panel.y)
    counts = np.maximum(np.add.reduceat(known, starts, axis=0, dtype=np.int64), 1)
    mean = np.add.reduceat(np.where(known, panel.y, 0.0), starts, axis=0) / counts
    deviation = np.where(known, panel.y - np.repeat(mean, panel.lengths, axis=0), 0.0)
    spread = np.sqrt(np.add.reduceat(np.square(deviation), starts, axis=0) / counts)
    # A constant series has no spread to divide by.
    return mean, np.where(spread > 0, spread, 1.0)
