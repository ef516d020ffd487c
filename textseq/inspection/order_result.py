"""What order is worth to a model, as a table, a verdict and a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from textseq.comparison.statistics import SIGNIFICANCE, paired_bootstrap
from textseq.figures import ACCENT, INK, MUTED, PAPER, bare, figure_style, new_figure
from textseq.inspection.result import Inspection
from textseq.inspection.wording import Words
from textseq.marks import keep_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Outputs that differ by less than this share are equal but for the rounding of a sum.
ROUNDING = 1e-4
# Characters of a metric's name that stand in one line with what the marks mean.
LONGEST_BESIDE = 12


@dataclass(frozen=True, eq=False)
class OrderMatters(Inspection):
    """A model's score on texts or series as they are, and with their words or steps shuffled.

    Parameters
    ----------
    table : DataFrame
        One row a reading, "in order" first: ``reading``, ``score``, ``drop`` (the score in
        order less this one), ``changed`` (share of rows that are predicted otherwise). Of a
        model with a wide path also what its parts score alone, ``network`` and ``wide``. Of one
        that answers step by step no ``changed``; of a Seq2Seq and a LanguageModel
        ``perplexity``.
    verdict : str
    metric : {"accuracy", "subset accuracy", "r2", "token accuracy", "log-likelihood a token"}
        What ``score`` is.
    score : float
        In order.
    shuffled_scores : ndarray of shape (n_shuffles,)
    drop : float
        ``score`` less the mean of ``shuffled_scores``.
    low, high : float
        95 % interval of ``drop`` over other rows of the same source.
    p_value : float
        That a drop so far from 0 comes by chance where order does not matter.
    words : Words
        For what the model reads.
    """

    metric: str
    score: float
    shuffled_scores: np.ndarray
    drop: float
    low: float
    high: float
    p_value: float
    words: Words

    @property
    def beyond_noise(self) -> bool:
        """Whether shuffling changes the score by more than the choice of rows explains."""
        return self.drop != 0 and self.p_value < SIGNIFICANCE

    def plot(self) -> Figure:
        """Draw the score in order, and every shuffled one below it."""
        mean = float(self.shuffled_scores.mean())
        with figure_style():
            figure = new_figure(1.75, self.message())
            axes = figure.add_subplot()
            axes.plot(self.score, 0, "o", ms=8, color=ACCENT)
            axes.plot(self.shuffled_scores, np.ones(len(self.shuffled_scores)), "|", color=INK,
                      ms=11, mew=1.2)  # fmt: skip
            axes.plot(mean, 1, "o", ms=8, mfc=PAPER, mec=ACCENT, mew=1.4)
            # The interval is that of the drop, laid off from the score in order.
            low, high = self.score - self.high, self.score - self.low
            axes.plot([low, high], [1, 1], color=ACCENT, lw=1.6, zorder=1)
            self._keep(axes, mean)
            for row, value in enumerate((self.score, mean)):
                axes.annotate(f"{value:.3f}", (1, row), xytext=(8, 0), va="center",
                              xycoords=("axes fraction", "data"),
                              textcoords="offset points")  # fmt: skip
            axes.set_yticks([0, 1], [f"{self.words.shuffled} in order", "shuffled"])
            axes.set_ylim(1.5, -0.5)
            # Scores that are all but equal should look so.
            shown = [low, high, self.score, *self.shuffled_scores]
            ends = min(shown), max(shown)
            margin = max(0.1 * (ends[1] - ends[0]), 0.01)
            axes.set_xlim(ends[0] - margin, ends[1] + margin)
            axes.locator_params(axis="x", nbins=6)
            legend = "ticks: shuffles; line: 95 % interval of the drop"
            apart = "; " if len(self.metric) <= LONGEST_BESIDE else "\n"
            axes.set_xlabel(f"{self.metric}{apart}{legend}", color=MUTED)
            axes.grid(axis="x")
            bare(axes, "left", "bottom")
        return figure

    def _keep(self, axes: Axes, mean: float) -> None:
        """Keep what each mark stands for."""
        n_shuffles, in_order = len(self.shuffled_scores), f"{self.words.shuffled} in order"
        of_mean = {"drop": self.drop, "drop from": self.low, "drop to": self.high}
        for reading, shuffle, score, row, more in (
            (in_order, "none", [self.score], 0, {}),
            ("shuffled", f"mean of {n_shuffles}", [mean], 1, of_mean),
            ("shuffled", np.arange(1, n_shuffles + 1).astype(str), self.shuffled_scores, 1, {}),
        ):
            values = {"reading": reading, "shuffle": shuffle, self.metric: score, **more}
            keep_marks(axes, values, score, row)

    def message(self) -> str:
        """Return what the figure says."""
        shuffling = f"Shuffling the {self.words.shuffled}"
        if not self.drop:
            return f"{shuffling} changes nothing"
        if not self.beyond_noise:
            return f"{shuffling} costs nothing beyond noise"
        verb = "costs" if self.drop > 0 else "gains"
        return f"{shuffling} {verb} {abs(self.drop):.3f} of {self.metric}"


def drop_of(items: np.ndarray) -> tuple[float, float, float, float]:
    """Return how much scores of rows (1 + n_shuffles, n) fall, its interval and p-value."""
    drops = (items[0] - items[1:]).mean(0)
    return paired_bootstrap(drops, np.zeros_like(drops))
