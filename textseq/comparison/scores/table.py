"""A comparison of scores on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textseq.comparison.scores.result import Comparison
from textseq.comparison.scores.row_texts import row_texts
from textseq.comparison.scores.wording import metric_text
from textseq.comparison.table import print_result

if TYPE_CHECKING:
    from rich.console import Console

# Columns of a terminal that hold the interval of the AUC, too, and names of 14 signs.
_ROOM_FOR_INTERVAL = 90


def render(comparison: Comparison, console: Console) -> None:
    """Print a comparison: its verdict, a row a model, the best against the rest, warnings."""
    scores = [metric_text(comparison.metric), *(["AUC"] if comparison.has_auc else [])]
    headers = ["model", *scores, "train", f"µs/{comparison.unit}", "parameters", "seeds"]
    columns = ["name", *["score", "auc"][: len(scores)], "train", "predict", "parameters", "seeds"]
    rows = row_texts(comparison)
    if console.width < _ROOM_FOR_INTERVAL:
        rows = [row | {"auc": row["auc"].split(" ±")[0]} for row in rows]
    print_result(comparison, headers, ([row[name] for name in columns] for row in rows), console)
