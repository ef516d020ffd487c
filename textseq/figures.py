"""The look that all figures share: colours, type, marks."""

from __future__ import annotations

import os
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from textseq.font_coverage import JOINERS, give_fonts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# The page replaces these by its own variables, which follow light and dark mode. No two are
# equally bright, so that they stay apart in grey.
INK = "#1f2328"
MUTED = "#59636e"
LINE = "#d1d9e1"
PAPER = "#fefefe"
ACCENT = "#12508f"
SECOND = "#d9822c"

MARKERS = {"network": "o", "baseline": "s", "estimator": "D"}
"""Marker of each kind of model; baselines are drawn hollow."""

WIDTH = 4.8
"""Inches. Drawn small, so that the letters stay legible on a phone."""

_SETTINGS: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": LINE,
    "axes.grid": False,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "font.size": 9,
    "figure.constrained_layout.use": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "text.color": INK,
    # A label may hold a dollar sign without being a formula.
    "text.parse_math": False,
    "xtick.color": LINE,
    "xtick.labelcolor": MUTED,
    "xtick.labelsize": 9,
    "ytick.color": LINE,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 9,
    "svg.fonttype": "none",
    "svg.hashsalt": "textseq",
}

# matplotlib's settings are of the whole process: of two threads that draw at a time, one would
# leave the other's look behind. A forked process begins with the user's own settings.
_drawing = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_drawing.acquire,
        after_in_parent=_drawing.release,
        after_in_child=_drawing.release,
    )


_begun: ContextVar[list[Figure] | None] = ContextVar("begun", default=None)
_by_browser: ContextVar[bool] = ContextVar("by_browser", default=False)


@contextmanager
def figure_style() -> Iterator[None]:
    """Draw within this look and the user's fonts, one thread at a time."""
    import matplotlib

    figures: list[Figure] = []
    outer = _begun.set(figures)
    try:
        with _drawing, matplotlib.rc_context(_SETTINGS):
            yield
            if not _by_browser.get():
                for figure in figures:
                    give_fonts(figure)
    finally:
        _begun.reset(outer)


@contextmanager
def drawn_by_browser() -> Iterator[None]:
    """Leave the signs of figures as they are: browsers find fonts for all."""
    outer = _by_browser.set(True)
    try:
        yield
    finally:
        _by_browser.reset(outer)


def new_figure(height: float, message: str, width: float = WIDTH) -> Figure:
    """Return an empty figure whose title states its message."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    if (figures := _begun.get()) is not None:
        figures.append(figure)
    # One bold character takes about 0.086 inch at this size.
    lines = textwrap.fill(message, int(width / 0.086))
    figure.suptitle(lines, x=0.01, ha="left", fontsize=10, fontweight="bold")
    return figure


def bare(axes: Axes, *sides: str) -> None:
    """Take away spines and the ticks on them."""
    for side in sides:
        axes.spines[side].set_visible(False)
        axes.tick_params("y" if side in ("left", "right") else "x", which="both", length=0)


def short(name: str, most: int = 32) -> str:
    """Shorten a name to fit a figure; control characters become spaces."""
    name = " ".join(printable(name).split()).strip(JOINERS)
    if columns_of(name) <= most:
        return name
    kept = name[: most - 1]
    while columns_of(kept) > most - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def printable(text: str) -> str:
    """Put spaces for signs that do not print; those that join others stay."""
    return "".join(sign if sign.isprintable() or sign in JOINERS else " " for sign in text)


def columns_of(text: str) -> int:
    """Return how many letters' width a text takes: signs of East Asia and emoji take two.

    Examples
    --------
    >>> columns_of("so"), columns_of("很好")
    (2, 4)
    """
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
