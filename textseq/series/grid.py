"""The grid of times of a panel: one step for all series, no repeats, no gaps that stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from textseq.series.frequency import Frequency, infer_frequency
from textseq.series.gaps import MOST_FILLED, MOST_FILLED_PER_ROW
from textseq.series.times import TimeForm, Times, shown_time, wall_times


def put_on_grid(
    stamps: Times,
    offsets: np.ndarray,
    ids: np.ndarray,
    codes: np.ndarray,
    freq: Any,
    fill_gaps: str,
) -> tuple[Frequency, np.ndarray, np.ndarray]:
    """Return the step, the times on its grid, and how many steps each is after the one before.

    Repeats and times beside the grid are refused, and gaps unless they are to be filled.
    """
    same_series = codes[1:] == codes[:-1]  # (N - 1,), of each row and the one before
    repeated = np.append(False, same_series & (stamps.values[1:] == stamps.values[:-1]))
    if repeated.any():
        raise ValueError(repeated_message(ids, codes, stamps, repeated))
    # The first reading of the step stays unless another one leaves no time beside its grid, so
    # that errors speak of the step that was named or found.
    candidates = _frequencies(stamps, offsets, codes, freq)
    frequency, times, steps, unfit = _placed(stamps, candidates[0], offsets, same_series)
    for other in candidates[1:]:
        if not unfit.any():
            break
        found = _placed(stamps, other, offsets, same_series)
        if not found[-1].any():
            frequency, times, steps, unfit = found

    def named(time: Any) -> str:
        return shown(time, frequency, stamps.form)

    if unfit.any():
        row = int(np.flatnonzero(unfit)[0])
        raise ValueError(
            f"series {ids[codes[row]]!r} has the time {named(times[row])}, which does not lie on "
            f"a grid of steps of {frequency}; correct it, or pass freq= if the step is another"
            f"{_on_months(frequency)}"
        )
    # A series' first row has none before it and counts as one step after it: (N,).
    from_before = np.ones(len(times), dtype=np.int64)
    from_before[1:][same_series] = steps
    gaps = np.flatnonzero(from_before > 1)
    if not len(gaps):
        return frequency, times, from_before
    n_missing = int((from_before[gaps] - 1).sum())
    fillable = n_missing <= max(MOST_FILLED, MOST_FILLED_PER_ROW * len(times))
    if fill_gaps != "error" and fillable:
        return frequency, times, from_before
    # Where there is too much to fill, a wrong time is likely, and it makes the longest gap.
    row = gaps[0] if fillable else gaps[from_before[gaps].argmax()]
    more = f" ({len(gaps) - 1:,} more gaps follow)" if len(gaps) > 1 and fillable else ""
    remedy = (
        "add a row with an empty target for each, have them filled "
        "(fill_gaps='interpolate' or 'zero')"
    )
    if not fillable:
        remedy = f"{n_missing:,} rows are too many to fill, so correct the time"
    raise ValueError(
        f"series {ids[codes[row]]!r} has a gap: after {named(times[row - 1])} comes "
        f"{named(times[row])}, so {from_before[row] - 1:,} step(s) of {frequency} are "
        f"missing{more}; {remedy}, or pass freq= if the step is another"
    )


def _on_months(frequency: Frequency) -> str:
    """Hint at the month where steps are about as long as one."""
    if frequency.unit != "microsecond" or not 28 <= frequency.step / 86_400_000_000 <= 31:
        return ""
    return ". Of months, give all series the first day or all the last day"


def _frequencies(
    stamps: Times, offsets: np.ndarray, codes: np.ndarray, freq: Any
) -> list[Frequency]:
    """Return the step that was named or found, and its other reading where clocks may change."""
    if freq is not None:
        first = freq if isinstance(freq, Frequency) else Frequency.parse(freq)
        if first is not freq:
            first = replace(first, zone=stamps.zone)
        found = [first]
    elif stamps.zone is None:
        return [infer_frequency(stamps.values, offsets)]
    else:
        wall = _even_wall_times(stamps.values, stamps.zone)
        hours = wall - wall.astype("M8[D]")
        readings = [stamps.values, wall]
        if (hours == hours[offsets[:-1]][codes]).all():
            readings.reverse()
        found = [replace(infer_frequency(times, offsets), zone=stamps.zone) for times in readings]
    other = [
        replace(one, on_wall=not one.is_wall_time) for one in found if one.unit == "microsecond"
    ]
    return found + other if stamps.zone is not None else found


def _placed(
    stamps: Times, frequency: Frequency, offsets: np.ndarray, same_series: np.ndarray
) -> tuple[Frequency, np.ndarray, np.ndarray, np.ndarray]:
    """Return times as that step holds them, the steps between, and which rows are beside it."""
    times = held_times(stamps, frequency)
    before, after = times[:-1][same_series], times[1:][same_series]
    steps = frequency.steps_between(before, after)
    start = times[offsets[:-1]]
    unfit = np.append(False, same_series)
    unfit[unfit] = (frequency.times_from(before, steps) != after) | (steps < 1)
    unfit[offsets[:-1]] |= frequency.times_from(start, np.zeros(1, dtype=np.int64)) != start
    return frequency, times, steps, unfit


def held_times(stamps: Times, frequency: Frequency) -> np.ndarray:
    """Return times as the panel of a frequency holds them."""
    if (stamps.values.dtype.kind == "i") != (frequency.unit == "integer"):
        kind = "whole numbers" if stamps.values.dtype.kind == "i" else "dates"
        raise ValueError(f"the times are {kind}, which a step of {frequency} does not fit")
    if stamps.zone != frequency.zone:
        raise ValueError(
            f"the times have the time zone {stamps.zone}, the model's have {frequency.zone}; "
            "convert them, for example with .dt.tz_convert or .dt.tz_localize"
        )
    if stamps.zone is not None and frequency.is_wall_time:
        return _even_wall_times(stamps.values, stamps.zone)
    return stamps.values


def _even_wall_times(utc: np.ndarray, zone: str) -> np.ndarray:
    """Return wall times; for a moment after clocks have left the usual time out, that time.

    So a day whose clocks go from 0:00 to 1:00 has its midnight like any other.
    """
    wall = wall_times(utc, zone)
    instant = np.timedelta64(1, "us")
    left_out = wall_times(utc - instant, zone) + instant  # what would have been shown
    jumped = left_out < wall
    if not jumped.any():
        return wall
    days = wall.astype("M8[D]")
    usual = np.unique((wall - days)[~jumped])
    first = (left_out - days)[jumped]
    if not len(usual):
        usual = first
    index = np.minimum(np.searchsorted(usual, first), len(usual) - 1)
    meant = days[jumped] + usual[index]
    fits = (left_out[jumped] <= meant) & (meant < wall[jumped])
    wall[jumped] = np.where(fits, meant, wall[jumped])
    return wall


def repeated_message(
    ids: np.ndarray, codes: np.ndarray, stamps: Times, repeated: np.ndarray
) -> str:
    """Say which series has two rows for which time; ``repeated`` (N,) marks the second ones."""
    row = int(np.flatnonzero(repeated)[0])
    time = shown_time(stamps.values[row], stamps.form, stamps.zone)
    hourly = stamps.values.dtype.kind == "M" and stamps.zone is None and time[-3:-2] == ":"
    clocks = "; if clocks were put back then, give the times their time zone" if hourly else ""
    return (
        f"series {ids[codes[row]]!r} has more than one row for {time} "
        f"({int(repeated.sum()):,} repeated rows in all); drop or average the repeats, "
        f"or name the column that tells the series apart: id_col={clocks}"
    )


def shown(time: Any, frequency: Frequency, form: TimeForm) -> str:
    """Return a time of a panel as its user writes it."""
    return shown_time(time, form, frequency.zone, wall=frequency.is_wall_time)
