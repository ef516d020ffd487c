"""A comparison of scores on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textseq.comparison.scores.costs import costs_of
from textseq.comparison.scores.result import Comparison
from textseq.comparison.scores.row_texts import row_texts
from textseq.comparison.scores.wording import metric_text
from textseq.comparison.table import print_result

if TYPE_CHECKING:
    from rich.console import Console


# Least width of the names, as ``text_table`` has it, and what stands between two columns.
_NAME_WIDTH = 12
_GAP = 3


# What gives way where a console has no room, in this order; the page and ``table`` have all.
_DISPENSABLE = ("encode_microseconds", "disk_bytes", "parameters", "network")


def render(comparison: Comparison, console: Console) -> None:
    """Print a comparison: its verdict, a row a model, the best against the rest, warnings.

    Where a console has no room for all columns, the AUC stands without its interval, and then
    columns are left out: encoding, disk, parameters, the network alone.
    """
    # The interval of what the network answers alone stands on the page.
    rows = [row | {"network": row["network"].split(" ±")[0]} for row in row_texts(comparison)]
    columns = _columns(comparison)
    if _width(columns, rows) > console.width:
        rows = [row | {"auc": row["auc"].split(" ±")[0]} for row in rows]
    for name in _DISPENSABLE:
        if _width(columns, rows) > console.width:
            columns = {key: header for key, header in columns.items() if key != name}
    cells = ([row[name] for name in columns] for row in rows)
    print_result(comparison, list(columns.values()), cells, console)


def _columns(comparison: Comparison) -> dict[str, str]:
    """Return the columns' headers, by their keys in the rows."""
    return {
        "name": "model",
        "score": metric_text(comparison.metric),
        **{name: metric_text(name) for name in comparison.measure_names},
        **({"auc": "AUC"} if comparison.has_auc else {}),
        **({"network": "network"} if comparison.has_wide else {}),
        "train": "train",
        "predict": f"µs/{comparison.unit}",
        **{cost.name: cost.header for cost in costs_of(comparison.models)},
        "parameters": "parameters",
        "seeds": "seeds",
    }


def _width(columns: dict[str, str], rows: list[dict[str, str]]) -> int:
    """Return the columns of a console that the table takes, with names as short as they may be.

    ``±`` is counted as the three signs that a pipe has for it.
    """
    widths = [
        max(len(text) + 2 * text.count("±") for text in (header, *(row[name] for row in rows)))
        for name, header in columns.items()
        if name != "name"
    ]
    return _NAME_WIDTH + sum(_GAP + width for width in widths)
