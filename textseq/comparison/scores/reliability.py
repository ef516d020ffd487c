"""Whether a model's probabilities are what its answers bear out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.scores.result import Comparison
from textseq.figures import ACCENT, MUTED, PAPER, bare, figure_style, new_figure, short
from textseq.labels.calibration import reliability_table
from textseq.marks import keep_marks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Areas of marks, in square points: of a bin with a row, and what all rows in one would add.
_LEAST, _MOST = 12.0, 220.0


def with_confidence(comparison: Comparison) -> list[ComparedModel]:
    """Return the models that give classes probabilities and tell texts apart, best first."""
    if comparison.task != "classes":
        return []
    return [
        model
        for model in comparison.ranked
        if model.probabilities is not None and not model.is_constant
    ]


def reliability_plot(comparison: Comparison, model: ComparedModel) -> Figure:
    """Draw how often a model's answers are right, by how sure it is of them; all seeds together.

    Parameters
    ----------
    comparison : Comparison
    model : ComparedModel
        One of ``with_confidence``.

    Returns
    -------
    matplotlib Figure
    """
    assert model.probabilities is not None
    n_seeds, n_test, n_classes = model.probabilities.shape
    truth = np.tile(comparison.targets, n_seeds)
    bins = reliability_table(truth, model.probabilities.reshape(-1, n_classes), n_bins=10)
    off = 100 * comparison.calibration_error(model)
    with figure_style():
        figure = new_figure(2.9, f"{short(model.name, 24)}: {off:.1f} points off", width=3.4)
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], "--", color=MUTED, lw=1)
        axes.plot(bins["confidence"], bins["accuracy"], color=ACCENT, lw=1, zorder=2)
        sizes = _LEAST + _MOST * bins["rows"] / (n_seeds * n_test)
        axes.scatter(
            bins["confidence"], bins["accuracy"], s=sizes, color=ACCENT, ec=PAPER, lw=0.8, zorder=3
        )
        values = {
            "probability of the answer": bins["confidence"],
            "share right": bins["accuracy"],
            "answers": bins["rows"],
        }
        keep_marks(axes, values, bins["confidence"], bins["accuracy"])
        axes.text(0.04, 0.94, "less sure\nthan right", va="top", color=MUTED, size=9)
        axes.text(0.97, 0.05, "surer\nthan right", ha="right", color=MUTED, size=9)
        axes.set_xlim(0, 1.02)
        axes.set_ylim(0, 1.02)
        axes.set_xlabel("probability of the answer")
        axes.set_ylabel("share right")
        axes.tick_params(axis="y", labelcolor=MUTED)
        axes.grid()
        bare(axes, "left", "bottom")
    return figure
