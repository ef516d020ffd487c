"""A comparison on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from textseq.comparison.wording import (
    count_text,
    metric_text,
    p_text,
    pair_of,
    ranking,
    score_text,
    seconds_text,
)
from textseq.figures import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from textseq.comparison.forecasts.result import ForecastComparison
    from textseq.comparison.scores.result import ComparedModel, Comparison

# Columns of a terminal that hold the spread of the AUC, too, and names of 14 signs.
_ROOM_FOR_SPREAD = 90
_ASCII = str.maketrans({"±": "+/-", "µ": "u", "–": "-", "…": "...", "²": "2"})


def render(comparison: Comparison, console: Console) -> None:
    """Print a comparison: its verdict, a row a model, the best against the rest, warnings.

    On a terminal the tables have colour and rules. Through a pipe, or where the
    encoding lacks them, the report's own signs are plain ASCII; names of models
    and labels are kept wherever the encoding can hold them.

    Parameters
    ----------
    comparison : Comparison
    console : rich.console.Console
    """
    plain, text = is_plain(console), text_writer(console)
    first, *rest = comparison.headline
    console.print(text(first, "bold"))
    for sentence in rest:
        console.print(text(sentence, ""))
    console.print()
    console.print(_models(comparison, plain, text, spread=console.width >= _ROOM_FOR_SPREAD))
    if len(comparison.models) > 1:
        console.print()
        ranked = [(model, model.name) for model in ranking(comparison)]
        console.print(pair_table(comparison, ranked, plain, text))
    if comparison.warnings:
        console.print()
    for warning in comparison.warnings:
        console.print(text(f"warning: {warning}", "yellow"))


def text_writer(console: Console) -> Callable[[str, str], Text]:
    """Return what turns a line and a style into text that a console can show as it is.

    Signs that do not print become spaces, and through a pipe the report's own signs
    plain ASCII.
    """
    from rich.text import Text

    encoding, plain = console.encoding, is_plain(console)

    def text(line: str, style: str) -> Text:
        if plain:
            line, style = line.translate(_ASCII), ""
        line = printable(line)
        # A Text, not a string: names may hold what rich would read as markup or emoji codes.
        return Text(line.encode(encoding, "backslashreplace").decode(encoding), style=style)

    return text


def is_plain(console: Console) -> bool:
    """Whether a console shows neither rules nor signs beyond ASCII."""
    return not console.is_terminal or not console.encoding.lower().startswith("utf")


def _models(
    comparison: Comparison, plain: bool, text: Callable[[str, str], Text], spread: bool
) -> Table:
    scores = [metric_text(comparison.metric), *(["AUC"] if comparison.has_auc else [])]
    table = new_table(
        ["model", *scores, "train", f"µs/{comparison.unit}", "parameters", "seeds"], plain, text
    )
    for rank, model in enumerate(ranking(comparison)):
        cells = (
            model.name,
            *_scores(comparison, model, spread),
            seconds_text(float(np.mean(model.fit_seconds))),
            f"{model.predict_microseconds:,.0f}",
            count_text(model.n_parameters),
            str(len(model.scores)),
        )
        style = "" if rank else "bold"
        table.add_row(*(text(cell, style) for cell in cells))
    return table


def _scores(comparison: Comparison, model: ComparedModel, spread: bool) -> list[str]:
    if not comparison.has_auc or model.aucs is None:
        return [score_text(model.scores)]
    areas = model.aucs if spread else model.aucs.mean(keepdims=True)
    return [score_text(model.scores), score_text(areas)]


def pair_table(
    comparison: Comparison | ForecastComparison,
    ranked: Sequence[tuple[Any, str]],
    plain: bool,
    text: Callable[[str, str], Text],
) -> Table:
    """Return the best model's lead; ``ranked`` holds models and what they are called."""
    (best, name), *others = ranked
    table = new_table([f"{name} minus", "difference", "95 % interval", "p (Holm)", ""], plain, text)
    for other, name in others:
        pair = pair_of(comparison, best, other)
        cells = (
            name,
            f"{pair['difference']:+.3f}",
            f"{pair['low']:+.3f} to {pair['high']:+.3f}",
            p_text(pair["p_adjusted"]),
            "within noise" if pair["verdict"] == "no difference shown" else "beyond noise",
        )
        table.add_row(*(text(cell, "") for cell in cells))
    return table


def new_table(headers: list[str], plain: bool, text: Callable[[str, str], Text]) -> Table:
    """Return an empty table; all but the first and the last column hold numbers."""
    from rich import box
    from rich.table import Table

    table = Table(
        box=box.ASCII2 if plain else box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        safe_box=True,
    )
    for place, header in enumerate(headers):
        number = 0 < place < len(headers) - 1 or header == "seeds"
        table.add_column(
            text(header, "bold"),
            justify="right" if number else "left",
            no_wrap=place > 0,
            min_width=None if place else 12,
            overflow="fold",
        )
    return table
