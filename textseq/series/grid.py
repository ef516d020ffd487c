"""The grid of times of a panel: one step for all series, no repeats, no gaps that stay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np

from textseq.growing_array import GrowingArray
from textseq.series.frequency import Frequency, infer_frequency
from textseq.series.gaps import MOST_FILLED, MOST_FILLED_PER_ROW
from textseq.series.ordered_rows import OrderedRows
from textseq.series.tally import Tally
from textseq.series.times import TimeForm, Times, shown_time, wall_times

_INSTANT = np.timedelta64(1, "us")


@dataclass(frozen=True, eq=False)
class Grid:
    """The step that all series of some rows share.

    Parameters
    ----------
    frequency : Frequency
    hours : ndarray or None
        What clocks usually show of a day, as ``usual_hours`` returns it; None without a zone.
    """

    frequency: Frequency
    hours: np.ndarray | None

    def place(self, rows: OrderedRows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Place rows, or a part of them, on the grid.

        Returns
        -------
        times : ndarray of shape (N,)
            As the panel of this frequency holds them.
        steps : ndarray of shape (N,), int64
            From each row's predecessor; 1 for the first of a series.
        beside : ndarray of shape (N,), bool
            Which do not lie on the grid.
        """
        times = held_times(rows.stamps, self.frequency, self.hours)
        has_before = np.flatnonzero(rows.follows)
        before, after = times[has_before - 1], times[has_before]
        between = self.frequency.steps_between(before, after)
        start = times[rows.offsets[:-1]]
        beside = np.zeros(len(times), dtype=bool)
        beside[has_before] = self.frequency.times_from(before, between) != after
        beside[has_before] |= between < 1
        none = np.zeros(1, dtype=np.int64)
        beside[rows.offsets[:-1]] = self.frequency.times_from(start, none) != start
        steps = np.ones(len(times), dtype=np.int64)
        steps[has_before] = between
        return times, steps, beside

    def beside(self, rows: OrderedRows) -> Tally:
        """Look for rows that do not lie on the grid: the first one's series and time."""
        found = Tally()
        for part in rows.parts():
            times, _, beside = self.place(part)
            if (row := found.add(beside)) is not None:
                found.first = part.id_of(row), times[row]
        return found


def put_on_grid(rows: OrderedRows, freq: Any, fill_gaps: str) -> Grid:
    """Return the grid that all rows lie on.

    Repeats and times beside the grid are refused, and gaps unless they are to be filled.
    """
    _refuse_repeated(rows)
    zone, hours = rows.stamps.zone, None
    if zone is not None:
        hours = usual_hours((part.stamps.values for part in rows.parts()), zone)
    # The first reading of the step stays unless another one leaves no time beside its grid, so
    # that errors speak of the step that was named or found.
    grid, *others = (Grid(frequency, hours) for frequency in _frequencies(rows, freq, hours))
    beside = grid.beside(rows)
    for other in others:
        if not beside.count:
            break
        found = other.beside(rows)
        if not found.count:
            grid, beside = other, found
    if beside.count:
        series, time = beside.first
        frequency = grid.frequency
        raise ValueError(
            f"series {series!r} has the time {shown(time, frequency, rows.stamps.form)}, which "
            f"does not lie on a grid of steps of {frequency}; correct it, or pass freq= if the "
            f"step is another{_on_months(frequency)}"
        )
    _refuse_gaps(rows, grid, fill_gaps)
    return grid


def _refuse_repeated(rows: OrderedRows) -> None:
    repeated = Tally()
    for part in rows.parts():
        times = part.stamps.values
        same = np.append(False, times[1:] == times[:-1]) & part.follows
        if (row := repeated.add(same)) is not None:
            repeated.first = part.id_of(row), times[row]
    if repeated.count:
        series, time = repeated.first
        raise ValueError(repeated_message(series, time, rows.stamps, repeated.count))


class _Gap(NamedTuple):
    """Two neighbouring times of a series, and how many steps are between."""

    series: Any
    before: Any
    after: Any
    n_steps: int

    @classmethod
    def behind(cls, rows: OrderedRows, row: int, times: np.ndarray, steps: np.ndarray) -> Self:
        return cls(rows.id_of(row), times[row - 1], times[row], int(steps[row]))


def _refuse_gaps(rows: OrderedRows, grid: Grid, fill_gaps: str) -> None:
    """Refuse steps without a row, unless they are to be filled and are not too many."""
    gaps, n_missing = Tally(), 0
    longest: list[_Gap] = []  # of each part
    for part in rows.parts():
        times, steps, _ = grid.place(part)
        n_missing += int((steps - 1).sum())
        if (row := gaps.add(steps > 1)) is not None:
            gaps.first = _Gap.behind(part, row, times, steps)
        longest.append(_Gap.behind(part, int(steps.argmax()), times, steps))
    fillable = n_missing <= max(MOST_FILLED, MOST_FILLED_PER_ROW * len(rows))
    if not gaps.count or (fill_gaps != "error" and fillable):
        return
    # Where there is too much to fill, a wrong time is likely, and it makes the longest gap.
    gap: _Gap = gaps.first if fillable else max(longest, key=lambda one: one.n_steps)
    more = f" ({gaps.count - 1:,} more gaps follow)" if gaps.count > 1 and fillable else ""
    remedy = (
        "add a row with an empty target for each, have them filled "
        "(fill_gaps='interpolate' or 'zero')"
    )
    if not fillable:
        remedy = f"{n_missing:,} rows are too many to fill, so correct the time"
    before, after = (
        shown(time, grid.frequency, rows.stamps.form) for time in (gap.before, gap.after)
    )
    raise ValueError(
        f"series {gap.series!r} has a gap: after {before} comes {after}, so {gap.n_steps - 1:,} "
        f"step(s) of {grid.frequency} are missing{more}; {remedy}, or pass freq= if the step is "
        "another"
    )


def _on_months(frequency: Frequency) -> str:
    """Hint at the month where steps are about as long as one."""
    if frequency.unit != "microsecond" or not 28 <= frequency.step / 86_400_000_000 <= 31:
        return ""
    return ". Of months, give all series the first day or all the last day"


def _frequencies(rows: OrderedRows, freq: Any, hours: np.ndarray | None) -> list[Frequency]:
    """Return the step that was named or found, and its other reading where clocks may change."""
    stamps, zone = rows.stamps, rows.stamps.zone
    if freq is not None:
        first = freq if isinstance(freq, Frequency) else Frequency.parse(freq)
        if first is not freq:
            first = replace(first, zone=zone)
        found = [first]
    elif zone is None or hours is None:
        return [infer_frequency(stamps.values, rows.offsets)]
    else:
        wall, is_daily = _on_the_wall(rows, zone, hours)
        readings = [wall, stamps.values] if is_daily else [stamps.values, wall]
        found = [replace(infer_frequency(one, rows.offsets), zone=zone) for one in readings]
    other = [
        replace(one, on_wall=not one.is_wall_time) for one in found if one.unit == "microsecond"
    ]
    return found + other if zone is not None else found


def _on_the_wall(rows: OrderedRows, zone: str, hours: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return what clocks show (N,), and whether in each series at the same hour of the day."""
    grown = GrowingArray(in_file=isinstance(rows.stamps.values, np.memmap))
    is_daily = True
    for part in rows.parts():
        wall = _even_wall_times(part.stamps.values, zone, hours)
        own = wall - wall.astype("M8[D]")
        first = np.repeat(own[part.offsets[:-1]], np.diff(part.offsets))
        is_daily = is_daily and bool((own == first).all())
        grown.append(wall)
    return grown.finished(), is_daily


def held_times(stamps: Times, frequency: Frequency, hours: np.ndarray | None = None) -> np.ndarray:
    """Return times as the panel of a frequency holds them.

    Parameters
    ----------
    stamps : Times
    frequency : Frequency
    hours : ndarray, optional
        What clocks usually show of a day; that of these times by default.
    """
    if (stamps.values.dtype.kind == "i") != (frequency.unit == "integer"):
        kind = "whole numbers" if stamps.values.dtype.kind == "i" else "dates"
        raise ValueError(f"the times are {kind}, which a step of {frequency} does not fit")
    if stamps.zone != frequency.zone:
        raise ValueError(
            f"the times have the time zone {stamps.zone}, the model's have {frequency.zone}; "
            "convert them, for example with .dt.tz_convert or .dt.tz_localize"
        )
    if stamps.zone is None or not frequency.is_wall_time:
        return stamps.values
    if hours is None:
        hours = usual_hours([stamps.values], stamps.zone)
    return _even_wall_times(stamps.values, stamps.zone, hours)


def usual_hours(parts: Iterable[np.ndarray], zone: str) -> np.ndarray:
    """Return what clocks show of a day at naive UTC times, in order.

    Parameters
    ----------
    parts : iterable of ndarray of datetime64[us]
    zone : str

    Returns
    -------
    ndarray of timedelta64[us]
        Without moments after clocks have left some time out, unless there are no others.
    """
    usual, left_out = [], []
    for utc in parts:
        wall, meant, days = _with_left_out(utc, zone)
        jumped = meant < wall
        usual.append(np.unique((wall - days)[~jumped]))
        left_out.append(np.unique((meant - days)[jumped]))
    found = np.unique(np.concatenate(usual))
    return found if len(found) else np.unique(np.concatenate(left_out))


def _with_left_out(utc: np.ndarray, zone: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what clocks show, what they would have shown had they gone on, and the days."""
    wall = wall_times(utc, zone)
    return wall, wall_times(utc - _INSTANT, zone) + _INSTANT, wall.astype("M8[D]")


def _even_wall_times(utc: np.ndarray, zone: str, hours: np.ndarray) -> np.ndarray:
    """Return wall times; for a moment after clocks have left the usual time out, that time.

    So a day whose clocks go from 0:00 to 1:00 has its midnight like any other.
    """
    wall, left_out, days = _with_left_out(utc, zone)
    jumped = left_out < wall
    if not jumped.any():
        return wall
    first = (left_out - days)[jumped]
    index = np.minimum(np.searchsorted(hours, first), len(hours) - 1)
    meant = days[jumped] + hours[index]
    fits = (left_out[jumped] <= meant) & (meant < wall[jumped])
    wall[jumped] = np.where(fits, meant, wall[jumped])
    return wall


def repeated_message(series: Any, time: Any, stamps: Times, n_repeated: int) -> str:
    """Say which series has two rows for which time, and how many rows are repeated in all."""
    written = shown_time(time, stamps.form, stamps.zone)
    hourly = stamps.values.dtype.kind == "M" and stamps.zone is None and written[-3:-2] == ":"
    clocks = "; if clocks were put back then, give the times their time zone" if hourly else ""
    return (
        f"series {series!r} has more than one row for {written} "
        f"({n_repeated:,} repeated rows in all); drop or average the repeats, "
        f"or name the column that tells the series apart: id_col={clocks}"
    )


def shown(time: Any, frequency: Frequency, form: TimeForm) -> str:
    """Return a time of a panel as its user writes it."""
    return shown_time(time, form, frequency.zone, wall=frequency.is_wall_time)
