"""What the marks of figures stand for: kept where they are drawn, for pages that tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Marks:
    """Points, bars or steps of axes, n of them.

    Parameters
    ----------
    values : dict of str to ndarray of shape (n,)
        What each stands for: numbers, times or text, by what they are in words.
    x, y : ndarray of shape (n,)
        Their centres, in the units of the axes.
    width, height : ndarray of shape (n,)
        Of boxes, in the units of the axes; 0 of points.
    spans : bool
        Whether each stands for all that is above and below it in the axes, as a step does.
    """

    values: dict[str, np.ndarray]
    x: np.ndarray
    y: np.ndarray
    width: np.ndarray
    height: np.ndarray
    spans: bool


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells of a map, each 1 wide and 1 high around its column and row.

    Parameters
    ----------
    name : str
        What the numbers are, in words.
    cells : ndarray of shape (R, C)
    rows : dict of str to ndarray of shape (R,)
        What each row stands for.
    columns : dict of str to ndarray of shape (C,)
        What each column stands for.
    """

    name: str
    cells: np.ndarray
    rows: dict[str, np.ndarray]
    columns: dict[str, np.ndarray]


# Beside the axes rather than on them, whose class has no such field; an entry goes with its axes.
_kept: WeakKeyDictionary[Axes, list[Marks | Grid]] = WeakKeyDictionary()


def keep_marks(
    axes: Axes,
    values: Mapping[str, Any] | pd.DataFrame,
    x: Any,
    y: Any,
    *,
    size: tuple[Any, Any] = (0.0, 0.0),
    spans: bool = False,
) -> None:
    """Keep what marks of axes stand for; ``Marks`` tells the parameters.

    Parameters
    ----------
    axes : matplotlib Axes
    values : DataFrame of n rows, or mapping of str to array-like of shape (n,)
        Or to one value, which all have in common.
    x, y : array-like of shape (n,)
    size : tuple of width and height
        Numbers, or array-like of shape (n,).
    spans : bool, default False

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_subplot()
    >>> _ = axes.plot([1, 2], [0.7, 0.6], "o")
    >>> keep_marks(axes, {"rows": "training", "loss": [0.7, 0.6]}, [1, 2], [0.7, 0.6])
    >>> marks_of(axes)[0].values["rows"].tolist()
    ['training', 'training']
    """
    x = np.atleast_1d(np.asarray(x))
    width, height = (np.broadcast_to(np.asarray(part, np.float64), x.shape) for part in size)
    marks = Marks(
        {
            str(name): np.broadcast_to(np.asarray(column), x.shape)
            for name, column in values.items()
        },
        x,
        np.broadcast_to(np.asarray(y), x.shape),
        width,
        height,
        spans,
    )
    _kept.setdefault(axes, []).append(marks)


def keep_grid(
    axes: Axes, name: str, cells: np.ndarray, rows: Mapping[str, Any], columns: Mapping[str, Any]
) -> None:
    """Keep what the cells of a map stand for; ``Grid`` tells the parameters."""
    grid = Grid(
        name,
        cells,
        {what: np.asarray(values) for what, values in rows.items()},
        {what: np.asarray(values) for what, values in columns.items()},
    )
    _kept.setdefault(axes, []).append(grid)


def marks_of(axes: Axes) -> list[Marks | Grid]:
    """Return what was kept of axes, in its order."""
    return _kept.get(axes, [])
