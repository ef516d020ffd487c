"""Where the names of marks stand in a figure: beside them, and over nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from textseq.figures import columns_of

# Points. Of a letter of 9 points (browsers' own fonts are no wider), of a line, around a mark.
_LETTER = 5.9
_HALF_LINE = 5.5
_MARK = 5.0
# How far above or below its mark a name is looked a place for, nearest first.
_LEVELS = (0, *(sign * level for level in range(11, 111, 9) for sign in (1, -1)))


class Box(NamedTuple):
    """A rectangle, in points from the lower left corner of the axes."""

    left: float
    low: float
    right: float
    high: float

    def covered_by(self, other: Box) -> float:
        """Return the area that two boxes share."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.high, other.high) - max(self.low, other.low)
        return max(width, 0.0) * max(height, 0.0)


class Place(NamedTuple):
    """Where a name stands: off its mark, in points, and how it is aligned there.

    Parameters
    ----------
    dx, dy : float
    align : {"left", "right", "center"}
    is_far : bool
        Whether it needs a line back to its mark.
    """

    dx: float
    dy: float
    align: str
    is_far: bool


def place_labels(
    marks: np.ndarray, names: Sequence[str], size: tuple[float, float], lines: Sequence[Box]
) -> list[Place]:
    """Return a place for the name of every mark.

    Names cover neither each other nor a mark and, where that can be had, no line. Where
    there is no such place near, the one that covers least is taken.

    Parameters
    ----------
    marks : ndarray of shape (n, 2)
        Points from the lower left corner of the axes.
    names : sequence of str
        The first find their places first.
    size : (width, height)
        Of the axes, in points; names stay between their sides.
    lines : sequence of Box

    Examples
    --------
    >>> place_labels(np.array([[10.0, 50.0]]), ["lstm"], (300, 180), [])
    [Place(dx=8.0, dy=0.0, align='left', is_far=False)]
    """
    taken = [Box(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in marks.tolist()]
    chosen = []
    for (x, y), name in zip(marks.tolist(), names, strict=True):
        length = _LETTER * columns_of(name)
        spots = [
            (place, box)
            for place in _places()
            if (box := _box(x, y, place, length)).left >= 0
            and box.right <= size[0]
            and box.low >= -_HALF_LINE
            and box.high <= size[1] + _HALF_LINE
        ] or [(place, _box(x, y, place, length)) for place in _places()]
        # Of places that cover as little, the nearest: ``min`` takes the first.
        place, box = min(spots, key=lambda spot: _covered(spot[1], taken, lines))
        taken.append(box)
        chosen.append(place)
    return chosen


def _places() -> list[Place]:
    """Return all places of a name, the nearest to its mark first."""
    places = []
    for level in _LEVELS:
        # Right beside the mark a name keeps clear of it; above and below it may start over it.
        gap = 8.0 if level == 0 else 3.0
        places += [
            Place(gap, float(level), "left", abs(level) > 11),
            Place(-gap, float(level), "right", abs(level) > 11),
        ]
        if level:
            places.append(Place(0.0, float(level), "center", abs(level) > 11))
    return places


def _box(x: float, y: float, place: Place, length: float) -> Box:
    left = x + place.dx - {"left": 0.0, "center": length / 2, "right": length}[place.align]
    return Box(left, y + place.dy - _HALF_LINE, left + length, y + place.dy + _HALF_LINE)


def _covered(box: Box, taken: Sequence[Box], lines: Sequence[Box]) -> tuple[float, float]:
    """Return the area that a name would cover of marks and names, and then of lines."""
    return sum(map(box.covered_by, taken)), sum(map(box.covered_by, lines))
