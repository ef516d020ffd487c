"""How far forecasts are from what came, and how well their intervals hold it.

Values that never came (NaN in ``actual``) are left out; a forecast that is NaN where a value
came makes the figure NaN. All arrays of a call have one shape, such as (S, h) or (S, h, K).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from textseq.constancy import is_constant
from textseq.series.columns import read_column, read_ids, read_numbers
from textseq.series.grid import held_times, shown
from textseq.series.panel import Panel
from textseq.series.times import read_times
from textseq.series.wall_clock import WallClock

_INTERVAL = re.compile(r"(?P<model>.+)-(?P<end>lo|hi)-(?P<level>\d+(\.\d+)?)")


def mae(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Return the mean absolute error, in the unit of the series."""
    return _mean(np.abs(actual - forecast), actual)


def rmse(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Return the root of the mean squared error, in the unit of the series."""
    return float(np.sqrt(_mean((actual - forecast) ** 2, actual)))


def smape(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Return the symmetric mean absolute percentage error, 0 to 200.

    Where value and forecast are both 0 the error is 0.

    References
    ----------
    .. [1] S. Makridakis, E. Spiliotis, V. Assimakopoulos, "The M4 Competition: 100,000 time
       series and 61 forecasting methods", Int. J. Forecasting 36 (2020), equation 1.

    Examples
    --------
    >>> smape(np.array([100.0]), np.array([50.0]))
    66.66666666666667
    """
    size = np.abs(actual) + np.abs(forecast)
    return _mean(200 * np.abs(actual - forecast) / np.where(size == 0, 1, size), actual)


def mase(actual: np.ndarray, forecast: np.ndarray, scale: np.ndarray) -> float:
    """Return the mean absolute scaled error: below 1 beats the in-sample seasonal naive.

    Parameters
    ----------
    actual, forecast : ndarray of one shape
    scale : ndarray that broadcasts with them
        ``naive_scale``: its shape (S, 1) fits arrays (S, h). Series whose scale is 0 or
        unknown (NaN) are left out.

    References
    ----------
    .. [1] R. J. Hyndman, A. B. Koehler, "Another look at measures of forecast accuracy",
       Int. J. Forecasting 22 (2006), section 3.
    """
    return _scaled(np.abs(actual - forecast), actual, scale)


def naive_scale(panel: Panel, season_length: int) -> np.ndarray:
    """Return the mean absolute error of the seasonal naive within each series.

    Parameters
    ----------
    panel : Panel
        The training part.
    season_length : int
        Steps in a season, ``m``; 1 for the change from step to step.

    Returns
    -------
    ndarray of shape (S, K)
        Mean of ``|y[t] - y[t - m]|``; NaN where a series has no such pair, 0 where they are
        equal up to rounding.

    Examples
    --------
    >>> from textseq.series.panel import read_panel
    >>> panel = read_panel(pd.DataFrame({"ds": range(4), "y": [1, 2, 4, 8]}))
    >>> naive_scale(panel, 1)
    array([[2.33333333]])
    """
    (scale,) = panel.by_series(lambda part: (_scales(part, season_length)[part.offsets[1:] - 1],))
    return scale


def _scales(panel: Panel, season_length: int) -> np.ndarray:
    """Return the scale that was known at each row, shape (N, K); 0 where it is only rounding."""
    if season_length == 1:
        scale = _mean_so_far(np.abs(panel.changes(1)), panel)
    else:
        # A season is the same hours of the day, whichever way clocks moved within it.
        clock = WallClock.of(panel)
        scale = _mean_so_far(np.abs(clock.panel.changes(season_length)), clock.panel)[clock.rows]
    return np.where(is_constant(scale, _mean_so_far(np.abs(panel.y), panel)), 0.0, scale)


def _mean_so_far(values: np.ndarray, panel: Panel) -> np.ndarray:
    """Return the mean within each series up to each row, shape (N, K); NaN where none is known."""
    known = ~np.isnan(values)
    starts = np.repeat(panel.offsets[:-1], panel.lengths)
    # Sums within each series: the sum up to a row, less that before the series.
    sums = np.cumsum(np.where(known, values, 0), axis=0, dtype=np.longdouble)
    counts = np.cumsum(known, axis=0)
    # The first series has no row before it: what is taken there is put to 0.
    before = np.maximum(starts - 1, 0)
    first = (starts == 0)[:, None]
    sums = sums - np.where(first, 0, sums[before])
    counts = counts - np.where(first, 0, counts[before])
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan).astype(np.float64)


def weighted_quantile_loss(actual: np.ndarray, quantiles: Mapping[float, np.ndarray]) -> float:
    """Return twice the quantile loss over the size of the values, averaged over quantiles.

    Parameters
    ----------
    actual : ndarray
    quantiles : dict of probability in (0, 1) to ndarray like ``actual``

    References
    ----------
    .. [1] D. Salinas, V. Flunkert, J. Gasthaus, T. Januschowski, "DeepAR: Probabilistic
       forecasting with autoregressive recurrent networks", Int. J. Forecasting 36 (2020),
       section 4.1 (rho-risk).

    Examples
    --------
    >>> weighted_quantile_loss(np.array([10.0]), {0.5: np.array([8.0]), 0.9: np.array([11.0])})
    0.11
    """
    size = np.nansum(np.abs(actual))
    if size == 0:
        return float("nan")
    losses = []
    for probability, forecast in quantiles.items():
        error = actual - forecast
        loss = np.maximum(probability * error, (probability - 1) * error)
        losses.append(2 * loss[~np.isnan(actual)].sum() / size)
    return float(np.mean(losses))


def coverage(actual: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    """Return the share of values that lie within their interval, 0 to 1."""
    inside = ((lower <= actual) & (actual <= upper)).astype(np.float64)
    return _mean(np.where(np.isnan(lower) | np.isnan(upper), np.nan, inside), actual)


def interval_width(
    actual: np.ndarray, lower: np.ndarray, upper: np.ndarray, scale: np.ndarray | None = None
) -> float:
    """Return the mean width of intervals, in the unit of the series or in that of ``mase``.

    Parameters
    ----------
    actual, lower, upper : ndarray of one shape
        Where ``actual`` is missing, the interval is left out, as in ``coverage``.
    scale : ndarray that broadcasts with them, optional
        As for ``mase``.
    """
    if scale is None:
        return _mean(upper - lower, actual)
    return _scaled(upper - lower, actual, scale)


def _mean(values: np.ndarray, actual: np.ndarray) -> float:
    present = ~np.isnan(actual)
    return float(values[present].mean()) if present.any() else float("nan")


def _scaled(values: np.ndarray, actual: np.ndarray, scale: np.ndarray) -> float:
    scale = np.broadcast_to(scale, actual.shape)
    usable = scale > 0
    return _mean(values / np.where(usable, scale, 1), np.where(usable, actual, np.nan))


def score_forecasts(frame: Any, panel: Panel, season_length: int | None = None) -> Any:
    """Score every model of a backtest.

    Parameters
    ----------
    frame : DataFrame of pandas or polars
        Columns id, time, ``cutoff``, ``y``, ``variable`` where there are several targets,
        and for each model its forecasts and its intervals' ends, ``lstm``, ``lstm-lo-90``,
        ``lstm-hi-90``.
    panel : Panel
        The series that were forecast. The scale of ``mase`` is that of the rows up to each
        cutoff.
    season_length : int, optional
        Steps in a season; the frequency's by default.

    Returns
    -------
    DataFrame of the same kind
        A row a model: ``model``, ``mase``, ``smape``, ``rmse``, ``mae``; where it has
        intervals ``weighted_quantile_loss`` (of their ends and of the forecast as median),
        and for each level ``coverage-90`` and ``width-90``, in the unit of ``mase``.

    Raises
    ------
    ValueError
        If a column is missing, or a series or cutoff is not in the panel.
    """
    scale = scale_at_cutoffs(frame, panel, season_length or panel.frequency.season_length)
    actual = read_numbers(frame, "y")
    own = {panel.names.id, panel.names.time, "cutoff", "y", "variable"}
    columns = [column for column in frame.columns if column not in own]
    # Of one model's columns, ``lstm-lo-90`` and the like are its intervals; the rest are models.
    ends = {column: match for column in columns if (match := _INTERVAL.fullmatch(column))}
    rows = []
    for model in columns:
        if model in ends:
            continue
        forecast = read_numbers(frame, model)
        row: dict[str, Any] = {
            "model": model,
            "mase": mase(actual, forecast, scale),
            "smape": smape(actual, forecast),
            "rmse": rmse(actual, forecast),
            "mae": mae(actual, forecast),
        }
        levels = [m["level"] for m in ends.values() if m["model"] == model and m["end"] == "lo"]
        quantiles = {0.5: forecast}
        for level in levels:
            lower, upper = (read_numbers(frame, f"{model}-{end}-{level}") for end in ("lo", "hi"))
            # Each end of an interval is a quantile: 5 % and 95 % of the 90 % interval.
            tail = (100 - float(level)) / 200
            quantiles |= {tail: lower, 1 - tail: upper}
            row[f"coverage-{level}"] = coverage(actual, lower, upper)
            row[f"width-{level}"] = interval_width(actual, lower, upper, scale)
        if levels:
            row["weighted_quantile_loss"] = weighted_quantile_loss(actual, quantiles)
        rows.append(row)
    # Behind what all tables have come the levels', in the order in which models first have them.
    first = ["model", "mase", "smape", "rmse", "mae", "weighted_quantile_loss"]
    names = dict.fromkeys(name for row in rows for name in row)
    order = [name for name in first if name in names] + [n for n in names if n not in first]
    table = {name: [row.get(name, np.nan) for row in rows] for name in order}
    return pl.DataFrame(table) if isinstance(frame, pl.DataFrame) else pd.DataFrame(table)


def scale_at_cutoffs(frame: Any, panel: Panel, season_length: int) -> np.ndarray:
    """Return the scale of each row of a backtest, from what was known at its cutoff.

    A series that shows no change over a season before its first cutoff is scaled by the change
    from step to step.
    """
    ids, codes = read_ids(frame, panel.names.id)  # distinct ids, and each of n rows' own
    index = pd.Index(panel.ids).get_indexer(pd.Index(ids))
    if (index < 0).any():
        raise ValueError(f"series {ids[index < 0][0]!r} of the forecasts is not in the panel")
    series = index[codes]  # (n,), each row's series in the panel
    cutoffs = held_times(read_times(frame, "cutoff"), panel.frequency)
    # On the grid a cutoff's row follows from how far it is from the series' first time.
    start = panel.times[panel.offsets[:-1]][series]
    step = panel.frequency.steps_between(start, cutoffs)
    outside = (step < 0) | (step >= panel.lengths[series])
    if outside.any():
        row = int(np.flatnonzero(outside)[0])
        raise ValueError(
            f"the cutoff {shown(cutoffs[row], panel.frequency, panel.names.time_form)} of series "
            f"{ids[codes[row]]!r} is not in the panel"
        )
    target = np.zeros(len(codes), dtype=np.int64)
    if len(panel.names.targets) > 1:
        variable = read_column(frame, "variable")
        target = pd.Index(panel.names.targets).get_indexer(pd.Index(variable))
    scale = _scales_at(panel, season_length, series, step, target)
    if season_length == 1:
        return scale
    # Of each series and target all cutoffs have the same scale.
    pairs = series * len(panel.names.targets) + target
    lacking = np.zeros(len(panel) * len(panel.names.targets), dtype=bool)
    np.logical_or.at(lacking, pairs, np.isnan(scale))
    return np.where(lacking[pairs], _scales_at(panel, 1, series, step, target), scale)


def _scales_at(
    panel: Panel, season_length: int, series: np.ndarray, step: np.ndarray, target: np.ndarray
) -> np.ndarray:
    """Return the scale (n,) that was known of a target at a step of a series, (n,) each."""
    scale = np.empty(len(series))
    order = np.argsort(series, kind="stable")
    for span, part in panel.parts():
        bounds = np.searchsorted(series[order], [span.start, span.stop])
        own = order[slice(*bounds)]
        if len(own):
            rows = part.offsets[series[own] - span.start] + step[own]
            scale[own] = _scales(part, season_length)[rows, target[own]]
    return scale
