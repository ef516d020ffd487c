"""A comparison of scores put in words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from textseq.comparison.result import Result
from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.statistics import SIGNIFICANCE
from textseq.comparison.wording import Lead, listed, mean_text, pair_of, seconds_text

LEAD = Lead("above", "scores highest")
LOW_LEAD = Lead("below", "scores lowest, which is best,")

# What rows are called, one and several.
UNITS = {
    "text": "texts",
    "series": "series",
    "sentence": "sentences",
    "pair": "pairs",
    "passage": "passages",
}
# Scores of which less is better.
LOWER_IS_BETTER = ("bits_per_character", "nats_per_token", "perplexity")

_METRICS = {
    "r2": "R²",
    "roc_auc": "AUC",
    "f1": "F1",
    "f1_macro": "macro F1",
    "f1_micro": "micro F1",
    "f1_weighted": "weighted F1",
    "f1_samples": "F1 of each row",
    "span_f1": "span F1",
    "bleu": "BLEU",
    "chrf": "chrF",
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
    reached = mean_text(baseline.scores)
    pair = pair_of(result, rest, baseline)
    if ranked[0] is baseline:
        return f"Nothing beats that cheap baseline; the next best, {rest.name}, takes {dear}."
    if pair["p_adjusted"] >= SIGNIFICANCE:
        return (
            f"The cheap baseline {baseline.name} ({reached}) is as good as far as "
            f"{test_rows} can tell, {times}."
        )
    low, high = sorted((abs(pair["low"]), abs(pair["high"])))
    return (
        f"The best cheap baseline, {baseline.name}, reaches {reached}, "
        f"{abs(pair['difference']):.3f} {'less' if pair['difference'] > 0 else 'more'} "
        f"(95 % interval {low:.3f} to {high:.3f}), {times}."
    )


def below_lines(models: Sequence[ComparedModel], pairs: pd.DataFrame, metric: str) -> list[str]:
    """Say which networks do worse than the best cheap row, beyond noise."""
    sign = -1 if metric in LOWER_IS_BETTER else 1
    cheap = [model for model in models if model.kind == "baseline"]
    if not cheap:
        return []
    best = max(cheap, key=lambda model: sign * float(model.scores.mean()))
    found = []
    for model in models:
        tests = pairs[(pairs["first"] == best.name) & (pairs["second"] == model.name)]
        if model.kind == "baseline" or not len(tests):
            continue
        test = tests.iloc[0]
        if test["p_adjusted"] < SIGNIFICANCE and sign * test["difference"] > 0:
            found.append(
                f"{model.name} does worse than the cheap row {best.name}: "
                f"{metric_text(metric)} {mean_text(model.scores)} against {mean_text(best.scores)}"
            )
    return found


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
