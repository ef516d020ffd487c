"""What the tables of all comparisons share on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from textseq.comparison.result import Result
from textseq.comparison.wording import p_text, pair_of
from textseq.report.terminal import text_table, text_writer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def print_result(
    result: Result[Any],
    headers: Sequence[str],
    rows: Iterable[Iterable[str]],
    console: Console,
) -> None:
    """Print a verdict, a row a model, the best against the rest, warnings.

    On a terminal the tables have colour and rules. Through a pipe, or where the
    encoding lacks them, the report's own signs are plain ASCII; names of models
    and labels are kept wherever the encoding can hold them.

    Parameters
    ----------
    result : Result
    headers : sequence of str
    rows : iterable of iterable of str
        A row a model, best first.
    console : rich.console.Console
    """
    text = text_writer(console)
    first, *rest = result.headline
    console.print(text(first, "bold"))
    for sentence in rest:
        console.print(text(sentence, ""))
    console.print()
    console.print(text_table(headers, rows, console, best_first=True))
    if len(result.models) > 1:
        console.print()
        console.print(_pairs(result, console))
    if result.warnings:
        console.print()
    for warning in result.warnings:
        console.print(text(f"warning: {warning}", "yellow"))


def _pairs(result: Result[Any], console: Console) -> Table:
    """Return the best model's lead over each other one."""
    best, *others = result.ranked
    headers = [f"{best.display_name} minus", "difference", "95 % interval", "p (Holm)", ""]
    tests = [(other.display_name, pair_of(result, best, other)) for other in others]
    rows = (
        (
            name,
            f"{pair['difference']:+.3f}",
            f"{pair['low']:+.3f} to {pair['high']:+.3f}",
            p_text(pair["p_adjusted"]),
            "within noise" if pair["verdict"] == "no difference shown" else "beyond noise",
        )
        for name, pair in tests
    )
    return text_table(headers, rows, console)
