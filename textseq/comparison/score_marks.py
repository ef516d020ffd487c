"""What the figures of scores of all comparisons share: a row a model, the best on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from textseq.comparison.model import Model
from textseq.comparison.wording import score_text
from textseq.figures import ACCENT, INK, MARKERS, PAPER, bare, short
from textseq.marks import keep_marks

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


def keep_scores(
    axes: Axes, row: int, of: tuple[str, str], scores: np.ndarray, ends: np.ndarray
) -> None:
    """Keep what a row stands for: the mean of its fits with the interval, and each of them.

    Parameters
    ----------
    axes : matplotlib Axes
    row : int
    of : (model, score)
        What both are called.
    scores : ndarray of shape (n_fits,)
    ends : ndarray of shape (2,)
        Of the interval; NaN where there is none.
    """
    model, name = of
    many, mean = len(scores) > 1, float(np.mean(scores))
    fit = f"mean of {len(scores)}" if many else "the only one"
    interval = {"95 % interval from": ends[0], "95 % interval to": ends[1]}
    keep_marks(axes, {"model": model, "fit": fit, name: mean, **interval}, mean, row)
    if many:
        fits = [str(number) for number in range(1, len(scores) + 1)]
        keep_marks(axes, {"model": model, "fit": fits, name: scores}, scores, row)


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
