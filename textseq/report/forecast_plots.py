"""Figures of forecasts: beside the truth, by model, by step, and what their intervals held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from textseq.comparison.forecast_wording import (
    best_network,
    forecast_ranking,
    reference_of,
    said,
)
from textseq.comparison.statistics import t_interval
from textseq.comparison.wording import differs, listed, score_text
from textseq.figures import (
    ACCENT,
    INK,
    LINE,
    MARKERS,
    MUTED,
    PAPER,
    SECOND,
    bare,
    figure_style,
    new_figure,
    short,
)
from textseq.report.forecast_lines import ForecastLine, lines_of, spread_apart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from textseq.comparison.forecast_result import (
        ForecastComparison,
        ForecastedModel,
        ShownSeries,
    )

MOST_SERIES = 6
# Horizons of history before a forecast.
HISTORY = 4
DASHES = ("--", ":", "-.", (0, (4, 1, 1, 1, 1, 1)), (0, (6, 2)))


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
    known = times < ahead.times[0]
    n_rows = max(HISTORY * len(ahead.times), 12)
    axes.plot(times[known][-n_rows:], y[known][-n_rows:], color=INK, lw=1.1, label="observed")
    _draw_line(axes, ahead, f"{ahead.model}, {_interval_words(ahead)}")
    _tidy(axes)


def shown_forecast(comparison: ForecastComparison, place: int, ahead: ForecastLine) -> Figure:
    """Draw the forecast of one of ``comparison.shown``."""
    series = comparison.shown[place]
    with figure_style():
        figure = new_figure(2.6, _title(comparison, series))
        axes = figure.add_subplot()
        draw_forecast(axes, series.times, series.y, ahead)
        _name_axes(axes, series, comparison.names.time)
        _legend(axes)
    return figure


def backtest_plot(comparison: ForecastComparison, place: int = 0) -> Figure:
    """Draw what came and what was forecast from each cutoff, of one shown series.

    The best network is drawn with its narrowest interval, and beside it the naive forecast
    that it must beat.

    Parameters
    ----------
    comparison : ForecastComparison
    place : int, default 0
        Which of ``comparison.shown``.

    Returns
    -------
    matplotlib Figure
    """
    series = comparison.shown[place]
    model = best_network(comparison) or comparison.best
    reference = reference_of(comparison)
    with figure_style():
        figure = new_figure(2.8, _title(comparison, series))
        axes = figure.add_subplot()
        blocks = _blocks(comparison, series, model)
        start = min(block.times[0] for block in blocks)
        room = max(2 * comparison.h, 12)
        first = max(int(np.searchsorted(series.times, start)) - room, 0)
        axes.plot(series.times[first:], series.y[first:], color=INK, lw=1.1, label="observed")
        if reference is not None and reference is not model:
            for number, block in enumerate(_blocks(comparison, series, reference)):
                label = said(reference) if not number else None
                axes.plot(block.times, block.mean, "--", color=SECOND, lw=1.2, label=label)
        for number, block in enumerate(blocks):
            axes.axvline(block.cutoff, color=MUTED, lw=0.7, ls=":")
            name = f"{said(model)}, {_interval_words(block, most=1)}" if not number else None
            _draw_line(axes, block, name, most=1)
        _tidy(axes)
        _name_axes(axes, series, comparison.names.time)
        _legend(axes)
    return figure


def mase_plot(comparison: ForecastComparison) -> Figure:
    """Draw every model's MASE, best on top, with its 95 % interval and every seed.

    Parameters
    ----------
    comparison : ForecastComparison

    Returns
    -------
    matplotlib Figure
    """
    ranked = forecast_ranking(comparison)
    with figure_style():
        figure = new_figure(0.8 + 0.34 * len(ranked), _mase_message(comparison))
        axes = figure.add_subplot()
        for place, model in enumerate(ranked):
            mean, half = t_interval(model.mase)
            if not np.isnan(half):
                axes.plot([mean - half, mean + half], [place, place], color=ACCENT, lw=1.6)
                axes.plot(model.mase, np.full(len(model.mase), place), "|", color=INK, ms=7)
            face = PAPER if model.kind == "baseline" else ACCENT
            axes.plot(
                mean, place, MARKERS[model.kind], ms=6.5, mfc=face, mec=ACCENT, mew=1.4, zorder=3
            )
            axes.annotate(
                score_text(model.mase),
                (1, place),
                xycoords=("axes fraction", "data"),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                weight="normal" if place else "bold",
            )
        axes.set_yticks(range(len(ranked)), [short(said(model), 28) for model in ranked])
        axes.set_ylim(len(ranked) - 0.5, -0.5)
        axes.margins(x=0.1)
        axes.locator_params(axis="x", nbins=5)
        axes.set_xlabel("MASE; 1 is the seasonal naive's error in the past")
        axes.grid(axis="x")
        bare(axes, "left", "bottom")
    return figure


def step_plot(comparison: ForecastComparison) -> Figure:
    """Draw how the error of each model grows with the steps ahead.

    Parameters
    ----------
    comparison : ForecastComparison

    Returns
    -------
    matplotlib Figure
    """
    from matplotlib.ticker import MaxNLocator

    ranked = forecast_ranking(comparison)
    network, reference = best_network(comparison), reference_of(comparison)
    steps = np.arange(1, comparison.h + 1)
    highest = max(float(np.nanmax(model.by_step)) for model in ranked)
    dashes = iter(DASHES * len(ranked))
    with figure_style():
        figure = new_figure(3.2, _step_message(comparison))
        axes = figure.add_subplot()
        for model in ranked:
            color, width = (ACCENT, 2.2) if model is network else (MUTED, 1.3)
            if model.kind == "baseline":
                color = SECOND if model is reference else INK
            axes.plot(
                steps,
                model.by_step,
                ls=next(dashes) if model.kind == "baseline" else "-",
                color=color,
                lw=width,
            )
        axes.set_ylim(0, 1.06 * highest)
        ends = np.array([model.by_step[~np.isnan(model.by_step)][-1] for model in ranked])
        for model, end, height in zip(
            ranked, ends, spread_apart(ends, 0.075 * highest), strict=True
        ):
            axes.annotate(
                short(said(model), 20),
                (steps[-1], end),
                xytext=(1.05, height),
                textcoords=("axes fraction", "data"),
                va="center",
                weight="bold" if model is network else "normal",
                arrowprops={"arrowstyle": "-", "color": LINE, "lw": 0.8, "shrinkA": 1},
            )
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        axes.set_xlabel(step_label(comparison))
        axes.set_ylabel("mean scaled error")
        axes.grid(axis="y")
        axes.tick_params(axis="y", labelcolor=MUTED)
        bare(axes, "left")
    return figure


def coverage_plot(comparison: ForecastComparison) -> Figure | None:
    """Draw how many values each model's intervals held, beside how many they should.

    Parameters
    ----------
    comparison : ForecastComparison

    Returns
    -------
    matplotlib Figure or None
        None where there are no intervals.
    """
    from matplotlib.ticker import MaxNLocator

    levels = comparison.levels
    if not levels:
        return None
    ranked = forecast_ranking(comparison)
    with figure_style():
        figure = new_figure(1.1 + 0.34 * len(ranked), _coverage_message(comparison))
        axes = figure.add_subplot()
        for number, level in enumerate(levels):
            color, marker = (ACCENT, SECOND)[number % 2], "oDs^v"[number % 5]
            axes.axvline(float(level), color=color, lw=1.0, ls="--", zorder=0)
            axes.text(float(level), -0.62, f"{level} %", color=MUTED, ha="center", va="bottom")
            held = [
                100 * float(model.scores.get(f"coverage-{level}", np.full(1, np.nan)).mean())
                for model in ranked
            ]
            axes.plot(held, range(len(ranked)), marker, color=color, ms=6.5, label=f"{level} %")
        axes.set_yticks(range(len(ranked)), [short(said(model), 28) for model in ranked])
        axes.set_ylim(len(ranked) - 0.5, -0.6)
        axes.set_xlim(right=101.5)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        axes.set_xlabel("values held, %; dashed: how many they should hold")
        axes.grid(axis="y")
        bare(axes, "left", "bottom")
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


def step_label(comparison: ForecastComparison) -> str:
    """Say what the steps ahead are, as in ``steps ahead, 1 month each``."""
    # Integer times have no unit, and months' anchor is of no interest here.
    step = comparison.step.split(" (")[0]
    return "steps ahead" if step.isdigit() else f"steps ahead, {step} each"


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
    place = f"{series.place}, " if series.place else ""
    return f"{name}: {place}MASE {series.error:.2f}"


def _mase_message(comparison: ForecastComparison) -> str:
    best, *others = forecast_ranking(comparison)
    name = short(said(best))
    tied = [short(said(other)) for other in others if not differs(comparison, best, other)]
    if not others:
        return f"{name} reaches MASE {float(best.mase.mean()):.3f}"
    if not tied:
        return f"{name} is below every other model"
    if len(tied) == len(others):
        return "No model is shown to be below the others"
    return f"{name} has the lowest error, level with {listed(tied)}"


def _step_message(comparison: ForecastComparison) -> str:
    network, reference = best_network(comparison), reference_of(comparison)
    if network is None or reference is None:
        return "Error by step ahead"
    lower = np.flatnonzero(network.by_step < reference.by_step) + 1
    name, naive = short(network.name), said(reference)
    if len(lower) == comparison.h:
        return f"{name} errs less than {naive} at every step ahead"
    if not len(lower):
        return f"{name} errs less than {naive} at no step ahead"
    return f"{name} errs less than {naive} at {len(lower)} of {comparison.h} steps ahead"


def _coverage_message(comparison: ForecastComparison) -> str:
    model = best_network(comparison) or comparison.best
    held = [
        f"{100 * float(model.scores[f'coverage-{level}'].mean()):.0f} % in those of {level} %"
        for level in comparison.levels
        if f"coverage-{level}" in model.scores
    ]
    return f"Values within the intervals of {short(said(model))}: {listed(held, most=5)}"
