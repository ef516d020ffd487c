"""Figures of a backtest's scores: by model, by step ahead, and what intervals held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from textseq.comparison.forecasts.lines import spread_apart
from textseq.comparison.forecasts.model import best_network, reference_of
from textseq.comparison.forecasts.result import ForecastComparison
from textseq.comparison.forecasts.wording import LEAD
from textseq.comparison.score_marks import (
    draw_seeds,
    keep_scores,
    mark_model,
    name_rows,
    write_score,
)
from textseq.comparison.statistics import t_interval
from textseq.comparison.wording import lead_message, listed
from textseq.figures import ACCENT, INK, LINE, MUTED, SECOND, bare, figure_style, new_figure, short
from textseq.marks import keep_marks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Of the baselines' lines.
DASHES = ("--", ":", "-.", (0, (4, 1, 1, 1, 1, 1)), (0, (6, 2)))


def mase_plot(comparison: ForecastComparison) -> Figure:
    """Draw every model's MASE, best on top, with its 95 % interval and every seed.

    Parameters
    ----------
    comparison : ForecastComparison

    Returns
    -------
    matplotlib Figure
    """
    ranked = comparison.ranked
    reached = f"MASE {comparison.best.mase.mean():.3f}"
    with figure_style():
        figure = new_figure(0.8 + 0.34 * len(ranked), lead_message(comparison, reached, LEAD))
        axes = figure.add_subplot()
        for row, model in enumerate(ranked):
            mean, half = t_interval(model.mase)
            ends = np.maximum([mean - half, mean + half], 0)
            keep_scores(axes, row, (model.display_name, "MASE"), model.mase, ends)
            if not np.isnan(half):
                draw_seeds(axes, row, model.mase, ends)
            mark_model(axes, model, mean, row, 6.5)
            write_score(axes, row, model.mase)
        name_rows(axes, ranked)
        axes.margins(x=0.1)
        axes.locator_params(axis="x", nbins=5)
        axes.set_xlabel("MASE; 1 is the seasonal naive's error in the past")
        axes.grid(axis="x")
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

    ranked = comparison.ranked
    network, reference = best_network(comparison.ranked), reference_of(comparison.models)
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
            values = {"model": model.display_name, "step ahead": steps, "error": model.by_step}
            keep_marks(axes, values, steps, model.by_step)
        axes.set_ylim(0, 1.06 * highest)
        ends = np.array([model.by_step[~np.isnan(model.by_step)][-1] for model in ranked])
        for model, end, height in zip(
            ranked, ends, spread_apart(ends, 0.075 * highest), strict=True
        ):
            axes.annotate(
                short(model.display_name, 20),
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
    ranked = comparison.ranked
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
            values = {
                "model": [model.display_name for model in ranked],
                "% they should hold": float(level),
                "% of values held": held,
            }
            keep_marks(axes, values, held, np.arange(len(ranked)))
        name_rows(axes, ranked)
        axes.set_ylim(top=-0.6)
        axes.set_xlim(right=101.5)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        axes.set_xlabel("values held, %; dashed: how many they should hold")
        axes.grid(axis="y")
    return figure


def step_label(comparison: ForecastComparison) -> str:
    """Say what the steps ahead are, as in ``steps ahead, 1 month each``."""
    # Integer times have no unit, and months' anchor is of no interest here.
    step = comparison.step.split(" (")[0]
    return "steps ahead" if step.isdigit() else f"steps ahead, {step} each"


def _step_message(comparison: ForecastComparison) -> str:
    network, reference = best_network(comparison.ranked), reference_of(comparison.models)
    if network is None or reference is None:
        return "Error by step ahead"
    lower = np.flatnonzero(network.by_step < reference.by_step) + 1
    name, naive = short(network.name), reference.display_name
    if len(lower) == comparison.h:
        return f"{name} errs less than {naive} at every step ahead"
    if not len(lower):
        return f"{name} errs less than {naive} at no step ahead"
    return f"{name} errs less than {naive} at {len(lower)} of {comparison.h} steps ahead"


def _coverage_message(comparison: ForecastComparison) -> str:
    model = best_network(comparison.ranked) or comparison.best
    held = [
        f"{100 * float(model.scores[f'coverage-{level}'].mean()):.0f} % in those of {level} %"
        for level in comparison.levels
        if f"coverage-{level}" in model.scores
    ]
    return f"Values within the intervals of {short(model.display_name)}: {listed(held, most=5)}"
