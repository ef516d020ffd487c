"""What the marks of a figure stand for, as the JSON that the page's script reads."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from textseq.marks import Grid, Marks, marks_of

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Cells of a map that a page holds at most: 2.7 bytes each.
MOST_CELLS = 50_000
# Of the integers that cells are written as; page.js divides by it.
_LARGEST = 32_767


def figure_data(figure: Figure) -> Markup | None:
    """Return the places and values of a figure's marks; None where none were kept.

    Places are in tenths of a point from the upper left corner, as in the figure's SVG.

    Parameters
    ----------
    figure : matplotlib Figure
        Drawn, so that its axes have found their places.

    Returns
    -------
    Markup or None
        JSON that can stand within a ``<script>``: what users provide is escaped.
    """
    from jinja2.utils import htmlsafe_json_dumps

    groups = [
        _grid(figure, axes, kept) if isinstance(kept, Grid) else _marks(figure, axes, kept)
        for axes in figure.axes
        for kept in marks_of(axes)
        if not isinstance(kept, Grid) or kept.cells.size <= MOST_CELLS
    ]
    return htmlsafe_json_dumps(groups, allow_nan=False, separators=(",", ":")) if groups else None


def _marks(figure: Figure, axes: Axes, marks: Marks) -> dict[str, Any]:
    x, y = axes.xaxis.convert_units(marks.x), axes.yaxis.convert_units(marks.y)
    ends = [
        _places(figure, axes, x + sign * marks.width / 2, y + sign * marks.height / 2)
        for sign in (-1, 1)
    ]
    (left, bottom), (right, top) = (np.minimum(*ends).T, np.maximum(*ends).T)
    group: dict[str, Any] = {
        "x": _tenths((left + right) / 2),
        "y": _tenths((bottom + top) / 2),
        "values": [[name, _column(values)] for name, values in marks.values.items()],
    }
    if marks.width.any() or marks.height.any():
        group |= {"width": _tenths(right - left), "height": _tenths(top - bottom)}
    if marks.spans:
        box = _places(figure, axes, axes.get_xlim(), axes.get_ylim())
        group["span"] = sorted(_tenths(box[:, 1]))
    return group


def _grid(figure: Figure, axes: Axes, grid: Grid) -> dict[str, Any]:
    n_rows, n_columns = grid.cells.shape
    corners = _places(figure, axes, [-0.5, n_columns - 0.5], [-0.5, n_rows - 0.5])
    largest = float(np.abs(grid.cells).max()) or 1.0
    cells = np.round(grid.cells / largest * _LARGEST).astype("<i2")
    return {
        "name": grid.name,
        "corners": [_tenths(corner) for corner in corners],
        "largest": float(f"{largest:.6g}"),
        "cells": base64.b64encode(cells.tobytes()).decode("ascii"),
        "rows": [[name, _column(values)] for name, values in grid.rows.items()],
        "columns": [[name, _column(values)] for name, values in grid.columns.items()],
    }


def _places(figure: Figure, axes: Axes, x: Any, y: Any) -> np.ndarray:
    """Return points of axes (n, 2) as points of the SVG; those off the scale are at its edge."""
    points = np.column_stack([x, y]).astype(np.float64)
    # A gap in one coordinate would otherwise become one in both.
    gaps = np.isnan(points)
    corner = axes.get_xlim()[0], axes.get_ylim()[0]
    places = axes.transData.transform(np.where(gaps, corner, points))
    frame = axes.bbox
    places = np.clip(places, [frame.x0, frame.y0], [frame.x1, frame.y1])
    places *= 72 / figure.dpi
    places[:, 1] = figure.get_figheight() * 72 - places[:, 1]
    places[gaps] = np.nan
    return places


def _tenths(points: np.ndarray) -> list[int | None]:
    """Write lengths; None is no place, such as that of a missing value."""
    return [int(tenth) if np.isfinite(tenth) else None for tenth in np.round(10 * points)]


def _column(values: np.ndarray) -> Any:
    """Write values; texts that come again are written once, and told by their number."""
    if values.dtype.kind == "M":
        days = values.astype("datetime64[D]")
        values = np.datetime_as_string(days if (days == values).all() else values.astype("M8[s]"))
    if values.dtype.kind == "b":
        values = np.where(values, "yes", "no")
    if values.dtype.kind in "iuf":
        return [_number(value) for value in values.tolist()]
    texts = [str(value) for value in values.tolist()]
    names = list(dict.fromkeys(texts))
    if len(names) > len(texts) / 2:
        return texts
    numbers = {name: number for number, name in enumerate(names)}
    return {"names": names, "numbers": [numbers[text] for text in texts]}


def _number(value: float) -> float | None:
    if isinstance(value, int):
        return value
    return float(f"{value:.6g}") if np.isfinite(value) else None
