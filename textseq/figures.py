"""The look that all figures share: colours, type, marks."""

from __future__ import annotations

import os
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

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
    "font.family": "DejaVu Sans",
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


@contextmanager
def figure_style() -> Iterator[None]:
    """Draw within this look, one thread at a time."""
    import matplotlib

    with _drawing, matplotlib.rc_context(_SETTINGS):
        yield


def new_figure(height: float, message: str, width: float = WIDTH) -> Figure:
    """Return an empty figure whose title states its message."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
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
    name = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"
