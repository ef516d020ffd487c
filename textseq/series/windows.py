"""Windows of series: what stood before a moment, and what came after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from textseq.growing_array import GrowingArray
from textseq.ragged import offsets_of, slices_of

WINDOW_SCALINGS = ("last", "standard", "seasonal")
# Under this share of a series' standard deviation a window counts as constant, and under this
# share of a window's as one that repeats itself.
LEAST_SCALE = 1e-2
# Changes that the roughness of its series counts for, beside those that a window shows.
ASSUMED_CHANGES = 10
# Values of windows that are looked at together: bounds memory where windows are many and long.
MOST_VALUES = 4_000_000


@dataclass(frozen=True, eq=False)
class WindowSource:
    """Scaled series, end to end, that windows are cut from.

    Parameters
    ----------
    offsets : ndarray of shape (S + 1,), int64
    stops : ndarray of shape (S,), int64
        Row after the last of each series that windows may look at.
    y : ndarray of shape (N, K), float64
        Targets, NaN where missing.
    filled : ndarray of shape (N, K), float64
        The same with each missing one filled, as ``filled_targets`` does.
    channels : ndarray of shape (N, C), float32
        What else a window tells of each step up to now.
    ahead : ndarray of shape (N, F), float32
        What is known of each step ahead.
    static : ndarray of shape (S, G), float32
    roughness : ndarray of shape (S, K), optional
        Mean square root of the absolute change over a season, of each series.
    error_rate : ndarray of shape (S, K), optional
        How far forecasts of each series are off, in its roughness.
    """

    offsets: np.ndarray
    stops: np.ndarray
    y: np.ndarray
    filled: np.ndarray
    channels: np.ndarray
    ahead: np.ndarray
    static: np.ndarray
    roughness: np.ndarray | None = None
    error_rate: np.ndarray | None = None

    @property
    def is_stored(self) -> bool:
        """Whether its rows lie in files."""
        return isinstance(self.y, np.memmap)

    def until(self, ends: np.ndarray) -> WindowSource:
        """Let windows look at the first ``ends`` (S,) rows of each series alone."""
        return replace(self, stops=self.offsets[:-1] + ends)


def filled_targets(y: np.ndarray, offsets: np.ndarray, season_length: int) -> np.ndarray:
    """Return targets (N, K) with each missing one filled from what its series held before it.

    By the last value of its season, moved by how the level has changed since; without a season,
    or before there is one, by the last value.

    Parameters
    ----------
    y : ndarray of shape (N, K), float64
    offsets : ndarray of shape (S + 1,), int64
        Series ``i`` is rows ``offsets[i]:offsets[i + 1]``.
    season_length : int
    """
    missing = np.isnan(y)
    if not missing.any():
        return y
    # First row of each row's series, (N, 1).
    starts = np.repeat(offsets[:-1], np.diff(offsets))[:, None]
    last = _last_known(missing, starts, 1)
    held = _values_in(y, last)
    if season_length == 1:
        return held
    same = _last_known(missing, starts, season_length)
    rows = np.arange(len(y))[:, None]
    # As long before the last value as the season's last value is before the row.
    before = last - (rows - same)
    inside = (same >= 0) & (before >= starts)
    before = np.where(inside, np.take_along_axis(same, np.maximum(before, 0), axis=0), -1)
    moved = _values_in(y, same) + np.nan_to_num(held - _values_in(y, before))
    return np.where(missing & (same >= 0), moved, held)


def _last_known(missing: np.ndarray, starts: np.ndarray, lag: int) -> np.ndarray:
    """Return the last row with a value, whole lags up to each row, (N, K); -1 if none."""
    within = np.arange(len(missing)) - starts[:, 0]  # (N,), step of each row's series
    # By series, then by the step within a lag, then by time: rows that are whole lags apart
    # are neighbours, so that a maximum so far serves each such chain.
    order = np.lexsort((within % lag, starts[:, 0]))
    index = np.arange(len(order))
    # Where each chain begins in that order, (N, 1): with the only step of it under one lag.
    first = np.maximum.accumulate(np.where(within[order] < lag, index, 0))[:, None]
    known = np.where(missing[order], -1, index[:, None])  # (N, K)
    held = np.maximum.accumulate(known, axis=0)
    found = np.empty_like(held)
    # What lies before the chain's beginning is another chain's value.
    found[order] = np.where(held >= first, order[held], -1)
    return found


def _values_in(y: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the targets of other rows (N, K), NaN where the row is -1."""
    return np.where(rows >= 0, np.take_along_axis(y, np.maximum(rows, 0), axis=0), np.nan)


class WindowShape(NamedTuple):
    """How windows are cut and scaled.

    Every window is scaled by itself, so that a network need not know how high a series stands:
    less its last value ("last"); less its mean and divided by its standard deviation
    ("standard"), or by its mean absolute change over a season ("seasonal"), which is the error
    of the seasonal naive forecast. Nothing after a window's end takes part in that.

    Parameters
    ----------
    input_size : int
        Most steps T that a window holds; fewer at the start of a series.
    horizon : int
        Steps H ahead.
    scaling : {"last", "standard", "seasonal"} or None
    season_length : int, default 1
    """

    input_size: int
    horizon: int
    scaling: str | None = None
    season_length: int = 1


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows as rows that a network trains on and predicts from.

    Parameters
    ----------
    source : WindowSource
    ends : ndarray of shape (n,), int32 or int64
        Row of ``source`` after each window's last, which is of the same series.
    shape : WindowShape

    Examples
    --------
    >>> y, rows, nothing = np.arange(6.0)[:, None], np.array([0, 6]), np.empty((6, 0))
    >>> source = WindowSource(rows, rows[1:], y, y, nothing, nothing, np.empty((1, 0)))
    >>> windows = Windows(source, np.array([4]), WindowShape(3, 2, "last"))
    >>> past, lengths, ahead, static, truth = windows.arrays()[0]
    >>> past.ravel().tolist(), truth.ravel().tolist()
    ([-2.0, -1.0, 0.0], [1.0, 2.0])
    """

    source: WindowSource
    ends: np.ndarray
    shape: WindowShape

    weights = None

    def __len__(self) -> int:
        return len(self.ends)

    @cached_property
    def series(self) -> np.ndarray:
        """Series of each window, shape (n,)."""
        return np.searchsorted(self.source.offsets, self.ends - 1, side="right") - 1

    @cached_property
    def lengths(self) -> np.ndarray:
        """Steps of each window, shape (n,), int32; of those in a file in another."""
        grown = GrowingArray(in_file=isinstance(self.ends, np.memmap))
        for places in slices_of(len(self)):
            part = self.take(places)
            lengths = part.ends - self.source.offsets[part.series]
            grown.append(np.minimum(lengths, self.shape.input_size).astype(np.int32))
        return grown.finished()

    @property
    def n_steps(self) -> int:
        """Steps of all windows together."""
        return int(self.lengths.sum(dtype=np.int64))

    def take(self, rows: np.ndarray | slice) -> Windows:
        """Copy the named windows."""
        return replace(self, ends=np.asarray(self.ends[rows]))

    @cached_property
    def _past(self) -> np.ndarray:
        """Filled targets before each end (n, T, K), float64, NaN where unknown or padding."""
        return self._past_of(self.source.filled)

    def _past_of(self, values: np.ndarray) -> np.ndarray:
        """Return a source's values (N, K) before each end (n, T, K), NaN in the padding."""
        steps = np.arange(int(self.lengths.max(initial=1)))
        real = steps < self.lengths[:, None]  # (n, T)
        rows = np.where(real, (self.ends - self.lengths)[:, None] + steps, 0)
        return np.where(real[:, :, None], values[rows], np.nan)

    @cached_property
    def location_scale(self) -> tuple[np.ndarray, ...]:
        """Location and scale of each window, float64 of shape (n, K) each."""
        shape = len(self), self.source.y.shape[1]
        if self.shape.scaling is None:
            return np.zeros(shape), np.ones(shape)
        if self.shape.scaling == "last":
            return np.nan_to_num(self.source.filled[self.ends - 1]), np.ones(shape)
        return self._in_pieces(Windows._mean_and_scale)

    @cached_property
    def difficulty(self) -> np.ndarray:
        """How far forecasts of each window may be off, relative to others, shape (n, K).

        The error rate of its series times its roughness: the mean square root of the absolute
        change over a season, of the window and, for a few changes more, of its series. So it is
        known of windows that show no change, as those of one step. Roots, as a calm window is
        easier than a wild one, but less so than its changes say, and as a few large changes
        among many of 0 are another thing than many small ones.
        """
        if self.source.roughness is None:
            # Older files hold scores in these units.
            (change,) = self._in_pieces(Windows._change)
            scale = self.location_scale[1]
            return scale * np.sqrt(np.maximum(change / scale, LEAST_SCALE**2))
        total, count = self._in_pieces(Windows._root_changes)
        assumed = ASSUMED_CHANGES * self.source.roughness[self.series]
        rough = np.maximum((total + assumed) / (count + ASSUMED_CHANGES), LEAST_SCALE)
        return (
            rough if self.source.error_rate is None else rough * self.source.error_rate[self.series]
        )

    def _in_pieces(
        self, measure: Callable[[Windows], tuple[np.ndarray, ...]]
    ) -> tuple[np.ndarray, ...]:
        n_values = len(self) * int(self.lengths.max(initial=1)) * self.source.y.shape[1]
        pieces = np.array_split(np.arange(len(self)), n_values // MOST_VALUES + 1)
        parts = [measure(self.take(rows)) for rows in pieces]
        return tuple(np.concatenate(part) for part in zip(*parts, strict=True))

    def _mean_and_scale(self) -> tuple[np.ndarray, np.ndarray]:
        past = self._past
        known = ~np.isnan(past)
        counts = np.maximum(known.sum(axis=1), 1)
        mean = np.where(known, past, 0.0).sum(axis=1) / counts
        deviation = np.where(known, past - mean[:, None], 0.0)
        scale = std = np.sqrt(np.square(deviation).sum(axis=1) / counts)  # (n, K)
        if self.shape.scaling == "seasonal":
            # A window that repeats itself, or is shorter than a season, keeps the deviation.
            (change,) = self._change()
            scale = np.where(change > LEAST_SCALE * std, change, std)
        return mean, np.where(scale > LEAST_SCALE, scale, 1.0)

    def _change(self) -> tuple[np.ndarray]:
        """Return the mean absolute change over a season (n, K); 0 where there is none."""
        season = self.shape.season_length
        changes = np.abs(self._past[:, season:] - self._past[:, :-season])
        seen = ~np.isnan(changes)
        total = np.where(seen, changes, 0.0).sum(axis=1)
        return (total / np.maximum(seen.sum(axis=1), 1),)

    def _root_changes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the sum of the roots of the changes over a season (n, K), and their number."""
        season = self.shape.season_length
        past = self._past_of(self.source.y)
        roots = np.sqrt(np.abs(past[:, season:] - past[:, :-season]))
        seen = ~np.isnan(roots)
        return np.where(seen, roots, 0.0).sum(axis=1), seen.sum(axis=1)

    @cached_property
    def targets(self) -> np.ndarray:
        """What came after each window, in its scale, (n, H, K), float32, NaN where unknown."""
        stops = self.source.stops[self.series]
        rows = self.ends[:, None] + np.arange(self.shape.horizon)  # (n, H)
        inside = rows < stops[:, None]
        values = np.where(inside[:, :, None], self.source.y[np.where(inside, rows, 0)], np.nan)
        location, scale = self.location_scale
        return ((values - location[:, None]) / scale[:, None]).astype(np.float32)

    def arrays(self) -> list[tuple[np.ndarray, ...]]:
        """Return what a forecasting network reads.

        Returns
        -------
        past : ndarray of shape (n, T, K + C), float32
            Scaled targets, the last known one where missing, and the other channels;
            zeros behind a window's length.
        lengths : ndarray of shape (n,), int64
        ahead : ndarray of shape (n, H, F), float32
            The last known row where the series ends before.
        static : ndarray of shape (n, G), float32
        truth : ndarray of shape (n, H, K), float32
            The targets, NaN where unknown, for a decoder that is taught by them.
        """
        source = self.source
        location, scale = self.location_scale
        # What is unknown and what is padding is 0 from here on: (n, T, K).
        scaled = np.nan_to_num((self._past - location[:, None]) / scale[:, None])
        width = scaled.shape[1]
        real = np.arange(width) < self.lengths[:, None]  # (n, T)
        rows = (self.ends - self.lengths)[:, None] + np.arange(width)
        # Padding may point beyond the source: any row stands in for it, and 0 for its values.
        others = np.where(real[:, :, None], source.channels[np.where(real, rows, 0)], 0.0)
        past = np.concatenate([scaled, others], axis=2, dtype=np.float32)
        stops = source.stops[self.series]
        # (n, H); near its end a series gives its last row again, never the next series' first.
        rows_ahead = np.minimum(
            self.ends[:, None] + np.arange(self.shape.horizon), stops[:, None] - 1
        )
        ahead = source.ahead[rows_ahead]
        lengths = self.lengths.astype(np.int64)
        return [(past, lengths, ahead, source.static[self.series], self.targets)]

    def over(self, horizon: int) -> Windows:
        """Look so many steps ahead of the same windows."""
        return replace(self, shape=self.shape._replace(horizon=horizon))

    def cut_to(self, length: int) -> Windows:
        """Keep at most so many steps before the same ends."""
        return replace(self, shape=self.shape._replace(input_size=length))

    def detached(self, steps: int) -> Windows:
        """Copy each window, and room for ``steps`` more, into a series of its own.

        So forecasts can be written behind it and be read in their turn. Of what came after
        the window only the covariates known ahead are copied.
        """
        source, lengths = self.source, self.lengths
        offsets = offsets_of(lengths + steps)
        own = np.repeat(np.arange(len(self)), lengths + steps)  # window of each new row
        within = np.arange(len(own)) - offsets[own]
        # The row of the source that each is copied from: its series' last where it ends before.
        rows = np.minimum((self.ends - lengths)[own] + within, source.stops[self.series][own] - 1)
        before = within < lengths[own]
        y = np.where(before[:, None], source.filled[rows], np.nan)
        detached = WindowSource(
            offsets=offsets,
            stops=offsets[1:],
            y=y,
            filled=filled_targets(y, offsets, season_length=1),
            channels=source.channels[rows],
            ahead=source.ahead[rows],
            static=source.static[self.series],
        )
        return replace(self, source=detached, ends=offsets[:-1] + lengths)

    def moved(self, values: np.ndarray) -> Windows:
        """Write the next values (n, M, K) behind each window, and move its end beyond them."""
        y = self.source.y.copy()
        steps = values.shape[1]
        y[self.ends[:, None] + np.arange(steps)] = values
        filled = filled_targets(y, self.source.offsets, season_length=1)
        source = replace(self.source, y=y, filled=filled)
        return replace(self, source=source, ends=self.ends + steps)


class EndSpans:
    """All windows that end in a span of each series, in order, as numbers from 0.

    Parameters
    ----------
    source : WindowSource
    first, last : ndarray of shape (S,)
        Fewest and most rows of each series before a window's end, both included.
    """

    def __init__(self, source: WindowSource, first: np.ndarray, last: np.ndarray) -> None:
        self.offsets = offsets_of(np.maximum(last - first + 1, 0))
        self.first = source.offsets[:-1] + first

    def __len__(self) -> int:
        return int(self.offsets[-1])

    def ends(self, numbers: np.ndarray) -> np.ndarray:
        """Return the ends (n,) of the numbered windows (n,)."""
        series = np.searchsorted(self.offsets, numbers, side="right") - 1
        ends: np.ndarray = self.first[series] + (numbers - self.offsets[series])
        return ends
