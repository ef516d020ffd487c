"""What a network believes as it reads: its states and answers, as a table and a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from textseq.figures import ACCENT, INK, MUTED, SECOND, bare, figure_style, new_figure, short
from textseq.inspection.result import Inspection
from textseq.inspection.steps import SeriesSteps, Steps
from textseq.inspection.wave_steps import WaveSteps
from textseq.marks import keep_grid, keep_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Classes that get a line in the figure and a column in print.
MOST_SHOWN = 3
# Columns in print before them: a series may have many channels.
MOST_BEFORE = 5
# From negative to positive ever brighter, so that the map reads the same in grey.
MAP_COLORS = ("#0b2f5b", "#a3adb7", "#fff1cf")


@dataclass(frozen=True, eq=False, repr=False)
class HiddenStates(Inspection):
    """A network's states and answers as it reads one row.

    Parameters
    ----------
    table : DataFrame
        One row a step: ``step``; of a text ``token`` and ``known`` (to the vocabulary), of a
        series ``value``, or ``value[0]`` and so on of several channels; for each class
        ``p(class)``, its probability after reading up to here (``prediction`` for a
        regressor); ``change``, what the step did to the answer that leads at the end, the
        first against an empty text or series. Of a Seq2Seq ``p(its answer)``, the probability a
        token of what it says in the end, after reading the source up to here. Of a SequenceTagger
        ``tag`` and ``p(tag)`` for each tag, of this step given its whole row. Of a Transcriber
        ``start`` and ``end`` in seconds, ``symbol`` and ``p(symbol)``, the blank first. Of a
        LanguageModel
        ``next``, what comes behind in the text, and ``p(next)``; ``guess``, what it holds
        likeliest, and ``p(guess)``.
    verdict : str
    states : ndarray of shape (T, H)
        Of the last layer, both directions side by side; for the mean and the max encoder,
        the mean or maximum so far.
    answers : ndarray of shape (T, n_outputs)
        The table's probabilities or predictions.
    names : list of n_outputs str
        What they are of.
    steps : Steps
        What was read.
    leading : int
        Column of ``answers`` that the figure is about.
    telling : ndarray of shape (T,)
        How much each step tells: the size of the change, or the surprise there.
    asked : str
        When each step's answers are given: after it, or of it.
    said : str
        What the figure says.
    """

    states: np.ndarray
    answers: np.ndarray
    names: list[str]
    steps: Steps
    leading: int
    telling: np.ndarray
    asked: str
    said: str

    def __str__(self) -> str:
        if "change" not in self.table:
            return super().__str__()
        columns = self.table.columns
        first = len(columns) - len(self.names) - 1
        likely = sorted(first + np.argsort(-self.answers[-1], kind="stable")[:MOST_SHOWN])
        rows = self.table.to_string(
            columns=[*columns[: min(first, MOST_BEFORE)], *columns[likely], columns[-1]],
            index=False,
            max_rows=12,
            float_format="{:.4g}".format,
        )
        return f"{self.verdict}\n\n{rows}"

    __repr__ = __str__

    def plot(self) -> Figure:
        """Draw the answer along the steps, above a map of the units.

        A series is on top, or a wave's spectrogram, with the symbols that are heard under it.
        """
        heights = [1.4, float(np.clip(0.14 * self.states.shape[1], 0.8, 3.0))]
        if isinstance(self.steps, SeriesSteps | WaveSteps):
            heights.insert(0, 1.0)
        with figure_style():
            figure = new_figure(1.7 + sum(heights), self.message(), self.steps.width)
            panels = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
            if isinstance(self.steps, SeriesSteps | WaveSteps):
                self.steps.draw(panels[0])
            self._draw_answers(panels[-2])
            self._draw_states(panels[-1], panels)
            self.steps.label_axis(panels[-1], self.telling)
        return figure

    def message(self) -> str:
        """Return what the figure says."""
        return self.said

    def _draw_answers(self, axes: Axes) -> None:
        steps = np.arange(len(self.answers))
        # The others are those that came closest to leading at any step.
        peaks = self.answers.max(0)
        peaks[self.leading] = np.inf
        # Of two that sum to 1, one tells the other.
        one_tells = len(self.names) == 2 and np.allclose(self.answers.sum(1), 1)
        shown = np.argsort(-peaks, kind="stable")[: 1 if one_tells else MOST_SHOWN]
        looks = [("-", "o", ACCENT), ("--", "s", SECOND), (":", "D", MUTED)]
        for column, (line, marker, color) in zip(shown, looks, strict=False):
            axes.plot(
                steps,
                self.answers[:, column],
                line,
                color=color,
                lw=1.6,
                marker=marker if len(steps) <= 80 else None,
                ms=3.5,
                label=short(self.names[column], 24),
                clip_on=False,
            )
        called = self.names if self.names == ["prediction"] else [f"p({n})" for n in self.names]
        values = self.steps.labels() | {called[column]: self.answers[:, column] for column in shown}
        keep_marks(axes, values, steps, self.answers[:, self.leading], spans=True)
        if len(shown) > 1:
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=MOST_SHOWN, borderpad=0)
        step = int(self.telling.argmax())
        axes.plot(step, self.answers[step, self.leading], "o", ms=9, mfc="none", mec=INK, mew=1.4)
        if self.names == ["prediction"]:
            axes.set_ylabel("prediction")
        else:
            axes.set_ylim(0, 1)
            alone = f"\nof {short(self.names[shown[0]], 14)}" if len(shown) == 1 else ""
            axes.set_ylabel(f"probability{alone}\n{self.asked}")
        axes.tick_params(axis="x", length=0, labelbottom=False)
        axes.tick_params(axis="y", labelcolor=MUTED)
        axes.grid(axis="y")
        bare(axes, "left", "bottom")

    def _draw_states(self, axes: Axes, panels: np.ndarray) -> None:
        from matplotlib.colors import LinearSegmentedColormap

        order = self._units_by_answer()
        # A few units far out would leave the others grey.
        largest = float(np.quantile(np.abs(self.states), 0.98)) or 1.0
        image = axes.imshow(
            self.states[:, order].T,
            cmap=LinearSegmentedColormap.from_list("states", MAP_COLORS),
            vmin=-largest,
            vmax=largest,
            aspect="auto",
            interpolation="nearest",
        )
        keep_grid(axes, "state", self.states[:, order].T, {"unit": order}, self.steps.labels())
        n_units = len(order)
        few = n_units <= 12
        axes.set_yticks(range(n_units) if few else [], [str(unit) for unit in order] if few else [])
        axes.set_ylabel("unit" if few else f"{n_units} units, the upper\nones rise with it")
        bare(axes, "left", "bottom")
        bar = axes.figure.colorbar(
            image, ax=panels.tolist(), shrink=0.4, anchor=(0, 0), aspect=12, extend="both"
        )
        bar.outline.set_visible(False)
        bar.set_label("state")

    def _units_by_answer(self) -> np.ndarray:
        """Order units by how they go with the leading answer, those that rise with it first."""
        answer = self.answers[:, self.leading]
        together = (answer - answer.mean()) @ self.states
        # A single step tells nothing of rising: units then go by their states.
        return np.lexsort((-self.states[-1], -together))


def moved_most(change: pd.Series, steps: Steps, what: str) -> str:
    """Name at the head of a figure the step that changes ``what`` most."""
    step = int(change.abs().argmax())
    return f"{steps.titled(step)} moves {short(what, 46)} most, by {change[step]:+.3g}"
