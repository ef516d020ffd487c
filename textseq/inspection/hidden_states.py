"""What a network believes as it reads: its hidden states, and its answer after each token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch

from textseq.estimators.text_estimator import TextEstimator
from textseq.figures import ACCENT, INK, MUTED, SECOND, bare, figure_style, new_figure, short
from textseq.inspection.reading import Reading, answer_names, prefixes, read_text
from textseq.inspection.result import Inspection
from textseq.inspection.token_labels import figure_width, label_tokens, token_label
from textseq.nn.bags import Bag
from textseq.ragged import Ragged
from textseq.text.tokens import Tokens

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Classes that get a line in the figure and a column in print.
MOST_SHOWN = 3
# A change of the answer below this, in probability or the targets' spread, is none.
STILL = 0.005
# From negative to positive ever brighter, so that the map reads the same in grey.
MAP_COLORS = ("#0b2f5b", "#a3adb7", "#fff1cf")


@dataclass(frozen=True, eq=False, repr=False)
class HiddenStates(Inspection):
    """A network's states and answers as it reads one text.

    Parameters
    ----------
    table : DataFrame
        One row a token: ``step``, ``token``, ``known`` (to the vocabulary); for each class
        ``p(class)``, its probability after reading up to here (``prediction`` for a
        regressor); ``change``, what the token did to the answer that leads at the end, the
        first against an empty text.
    verdict : str
    states : ndarray of shape (T, H)
        Of the last layer, both directions side by side; for the mean and the max encoder,
        the mean or maximum so far.
    answers : ndarray of shape (T, n_outputs)
        The table's probabilities or predictions.
    names : list of n_outputs str
        What they are of.
    """

    states: np.ndarray
    answers: np.ndarray
    names: list[str]

    @property
    def leading(self) -> int:
        """Column of ``answers`` that is highest at the end."""
        return int(self.answers[-1].argmax())

    def __str__(self) -> str:
        columns = self.table.columns
        likely = sorted(3 + np.argsort(-self.answers[-1], kind="stable")[:MOST_SHOWN])
        rows = self.table.to_string(
            columns=[*columns[:3], *columns[likely], columns[-1]],
            index=False,
            max_rows=12,
            float_format="{:.4g}".format,
        )
        return f"{self.verdict}\n\n{rows}"

    __repr__ = __str__

    def plot(self) -> Figure:
        """Draw the answer along the text, above a map of the units."""
        heights = (1.4, float(np.clip(0.14 * self.states.shape[1], 0.8, 3.0)))
        with figure_style():
            figure = new_figure(1.7 + sum(heights), self._message(), figure_width(len(self.table)))
            above, below = figure.subplots(2, 1, sharex=True, height_ratios=heights)
            self._draw_answers(above)
            self._draw_states(below, above)
            label_tokens(below, self.table, self.table["change"].abs().to_numpy())
        return figure

    def _message(self) -> str:
        step = int(self.table["change"].abs().argmax())
        change = self.table["change"][step]
        token = token_label(self.table["token"][step])
        name = short(self.names[self.leading], 24)
        of = "the prediction" if name == "prediction" else f"the probability of {name}"
        return f"“{token}” moves {of} most, by {change:+.3g}"

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
            alone = f" of {short(self.names[shown[0]], 14)}" if len(shown) == 1 else ""
            axes.set_ylabel(f"probability{alone}\nafter each token")
        axes.tick_params(axis="x", length=0, labelbottom=False)
        axes.tick_params(axis="y", labelcolor=MUTED)
        axes.grid(axis="y")
        bare(axes, "left", "bottom")

    def _draw_states(self, axes: Axes, above: Axes) -> None:
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
            image, ax=[above, axes], shrink=0.4, anchor=(0, 0), aspect=12, extend="both"
        )
        bar.outline.set_visible(False)
        bar.set_label("state")

    def _units_by_answer(self) -> np.ndarray:
        """Order units by how they go with the leading answer, those that rise with it first."""
        answer = self.answers[:, self.leading]
        together = (answer - answer.mean()) @ self.states
        # A single step tells nothing of rising: units then go by their states.
        return np.lexsort((-self.states[-1], -together))


def hidden_states(model: TextEstimator, text: str | Tokens) -> HiddenStates:
    """Follow a network through a text: its states, and what it would answer after each token.

    The answer after t tokens is that to the text's first t tokens, read anew: also where the
    network reads backwards, or pools over all its states.

    Parameters
    ----------
    model : TextClassifier or TextRegressor
        Fitted on one text a row, with any encoder.
    text : str or Tokens of one text

    Returns
    -------
    HiddenStates

    Raises
    ------
    ValueError
        If the text has no tokens, or the model is not fitted or reads pairs.

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
    reading = read_text(model, text)
    # A row without a step comes first: the answer before anything is read.
    steps = prefixes(len(reading))
    from_nothing = Ragged(steps.values, np.concatenate([[0], steps.offsets]))
    found = model._answers(reading.logits(from_nothing))
    after, names = found[1:], answer_names(model)
    leading = int(after[-1].argmax())
    columns = names if names == ["prediction"] else [f"p({name})" for name in names]
    tokens = reading.tokens.flat.to_list()
    start = pd.DataFrame(
        {"step": np.arange(1, len(tokens) + 1), "token": tokens, "known": reading.known}
    )
    table = pd.concat([start, pd.DataFrame(after, columns=columns)], axis=1)
    table["change"] = np.diff(found[:, leading])
    still = STILL * (model.scale_ if names == ["prediction"] else 1.0)
    verdict = _verdict(table, after, names, still) + reading.remarks()
    return HiddenStates(table, verdict, _states(reading, steps), after, names)


def _states(reading: Reading, steps: Ragged) -> np.ndarray:
    network = reading.network
    if isinstance(network.encoder, Bag):
        return reading.document_vectors(steps)
    with torch.no_grad():
        states = network.states(reading.vectors[None], torch.tensor([len(reading)]))
    return states[0].numpy()


def _verdict(table: pd.DataFrame, after: np.ndarray, names: list[str], still: float) -> str:
    leading = int(after[-1].argmax())
    what = "the prediction is" if names == ["prediction"] else f"{names[leading]} has probability"
    end = f"at the end {what} {after[-1, leading]:.3g}"
    step = int(table["change"].abs().argmax())
    change = table["change"][step]
    if abs(change) < still:
        return (
            f"{end}, as before the first token: the network answers without regard to this text; "
            "see whether its score is above that of the majority class"
        )
    moved = f"{table['token'][step]!r} (step {step + 1}) moved it most, by {change:+.3g}"
    if not step:
        moved += " against an empty text"
    if len(names) == 1:
        return f"{end}; {moved}"
    behind = np.flatnonzero(after.argmax(1) != leading)
    since = int(behind[-1]) + 2 if len(behind) else 1
    return f"{end} and leads since step {since} of {len(after)}; {moved}"
