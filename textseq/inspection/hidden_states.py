"""What a network believes as it reads: its hidden states, and its answer after each step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch

from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.figures import ACCENT, INK, MUTED, SECOND, bare, figure_style, new_figure, short
from textseq.inspection.reading import Reading, answer_names, first_member, prefixes, read_one
from textseq.inspection.result import Inspection
from textseq.inspection.steps import SeriesSteps, Steps
from textseq.nn.bags import Bag
from textseq.ragged import Ragged
from textseq.training.threads import ThreadTeam

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Classes that get a line in the figure and a column in print.
MOST_SHOWN = 3
# Columns in print before them: a series may have many channels.
MOST_BEFORE = 5
# A change of the answer below this, in probability or in the targets' deviation, is none.
STILL = 0.005
# From negative to positive ever brighter, so that the map reads the same in grey.
MAP_COLORS = ("#0b2f5b", "#a3adb7", "#fff1cf")


@dataclass(frozen=True, eq=False, repr=False)
class HiddenStates(Inspection):
    """A network's states and answers as it reads one text or series.

    Parameters
    ----------
    table : DataFrame
        One row a step: ``step``; of a text ``token`` and ``known`` (to the vocabulary), of a
        series ``value``, or ``value[0]`` and so on of several channels; for each class
        ``p(class)``, its probability after reading up to here (``prediction`` for a
        regressor); ``change``, what the step did to the answer that leads at the end, the
        first against an empty text or series.
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
    """

    states: np.ndarray
    answers: np.ndarray
    names: list[str]
    steps: Steps

    @property
    def leading(self) -> int:
        """Column of ``answers`` that is highest at the end."""
        return int(self.answers[-1].argmax())

    def __str__(self) -> str:
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
        """Draw the answer along the steps, above a map of the units; a series is on top."""
        heights = [1.4, float(np.clip(0.14 * self.states.shape[1], 0.8, 3.0))]
        if isinstance(self.steps, SeriesSteps):
            heights.insert(0, 1.0)
        with figure_style():
            figure = new_figure(1.7 + sum(heights), self.message(), self.steps.width)
            panels = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
            if isinstance(self.steps, SeriesSteps):
                self.steps.draw(panels[0])
            self._draw_answers(panels[-2])
            self._draw_states(panels[-1], panels)
            self.steps.label_axis(panels[-1], self.table["change"].abs().to_numpy())
        return figure

    def message(self) -> str:
        """Return what the figure says."""
        step = int(self.table["change"].abs().argmax())
        change = self.table["change"][step]
        name = short(self.names[self.leading], 24)
        of = "the prediction" if name == "prediction" else f"the probability of {name}"
        return f"{self.steps.titled(step)} moves {of} most, by {change:+.3g}"

    def _draw_answers(self, axes: Axes) -> None:
        steps = np.arange(len(self.answers))
        # The others are those that came closest to leading at any step.
        peaks = self.answers.max(0)
        peaks[self.leading] = np.inf
        shown = np.argsort(-peaks, kind="stable")[: 1 if len(self.names) == 2 else MOST_SHOWN]
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
        if len(shown) > 1:
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=MOST_SHOWN, borderpad=0)
        step = int(self.table["change"].abs().argmax())
        axes.plot(step, self.answers[step, self.leading], "o", ms=9, mfc="none", mec=INK, mew=1.4)
        if self.names == ["prediction"]:
            axes.set_ylabel("prediction")
        else:
            axes.set_ylim(0, 1)
            alone = f"\nof {short(self.names[shown[0]], 14)}" if len(shown) == 1 else ""
            axes.set_ylabel(f"probability{alone}\nafter each {self.steps.words.step}")
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


def hidden_states(model: SequenceEstimator, sequence: Any) -> HiddenStates:
    """Follow a network through a text or series: its states, and its answer after each step.

    The answer after t steps is that to the first t tokens of the text, or steps of the series,
    read anew: also where the network reads backwards, or pools over all its states.

    Parameters
    ----------
    model : TextClassifier, TextRegressor, SeriesClassifier or SeriesRegressor
        Fitted on one text or series a row, with any encoder.
    sequence : str or Tokens of one text, or array of shape (channels, time) or (time,)

    Returns
    -------
    HiddenStates

    Raises
    ------
    ValueError
        If there are no steps, or the model is not fitted or reads pairs.

    Examples
    --------
    >>> from textseq import TextClassifier
    >>> texts, labels = ["so good", "so bad"] * 20, ["pos", "neg"] * 20
    >>> model = TextClassifier(encoder="gru", hidden_size=4, random_state=0).fit(texts, labels)
    >>> found = hidden_states(model, "so very good")
    >>> found.table[["step", "token", "known"]]
       step token  known
    0     1    so   True
    1     2  very  False
    2     3  good   True
    >>> found.states.shape
    (3, 4)
    """
    reading = read_one(first_member(model), sequence)
    # A row without a step comes first: the answer before anything is read.
    steps = prefixes(len(reading))
    from_nothing = Ragged(steps.values, np.concatenate([[0], steps.offsets]))
    found = model.answers(reading.logits(from_nothing))
    after, names = found[1:], answer_names(model)
    leading = int(after[-1].argmax())
    columns = names if names == ["prediction"] else [f"p({name})" for name in names]
    table = reading.steps.table().join(pd.DataFrame(after, columns=columns))
    table["change"] = np.diff(found[:, leading])
    still = STILL * (model.scale_ if names == ["prediction"] else 1.0)
    verdict = _verdict(table, after, names, still, reading.steps) + reading.steps.remarks()
    return HiddenStates(table, verdict, _states(reading, steps), after, names, reading.steps)


def _states(reading: Reading, steps: Ragged) -> np.ndarray:
    network = reading.network
    if isinstance(network.encoder, Bag):
        return reading.document_vectors(steps)
    with ThreadTeam(1), torch.no_grad():
        states = network.states(reading.vectors[None], torch.tensor([len(reading)]))
    return states[0].numpy()


def _verdict(
    table: pd.DataFrame, after: np.ndarray, names: list[str], still: float, steps: Steps
) -> str:
    leading = int(after[-1].argmax())
    what = "the prediction is" if names == ["prediction"] else f"{names[leading]} has probability"
    end = f"at the end {what} {after[-1, leading]:.3g}"
    step = int(table["change"].abs().argmax())
    change = table["change"][step]
    if abs(change) < still:
        return (
            f"{end}, as before the first {steps.words.step}: the network answers without regard "
            f"to this {steps.words.one}; see whether its score is above that of the majority class"
        )
    moved = f"{steps.called(step)} moved it most, by {change:+.3g}"
    if not step:
        moved += f" against an empty {steps.words.one}"
    if len(names) == 1:
        return f"{end}; {moved}"
    behind = np.flatnonzero(after.argmax(1) != leading)
    since = int(behind[-1]) + 2 if len(behind) else 1
    return f"{end} and leads since step {since} of {len(after)}; {moved}"
