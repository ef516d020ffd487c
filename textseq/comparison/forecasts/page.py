"""A comparison of forecasts as one HTML page that needs no other file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pandas as pd

from textseq.comparison.forecasts.coverage_verdict import coverage_test
from textseq.comparison.forecasts.lines import ForecastLine, lines_of
from textseq.comparison.forecasts.model import best_network, reference_of
from textseq.comparison.forecasts.plots import backtest_plot, shown_forecast
from textseq.comparison.forecasts.result import ForecastComparison
from textseq.comparison.forecasts.row_texts import row_texts
from textseq.comparison.forecasts.score_plots import coverage_plot, mase_plot, step_plot
from textseq.comparison.page import shown_pair, write_result_page
from textseq.figures import drawn_by_browser
from textseq.report.template import drawing, fill


@drawn_by_browser()
def write_page(
    comparison: ForecastComparison, path: str | os.PathLike[str], forecasts: Any = None
) -> Path:
    """Write a comparison of forecasts as one self-contained HTML page.

    Parameters
    ----------
    comparison : ForecastComparison
    path : path-like
        A file of that name is replaced; it stays whole if writing fails.
    forecasts : DataFrame, optional
        What ``Forecaster.predict`` gave of the steps ahead, to be drawn as well.

    Returns
    -------
    Path
        Where it was written.
    """
    coverage = coverage_plot(comparison)
    ahead = [] if forecasts is None else _lines(comparison, forecasts)
    shown = best_network(comparison.ranked) or comparison.best
    reference = reference_of(comparison.models)
    n_drawable = comparison.n_series * len(comparison.names.targets)
    return write_result_page(
        comparison,
        path,
        "comparison/forecasts/page.html",
        show_pair=lambda pair: _shown_pair(comparison, pair),
        h=comparison.h,
        n_series=comparison.n_series,
        n_windows=comparison.n_windows,
        n_items=comparison.n_items,
        step=comparison.step.split(" (")[0],
        levels=comparison.levels,
        intervals=_intervals(comparison),
        rows=row_texts(comparison),
        mase=drawing(mase_plot(comparison), "mase"),
        steps=drawing(step_plot(comparison), "steps") if comparison.h > 1 else None,
        coverage=None if coverage is None else drawing(coverage, "coverage"),
        ahead_model=ahead[0].model if ahead else "",
        ahead=[
            drawing(shown_forecast(comparison, index, line), f"ahead{index}")
            for index, line in enumerate(ahead)
        ],
        backtests=[
            drawing(backtest_plot(comparison, index), f"backtest{index}")
            for index in range(len(comparison.shown))
        ],
        shown_model=shown.display_name,
        shown_reference=None if reference in (None, shown) else reference.display_name,
        n_left_out=n_drawable - len(comparison.shown),
    )


@drawn_by_browser()
def fragment(comparison: ForecastComparison) -> str:
    """Return verdict, table and warnings as HTML for a notebook's cell."""
    return fill(
        "comparison/forecasts/fragment.html",
        headline=comparison.headline,
        levels=comparison.levels,
        rows=row_texts(comparison),
        warnings=comparison.warnings,
    )


def _intervals(comparison: ForecastComparison) -> str:
    """Say what may be said of all networks' intervals together; nothing where there are none."""
    verdicts = {
        coverage_test(comparison.frames, comparison.names, model.name, float(level)).verdict
        for model in comparison.models
        for level in comparison.levels
        if model.kind == "network" and f"coverage-{level}" in model.scores
    }
    return "" if not verdicts else verdicts.pop() if len(verdicts) == 1 else "unclear"


def _lines(comparison: ForecastComparison, forecasts: Any) -> list[ForecastLine]:
    """Return the forecasts of the series that are shown."""
    names = comparison.names
    ids = [series.id for series in comparison.shown]
    lines = {
        (line.id, line.target or names.targets[0]): line
        for line in lines_of(forecasts, names.id, names.time, series=ids)
    }
    absent = [s for s in comparison.shown if (s.id, s.target) not in lines]
    if absent:
        raise ValueError(
            f"there is no forecast of series {absent[0].id!r}; pass what predict gave of all "
            "series that were compared, or leave forecasts out"
        )
    return [lines[series.id, series.target] for series in comparison.shown]


def _shown_pair(comparison: ForecastComparison, pair: pd.Series) -> dict[str, Any]:
    names = {model.name: model.display_name for model in comparison.models}
    shown = shown_pair(pair) | {"first": names[pair["first"]], "second": names[pair["second"]]}
    if shown["beyond"]:
        better = shown["first" if pair["difference"] < 0 else "second"]
        shown["verdict"] = f"{better} better"
    return shown
