"""Figures of series with their forecasts and prediction intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from textseq.comparison.forecasts.lines import ForecastLine, lines_of
from textseq.comparison.forecasts.model import ForecastedModel, best_network, reference_of
from textseq.comparison.forecasts.result import ForecastComparison
from textseq.comparison.forecasts.shown_series import ShownSeries
from textseq.figures import ACCENT, INK, MUTED, SECOND, bare, figure_style, new_figure, short
from textseq.marks import keep_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_SERIES = 6
# Horizons of history before a forecast.
HISTORY = 4


def forecast_plot(
    history: Any,
    forecasts: Any,
    series: Sequence[Any] | None = None,
    *,
    id_col: str = "unique_id",
    time_col: str = "ds",
    target_col: str = "y",
) -> Figure:
    """Draw what came before, the forecast, and its prediction intervals, a panel a series.

    Parameters
    ----------
    history : DataFrame of pandas or polars
        What ``Forecaster.fit`` took.
    forecasts : DataFrame of pandas or polars
        What ``Forecaster.predict`` gave.
    series : sequence, optional
        Ids of the series to draw; by default the first six.
    id_col, time_col, target_col : str
        As ``Forecaster.fit`` took them; one target.

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    ValueError
        If a series has no forecast, or there are more than six.

    Examples
    --------
    >>> from textseq import Forecaster, load_sample
    >>> passengers = load_sample("airpassengers")
    >>> model = Forecaster(h=12, max_epochs=1, n_threads=1).fit(passengers)
    >>> figure = forecast_plot(passengers, model.predict())
    >>> figure.get_suptitle()
    'lstm: 12 steps ahead'
    """
    ahead = {
        line.id: line
        for line in lines_of(forecasts, id_col, time_col)
        if line.target in (None, target_col)
    }
    known = {line.id: line for line in lines_of(history, id_col, time_col, target_col)}
    chosen = list(ahead)[:MOST_SERIES] if series is None else list(series)
    absent = [name for name in chosen if name not in ahead or name not in known]
    if absent or not chosen or len(chosen) > MOST_SERIES:
        raise ValueError(
            f"series {absent[0]!r} has no history or no forecast"
            if absent
            else f"there are {len(chosen)} series to draw; name 1 to {MOST_SERIES} of them"
        )
    h = len(ahead[chosen[0]].times)
    with figure_style():
        figure = new_figure(0.5 + 2.0 * len(chosen), f"{ahead[chosen[0]].model}: {h} steps ahead")
        for axes, name in zip(
            figure.subplots(len(chosen), 1, squeeze=False).flat, chosen, strict=True
        ):
            past = known[name]
            draw_forecast(axes, past.times, past.mean, ahead[name])
            axes.set_ylabel(short(target_col, 24))
            if len(chosen) > 1:
                axes.set_title(short(str(name), 40), pad=20 if axes is figure.axes[0] else None)
        figure.axes[-1].set_xlabel(short(time_col, 40))
        _legend(figure.axes[0])
    return figure


def draw_forecast(axes: Axes, times: np.ndarray, y: np.ndarray, ahead: ForecastLine) -> None:
    """Draw a forecast and its intervals behind the last rows of a series.

    Parameters
    ----------
    axes : matplotlib Axes
    times, y : ndarray of shape (T,)
    ahead : ForecastLine
    """
    n_rows = max(HISTORY * len(ahead.times), 12)
    known = np.flatnonzero(times < ahead.times[0])[-n_rows:]
    axes.plot(times[known], y[known], color=INK, lw=1.1, label="observed")
    keep_marks(axes, {"time": times[known], "observed": y[known]}, times[known], y[known],
               spans=True)  # fmt: skip
    _draw_line(axes, ahead, f"{ahead.model}, {_interval_words(ahead)}")
    _keep_forecast(axes, ahead, ahead.model)
    _tidy(axes)


def shown_forecast(comparison: ForecastComparison, index: int, ahead: ForecastLine) -> Figure:
    """Draw the forecast of one of ``comparison.shown``."""
    series = comparison.shown[index]
    with figure_style():
        figure = new_figure(2.6, _title(comparison, series))
        axes = figure.add_subplot()
        draw_forecast(axes, series.times, series.y, ahead)
        _name_axes(axes, series, comparison.names.time)
        _legend(axes)
    return figure


def backtest_plot(comparison: ForecastComparison, index: int = 0) -> Figure:
    """Draw what came and what was forecast from each cutoff, of one shown series.

    The best network is drawn with its narrowest interval, and beside it the naive forecast
    that it must beat.

    Parameters
    ----------
    comparison : ForecastComparison
    index : int, default 0
        Which of ``comparison.shown``.

    Returns
    -------
    matplotlib Figure
    """
    series = comparison.shown[index]
    model = best_network(comparison.ranked) or comparison.best
    reference = reference_of(comparison.models)
    with figure_style():
        figure = new_figure(2.8, _title(comparison, series))
        axes = figure.add_subplot()
        blocks = _blocks(comparison, series, model)
        start = min(block.times[0] for block in blocks)
        n_before = max(2 * comparison.h, 12)
        first = max(int(np.searchsorted(series.times, start)) - n_before, 0)
        axes.plot(series.times[first:], series.y[first:], color=INK, lw=1.1, label="observed")
        before = slice(first, int(np.searchsorted(series.times, start)))
        known = {"time": series.times[before], "observed": series.y[before]}
        keep_marks(axes, known, known["time"], known["observed"], spans=True)
        beside = [{"observed": _at(block.times, series.times, series.y)} for block in blocks]
        if reference is not None and reference is not model:
            for number, block in enumerate(_blocks(comparison, series, reference)):
                label = reference.display_name if not number else None
                axes.plot(block.times, block.mean, "--", color=SECOND, lw=1.2, label=label)
                beside[number][reference.display_name] = block.mean
        for number, block in enumerate(blocks):
            axes.axvline(block.cutoff, color=MUTED, lw=0.7, ls=":")
            _keep_forecast(axes, block, model.display_name, most=1, beside=beside[number])
            name = f"{model.display_name}, {_interval_words(block, most=1)}" if not number else None
            _draw_line(axes, block, name, most=1)
        _tidy(axes)
        _name_axes(axes, series, comparison.names.time)
        _legend(axes)
    return figure


def _draw_line(axes: Axes, line: ForecastLine, label: str | None, most: int = 2) -> None:
    """Draw a forecast; the narrower of its intervals is the darker."""
    for number, level in enumerate(line.levels[:most]):
        axes.fill_between(
            line.times,
            line.lower[level],
            line.upper[level],
            color=ACCENT,
            alpha=0.22 if not number else 0.12,
            lw=0,
        )
    style = "o-" if len(line.times) == 1 else "-"
    axes.plot(line.times, line.mean, style, ms=3.5, color=ACCENT, lw=1.9, label=label)


def _keep_forecast(
    axes: Axes,
    line: ForecastLine,
    name: str,
    most: int = 2,
    beside: dict[str, np.ndarray] | None = None,
) -> None:
    """Keep what each step of a forecast stands for, with what is drawn beside it."""
    values = {"time": line.times}
    if line.cutoff is not None:
        values["forecast from"] = line.cutoff
    values |= (beside or {}) | {name: line.mean}
    for level in line.levels[:most]:
        values |= {f"{level} % from": line.lower[level], f"{level} % to": line.upper[level]}
    keep_marks(axes, values, line.times, line.mean, spans=True)


def _at(wanted: np.ndarray, times: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the values of a series (T,) at some times; NaN where it has none."""
    places = np.searchsorted(times, wanted).clip(max=len(times) - 1)
    return np.where(times[places] == wanted, y[places], np.nan)


def _interval_words(line: ForecastLine, most: int = 2) -> str:
    levels = line.levels[:most]
    return f"shaded: {' and '.join(levels)} %" if levels else "forecast"


def _blocks(
    comparison: ForecastComparison, series: ShownSeries, model: ForecastedModel
) -> list[ForecastLine]:
    names = comparison.names
    lines = lines_of(comparison.frame, names.id, names.time, model.name, [series.id])
    target = series.target if len(names.targets) > 1 else None
    return [line for line in lines if line.target == target]


def _legend(axes: Axes) -> None:
    """Name the lines above the axes, where they cover none."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.01, 1),
        ncols=3,
        fontsize=8,
        borderaxespad=0.2,
        handlelength=1.6,
        columnspacing=1.4,
    )


def _tidy(axes: Axes) -> None:
    axes.grid(axis="y")
    axes.margins(x=0.01)
    axes.tick_params(axis="y", labelcolor=MUTED)
    bare(axes, "left")
    locator = axes.xaxis.get_major_locator()
    if hasattr(locator, "intervald"):
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

        locator = AutoDateLocator(minticks=3, maxticks=7)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def _name_axes(axes: Axes, series: ShownSeries, time_name: str) -> None:
    axes.set_ylabel(short(series.target, 24))
    axes.set_xlabel(short(time_name, 40))


def _title(comparison: ForecastComparison, series: ShownSeries) -> str:
    name = short(str(series.id), 40)
    if len(comparison.names.targets) > 1:
        name = f"{name}, {short(series.target, 24)}"
    reason = f"{series.place}, " if series.place else ""
    return f"{name}: {reason}MASE {series.error:.2f}"
