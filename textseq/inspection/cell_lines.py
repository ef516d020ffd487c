"""Lines over steps, one for each layer and direction: what the instruments' figures share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from textseq.figures import ACCENT, INK, MUTED, PAPER, SECOND
from textseq.marks import keep_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

CELL = ["layer", "direction"]
# Above the axes, where no line is.
OUTSIDE: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (-0.02, 0.98)}


def by_cell(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of each layer and direction, with its name."""
    many_layers = table["layer"].nunique() > 1
    return [
        (f"layer {layer}, {direction}" if many_layers else str(direction), rows)
        for (layer, direction), rows in table.groupby(CELL, sort=False)
    ]


def cell_look(number: int, n_points: int) -> dict[str, Any]:
    """Return the look of the line of cell number ``number``, which has so many points."""
    apart = -(-n_points // 6)
    return {
        "color": [ACCENT, SECOND, MUTED, INK][number % 4],
        "marker": "os^Dv*"[number % 6],
        "markevery": (number * apart // 4 % apart, apart),  # no two cells' marks meet
        "ms": 4.5,
        "mfc": PAPER,
        "lw": 1.6,
    }


def keep_steps(
    axes: Axes, rows: pd.DataFrame, x: pd.Series, y: pd.Series, columns: list[str]
) -> None:
    """Keep what the steps of a cell's lines stand for.

    Parameters
    ----------
    axes : matplotlib Axes
    rows : DataFrame
        Of the cell, a row a step.
    x, y : Series
        The line's.
    columns : list of str
        What is told of each step beside which it is; those that are empty are left out.
    """
    told = rows[[*CELL, str(x.name), *columns]].dropna(axis=1, how="all")
    told = told.rename(columns=lambda name: name.replace("_", " "))
    keep_marks(axes, told, x, y, spans=True)


def cell_legend(axes: Axes, names: list[str], others: list[Line2D]) -> None:
    """Write the cells' names, if there are several, and other lines above the axes."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], label=name, **cell_look(number, 1))
        for number, name in enumerate(names if len(names) > 1 else [])
    ]
    if handles or others:
        axes.legend(handles=[*handles, *others], ncols=2, **OUTSIDE)
