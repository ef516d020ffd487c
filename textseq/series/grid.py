"""The grid of times of a panel: one step for all series, no repeats, no gaps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from textseq.series.columns import Times
from textseq.series.frequency import Frequency, infer_frequency, wall_times


def put_on_grid(
    stamps: Times, offsets: np.ndarray, ids: np.ndarray, codes: np.ndarray, freq: Any
) -> tuple[Frequency, np.ndarray]:
    """Return the step and the times on its grid, or refuse repeats, gaps and times beside it."""
    same_series = codes[1:] == codes[:-1]
    repeated = np.append(False, same_series & (stamps.values[1:] == stamps.values[:-1]))
    if repeated.any():
        raise ValueError(repeated_message(ids, codes, stamps.values, repeated))
    if isinstance(freq, Frequency):
        frequency = freq
    elif freq is not None:
        frequency = replace(Frequency.parse(freq), zone=stamps.zone)
    else:
        times = stamps.values
        if stamps.zone is not None:
            wall = wall_times(times, stamps.zone)
            hours = wall - wall.astype("M8[D]")
            if (hours == hours[offsets[:-1]][codes]).all():
                times = wall
        frequency = replace(infer_frequency(times, offsets), zone=stamps.zone)
    times = held_times(stamps, frequency)
    before, after = times[:-1][same_series], times[1:][same_series]
    steps = frequency.steps_between(before, after)
    start = times[offsets[:-1]]
    unfit = np.append(False, same_series)
    unfit[unfit] = frequency.times_from(before, steps) != after
    unfit[offsets[:-1]] |= frequency.times_from(start, np.zeros(1, dtype=np.int64)) != start
    if unfit.any():
        row = int(np.flatnonzero(unfit)[0])
        raise ValueError(
            f"series {ids[codes[row]]!r} has the time {shown(times[row])}, which does not lie on "
            f"a grid of steps of {frequency}; correct it, or pass freq= if the step is another"
        )
    gaps = np.flatnonzero(steps > 1)
    if len(gaps):
        first, missing = gaps[0], int(steps[gaps[0]]) - 1
        more = f" ({len(gaps) - 1:,} more gaps follow)" if len(gaps) > 1 else ""
        name = ids[codes[1:][same_series][first]]
        raise ValueError(
            f"series {name!r} has a gap: after {shown(before[first])} comes "
            f"{shown(after[first])}, so {missing:,} step(s) of {frequency} are missing{more}; "
            "add a row with an empty target for each, or pass freq= if the step is another"
        )
    return frequency, times


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
        return wall_times(stamps.values, stamps.zone)
    return stamps.values


def repeated_message(
    ids: np.ndarray, codes: np.ndarray, times: np.ndarray, repeated: np.ndarray
) -> str:
    """Say which series has two rows for which time; ``repeated`` (N,) marks the second ones."""
    row = int(np.flatnonzero(repeated)[0])
    return (
        f"series {ids[codes[row]]!r} has more than one row for {shown(times[row])} "
        f"({int(repeated.sum()):,} repeated rows in all); drop or average the repeats, "
        "or name the column that tells the series apart: id_col="
    )


def shown(time: Any) -> str:
    """Return a time as a person writes it."""
    if not isinstance(time, np.datetime64):
        return str(time)
    written = str(time).replace("T", " ").removesuffix(".000000")
    return written.removesuffix(":00").removesuffix(" 00:00")
