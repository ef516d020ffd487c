"""What the owner of the series should know before trusting a comparison of forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from textseq.comparison.forecasts.coverage_verdict import coverage_test
from textseq.comparison.forecasts.errors import BacktestErrors
from textseq.comparison.forecasts.model import ForecastedModel
from textseq.comparison.wording import listed
from textseq.series.panel import Panel
from textseq.series.scales import constant_series

# Windows that a network should be able to learn from.
FEWEST_SEASONS = 2


def check_forecasts(
    panel: Panel,
    errors: BacktestErrors,
    models: tuple[ForecastedModel, ...],
    levels: Sequence[float],
    h: int,
    season_length: int,
    frames: Sequence[Any],
) -> tuple[str, ...]:
    """Find what makes the figures of a backtest mean less than they seem to.

    Looks for series too short for all cutoffs or for a season, series that never change,
    missing values, and intervals that hold far more or fewer values than they should.

    Returns
    -------
    tuple of str
        One line each, with figures and a remedy; empty where nothing was found.
    """
    found = [
        _left_out(panel, errors),
        _short(panel, errors, h, season_length),
        _without_season(panel, errors, h, season_length),
        _constant(panel),
        _missing(panel),
        *(_coverage(model, level, frames, panel) for model in models for level in levels),
    ]
    return tuple(line for line in found if line)


def _left_out(panel: Panel, errors: BacktestErrors) -> str:
    n_windows = int(errors.window.max()) + 1
    counts = np.bincount(errors.series, minlength=len(panel))
    lacking = np.flatnonzero(counts < n_windows)
    if not len(lacking):
        return ""
    return (
        f"{len(lacking):,} of {len(panel):,} series are too short for all {n_windows} windows: "
        f"{_named(panel, lacking)}; they count in the last ones alone"
    )


def _short(panel: Panel, errors: BacktestErrors, h: int, season_length: int) -> str:
    n_windows = int(errors.window.max()) + 1
    known = panel.lengths - h - (n_windows - 1) * errors.step_size
    least = max(FEWEST_SEASONS * season_length, FEWEST_SEASONS * h)
    short = np.flatnonzero((known > 0) & (known < least))
    if not len(short):
        return ""
    return (
        f"{len(short):,} of {len(panel):,} series have fewer than {least:,} rows before the first "
        f"cutoff: {_named(panel, short)}; a network learns little from them, so use fewer "
        "windows or a smaller horizon"
    )


def _without_season(panel: Panel, errors: BacktestErrors, h: int, season_length: int) -> str:
    first = np.full(len(panel), int(errors.window.max()) + 1)
    np.minimum.at(first, errors.series, errors.window)
    before = h + (int(errors.window.max()) - first) * errors.step_size
    counts = np.concatenate(
        [_n_changes(part, before[series], season_length) for series, part in panel.parts()]
    )
    judged = np.isin(np.arange(len(panel)), errors.series)
    lacking = np.flatnonzero(judged & (counts == 0).any(axis=1))
    if season_length == 1 or not len(lacking):
        return ""
    return (
        f"{len(lacking):,} of {len(panel):,} series have no value a season of {season_length:,} "
        f"steps apart before the first cutoff: {_named(panel, lacking)}; their MASE is in units "
        "of the change from step to step"
    )


def _n_changes(panel: Panel, before: np.ndarray, season_length: int) -> np.ndarray:
    """Count the changes over a season (S, K) that are known ``before`` (S,) rows of the end."""
    seasonal = ~np.isnan(panel.changes(season_length)) & ~_behind(panel, before)[:, None]
    counts: np.ndarray = np.add.reduceat(seasonal, panel.offsets[:-1], axis=0, dtype=np.int64)
    return counts


def _behind(panel: Panel, before: np.ndarray) -> np.ndarray:
    """Return which rows (N,) are among the last ``before`` (S,) of their series."""
    rows = np.arange(len(panel.y)) - np.repeat(panel.offsets[1:] - before, panel.lengths)
    behind: np.ndarray = rows >= 0
    return behind


def _constant(panel: Panel) -> str:
    constant = np.flatnonzero(constant_series(panel).any(axis=1))
    if not len(constant):
        return ""
    return (
        f"{len(constant):,} of {len(panel):,} series never change: {_named(panel, constant)}; "
        "they have no part in MASE, so drop them unless they are meant to be there"
    )


def _missing(panel: Panel) -> str:
    n_missing = sum(int(np.isnan(part.y).sum()) for _, part in panel.parts())
    if not n_missing:
        return ""
    return (
        f"{n_missing:,} of {panel.y.size:,} values ({100 * n_missing / panel.y.size:.1f} %) are "
        "missing; the networks are told so, and no forecast is judged there"
    )


def _coverage(model: ForecastedModel, level: float, frames: Sequence[Any], panel: Panel) -> str:
    if model.kind != "network" or f"coverage-{level:g}" not in model.scores:
        return ""
    found = coverage_test(frames, panel.names, model.name, level)
    if found.verdict not in ("narrow", "wide"):
        return ""
    return (
        f"the {level:g} % intervals of {model.name} hold {100 * found.held:.0f} % of what came "
        f"(95 % interval {100 * found.low:.0f} to {100 * found.high:.0f} %): they are too "
        f"{found.verdict}; a larger val_size gives more errors to learn them from"
    )


def _named(panel: Panel, series: np.ndarray) -> str:
    return listed([repr(name) for name in panel.ids[series].tolist()])
