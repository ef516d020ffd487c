"""The forecasts that every network has to beat: the simple ones, and the classical models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from statistics import NormalDist

import numpy as np

from textseq.series.forecasts import Forecasts
from textseq.series.panel import Panel
from textseq.series.r_models import forecast_r
from textseq.series.statistical import forecast_statistical
from textseq.series.wall_clock import WallClock

Baseline = Callable[[Panel, int, int, Sequence[float]], Forecasts]


def forecast_baseline(
    name: str,
    panel: Panel,
    h: int,
    season_length: int | None = None,
    levels: Sequence[float] = (80, 95),
) -> Forecasts:
    """Forecast every series on its own, without a network.

    Parameters
    ----------
    name : str
        ``naive``: the last value. ``seasonal_naive``: the last value of the same season.
        ``drift``: the line from the first value to the last. ``auto_ets``, ``auto_theta``:
        exponential smoothing and the theta method, if statsforecast is installed.
        ``r_auto_arima``, ``r_ets``: those of R's forecast package, if R is.
    panel : Panel
    h : int
        Steps ahead.
    season_length : int, optional
        Steps in a season; the frequency's by default.
    levels : sequence of float, default (80, 95)
        Percent that the prediction intervals are to hold.

    Returns
    -------
    Forecasts
        Ends of an interval are NaN where a series is too short to tell its width.

    Raises
    ------
    ImportError
        If what the method needs is not installed.
    ValueError
        If no method has that name, or a number is out of its range.

    Notes
    -----
    The first three pass over missing values: the last value is the last observed one, and
    intervals grow from there. Where a series has no value of a season, ``seasonal_naive`` takes its
    last value.

    References
    ----------
    .. [1] R. J. Hyndman, G. Athanasopoulos, "Forecasting: Principles and Practice", 3rd ed.
       (2021), sections 5.2 and 5.5 (table of multi-step standard deviations).

    Examples
    --------
    >>> import pandas as pd
    >>> from textseq.series.panel import read_panel
    >>> panel = read_panel(pd.DataFrame({"ds": range(5), "y": [1, 3, 2, 4, 3]}))
    >>> forecast_baseline("drift", panel, 2).mean.ravel().tolist()
    [3.5, 4.0]
    """
    if name not in BASELINES:
        raise ValueError(f"unknown baseline {name!r}; the baselines are {', '.join(BASELINES)}")
    if h < 1:
        raise ValueError(f"h={h} steps ahead; it must be 1 or more")
    m = panel.frequency.season_length if season_length is None else season_length
    if m < 1:
        raise ValueError(f"season_length={m}; it must be 1 or more")
    for level in levels:
        if not 0 < level < 100:
            raise ValueError(f"level {level} is no percentage between 0 and 100")
    clocks = (WallClock.of(part, h) for _, part in panel.parts())
    return Forecasts.joined(
        BASELINES[name](clock.panel, clock.n_steps, m, levels).at(clock) for clock in clocks
    )


def choose_baselines(baselines: bool | str | Sequence[str]) -> tuple[str, ...]:
    """Return the names of the baselines that stand beside a network.

    Parameters
    ----------
    baselines : bool, {"naive", "statistical", "r"}, or sequence of str
        ``True`` and ``"naive"``: ``naive``, ``seasonal_naive`` and ``drift``; the other words
        add two models each. Names are taken as they are.

    Raises
    ------
    ValueError
        If there is no such word or name.

    Examples
    --------
    >>> choose_baselines("r")
    ('naive', 'seasonal_naive', 'drift', 'r_auto_arima', 'r_ets')
    """
    if isinstance(baselines, bool):
        return BASELINE_SETS["naive"] if baselines else ()
    if isinstance(baselines, str):
        if baselines not in BASELINE_SETS:
            raise ValueError(
                f"baselines={baselines!r} is not known; use one of "
                f"{', '.join(map(repr, BASELINE_SETS))}, True, False, or a list of names"
            )
        return BASELINE_SETS[baselines]
    unknown = [name for name in baselines if name not in BASELINES]
    if unknown:
        raise ValueError(
            f"unknown baseline {unknown[0]!r}; the baselines are {', '.join(BASELINES)}"
        )
    return tuple(baselines)


def _naive(panel: Panel, h: int, season_length: int, levels: Sequence[float]) -> Forecasts:
    return _with_intervals(*_seasonal(panel, h, 1), levels)


def _seasonal_naive(panel: Panel, h: int, season_length: int, levels: Sequence[float]) -> Forecasts:
    mean, deviation = _seasonal(panel, h, season_length)
    last, last_deviation = _seasonal(panel, h, 1)
    lacking = np.isnan(mean)
    return _with_intervals(
        np.where(lacking, last, mean),
        np.where(lacking | np.isnan(deviation), last_deviation, deviation),
        levels,
    )


def _drift(panel: Panel, h: int, season_length: int, levels: Sequence[float]) -> Forecasts:
    last = _last_rows(panel, 1)[:, 0]  # (S, K)
    first = _first_rows(panel)
    targets = np.arange(panel.y.shape[1])
    end = np.where(last < 0, np.nan, panel.y[last, targets])
    steps = last - first
    slope = (end - panel.y[first, targets]) / np.maximum(steps, 1)
    residuals = panel.changes(1) - np.repeat(slope, panel.lengths, axis=0)
    sigma = _root_mean_square(residuals, panel, parameters=1)
    ahead = np.arange(1, h + 1)[:, None] + (panel.offsets[1:, None] - 1 - last)[:, None]
    mean = end[:, None] + slope[:, None] * ahead  # (S, h, K)
    deviation = sigma[:, None] * np.sqrt(ahead * (1 + ahead / np.maximum(steps, 1)[:, None]))
    return _with_intervals(mean, deviation, levels)


def _seasonal(panel: Panel, h: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the seasonal naive's mean and standard deviation, shape (S, h, K) each.

    The mean is NaN where a series has no value of a season.
    """
    step = np.arange(h)
    rows = _last_rows(panel, m)[:, step % m]  # (S, h, K)
    mean = np.where(rows < 0, np.nan, panel.y[rows, np.arange(panel.y.shape[1])])
    ahead = (panel.offsets[1:, None] + step)[:, :, None] - rows
    sigma = _root_mean_square(panel.changes(m), panel, parameters=0)
    # The textbook's k + 1: seasons from the value taken to the step forecast.
    return mean, sigma[:, None] * np.sqrt(ahead / m)


def _last_rows(panel: Panel, m: int) -> np.ndarray:
    """Return the row of the last value of each season, shape (S, m, K); -1 where there is none.

    Season 0 is that of the first step ahead.
    """
    ends = np.repeat(panel.offsets[1:], panel.lengths)
    rows = np.arange(len(panel.y))
    season = (rows - ends) % m
    series = np.repeat(np.arange(len(panel)), panel.lengths)
    last = np.full((len(panel), m, panel.y.shape[1]), -1)
    for target in range(panel.y.shape[1]):
        seen = ~np.isnan(panel.y[:, target])
        # Rows ascend, and of several writes to one place the last one stays.
        last[series[seen], season[seen], target] = rows[seen]
    return last


def _first_rows(panel: Panel) -> np.ndarray:
    """Return the row of the first value of each series, shape (S, K); any if there is none."""
    rows = np.where(np.isnan(panel.y), len(panel.y) - 1, np.arange(len(panel.y))[:, None])
    return np.minimum.reduceat(rows, panel.offsets[:-1], axis=0)


def _root_mean_square(residuals: np.ndarray, panel: Panel, parameters: int) -> np.ndarray:
    """Return the residuals' standard deviation in each series, shape (S, K)."""
    known = ~np.isnan(residuals)
    squares = np.add.reduceat(np.where(known, residuals, 0) ** 2, panel.offsets[:-1], axis=0)
    free = np.add.reduceat(known, panel.offsets[:-1], axis=0, dtype=np.int64) - parameters
    return np.sqrt(np.where(free > 0, squares / np.maximum(free, 1), np.nan))


def _with_intervals(mean: np.ndarray, deviation: np.ndarray, levels: Sequence[float]) -> Forecasts:
    widths = {level: NormalDist().inv_cdf(0.5 + level / 200) * deviation for level in levels}
    return Forecasts(
        mean,
        {level: mean - width for level, width in widths.items()},
        {level: mean + width for level, width in widths.items()},
    )


BASELINES: dict[str, Baseline] = {
    "naive": _naive,
    "seasonal_naive": _seasonal_naive,
    "drift": _drift,
    "auto_ets": partial(forecast_statistical, "AutoETS"),
    "auto_theta": partial(forecast_statistical, "AutoTheta"),
    "r_auto_arima": partial(forecast_r, "auto.arima"),
    "r_ets": partial(forecast_r, "ets"),
}
_SIMPLE = ("naive", "seasonal_naive", "drift")
BASELINE_SETS: dict[str, tuple[str, ...]] = {
    "naive": _SIMPLE,
    "statistical": (*_SIMPLE, "auto_ets", "auto_theta"),
    "r": (*_SIMPLE, "r_auto_arima", "r_ets"),
}
