"""A comparison of scores put in words."""

from __future__ import annotations

from collections.abc import Sequence

from textseq.comparison.result import Result
from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.statistics import SIGNIFICANCE
from textseq.comparison.wording import Lead, listed, pair_of, seconds_text

LEAD = Lead("above", "scores highest")

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


def baseline_sentence(result: Result[ComparedModel], test_rows: str) -> str:
    """Say how the best baseline fares against the best of the rest.

    Parameters
    ----------
    result : Comparison
    test_rows : str
        How many there are, as in ``"200 test texts"``.
    """
    ranked = result.ranked
    baseline = next((model for model in ranked if model.kind == "baseline"), None)
    rest = next((model for model in ranked if model.kind != "baseline"), None)
    if baseline is None or rest is None:
        return ""
    cheap, dear = seconds_text(baseline.fit_seconds.mean()), seconds_text(rest.fit_seconds.mean())
    times = f"training in {cheap} instead of {dear}"
    reached = f"{float(baseline.scores.mean()):.3f}"
    pair = pair_of(result, rest, baseline)
    if ranked[0] is baseline:
        return f"Nothing beats that cheap baseline; the next best, {rest.name}, takes {dear}."
    if pair["p_adjusted"] >= SIGNIFICANCE:
        return (
            f"The cheap baseline {baseline.name} ({reached}) is as good as far as "
            f"{test_rows} can tell, {times}."
        )
    return (
        f"The best cheap baseline, {baseline.name}, reaches {reached}, "
        f"{abs(pair['difference']):.3f} less "
        f"(95 % interval {pair['low']:.3f} to {pair['high']:.3f}), {times}."
    )


def seeds_sentence(result: Result[ComparedModel]) -> str:
    """Say so where networks were fitted once."""
    if result.n_seeds > 1 or all(model.kind != "network" for model in result.models):
        return ""
    return "One seed cannot tell luck from skill; compare over three or more."


def columns_sentence(columns: Sequence[str]) -> str:
    """Say so where rows read columns beside texts.

    Examples
    --------
    >>> columns_sentence(["price", "store"])
    'Every row but a constant answer has price and store beside the texts.'
    """
    if not columns:
        return ""
    return f"Every row but a constant answer has {listed(columns, most=6)} beside the texts."


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
