"""What each step says for an answer: left out of its row, and by integrated gradients."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.figures import figure_style, short
from textseq.inspection.attribution_figures import token_bars, token_lines
from textseq.inspection.integrated_gradients import integrated_gradients
from textseq.inspection.reading import Reading, answer_names, read_one
from textseq.inspection.result import Inspection
from textseq.inspection.series_figures import series_attributions
from textseq.inspection.steps import SeriesSteps, Steps
from textseq.inspection.wide_reading import WideReading
from textseq.message_language import number_of
from textseq.ragged import Ragged, offsets_of
from textseq.training.threads import ThreadTeam

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TOLERANCE = 1e-3
"""Largest completeness gap, as a share of the change explained or of 1, whichever is more."""
# Concordance from which the two attributions are said to agree.
AGREEING = 0.5
# Times that a row is read with something left out.
MOST_LEFT_OUT = 400
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
        The class or label explained, or "prediction".
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

    def plot(self) -> Figure:
        """Draw bars: of a text beside its tokens, from 41 on over them; of a series below it."""
        message, sides = self.message(), self._sides
        unit = "" if self.target == "prediction" else "log-odds"
        with figure_style():
            if isinstance(self.steps, SeriesSteps):
                return series_attributions(self.table, self.steps, message, sides, unit)
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
        return f"{name} says most {side} {short(self.target, 24)}, {end}"

    @property
    def _sides(self) -> tuple[str, str]:
        if self.target == "prediction":
            return "lowers it", "raises it"
        return f"against {short(self.target, 16)}", f"for {short(self.target, 16)}"


def explain(model: SequenceEstimator, sequence: Any, target: Any = None) -> Explanation:
    """Attribute a model's answer to the steps of a text or series, in two ways.

    Occlusion leaves each step out and takes the change of the answer, so that the others keep
    the weight that they have: a text closes up behind a token; but where the network averages
    (``encoder="mean"``, ``pooling="mean"``, ``"attention"`` or ``"concat"``) a vector of zeros
    stands in its place, as a mean of fewer tokens would weigh each of them more; and a step of
    a series is read as if its values were missing. Integrated
    gradients follow the answer from inputs of zero (a text of zero vectors, a series that
    stays at its channels' means) to these and deal the change out to the steps, and to each
    channel of a series, and from columns of an average row to those beside the text; they must
    sum to that change, which is checked. Where the two differ,
    steps act together, and no figure for one tells the whole. The row is read as many times as
    it has steps, so that twice the steps take four times as long; of more than 400 steps several
    that stand together are left out at a time, and each has its share of what the answer loses.

    Parameters
    ----------
    model : TextClassifier, TextRegressor, SeriesClassifier or SeriesRegressor
        Fitted on one text or series a row, with any encoder.
    sequence : str or Tokens of one text, or array of shape (channels, time) or (time,)
        Of a model that reads columns beside texts a frame of one row.
    target : label, optional
        Class or label to explain; the most probable one by default.

    Returns
    -------
    Explanation

    Raises
    ------
    ValueError
        If there are no steps, ``target`` is not among the classes, or the model is not
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
    reading = read_one(model, sequence)
    steps, n_steps = reading.steps, len(reading)
    all_steps = Ragged(np.arange(n_steps), offsets_of(np.array([n_steps])))
    logits = reading.logits(all_steps, to_the_end=True)  # (1, outputs)
    column = _column(model, target, logits[0])
    value = _value_of(model, column)
    stretch = -(-n_steps // MOST_LEFT_OUT)
    without_each = reading.logits(reading.without_each(stretch), to_the_end=True)  # (P, outputs)
    vectors = reading.inputs  # (T, D)
    dim = vectors.shape[1]
    # What the steps' n-grams add to the outputs (T, K) lies beside what the network reads (T, D).
    wide = reading.wide
    by_step, rest = (np.empty((n_steps, 0)), None) if wide is None else wide.contributions()
    with ThreadTeam(1):
        inputs = torch.cat([vectors, torch.from_numpy(by_step)], dim=1)
        n_columns = 0 if reading.columns is None else len(reading.columns)
        if reading.columns is not None:  # as steps below the text's own
            width = inputs.shape[1]
            padded = torch.cat([reading.columns, torch.zeros(-n_columns % width).double()])
            inputs = torch.cat([inputs, padded.view(-1, width)])

    def along_path(x: Tensor) -> Tensor:
        steps, columns = x[:, :n_steps], x[:, n_steps:].flatten(1)[:, :n_columns]
        outputs = reading.outputs_of_inputs(steps[..., :dim], columns)
        if rest is not None:
            outputs = outputs + steps[..., dim:].sum(1) + torch.from_numpy(rest)
        return value(outputs)

    with ThreadTeam(1), torch.no_grad():
        output = float(value(torch.from_numpy(logits)))
        baseline = float(along_path(torch.zeros_like(inputs)[None]))
        without = value(torch.from_numpy(without_each))
    # A regressor's answers, and what may be off in them, are in the unit of its targets.
    unit = model.scale_ if _is_number(model) else 1.0
    allowed = TOLERANCE * max(unit, abs(output - baseline))
    with ThreadTeam(reading.n_threads) as team:
        gradients, n_points = integrated_gradients(along_path, inputs, allowed, team)
    # The attributions (T, D) are to sum to the way from the baseline to the output.
    gap = float(gradients.sum()) - (output - baseline)
    sizes = np.bincount(np.arange(n_steps) // stretch)
    left_out = np.repeat((output - without.numpy()) / sizes, sizes)  # (T,)
    # Rounding would otherwise be drawn as an effect, and order the steps that have none.
    left_out[np.abs(left_out) <= ROUNDING * max(unit, abs(output))] = 0.0
    table = steps.table().assign(occlusion=left_out).join(steps.dealt(gradients[:n_steps]))
    name, answer = answer_names(model)[column], float(model.answers(logits)[0, column])
    verdict = _verdict(table, steps, name, answer) + steps.remarks()
    if stretch > 1:
        verdict += f"; {steps.words.step}s were left out {stretch} at a time"
    if abs(gap) > allowed:
        warnings.warn(
            f"the integrated gradients sum to {gradients.sum():.4g} instead of "
            f"{output - baseline:.4g} after {n_points} points: the answer jumps on the way "
            f"from {steps.words.blank}; go by the column occlusion",
            stacklevel=2,
        )
        verdict += "; integrated gradients are incomplete: go by the column occlusion"
    ngrams = None if wide is None else _of_ngrams(wide, logits, value)
    columns = None
    if reading.columns is not None:
        shares = gradients[n_steps:].ravel()[:n_columns]
        columns = _of_columns(model, reading, logits, value, shares)
        verdict += _leading_column(columns)
    return Explanation(
        table,
        verdict,
        name,
        answer,
        output,
        baseline,
        gap,
        n_points,
        steps=steps,
        ngrams=ngrams,
        columns=columns,
    )


def _of_ngrams(
    wide: WideReading, logits: np.ndarray, value: Callable[[Tensor], Tensor]
) -> pd.DataFrame:
    """Return what the answer of the outputs (1, K) loses without each n-gram."""
    names, parts = wide.ngrams()
    with ThreadTeam(1), torch.no_grad():
        lost = value(torch.from_numpy(logits)) - value(torch.from_numpy(logits - parts))
    table = pd.DataFrame({"ngram": names, "attribution": lost.numpy()})
    order = np.argsort(-table["attribution"].abs(), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def _of_columns(
    model: SequenceEstimator,
    reading: Reading,
    logits: np.ndarray,
    value: Callable[[Tensor], Tensor],
    gradients: np.ndarray,
) -> pd.DataFrame:
    """Return what each column says for the answer of the outputs (1, K).

    Parameters
    ----------
    model, reading, logits, value
    gradients : ndarray of shape (F,)
        Integrated gradients of what the head reads of the columns.
    """
    assert reading.columns is not None
    encoding = model.encoding_.beside
    names, owners = list(encoding.kinds), encoding.owners
    n_steps = len(reading)
    whole = Ragged(np.arange(n_steps), offsets_of(np.array([n_steps])))
    with ThreadTeam(1):
        others = torch.from_numpy(owners != np.arange(len(names))[:, None])  # (C, F)
        averages = reading.columns * others
    without, own = reading.outputs(whole, averages), reading.outputs(whole)
    with ThreadTeam(1), torch.no_grad():
        beside = torch.from_numpy(logits) - own  # of a wide path
        lost = value(torch.from_numpy(logits)) - value(without + beside)
    return pd.DataFrame(
        {
            "column": names,
            "value": reading.source.columns.written(0),
            "occlusion": lost.numpy(),
            "integrated_gradients": np.bincount(owners, gradients, minlength=len(names)),
        }
    )


def _leading_column(columns: pd.DataFrame) -> str:
    """Name the column that moves the answer most."""
    leading = columns.iloc[int(columns["occlusion"].abs().argmax())]
    return f"; of the columns {leading['column']!r} moves it most ({leading['occlusion']:+.2g})"


def _is_number(model: SequenceEstimator) -> bool:
    return model.target_kind()[0] == "number"


def _column(model: SequenceEstimator, target: Any, logits: np.ndarray) -> int:
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


def _value_of(model: SequenceEstimator, column: int) -> Callable[[Tensor], Tensor]:
    """Return what turns outputs (B, n_outputs) into the number explained (B,)."""
    kind, n_outputs = model.target_kind()
    if kind == "number":
        return lambda logits: logits[:, 0] * model.scale_ + model.mean_
    if kind == "labels":
        return lambda logits: logits[:, column]
    others = [other for other in range(n_outputs) if other != column]
    return lambda logits: logits[:, column] - logits[:, others].logsumexp(1)


def _verdict(table: pd.DataFrame, steps: Steps, name: str, answer: float) -> str:
    left_out, gradients = table["occlusion"], table["integrated_gradients"]
    number = name == "prediction"
    unit = "" if number else " log-odds"

    def called(step: int) -> str:
        return steps.called(step, f"{left_out[step]:+.2g}{unit}")

    verdict = (
        f"the prediction is {answer:.4g}" if number else f"{name} has probability {answer:.3g}"
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
    concordance = _concordance(left_out.to_numpy(), gradients.to_numpy())
    if concordance >= AGREEING:
        return f"; integrated gradients agree (concordance {concordance:.2f})"
    strongest = steps.named(int(gradients.abs().argmax()))
    return (
        f"; integrated gradients do not agree (concordance {concordance:.2f}, their strongest is "
        f"{strongest}): {steps.words.step}s act together, so leave out several at a time"
    )


def _concordance(one: np.ndarray, other: np.ndarray) -> float:
    """Return Lin's coefficient: 1 for equal numbers, less where they are shifted or scaled.

    Lin (1989), "A Concordance Correlation Coefficient to Evaluate Reproducibility".
    """
    apart = (one.mean() - other.mean()) ** 2
    together = np.mean((one - one.mean()) * (other - other.mean()))
    return float(2 * together / ((one.var() + other.var() + apart) or 1.0))
