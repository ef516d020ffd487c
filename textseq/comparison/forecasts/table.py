"""A comparison of forecasts on the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textseq.comparison.forecasts.page import coverage_text
from textseq.comparison.forecasts.wording import forecast_ranking, said
from textseq.comparison.scores.table import is_plain, new_table, pair_table, text_writer
from textseq.comparison.wording import count_text, score_text, seconds_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from textseq.comparison.forecasts.result import ForecastComparison

# Columns of a terminal that hold every figure, with two levels and several seeds.
_ROOMY = 104


def render_forecasts(comparison: ForecastComparison, console: Console) -> None:
    """Print a comparison of forecasts: verdict, a row a model, the best against the rest, warnings.

    Signs and colours are as ``textseq.comparison.scores.table.render`` has them.

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
    console.print(_models(comparison, plain, text, roomy=console.width >= _ROOMY))
    if len(comparison.models) > 1:
        console.print()
        ranked = [(model, said(model)) for model in forecast_ranking(comparison)]
        console.print(pair_table(comparison, ranked, plain, text))
    if comparison.warnings:
        console.print()
    for warning in comparison.warnings:
        console.print(text(f"warning: {warning}", "yellow"))


def _models(
    comparison: ForecastComparison, plain: bool, text: Callable[[str, str], Text], roomy: bool
) -> Table:
    levels = comparison.levels
    # What there is no room for is on the page and in ``table``.
    left_out = set() if roomy else {"RMSE", "parameters"}
    rows = [
        {
            "model": said(model),
            "MASE": score_text(model.mase),
            "sMAPE": f"{model.scores['smape'].mean():.2f}",
            "RMSE": f"{model.scores['rmse'].mean():#.4g}".rstrip("."),
            **{f"in {level} %": coverage_text(model, level) for level in levels},
            "train": seconds_text(float(model.seconds.mean())),
            "parameters": count_text(model.n_parameters),
            "seeds": str(len(model.scores)),
        }
        for model in forecast_ranking(comparison)
    ]
    headers = [header for header in rows[0] if header not in left_out]
    table = new_table(headers, plain, text)
    for rank, row in enumerate(rows):
        table.add_row(*(text(row[header], "" if rank else "bold") for header in headers))
    return table
