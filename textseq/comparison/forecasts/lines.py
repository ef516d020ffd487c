"""Forecast frames as lines to draw."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from textseq.series.columns import read_column, read_ids, read_numbers
from textseq.series.times import read_times, wall_times

_END = re.compile(r"(?P<model>.+)-lo-(?P<level>\d+(\.\d+)?)")


@dataclass(frozen=True, eq=False)
class ForecastLine:
    """Values of one series, from one moment on.

    Parameters
    ----------
    id : str or number
    target : str or None
        In frames of several targets.
    model : str
        Column that the values are from.
    cutoff : datetime64 or int, or None
        Last time that was known, in a backtest.
    times : ndarray of shape (T,), int64 or datetime64[us]
        As the clocks of their time zone show them.
    mean : ndarray of shape (T,)
    lower, upper : dict of level to ndarray of shape (T,)
        Ends of the prediction intervals, the narrowest first.
    """

    id: Any
    target: str | None
    model: str
    cutoff: Any
    times: np.ndarray
    mean: np.ndarray
    lower: dict[str, np.ndarray]
    upper: dict[str, np.ndarray]

    @property
    def levels(self) -> list[str]:
        """Levels of the intervals, as the columns have them."""
        return list(self.lower)


def lines_of(
    frame: Any,
    id_col: str,
    time_col: str,
    model: str | None = None,
    series: Sequence[Any] | None = None,
) -> list[ForecastLine]:
    """Split a frame into lines: one for each series, target and cutoff that it has.

    Parameters
    ----------
    frame : DataFrame of pandas or polars
        Without the column ``unique_id``, all rows are one series.
    id_col, time_col : str
    model : str, optional
        Column to draw; by default the first that holds forecasts.
    series : sequence, optional
        Ids to keep; all by default.
    """
    columns = list(frame.columns)
    if id_col == "unique_id" and id_col not in columns:
        ids, codes = np.array(["series"], dtype=object), np.zeros(len(frame), dtype=np.int64)
    else:
        ids, codes = read_ids(frame, id_col)
    times = clock_times(frame, time_col)
    cutoffs = clock_times(frame, "cutoff") if "cutoff" in columns else None
    targets = read_column(frame, "variable").to_numpy() if "variable" in columns else None
    own = {id_col, time_col, "cutoff", "variable", "y"}
    model = model or next(name for name in columns if name not in own)
    mean = read_numbers(frame, model)
    # Only ends that belong to this model: another one's name may begin like it.
    ends = [(m["level"], m.string) for name in columns if (m := _END.fullmatch(str(name)))]
    levels = sorted({level for level, name in ends if name == f"{model}-lo-{level}"}, key=float)
    lower = {level: read_numbers(frame, f"{model}-lo-{level}") for level in levels}
    upper = {level: read_numbers(frame, f"{model}-hi-{level}") for level in levels}
    # Rows of one line: the same series, cutoff and target. They come in any order of time.
    keys = [part for part in (cutoffs, targets) if part is not None]
    groups: dict[Any, list[int]] = {}
    wanted = range(len(ids)) if series is None else np.flatnonzero(np.isin(ids, list(series)))
    for row in np.flatnonzero(np.isin(codes, wanted)).tolist():
        groups.setdefault((codes[row], *(part[row] for part in keys)), []).append(row)
    lines = []
    for rows in groups.values():
        order = np.array(rows)[np.argsort(times[rows], kind="stable")]
        first = order[0]
        lines.append(
            ForecastLine(
                id=ids[codes[first] : codes[first] + 1].tolist()[0],
                target=None if targets is None else targets[first],
                model=model,
                cutoff=None if cutoffs is None else cutoffs[first],
                times=times[order],
                mean=mean[order],
                lower={level: ends[order] for level, ends in lower.items()},
                upper={level: ends[order] for level, ends in upper.items()},
            )
        )
    return lines


def clock_times(frame: Any, name: str) -> np.ndarray:
    """Return a column of times as the clocks of its zone show them."""
    stamps = read_times(frame, name)
    return stamps.values if stamps.zone is None else wall_times(stamps.values, stamps.zone)


def spread_apart(heights: np.ndarray, gap: float) -> np.ndarray:
    """Move heights as little as needs be for neighbours to be ``gap`` apart.

    Examples
    --------
    >>> spread_apart(np.array([1.0, 1.1, 3.0]), 0.5).round(2).tolist()
    [0.8, 1.3, 3.0]
    """
    order = np.argsort(heights, kind="stable")
    groups: list[list[float]] = []
    for height in heights[order].tolist():
        groups.append([height])
        while len(groups) > 1 and _bottom(groups[-1], gap) < _top(groups[-2], gap) + gap:
            groups[-2:] = [groups[-2] + groups[-1]]
    placed = np.concatenate([_bottom(group, gap) + gap * np.arange(len(group)) for group in groups])
    out = np.empty(len(heights))
    out[order] = placed
    return out


def _bottom(group: list[float], gap: float) -> float:
    return float(np.mean(group)) - gap * (len(group) - 1) / 2


def _top(group: list[float], gap: float) -> float:
    return _bottom(group, gap) + gap * (len(group) - 1)
