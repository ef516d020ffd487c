"""An explanation: what each step says for an answer, as a table, a verdict and a figure."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from textseq.figures import figure_style, short
from textseq.inspection.attribution_figures import token_bars, token_lines
from textseq.inspection.result import Inspection
from textseq.inspection.series_figures import series_attributions, wave_attributions
from textseq.inspection.steps import SeriesSteps, Steps
from textseq.inspection.wave_steps import WaveSteps
from textseq.message_language import number_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TOLERANCE = 1e-3
"""Largest completeness gap, as a share of the change explained or of 1, whichever is more."""
# Times that a row is read with something left out.
MOST_LEFT_OUT = 400
# Concordance from which the two attributions are said to agree.
AGREEING = 0.5
# What is less than this is rounding.
NOTHING = 1e-9
# The same as a share of an answer, in double precision.
ROUNDING = 1e-13
# Longest text drawn as a bar a token.
MOST_BARS = 40
# Share of all attributions from which a channel is named.
LARGE = 0.5


@dataclass(frozen=True, eq=False)
class Explanation(Inspection):
    """How much each step of a text or series says for an answer.

    Attributions are in log-odds of the class or label (in the target's units for a
    regressor). Above 0, a step speaks for the answer; below 0, against it.

    Parameters
    ----------
    table : DataFrame
        One row a step: ``step``; of a text ``token`` and ``known`` (to the vocabulary), of a
        series ``value``; ``occlusion``, what the answer loses when the step is left out;
        ``integrated_gradients``, the step's share of the way from inputs of zero to these.
        Of a series of several channels ``value[0]`` and so on, and beside the step's sum what
        each channel has of it, ``integrated_gradients[0]`` and so on.
    verdict : str
    target : str
        The class, label, tag or token explained, or "prediction".
    answer : float
        Its probability, or the predicted number.
    output, baseline : float
        Its log-odds (or the number) for the row, and for one whose inputs are all 0: a text of
        zero vectors, or a series that stays at its channels' means.
    completeness_gap : float
        Sum of the integrated gradients less ``output - baseline``: 0 but for the sum that
        stands for their integral.
    n_points : int
        Terms of that sum.
    steps : Steps
        What was read.
    ngrams : DataFrame or None
        Of a model with a wide path, the text's n-grams that it knows: ``ngram``, and
        ``attribution``, what the answer loses without what the n-gram adds, the largest first.
    columns : DataFrame or None
        Of a model that reads columns beside the text, a row each: ``column``, ``value`` in words,
        ``occlusion``, what the answer loses when the column is as in an average training row, and
        ``integrated_gradients``, its share of the way from there.
    place : str
        Of a model that answers step by step, which of its answers is explained, in words.
    """

    target: str
    answer: float
    output: float
    baseline: float
    completeness_gap: float
    n_points: int
    steps: Steps
    ngrams: pd.DataFrame | None = None
    columns: pd.DataFrame | None = None
    place: str = ""

    def plot(self) -> Figure:
        """Draw bars: of a text beside its tokens, from 41 on over them; of a series below it."""
        message, sides = self.message(), self._sides
        unit = "" if self.target == "prediction" else "log-odds"
        with figure_style():
            if isinstance(self.steps, SeriesSteps):
                return series_attributions(self.table, self.steps, message, sides, unit)
            if isinstance(self.steps, WaveSteps):
                return wave_attributions(self.table, self.steps, message, sides, unit)
            draw = token_bars if len(self.table) <= MOST_BARS else token_lines
            return draw(self.table, message, sides, unit)

    def message(self) -> str:
        """Return what the figure says."""
        step = int(self.table["occlusion"].abs().argmax())
        name = self.steps.titled(step)
        side = "for" if self.table["occlusion"][step] >= 0 else "against"
        end = f"which the model gives {self.answer:.2f}"
        if self.target == "prediction":
            verb = "raises" if side == "for" else "lowers"
            return f"{name} {verb} the prediction most, which is {self.answer:.3g}"
        return f"{name} says most {side} {short(self.target, 24)}{self.place}, {end}"

    @property
    def _sides(self) -> tuple[str, str]:
        if self.target == "prediction":
            return "lowers it", "raises it"
        return f"against {short(self.target, 16)}", f"for {short(self.target, 16)}"


@dataclass(frozen=True, eq=False)
class Attributions:
    """What explains a number by the steps that were read.

    Parameters
    ----------
    output, baseline : float
        The number for the row, and for one whose inputs are all 0.
    without : ndarray of shape (parts,)
        What it is with ``stretch`` steps left out at a time.
    stretch : int
    gradients : ndarray of shape (T, D)
        Integrated gradients of the steps' inputs.
    beside : float
        Those of all inputs that are no step's.
    n_points : int
    allowed : float
        Largest completeness gap.
    unit : float
        Of the number: what is far less is rounding.
    """

    output: float
    baseline: float
    without: np.ndarray
    stretch: int
    gradients: np.ndarray
    beside: float
    n_points: int
    allowed: float
    unit: float = 1.0

    @property
    def gap(self) -> float:
        """The sum of the integrated gradients less the way from the baseline to the output."""
        return float(self.gradients.sum()) + self.beside - (self.output - self.baseline)

    def table(self, steps: Steps) -> pd.DataFrame:
        """Return what each step says."""
        sizes = np.bincount(np.arange(len(steps)) // self.stretch)
        left_out = np.repeat((self.output - self.without) / sizes, sizes)  # (T,)
        # Rounding would otherwise be drawn as an effect, and order the steps that have none.
        left_out[np.abs(left_out) <= ROUNDING * max(self.unit, abs(self.output))] = 0.0
        return steps.table().assign(occlusion=left_out).join(steps.dealt(self.gradients))

    def remarks(self, steps: Steps) -> str:
        """Say how far the attributions go; warn of integrated gradients that do not sum up."""
        remarks = steps.remarks()
        if self.stretch > 1:
            remarks += f"; {steps.words.step}s were left out {self.stretch} at a time"
        if abs(self.gap) > self.allowed:
            change = self.output - self.baseline
            warnings.warn(
                f"the integrated gradients sum to {change + self.gap:.4g} instead of {change:.4g} "
                f"after {self.n_points} points: the answer jumps on the way from "
                f"{steps.words.blank}; go by the column occlusion",
                stacklevel=3,
            )
            remarks += "; integrated gradients are incomplete: go by the column occlusion"
        return remarks


def verdict_of(table: pd.DataFrame, steps: Steps, name: str, answer: float, place: str = "") -> str:
    """Say which steps support and oppose an answer most."""
    left_out, gradients = table["occlusion"], table["integrated_gradients"]
    number = name == "prediction"
    unit = "" if number else " log-odds"

    def called(step: int) -> str:
        return steps.called(step, f"{left_out[step]:+.2g}{unit}")

    verdict = (
        f"the prediction is {answer:.4g}"
        if number
        else f"{name}{place} has probability {answer:.3g}"
    )
    verdict += ", by occlusion"
    if left_out.max() > NOTHING:
        verdict += (
            f" {'raised' if number else 'supported'} most by {called(int(left_out.argmax()))}"
        )
    if left_out.min() < -NOTHING:
        joint = " and" if left_out.max() > NOTHING else ""
        verdict += (
            f"{joint} {'lowered' if number else 'opposed'} most by {called(int(left_out.argmin()))}"
        )
    if left_out.abs().max() <= NOTHING:
        verdict += f" moved by no {steps.words.step}"
    return verdict + _leading_channel(table, steps) + _agreement(left_out, gradients, steps)


def _leading_channel(table: pd.DataFrame, steps: Steps) -> str:
    """Name the channel that has most of the integrated gradients, if one has."""
    if not isinstance(steps, SeriesSteps) or steps.n_channels == 1:
        return ""
    sizes = table[steps.names("integrated_gradients")].abs().sum().to_numpy()
    share = sizes.max() / (sizes.sum() or 1.0)
    if share < LARGE:
        return ""
    leading = number_of(sizes.argmax())
    return f"; channel {leading} has {100 * share:.0f} % of the integrated gradients"


def _agreement(left_out: pd.Series, gradients: pd.Series, steps: Steps) -> str:
    if len(left_out) < 3 or max(left_out.abs().max(), gradients.abs().max()) <= NOTHING:
        return ""
    found = lin_concordance(left_out.to_numpy(), gradients.to_numpy())
    if found >= AGREEING:
        return f"; integrated gradients agree (concordance {found:.2f})"
    strongest = steps.named(int(gradients.abs().argmax()))
    return (
        f"; integrated gradients do not agree (concordance {found:.2f}, their strongest is "
        f"{strongest}): {steps.words.step}s act together, so leave out several at a time"
    )


def lin_concordance(one: np.ndarray, other: np.ndarray) -> float:
    """Return Lin's coefficient: 1 for equal numbers, less where they are shifted or scaled.

    Lin (1989), "A Concordance Correlation Coefficient to Evaluate Reproducibility".
    """
    apart = (one.mean() - other.mean()) ** 2
    together = np.mean((one - one.mean()) * (other - other.mean()))
    return float(2 * together / ((one.var() + other.var() + apart) or 1.0))
