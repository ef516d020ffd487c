"""The step of a grid of times: how far apart, what follows, which seasons and calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from textseq.ragged import spans_of
from textseq.series.times import wall_times

_SECOND = 1_000_000
_MINUTE, _HOUR, _DAY = 60 * _SECOND, 3_600 * _SECOND, 86_400 * _SECOND
_UNITS = [("day", _DAY), ("hour", _HOUR), ("minute", _MINUTE), ("second", _SECOND)]
_LAST_DAY, _FIRST_BUSINESS_DAY, _LAST_BUSINESS_DAY = 31, 101, 131
_ANCHORS = {
    1: "first days",
    _LAST_DAY: "last days",
    _FIRST_BUSINESS_DAY: "first business days",
    _LAST_BUSINESS_DAY: "last business days",
}
# Months in a step, and the day it falls on, by the name of pandas' offset.
_MONTHLY_OFFSETS = {
    prefix + span + edge: (months, day)
    for span, months in (("Month", 1), ("Quarter", 3), ("Year", 12))
    for prefix, edge, day in (
        ("", "Begin", 1),
        ("", "End", _LAST_DAY),
        ("B", "Begin", _FIRST_BUSINESS_DAY),
        ("B", "End", _LAST_BUSINESS_DAY),
    )
} | {
    "BusinessMonthBegin": (1, _FIRST_BUSINESS_DAY),
    "BusinessMonthEnd": (1, _LAST_BUSINESS_DAY),
}


@dataclass(frozen=True)
class Frequency:
    """The step between neighbouring times.

    Parameters
    ----------
    unit : {"integer", "microsecond", "business day", "month"}
        What is counted. Days and weeks are fixed numbers of microseconds.
    step : int
        How many units make a step.
    anchor : int, default 0
        For months: the day they fall on. 29 to 31 mean the last day of a shorter month,
        101 and 131 the first and the last business day. 0 otherwise.
    zone : str, optional
        Time zone. Times are then held as UTC or as the clock on the wall shows them, whichever
        has even steps where clocks change.
    on_wall : bool, optional
        Whether fixed steps are even on that clock, as of the hours 0, 8 and 16 of every day; by
        default where they are whole days. Other steps always are.

    Examples
    --------
    >>> hourly = Frequency.parse("h")
    >>> print(hourly, hourly.season_length)
    1 hour 24
    >>> monthly = Frequency.parse("ME")
    >>> monthly.times_after(np.array(["2024-01-31"], dtype="datetime64[us]"), 2).astype("M8[D]")
    array([['2024-02-29', '2024-03-31']], dtype='datetime64[D]')
    """

    unit: str
    step: int
    anchor: int = 0
    zone: str | None = None
    on_wall: bool | None = None

    @classmethod
    def parse(cls, freq: Any) -> Frequency:
        """Read a step as the caller names it.

        Parameters
        ----------
        freq : int, str or pandas offset
            A whole number for integer times, an alias such as ``"h"``, ``"30min"``, ``"D"``,
            ``"B"``, ``"W"``, ``"MS"``, ``"ME"``, ``"QE"`` or ``"YS"`` for dates.

        Raises
        ------
        ValueError
            If it names no step, or one that is not regular.
        """
        if isinstance(freq, Frequency):
            return freq
        # Whole floats are those of R.
        if isinstance(freq, float) and freq.is_integer():
            freq = int(freq)
        if isinstance(freq, int | np.integer) and not isinstance(freq, bool):
            if freq < 1:
                raise ValueError(f"freq={freq} is no step; it must be 1 or more")
            return cls("integer", int(freq))
        try:
            offset = pd.tseries.frequencies.to_offset(freq)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"freq={freq!r} is not known: {error}. Use an alias of pandas such as "
                "'h', 'D', 'B', 'W', 'MS' or 'ME', or a whole number for integer times"
            ) from None
        return cls._of_offset(offset, freq)

    @classmethod
    def _of_offset(cls, offset: Any, freq: Any) -> Frequency:
        name, count = type(offset).__name__, offset.n
        if count < 1:
            raise ValueError(f"freq={freq!r} is no step forward; use a positive one")
        if name in _MONTHLY_OFFSETS:
            months, anchor = _MONTHLY_OFFSETS[name]
            return cls("month", months * count, anchor)
        if name == "BusinessDay":
            return cls("business day", count)
        if name in ("Day", "Week"):
            return cls("microsecond", count * _DAY * (7 if name == "Week" else 1))
        if isinstance(offset, pd.offsets.Tick):
            length = pd.Timedelta(offset)
            if length.value % 1_000:
                raise ValueError(f"freq={freq!r} is finer than a microsecond; use integer times")
            return cls("microsecond", length.value // 1_000)
        raise ValueError(
            f"freq={freq!r} has no regular step; use seconds, minutes, hours, days, business "
            "days, weeks, months, quarters or years"
        )

    def __str__(self) -> str:
        count, name, where = self.step, self.unit, ""
        if self.unit == "integer":
            return str(count)
        if self.unit == "microsecond":
            name, size = next(((n, s) for n, s in _UNITS if count % s == 0), (name, 1))
            count //= size
        elif self.unit == "month":
            where = f" ({_ANCHORS.get(self.anchor, f'day {self.anchor}')})"
            if count % 12 == 0:
                count, name = count // 12, "year"
        return f"{count} {name}{'s' * (count > 1)}{where}"

    @property
    def is_wall_time(self) -> bool:
        """Whether times with a zone are held as the clock on the wall shows them, not as UTC."""
        if self.unit == "microsecond" and self.on_wall is not None:
            return self.on_wall
        return self.unit != "microsecond" or self.step % _DAY == 0

    @property
    def most_repeated(self) -> int:
        """Most steps that the clock on the wall shows twice within half a year."""
        if self.zone is None or self.is_wall_time:
            return 0
        return 2 * _HOUR // self.step

    @property
    def season_length(self) -> int:
        """Steps in the season that such data usually have; 1 where none is usual.

        A day for steps under a day (an hour for steps under a minute), a week for days and
        business days, a year for weeks, months and quarters.
        """
        if self.unit == "integer":
            return 1
        if self.unit == "business day":
            return 5 if self.step == 1 else 1
        if self.unit == "month":
            return _parts(12, self.step)
        if self.step < _MINUTE:
            return _parts(_HOUR, self.step)
        if self.step < _DAY:
            return _parts(_DAY, self.step)
        if self.step % (7 * _DAY) == 0:
            return _parts(52, self.step // (7 * _DAY))
        return _parts(7 * _DAY, self.step)

    def steps_between(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Count the whole steps from each time to another.

        Parameters
        ----------
        start, end : ndarray of int64 or datetime64, shapes that broadcast

        Returns
        -------
        ndarray of int64
            Negative where ``end`` lies before ``start``.
        """
        if self.unit == "integer":
            distance = np.asarray(end) - np.asarray(start)
        elif self.unit == "microsecond":
            distance = (end - start).astype("m8[us]").astype(np.int64)
        elif self.unit == "business day":
            days = np.busday_count(start.astype("M8[D]"), end.astype("M8[D]"))
            distance = np.asarray(days, dtype=np.int64)
        else:
            distance = (end.astype("M8[M]") - start.astype("M8[M]")).astype(np.int64)
        return distance // self.step

    def times_from(self, start: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """Move each time by a number of steps.

        Parameters
        ----------
        start : ndarray of int64 or datetime64
        steps : ndarray of int64, a shape that broadcasts with that of ``start``

        Returns
        -------
        ndarray like ``start``
            Where ``start`` does not lie on the grid, 0 steps do not give ``start``.
        """
        distance = np.asarray(steps, dtype=np.int64) * self.step
        if self.unit == "integer":
            return start + distance
        if self.unit == "microsecond":
            return start + distance.astype("m8[us]")
        days = start.astype("M8[D]")
        within_day = start - days
        if self.unit == "business day":
            return np.busday_offset(days, distance, roll="forward") + within_day
        return self._anchored(days.astype("M8[M]") + distance.astype("m8[M]")) + within_day

    def times_after(self, last: np.ndarray, h: int) -> np.ndarray:
        """Return the next ``h`` times after each of ``last`` (S,), shape (S, h)."""
        return self.times_from(last[:, None], np.arange(1, h + 1))

    def _anchored(self, months: np.ndarray) -> np.ndarray:
        """Return the day on which a step falls in each month."""
        first = months.astype("M8[D]")
        last = (months + 1).astype("M8[D]") - 1
        if self.anchor == _FIRST_BUSINESS_DAY:
            return np.busday_offset(first, 0, roll="forward")
        if self.anchor == _LAST_BUSINESS_DAY:
            return np.busday_offset(last, 0, roll="backward")
        return np.minimum(first + (self.anchor - 1), last)

    @property
    def calendar_names(self) -> tuple[str, ...]:
        """Names of the columns of ``calendar``."""
        return tuple(f"{cycle}_{wave}" for cycle in self._cycles for wave in ("sin", "cos"))

    @property
    def _cycles(self) -> tuple[str, ...]:
        if self.unit == "integer":
            return ()
        if self.unit == "month":
            return () if self.step % 12 == 0 else ("month_of_year",)
        step = self.step * (_DAY if self.unit == "business day" else 1)
        return (
            *(("hour_of_day",) if step % _DAY else ()),
            *(("day_of_week",) if step % (7 * _DAY) else ()),
            "day_of_year",
        )

    def calendar(self, times: np.ndarray) -> np.ndarray:
        """Return where each time stands in the cycles of the calendar that the step can see.

        Parameters
        ----------
        times : ndarray of shape (N,)
            As a panel holds them.

        Returns
        -------
        ndarray of shape (N, n_features), float64
            Sine and cosine of the hour of the day, the day of the week, the day of the year
            (or the month of the year), as ``calendar_names`` tells; no column for integers.
        """
        if not self._cycles:
            return np.empty((len(times), 0))
        wall = times
        if self.zone is not None and not self.is_wall_time:
            wall = wall_times(times, self.zone)
        days = wall.astype("M8[D]")
        hour = (wall - days).astype("m8[us]").astype(np.float64) / _DAY
        # 1 January 1970 was a Thursday; weeks begin on Monday.
        week = ((days.astype(np.int64) + 3) % 7 + hour) / 7
        year = days.astype("M8[Y]")
        phases = {
            "hour_of_day": hour,
            "day_of_week": week,
            "day_of_year": ((days - year.astype("M8[D]")).astype(np.float64) + hour) / 366,
            "month_of_year": (days.astype("M8[M]") - year.astype("M8[M]")).astype(np.float64) / 12,
        }
        angles = 2 * np.pi * np.column_stack([phases[cycle] for cycle in self._cycles])
        return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(len(times), -1)


def infer_frequency(times: np.ndarray, offsets: np.ndarray) -> Frequency:
    """Find the step that the times of all series share.

    The step is the commonest distance between neighbours, or the least where no distance
    has the majority. Months, quarters and years are seen where all times fall on a like day
    of the month; business days where no time is on a weekend and some neighbours span one.

    Parameters
    ----------
    times : ndarray of shape (N,), int64 or datetime64[us]
        Sorted and distinct within each series, series end to end.
    offsets : ndarray of shape (S + 1,)

    Raises
    ------
    ValueError
        If no series has two rows.
    """
    integer = times.dtype.kind == "i"
    step = _usual(_distances(start, end) for _, start, end in _neighbours(times, offsets))
    if step is None:
        if integer:
            return Frequency("integer", 1)
        raise ValueError(
            "no series has two rows, so the step between times is unknown; "
            "pass freq=, for example freq='D'"
        )
    if integer:
        return Frequency("integer", step)
    if step >= 28 * _DAY:
        monthly = _monthly(times, offsets)
        if monthly is not None:
            return monthly
    if step == _DAY and _on_business_days(times, offsets):
        return Frequency("business day", 1)
    return Frequency("microsecond", step)


def _neighbours(
    times: np.ndarray, offsets: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield the times of some series at a time, and of each pair of neighbours both."""
    for span in spans_of(offsets):
        first = offsets[span.start]
        own = np.asarray(times[first : offsets[span.stop]])
        after = np.ones(len(own), dtype=bool)
        after[offsets[span] - first] = False
        end = np.flatnonzero(after)
        yield own, own[end - 1], own[end]


def _distances(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return how far times are apart, in microseconds where they are dates."""
    apart = end - start
    return apart if apart.dtype.kind == "i" else apart.astype("m8[us]").astype(np.int64)


def _on_business_days(times: np.ndarray, offsets: np.ndarray) -> bool:
    """Whether no time is on a weekend, and some neighbours span one."""
    spanned = False
    for own, start, end in _neighbours(times, offsets):
        if not np.is_busday(own.astype("M8[D]")).all():
            return False
        spans = np.busday_count(start.astype("M8[D]"), end.astype("M8[D]"))
        spanned |= bool((spans * _DAY < _distances(start, end)).any())
    return spanned


def _monthly(times: np.ndarray, offsets: np.ndarray) -> Frequency | None:
    """Return the step in months if every time falls on a like day, else nothing."""
    step = _usual(
        (end.astype("M8[M]") - start.astype("M8[M]")).astype(np.int64)
        for _, start, end in _neighbours(times, offsets)
    )
    assert step is not None
    latest = max(_day_of_month(own).max() for own, *_ in _neighbours(times, offsets))
    none = np.zeros(1, dtype=np.int64)
    for anchor in (_LAST_DAY, int(latest), _FIRST_BUSINESS_DAY, _LAST_BUSINESS_DAY):
        frequency = Frequency("month", step, anchor)
        if all(
            (frequency.times_from(own, none) == own).all()
            for own, *_ in _neighbours(times, offsets)
        ):
            return frequency
    return None


def _day_of_month(times: np.ndarray) -> np.ndarray:
    days = times.astype("M8[D]")
    since: np.ndarray = (days - days.astype("M8[M]").astype("M8[D]")).astype(np.int64)
    return since + 1


def _usual(parts: Iterable[np.ndarray]) -> int | None:
    """Return the distance of the majority; the least if there is none, nothing of nothing."""
    values, counts = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    for distances in parts:
        own, n_own = np.unique(distances, return_counts=True)
        values, index = np.unique(np.concatenate([values, own]), return_inverse=True)
        counts = np.bincount(index, np.concatenate([counts, n_own])).astype(np.int64)
    if not len(values):
        return None
    commonest = int(counts.argmax())
    return int(values[commonest if 2 * counts[commonest] > counts.sum() else 0])


def _parts(total: int, part: int) -> int:
    """Return how often a part fits into the total; 1 if it does not fit evenly."""
    return total // part if total % part == 0 else 1
