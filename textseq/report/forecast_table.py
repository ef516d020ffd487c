"""A comparison of forecasts on the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textseq.comparison.forecast_wording import forecast_ranking, said
from textseq.comparison.wording import count_text, score_text, seconds_text
from textseq.report.forecast_page import coverage_text
from textseq.report.table import is_plain, new_table, text_writer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from textseq.comparison.forecast_result import ForecastComparison


def render_forecasts(comparison: ForecastComparison, console: Console) -> None:
    """Print a comparison of forecasts: its verdict, a row a model, warnings.

    Signs and colours are as ``textseq.report.table.render`` has them.

    Parameters
    ----------
    comparison : ForecastComparison
    console : rich.console.Console
    """
    plain, text = is_plain(console), text_writer(console)
    first, *rest = comparison.headline
    console.print(text(first, "bold"))
    for sentence in rest:
        console.print(text(sentence, ""))
    console.print()
    console.print(_models(comparison, plain, text))
    if comparison.warnings:
        console.print()
    for warning in comparison.warnings:
        console.print(text(f"warning: {warning}", "yellow"))


def _models(comparison: ForecastComparison, plain: bool, text: Callable[[str, str], Text]) -> Table:
    levels = comparison.levels
    headers = ["model", "MASE", "sMAPE", "RMSE", *(f"in {level} %" for level in levels), "train"]
    table = new_table([*headers, "parameters", "seeds"], plain, text)
    for rank, model in enumerate(forecast_ranking(comparison)):
        cells = (
            said(model),
            score_text(model.mase),
            f"{model.scores['smape'].mean():.2f}",
            f"{model.scores['rmse'].mean():#.4g}".rstrip("."),
            *(coverage_text(model, level) for level in levels),
            seconds_text(float(model.seconds.mean())),
            count_text(model.n_parameters),
            str(len(model.scores)),
        )
        style = "" if rank else "bold"
        table.add_row(*(text(cell, style) for cell in cells))
    return table
