"""What each token says for an answer: left out of the text, and by integrated gradients."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from textseq.estimators.text_estimator import TextEstimator
from textseq.figures import ACCENT, INK, MUTED, PAPER, SECOND, bare, figure_style, new_figure, short
from textseq.inspection.integrated_gradients import integrated_gradients
from textseq.inspection.reading import answer_names, read_text
from textseq.inspection.result import Inspection
from textseq.inspection.token_labels import UNKNOWN_NOTE, token_label
from textseq.ragged import Ragged, offsets_of
from textseq.text.tokens import Tokens
from textseq.training.threads import ThreadTeam

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TOLERANCE = 1e-3
"""Largest completeness gap, as a share of the change explained or of 1, whichever is more."""
# Correlation from which the two attributions are said to agree.
AGREEING = 0.5
# What is less than this is rounding.
NOTHING = 1e-9
# Longest text drawn as a bar a token; tokens of a longer one that are drawn at most.
MOST_BARS, MOST_DRAWN = 40, 400
# Characters on a line of a text drawn in lines, and inches of one.
LINE_LENGTH, CHARACTER = 100, 0.067
# Share of the longest bar below which none is drawn.
LEAST_BAR = 0.04


@dataclass(frozen=True, eq=False)
class Explanation(Inspection):
    """How much each token of a text says for an answer.

    Attributions are in log-odds of the class or label (in the target's units for a
    regressor). Above 0, a token speaks for the answer; below 0, against it.

    Parameters
    ----------
    table : DataFrame
        One row a token: ``step``, ``token``, ``known`` (to the vocabulary); ``occlusion``,
        what the answer loses when the token is left out; ``integrated_gradients``, the
        token's share of the way from a text of zero vectors to this one.
    verdict : str
    target : str
        The class or label explained, or "prediction".
    answer : float
        Its probability, or the predicted number.
    output, baseline : float
        Its log-odds (or the number) for the text, and for a text of zero vectors.
    completeness_gap : float
        Sum of the integrated gradients less ``output - baseline``: 0 but for the sum that
        stands for their integral.
    n_points : int
        Terms of that sum.
    """

    target: str
    answer: float
    output: float
    baseline: float
    completeness_gap: float
    n_points: int

    def plot(self) -> Figure:
        """Draw a bar a token; a text of over 40 tokens as lines of text with bars on them."""
        with figure_style():
            return self._bars() if len(self.table) <= MOST_BARS else self._lines()

    def _message(self) -> str:
        step = int(self.table["occlusion"].abs().argmax())
        token = token_label(self.table["token"][step])
        side = "for" if self.table["occlusion"][step] >= 0 else "against"
        end = f"which the model gives {self.answer:.2f}"
        if self.target == "prediction":
            verb = "raises" if side == "for" else "lowers"
            return f"“{token}” {verb} the prediction most, which is {self.answer:.3g}"
        return f"“{token}” says most {side} {short(self.target, 24)}, {end}"

    @property
    def _sides(self) -> tuple[str, str]:
        if self.target == "prediction":
            return "lowers it", "raises it"
        return f"against {short(self.target, 16)}", f"for {short(self.target, 16)}"

    def _bars(self) -> Figure:
        places = np.arange(len(self.table))
        left_out = self.table["occlusion"].to_numpy()
        figure = new_figure(1.35 + 0.2 * len(places), self._message())
        axes = figure.add_subplot()
        faces = [ACCENT if value > 0 else PAPER for value in left_out]
        axes.barh(places, left_out, 0.62, color=faces, edgecolor=ACCENT, label="left out")
        axes.plot(
            self.table["integrated_gradients"],
            places,
            "D",
            ms=4.5,
            mfc=SECOND,
            mec=INK,
            mew=0.7,
            label="integrated gradients",
        )
        axes.axvline(0, color=INK, lw=0.8)
        axes.set_yticks(places, list(map(token_label, self.table["token"], self.table["known"])))
        axes.set_ylim(len(places) - 0.4, -0.6)
        against, speaking = self._sides
        unit = "" if self.target == "prediction" else "log-odds   "
        note = "" if self.table["known"].all() else f"\n{UNKNOWN_NOTE}"
        axes.set_xlabel(f"◂ {against}   {unit}{speaking} ▸{note}")
        axes.margins(x=0.06)
        axes.locator_params(axis="x", nbins=6)
        axes.grid(axis="x")
        bare(axes, "left", "bottom")
        handles, labels = axes.get_legend_handles_labels()
        axes.legend(handles, labels, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)
        return figure

    def _lines(self) -> Figure:
        first = _most_telling(self.table["occlusion"].abs().to_numpy())
        shown = self.table.iloc[first : first + MOST_DRAWN]
        tokens = list(map(token_label, shown["token"], shown["known"]))
        columns, lines = _laid_out([len(token) for token in tokens])
        n_lines = int(lines[-1]) + 1
        largest = float(shown["occlusion"].abs().max()) or 1.0
        shares = shown["occlusion"].to_numpy() / largest
        shares = np.where(np.abs(shares) < LEAST_BAR, np.nan, shares)
        figure = new_figure(1.0 + 0.42 * n_lines, self._message(), LINE_LENGTH * CHARACTER + 0.2)
        axes = figure.add_subplot()
        widths = np.array([len(token) for token in tokens], dtype=float)
        # A token stands in the middle of its line, 1 high: bars go up or down from its edges.
        up = shares > 0
        axes.bar(columns, -0.3 * shares, widths, lines - 0.2 * np.where(up, 1, -1), align="edge",
                 color=np.where(up, ACCENT, PAPER), edgecolor=ACCENT, lw=0.8)  # fmt: skip
        for token, column, line, share in zip(tokens, columns, lines, shares, strict=True):
            axes.text(column, line, token, va="center", fontsize=8,
                      color=INK if abs(share) > 0.25 else MUTED,
                      family=["DejaVu Sans Mono", "DejaVu Sans"])  # fmt: skip
        axes.set_xlim(0, LINE_LENGTH)
        axes.set_ylim(n_lines - 0.4, -0.6)
        axes.set_xticks([])
        axes.set_yticks([])
        bare(axes, "left", "bottom")
        axes.set_xlabel(self._legend(largest, first, len(shown)), loc="left")
        return figure

    def _legend(self, largest: float, first: int, n_shown: int) -> str:
        against, speaking = self._sides
        unit = "" if self.target == "prediction" else " log-odds"
        legend = (
            f"filled bar above: {speaking}; hollow bar below: {against}, by what is lost\n"
            f"when the token is left out (the longest bar: {largest:.2g}{unit})"
        )
        if n_shown < len(self.table):
            legend += f"; tokens {first + 1} to {first + n_shown} of {len(self.table)}"
        return legend if self.table["known"].all() else f"{legend}\n{UNKNOWN_NOTE}"


def explain(model: TextEstimator, text: str | Tokens, target: Any = None) -> Explanation:
    """Attribute a model's answer to the tokens of the text, in two ways.

    Occlusion leaves each token out, so that the text closes up behind it, and takes the
    change of the answer. Integrated gradients follow the answer from a text of zero vectors
    to this one and deal the change out to the tokens; they must sum to that change, which is
    checked. Where the two differ, tokens act together, and no figure for one tells the whole.

    Parameters
    ----------
    model : TextClassifier or TextRegressor
        Fitted on one text a row, with any encoder.
    text : str or Tokens of one text
    target : label, optional
        Class or label to explain; the most probable one by default.

    Returns
    -------
    Explanation

    Raises
    ------
    ValueError
        If the text has no tokens, ``target`` is not among the classes, or the model is not
        fitted or reads pairs.

    Warns
    -----
    UserWarning
        If the integrated gradients don't sum to the change they explain.

    References
    ----------
    Occlusion: Li, Monroe & Jurafsky (2016), "Understanding Neural Networks through
    Representation Erasure", equation 1. Integrated gradients: Sundararajan, Taly & Yan (2017),
    "Axiomatic Attribution for Deep Networks", equation 1 and proposition 1, with the integral
    by Gauss and Legendre's rule.

    Examples
    --------
    >>> from textseq import TextClassifier
    >>> texts, labels = ["so good", "so bad"] * 20, ["pos", "neg"] * 20
    >>> model = TextClassifier(encoder="mean", random_state=0).fit(texts, labels)
    >>> found = explain(model, "so good", target="pos")
    >>> int(found.table["occlusion"].argmax()), bool(abs(found.completeness_gap) < 1e-3)
    (1, True)
    """
    reading = read_text(model, text)
    n_steps = len(reading)
    whole = Ragged(np.arange(n_steps), offsets_of(np.array([n_steps])))
    logits = reading.logits(whole)
    column = _column(model, target, logits[0])
    value = _value_of(model, column)
    output = float(value(torch.from_numpy(logits)))
    without = value(torch.from_numpy(reading.logits(_all_but_one(n_steps))))
    network = reading.network

    def along_path(x: Tensor) -> Tensor:
        return value(network.head(network.read(x, torch.full((len(x),), n_steps))))

    with torch.no_grad():
        baseline = float(along_path(torch.zeros_like(reading.vectors)[None]))
    unit = model.scale_ if _is_number(model) else 1.0
    allowed = TOLERANCE * max(unit, abs(output - baseline))
    with ThreadTeam(reading.n_threads) as team:
        gradients, n_points = integrated_gradients(along_path, reading.vectors, allowed, team)
    gap = float(gradients.sum()) - (output - baseline)
    table = pd.DataFrame(
        {
            "step": np.arange(1, n_steps + 1),
            "token": reading.tokens.flat.to_list(),
            "known": reading.known,
            "occlusion": output - without.numpy(),
            "integrated_gradients": gradients,
        }
    )
    name, answer = answer_names(model)[column], float(model._answers(logits)[0, column])
    verdict = _verdict(table, name, answer) + reading.remarks()
    if abs(gap) > allowed:
        warnings.warn(
            f"the integrated gradients sum to {gradients.sum():.4g} instead of "
            f"{output - baseline:.4g} after {n_points} points: the answer jumps on the way "
            "from a text of zeros; go by the column occlusion",
            stacklevel=2,
        )
        verdict += "; integrated gradients are incomplete: go by the column occlusion"
    return Explanation(table, verdict, name, answer, output, baseline, gap, n_points)


def _is_number(model: TextEstimator) -> bool:
    return model._target_kind()[0] == "number"


def _column(model: TextEstimator, target: Any, logits: np.ndarray) -> int:
    """Return the output that ``target`` names; the highest if it is None."""
    if target is None:
        return int(logits.argmax())
    if _is_number(model):
        raise ValueError(f"target={target!r}, but a regressor has one answer; leave target=None")
    classes = model.classes_.tolist()
    if target not in classes:
        known = ", ".join(map(repr, classes[:10])) + (", ..." if len(classes) > 10 else "")
        raise ValueError(f"target={target!r} is not among the classes; choose from {known}")
    return int(classes.index(target))


def _value_of(model: TextEstimator, column: int) -> Callable[[Tensor], Tensor]:
    """Return what turns outputs (B, n_outputs) into the number explained (B,)."""
    kind, n_outputs = model._target_kind()
    if kind == "number":
        return lambda logits: logits[:, 0] * model.scale_ + model.mean_
    if kind == "labels":
        return lambda logits: logits[:, column]
    others = [place for place in range(n_outputs) if place != column]
    return lambda logits: logits[:, column] - logits[:, others].logsumexp(1)


def _all_but_one(n_steps: int) -> Ragged:
    """Return, for every step, the numbers of all others."""
    steps = np.broadcast_to(np.arange(n_steps), (n_steps, n_steps))
    others = steps[~np.eye(n_steps, dtype=bool)]
    return Ragged(others, offsets_of(np.full(n_steps, n_steps - 1)))


def _verdict(table: pd.DataFrame, name: str, answer: float) -> str:
    left_out, gradients = table["occlusion"], table["integrated_gradients"]

    number = name == "prediction"
    unit = "" if number else " log-odds"

    def called(step: int) -> str:
        return f"{table['token'][step]!r} (step {step + 1}, {left_out[step]:+.2g}{unit})"

    verdict = (
        f"the prediction is {answer:.4g}" if number else f"{name} has probability {answer:.3g}"
    )
    verdict += ", by occlusion"
    if left_out.max() > NOTHING:
        verdict += f" {'raised' if number else 'supported'} most by {called(left_out.argmax())}"
    if left_out.min() < -NOTHING:
        joint = " and" if left_out.max() > NOTHING else ""
        verdict += (
            f"{joint} {'lowered' if number else 'opposed'} most by {called(left_out.argmin())}"
        )
    if left_out.abs().max() <= NOTHING:
        verdict += " moved by no token"
    if len(table) < 3 or min(left_out.std(), gradients.std()) <= NOTHING:
        return verdict
    correlation = float(np.corrcoef(left_out, gradients)[0, 1])
    if correlation >= AGREEING:
        return f"{verdict}; integrated gradients agree (correlation {correlation:.2f})"
    strongest = table["token"][gradients.abs().argmax()]
    return (
        f"{verdict}; integrated gradients do not agree (correlation {correlation:.2f}, their "
        f"strongest is {strongest!r}): tokens act together, so leave out several at a time"
    )


def _most_telling(strengths: np.ndarray) -> int:
    """Return where the stretch of ``MOST_DRAWN`` tokens starts that says most."""
    total = np.concatenate([[0.0], np.cumsum(strengths)])
    width = min(MOST_DRAWN, len(strengths))
    return int((total[width:] - total[:-width]).argmax())


def _laid_out(widths: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the column and line of each token, lines being ``LINE_LENGTH`` characters."""
    columns, lines = [], []
    column = line = 0
    for width in widths:
        if column + width > LINE_LENGTH:
            column, line = 0, line + 1
        columns.append(column)
        lines.append(line)
        column += width + 1
    return np.array(columns), np.array(lines)
