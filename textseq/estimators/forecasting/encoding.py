"""From a panel to the scaled numbers that windows are cut from, the same way at every moment."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from textseq.constancy import constant_columns
from textseq.growing_array import GrowingArray
from textseq.series.frequency import Frequency
from textseq.series.panel import Panel
from textseq.series.scales import (
    ASSUMED_ROWS,
    SeriesScales,
    TypicalSeries,
    series_moments,
)
from textseq.series.windows import WindowSource, filled_targets


@dataclass(frozen=True, eq=False)
class ColumnScale:
    """Location and scale of columns, from the rows that were trained on.

    Parameters
    ----------
    location, scale : ndarray of shape (n_columns,)
        A scale of 0 is that of a column that was constant, of which nothing could be learned: it
        is 0 to the network, whatever its value.
    """

    location: np.ndarray
    scale: np.ndarray

    @classmethod
    def learn(cls, parts: Callable[[], Iterable[np.ndarray]]) -> Self:
        """Take mean and standard deviation of columns that lack no value.

        Parameters
        ----------
        parts : callable
            Returns some rows (n, n_columns) after the other, each time it is called.
        """
        n_rows = sum(len(part) for part in parts())
        mean = sum(part.sum(axis=0) for part in parts()) / n_rows
        squares = sum(np.square(part - mean).sum(axis=0) for part in parts())
        ends = [end(part, axis=0) for part in parts() for end in (np.min, np.max)]
        std = np.where(constant_columns(np.array(ends)), 0.0, np.sqrt(squares / n_rows))
        return cls(mean, std)

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Scale columns (n, n_columns) to float32."""
        learned = self.scale > 0
        scaled = (values - self.location) / np.where(learned, self.scale, 1.0)
        return np.where(learned, scaled, 0.0).astype(np.float32)


@dataclass(frozen=True, eq=False)
class WindowEncoding:
    """Scales of every series and covariate, and which channels a window has.

    Parameters
    ----------
    ids : ndarray of shape (S,)
        The series that were trained on.
    location, scale : ndarray of shape (S, K)
        Mean and standard deviation of each, over the rows that were trained on.
    roughness, error_rate : ndarray of shape (S, K) or None
        As ``WindowSource`` has them; None in older files.
    typical : TypicalSeries or None
        What is assumed of series that tell too little; likewise.
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
    roughness: np.ndarray | None
    error_rate: np.ndarray | None
    typical: TypicalSeries | None
    past: ColumnScale
    future: ColumnScale
    static: ColumnScale
    frequency: Frequency
    marks_missing: bool
    with_calendar: bool

    @classmethod
    def learn(cls, panel: Panel, with_calendar: bool, season_length: int = 1) -> Self:
        """Learn all scales from the rows to train on, and from no others.

        Warns of covariates that have one value in all of them.
        """
        scales, typical = SeriesScales.learn(panel, season_length)
        learned = cls(
            ids=panel.ids,
            location=scales.mean,
            scale=scales.std,
            roughness=scales.roughness,
            error_rate=np.ones_like(scales.roughness),
            typical=typical,
            past=ColumnScale.learn(lambda: (part.past for _, part in panel.parts())),
            future=ColumnScale.learn(lambda: (part.future for _, part in panel.parts())),
            static=ColumnScale.learn(lambda: [panel.static]),
            frequency=panel.frequency,
            marks_missing=any(np.isnan(part.y).any() for _, part in panel.parts()),
            with_calendar=with_calendar,
        )
        learned._warn_of_constants(panel)
        return learned

    def _warn_of_constants(self, panel: Panel) -> None:
        for role, rows in (("past", "rows"), ("future", "rows"), ("static", "series")):
            part: ColumnScale = getattr(self, role)
            for index in np.flatnonzero(part.scale == 0):
                warnings.warn(
                    f"the {role} covariate {getattr(panel.names, role)[index]!r} is "
                    f"{part.location[index]:.6g} in all {rows} to train on, so that nothing can be "
                    "learned of it: it is left out, and another value will not change a forecast",
                    stacklevel=2,
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

        A series that training did not meet is scaled by the rows it brings, and where they are
        few, also by what is typical of the others.
        """
        indices = self._indices(panel)
        location, scale = self.location[indices], self.scale[indices]
        new = np.flatnonzero(indices < 0)
        if len(new):
            location[new], scale[new] = self._scales_of_new(panel.take(new))
        return location, scale

    def _indices(self, panel: Panel) -> np.ndarray:
        """Return the place of each series among those trained on, -1 for others, shape (S,)."""
        return np.array([self._known.get(series, -1) for series in panel.ids.tolist()])

    @cached_property
    def _known(self) -> dict[Any, int]:
        return {series: index for index, series in enumerate(self.ids.tolist())}

    def _scales_of_new(self, panel: Panel) -> tuple[np.ndarray, np.ndarray]:
        mean, std, count = series_moments(panel)
        if self.typical is None:
            return mean, np.where(std > 0, std, 1.0)
        assumed = self.typical.stds_of(mean, std)
        squares = count * np.square(std) + ASSUMED_ROWS * np.square(assumed)
        return mean, np.sqrt(squares / (count + ASSUMED_ROWS))

    def difficulty_of(self, panel: Panel) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Return roughness and error rate (S, K) of a panel's series."""
        if self.roughness is None or self.error_rate is None or self.typical is None:
            return None, None
        indices = self._indices(panel)
        new = indices[:, None] < 0
        return (
            np.where(new, self.typical.roughness, self.roughness[indices]),
            np.where(new, self.typical.error_rate, self.error_rate[indices]),
        )

    def with_error_rates(self, rates: np.ndarray, median: np.ndarray) -> Self:
        """Copy it with how far forecasts of each series (S, K) and the median one are off."""
        assert self.typical is not None
        return replace(self, error_rate=rates, typical=replace(self.typical, error_rate=median))

    def source(self, panel: Panel, season_length: int = 1) -> WindowSource:
        """Scale a panel; NaN targets stay. Of one in files all that has a row a step is in files.

        Parameters
        ----------
        panel : Panel
        season_length : int, default 1
            By which missing targets are filled.
        """
        lacks = any(np.isnan(part.y).any() for _, part in panel.parts())
        y, filled, channels, ahead = (GrowingArray(panel.is_stored) for _ in range(4))
        for _, part in panel.parts():
            location, scale = (np.repeat(one, part.lengths, axis=0) for one in self.scales_of(part))
            scaled = (part.y - location) / scale
            known_ahead = self._ahead(part)
            marks = [np.isnan(scaled).astype(np.float32)] if self.marks_missing else []
            own = [*marks, self.past.apply(part.past), known_ahead]
            y.append(scaled)
            channels.append(np.concatenate(own, axis=1))
            ahead.append(known_ahead)
            if lacks:
                filled.append(filled_targets(scaled, part.offsets, season_length))
        targets = y.finished()
        return WindowSource(
            panel.offsets,
            panel.offsets[1:],
            targets,
            filled.finished() if lacks else targets,
            channels.finished(),
            ahead.finished(),
            self.static.apply(panel.static),
            *self.difficulty_of(panel),
        )

    def _ahead(self, panel: Panel) -> np.ndarray:
        """Return what is known of each row before it comes, (N, F)."""
        known = self.future.apply(panel.future)
        if not self.with_calendar:
            return known
        calendar = self.frequency.calendar(panel.times).astype(np.float32)
        return np.concatenate([known, calendar], axis=1)
