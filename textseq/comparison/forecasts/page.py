"""A comparison of forecasts as one HTML page that needs no other file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textseq.atomic import write_text
from textseq.comparison.forecasts.coverage_verdict import coverage_test
from textseq.comparison.forecasts.lines import ForecastLine, lines_of
from textseq.comparison.forecasts.plots import backtest_plot, shown_forecast
from textseq.comparison.forecasts.score_plots import coverage_plot, mase_plot, step_plot
from textseq.comparison.forecasts.wording import (
    best_network,
    forecast_ranking,
    reference_of,
    said,
)
from textseq.comparison.scores.page import shown_pair
from textseq.comparison.wording import count_text, pair_of, score_text, seconds_text
from textseq.figures import drawn_by_browser
from textseq.report.template import drawing, environment, flat, style_sheet

if TYPE_CHECKING:
    import pandas as pd

    from textseq.comparison.forecasts.result import ForecastComparison, ForecastedModel


@drawn_by_browser()
def write_forecast_page(
    comparison: ForecastComparison, path: str | os.PathLike[str], forecasts: Any = None
) -> Path:
    """Write a comparison of forecasts as one self-contained HTML page.

    The page holds its figures, asks for nothing from the network, runs no
    script, and follows light and dark mode, small screens and paper.

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
    best, *others = forecast_ranking(comparison)
    coverage = coverage_plot(comparison)
    ahead = [] if forecasts is None else _lines(comparison, forecasts)
    shown, reference = best_network(comparison) or best, reference_of(comparison)
    page = (
        environment()
        .get_template("comparison/forecasts/page.html")
        .render(
            css=style_sheet(),
            headline=comparison.headline,
            h=comparison.h,
            n_series=comparison.n_series,
            n_windows=comparison.n_windows,
            n_seeds=comparison.n_seeds,
            n_items=comparison.n_items,
            step=comparison.step.split(" (")[0],
            levels=comparison.levels,
            intervals=_intervals(comparison),
            rows=_rows(comparison),
            mase=drawing(mase_plot(comparison), "mase"),
            steps=drawing(step_plot(comparison), "steps") if comparison.h > 1 else None,
            coverage=None if coverage is None else drawing(coverage, "coverage"),
            ahead_model=ahead[0].model if ahead else "",
            ahead=[
                drawing(shown_forecast(comparison, place, line), f"ahead{place}")
                for place, line in enumerate(ahead)
            ],
            backtests=[
                drawing(backtest_plot(comparison, place), f"backtest{place}")
                for place in range(len(comparison.shown))
            ],
            shown_model=said(shown),
            shown_reference=None if reference in (None, shown) else said(reference),
            n_left_out=comparison.n_series * len(comparison.names.targets) - len(comparison.shown),
            against_best=[_pair(comparison, pair_of(comparison, best, other)) for other in others],
            all_pairs=[_pair(comparison, pair) for _, pair in comparison.pairs.iterrows()],
            warnings=comparison.warnings,
            receipt=list(flat(comparison.receipt)),
            parameters=[
                (model.name, list(flat(model.parameters)))
                for model in comparison.models
                if model.parameters
            ],
        )
    )
    return write_text(path, page)


@drawn_by_browser()
def forecast_fragment(comparison: ForecastComparison) -> str:
    """Return verdict, table and warnings as HTML for a notebook's cell."""
    return (
        environment()
        .get_template("comparison/forecasts/fragment.html")
        .render(
            headline=comparison.headline,
            levels=comparison.levels,
            rows=_rows(comparison),
            warnings=comparison.warnings,
        )
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


def _pair(comparison: ForecastComparison, pair: pd.Series) -> dict[str, Any]:
    names = {model.name: said(model) for model in comparison.models}
    shown = shown_pair(pair)
    first, second = names[pair["first"]], names[pair["second"]]
    better = f"{first if pair['difference'] < 0 else second} better"
    verdict = better if shown["beyond"] else pair["verdict"]
    return shown | {"first": first, "second": second, "verdict": verdict}


def _rows(comparison: ForecastComparison) -> list[dict[str, Any]]:
    return [
        {
            "name": said(model),
            "mase": score_text(model.mase),
            "smape": f"{model.scores['smape'].mean():.2f}",
            "rmse": f"{model.scores['rmse'].mean():#.4g}".rstrip("."),
            "loss": mean_text(model, "weighted_quantile_loss", ".4f"),
            "intervals": [
                (coverage_text(model, level), mean_text(model, f"width-{level}", ".2f"))
                for level in comparison.levels
            ],
            "train": seconds_text(float(model.seconds.mean())),
            "parameters": count_text(model.n_parameters),
            "seeds": str(len(model.scores)),
        }
        for model in forecast_ranking(comparison)
    ]


def coverage_text(model: ForecastedModel, level: str) -> str:
    """Write what share of the values, in percent, a model's intervals held."""
    return mean_text(model, f"coverage-{level}", ".1%").removesuffix("%")


def mean_text(model: ForecastedModel, score: str, form: str) -> str:
    """Write a score's mean over seeds, or a dash where the model has none."""
    if score not in model.scores or model.scores[score].isna().any():
        return "–"
    return format(float(model.scores[score].mean()), form)
