"""A comparison put in words: its verdict in plain sentences, its numbers in short."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from textseq.comparison.statistics import SIGNIFICANCE, t_interval

if TYPE_CHECKING:
    from textseq.comparison.scores.result import ComparedModel, Comparison


# What rows are called, one and several.
UNITS = {"text": "texts", "series": "series"}

_METRICS = {
    "r2": "R²",
    "roc_auc": "AUC",
    "f1": "F1",
    "f1_macro": "macro F1",
    "f1_micro": "micro F1",
    "f1_weighted": "weighted F1",
    "f1_samples": "F1 of each row",
}


class Named(Protocol):
    """A model of a comparison."""

    @property
    def name(self) -> str:
        """What the pairs call it."""


class Paired(Protocol):
    """A comparison whose models were tested pair by pair."""

    @property
    def pairs(self) -> pd.DataFrame:
        """One row a pair."""


def headline(comparison: Comparison) -> tuple[str, ...]:
    """Say in one to three sentences which model wins, and how sure that is.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    tuple of str
        The winner and what it is not shown to beat; then how the best cheap
        baseline fares; then, where it applies, that one seed is too few.
    """
    ranked = ranking(comparison)
    best, others = ranked[0], ranked[1:]
    score = f"{metric_text(comparison.metric)} {score_text(best.scores)}"
    tied = [model.name for model in others if not differs(comparison, best, model)]
    if not others:
        first = f"{best.name} reaches {score}; there is no other model to hold it against."
    elif not tied:
        first = f"{best.name} is best: {score}, above every other model beyond noise."
    elif len(tied) == len(others) > 1:
        first = f"No model stands out: {best.name} scores highest ({score}), but within noise."
    else:
        lead = f"its lead over {listed(tied)} is within noise"
        first = f"{best.name} scores highest ({score}), but {lead}."
    sentences = [first, _cheap(comparison, ranked)]
    if any(model.kind == "network" for model in ranked) and comparison.n_seeds < 2:
        sentences.append("One seed cannot tell luck from skill; compare over three or more.")
    return tuple(sentence for sentence in sentences if sentence)


def ranking(comparison: Comparison) -> list[ComparedModel]:
    """Return the models, highest mean score first."""
    return sorted(comparison.models, key=lambda model: -float(np.mean(model.scores)))


def pair_of(comparison: Paired, one: Named, other: Named) -> pd.Series:
    """Return the row of ``pairs`` that tests ``one`` minus ``other``, turned if need be."""
    pairs = comparison.pairs
    row = pairs[(pairs["first"] == one.name) & (pairs["second"] == other.name)]
    if len(row):
        return row.iloc[0]
    row = pairs[(pairs["first"] == other.name) & (pairs["second"] == one.name)]
    if not len(row):
        raise ValueError(f"the comparison's pairs have no test of {one.name!r} and {other.name!r}")
    turned = row.iloc[0].copy()
    turned["first"], turned["second"] = one.name, other.name
    turned["difference"] = -turned["difference"]
    turned["low"], turned["high"] = -turned["high"], -turned["low"]
    return turned


def differs(comparison: Paired, one: Named, other: Named) -> bool:
    """Tell whether the test of two models shows a difference."""
    return bool(pair_of(comparison, one, other)["p_adjusted"] < SIGNIFICANCE)


def metric_text(metric: str) -> str:
    """Write a metric's name as it reads in a sentence.

    Examples
    --------
    >>> [metric_text(name) for name in ("r2", "f1_macro", "balanced_accuracy", "neg_log_loss")]
    ['R²', 'macro F1', 'balanced accuracy', 'negative log loss']
    """
    if metric in _METRICS:
        return _METRICS[metric]
    return metric.replace("neg_", "negative ", 1).replace("_", " ")


def score_text(scores: np.ndarray) -> str:
    """Write a mean score with its interval over seeds, as in ``0.843 ± 0.006``."""
    mean, half_width = t_interval(scores)
    if math.isnan(mean):
        return "–"
    return f"{mean:.3f}" if math.isnan(half_width) else f"{mean:.3f} ± {half_width:.3f}"


def seconds_text(seconds: float) -> str:
    """Write a duration in the unit that suits it.

    Examples
    --------
    >>> [seconds_text(s) for s in (0.004, 0.93, 34.9, 222, 9000)]
    ['4 ms', '0.93 s', '35 s', '3.7 min', '2.5 h']
    """
    for unit, size, limit in (("ms", 1e-3, 0.1), ("s", 1, 120), ("min", 60, 7200)):
        if seconds < limit:
            return f"{_two_digits(seconds / size)} {unit}"
    return f"{_two_digits(seconds / 3600)} h"


def count_text(count: int | None) -> str:
    """Write a large number short.

    Examples
    --------
    >>> [count_text(n) for n in (None, 980, 21_410, 1_440_386)]
    ['–', '980', '21 k', '1.4 M']
    """
    if count is None:
        return "–"
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if count >= size:
            return f"{_two_digits(count / size)} {unit}"
    return str(count)


def p_text(p_value: float) -> str:
    """Write a p-value with as many digits as mean something."""
    if p_value < 0.001:
        return "< 0.001"
    return f"{p_value:.3f}" if p_value < 0.1 else f"{p_value:.2f}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Join names, leaving out what passes ``most``.

    Examples
    --------
    >>> listed(["mean", "lstm", "gru"]), listed(["mean", "rnn", "lstm", "gru", "tcn"])
    ('mean, lstm and gru', 'mean, rnn, lstm and 2 more')
    """
    shown = list(names[:most])
    if len(names) > most:
        shown.append(f"{len(names) - most} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _cheap(comparison: Comparison, ranked: list[ComparedModel]) -> str:
    """Say how the best baseline fares against the best of the rest."""
    baseline = next((model for model in ranked if model.kind == "baseline"), None)
    rest = next((model for model in ranked if model.kind != "baseline"), None)
    if baseline is None or rest is None:
        return ""
    cheap, dear = seconds_text(baseline.fit_seconds.mean()), seconds_text(rest.fit_seconds.mean())
    times = f"training in {cheap} instead of {dear}"
    reached = f"{float(baseline.scores.mean()):.3f}"
    pair = pair_of(comparison, rest, baseline)
    if ranked[0] is baseline:
        return f"Nothing beats that cheap baseline; the next best, {rest.name}, takes {dear}."
    if pair["p_adjusted"] >= SIGNIFICANCE:
        return (
            f"The cheap baseline {baseline.name} ({reached}) is as good as far as "
            f"{len(comparison.texts):,} test {comparison.units} can tell, {times}."
        )
    return (
        f"The best cheap baseline, {baseline.name}, reaches {reached}, "
        f"{abs(pair['difference']):.3f} less "
        f"(95 % interval {pair['low']:.3f} to {pair['high']:.3f}), {times}."
    )


def _two_digits(value: float) -> str:
    digits = 0 if value >= 9.95 or value == 0 else 1 if value >= 0.995 else 2
    text = f"{value:.{digits}f}"
    return text.removesuffix(".0")
