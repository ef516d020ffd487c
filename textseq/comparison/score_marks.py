"""What the figures of scores of all comparisons share: a row a model, the best on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from textseq.comparison.model import Model
from textseq.comparison.wording import score_text
from textseq.figures import ACCENT, INK, MARKERS, PAPER, bare, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def mark_model(
    axes: Axes, model: Model, x: float, y: float, size: float, clip_on: bool = True
) -> None:
    """Draw the marker of a model's kind; baselines are hollow."""
    axes.plot(
        x,
        y,
        MARKERS.get(model.kind, "o"),
        ms=size,
        mfc=PAPER if model.kind == "baseline" else ACCENT,
        mec=ACCENT,
        mew=1.4,
        clip_on=clip_on,
        zorder=3,
    )


def draw_seeds(axes: Axes, row: int, scores: np.ndarray, ends: np.ndarray) -> None:
    """Draw the interval over seeds and the score of each."""
    axes.plot(ends, [row, row], color=ACCENT, lw=1.6)
    axes.plot(scores, np.full(len(scores), row), "|", color=INK, ms=7)


def write_score(axes: Axes, row: int, scores: np.ndarray) -> None:
    """Write a row's mean score with its interval beside the axes."""
    axes.annotate(
        score_text(scores),
        (1, row),
        xycoords=("axes fraction", "data"),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        weight="normal" if row else "bold",
    )


def name_rows(axes: Axes, ranked: Sequence[Model]) -> None:
    """Name the rows, the first on top."""
    axes.set_yticks(range(len(ranked)), [short(model.display_name, 28) for model in ranked])
    axes.set_ylim(len(ranked) - 0.5, -0.5)
    bare(axes, "left", "bottom")
