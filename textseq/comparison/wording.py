"""What the words of all comparisons share: who leads, and numbers in short."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from textseq.comparison.model import Model
from textseq.comparison.result import Result
from textseq.comparison.statistics import SIGNIFICANCE, t_interval
from textseq.figures import short


class Lead(NamedTuple):
    """How a lead is put: where the best lies of the others, and what it does."""

    side: str
    claim: str


def lead_sentence(result: Result[Any], score: str, lead: Lead) -> str:
    """Say which model is best, with its score, and what it is not shown to beat."""
    best, *others = result.ranked
    name = best.display_name
    level = [other.display_name for other in others if not differs(result, best, other)]
    if not others:
        return f"{name} reaches {score}; there is no other model to hold it against."
    if not level:
        return f"{name} is best: {score}, {lead.side} every other model beyond noise."
    if len(level) == len(others) > 1:
        return f"No model stands out: {name} {lead.claim} ({score}), but within noise."
    return f"{name} {lead.claim} ({score}), but its lead over {listed(level)} is within noise."


def lead_message(result: Result[Any], score: str, lead: Lead) -> str:
    """Say it as the title of a figure has room for."""
    best, *others = result.ranked
    name = short(best.display_name)
    level = [short(other.display_name) for other in others if not differs(result, best, other)]
    if not others:
        return f"{name} reaches {score}"
    if not level:
        return f"{name} is {lead.side} every other model"
    if len(level) == len(others):
        return f"No model is shown to be {lead.side} the others"
    return f"{name} {lead.claim}, level with {listed(level)}"


def pair_of(result: Result[Any], one: Model, other: Model) -> pd.Series:
    """Return the row of ``pairs`` that tests ``one`` minus ``other``, turned if need be."""
    pairs = result.pairs
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


def differs(result: Result[Any], one: Model, other: Model) -> bool:
    """Tell whether the test of two models shows a difference."""
    return bool(pair_of(result, one, other)["p_adjusted"] < SIGNIFICANCE)


def score_text(scores: np.ndarray) -> str:
    """Write a mean score with its interval over seeds, as in ``0.843 ± 0.006``."""
    mean, half_width = t_interval(scores)
    if math.isnan(mean):
        return "–"
    digits = score_digits(mean)
    shown = f"{mean:.{digits}f}"
    return shown if math.isnan(half_width) else f"{shown} ± {half_width:.{digits}f}"


def mean_text(scores: np.ndarray) -> str:
    """Write a mean score without its interval."""
    mean = float(scores.mean())
    if math.isnan(mean):
        return "–"
    return f"{mean:.{score_digits(mean)}f}"


def score_digits(score: float) -> int:
    """Return the decimals that a score is shown with: fewer of one from 0 to 100, as BLEU is.

    Examples
    --------
    >>> score_digits(0.843), score_digits(2.104), score_digits(41.32), score_digits(146.2)
    (3, 3, 2, 1)
    """
    return 3 if abs(score) < 10 else 2 if abs(score) < 100 else 1


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


def bytes_text(count: float) -> str:
    """Write a size on disk.

    Examples
    --------
    >>> [bytes_text(n) for n in (980, 21_410, 91_400_000, 1_340_000_000)]
    ['980 B', '21 kB', '91 MB', '1.3 GB']
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{_two_digits(count / size)} {unit}"
    return f"{count:.0f} B"


def dollars_text(dollars: float) -> str:
    """Write a price of few or many dollars, with two digits of it.

    Examples
    --------
    >>> [dollars_text(price) for price in (0, 0.000234, 0.0051, 0.4, 12)]
    ['$0', '$0.00023', '$0.0051', '$0.40', '$12.00']
    """
    if dollars == 0:
        return "$0"
    return f"${dollars:.{max(2, 1 - math.floor(math.log10(dollars)))}f}"


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


def _two_digits(value: float) -> str:
    digits = 0 if value >= 9.95 or value == 0 else 1 if value >= 0.995 else 2
    text = f"{value:.{digits}f}"
    return text.removesuffix(".0")
