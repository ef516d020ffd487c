"""A comparison of forecasts put in words: which model is best, and whether that is noise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from textseq.comparison.statistics import SIGNIFICANCE
from textseq.comparison.wording import differs, listed, pair_of, score_text

if TYPE_CHECKING:
    from textseq.comparison.forecasts.result import ForecastComparison, ForecastedModel

# What a network must beat, the hardest first.
REFERENCES = ("seasonal_naive", "naive")


def forecast_headline(comparison: ForecastComparison) -> tuple[str, ...]:
    """Say in a few sentences which model forecasts best, and how sure that is.

    Parameters
    ----------
    comparison : ForecastComparison

    Returns
    -------
    tuple of str
        The lowest error and what it is not shown to beat; how the best network fares against
        the seasonal naive forecast; then, where it applies, what is too little to tell.
    """
    best, *others = forecast_ranking(comparison)
    score = f"MASE {score_text(best.mase)}"
    tied = [said(model) for model in others if not differs(comparison, best, model)]
    name = said(best)
    if not others:
        first = f"{name} reaches {score}; there is no other model to hold it against."
    elif not tied:
        first = f"{name} is best: {score}, below every other model beyond noise."
    elif len(tied) == len(others) > 1:
        first = f"No model stands out: {name} has the lowest error ({score}), but within noise."
    else:
        lead = f"its lead over {listed(tied)} is within noise"
        first = f"{name} has the lowest error ({score}), but {lead}."
    sentences = (first, _against_naive(comparison, best), _too_few(comparison), _luck(comparison))
    return tuple(sentence for sentence in sentences if sentence)


def forecast_ranking(comparison: ForecastComparison) -> list[ForecastedModel]:
    """Return the models, lowest mean MASE first."""
    return sorted(comparison.models, key=_error)


def best_network(comparison: ForecastComparison) -> ForecastedModel | None:
    """Return the network of the lowest MASE, if there is one."""
    ranked = forecast_ranking(comparison)
    return next((model for model in ranked if model.kind == "network"), None)


def reference_of(comparison: ForecastComparison) -> ForecastedModel | None:
    """Return the naive forecast that a network must beat, if it takes part."""
    by_name = {model.name: model for model in comparison.models if model.kind == "baseline"}
    return next((by_name[name] for name in REFERENCES if name in by_name), None)


def said(model: ForecastedModel) -> str:
    """Write a model's name as a sentence has it."""
    return model.name.replace("_", " ") if model.kind == "baseline" else model.name


def _error(model: ForecastedModel) -> float:
    mean = float(np.mean(model.mase))
    return np.inf if np.isnan(mean) else mean


def _against_naive(comparison: ForecastComparison, best: ForecastedModel) -> str:
    network, reference = best_network(comparison), reference_of(comparison)
    if network is None or reference is None:
        return ""
    pair = pair_of(comparison, network, reference)
    name = "It" if network is best else f"{network.name}, the best network,"
    naive = f"the {said(reference)} forecast ({float(np.mean(reference.mase)):.3f})"
    less = -float(pair["difference"])
    low, high = sorted((abs(pair["low"]), abs(pair["high"])))
    if pair["p_adjusted"] >= SIGNIFICANCE:
        side = "lower" if less >= 0 else "higher"
        return (
            f"{name} is not shown to differ from {naive}: it lies {abs(less):.3f} {side}, "
            "which may be noise."
        )
    if less > 0:
        return f"{name} beats {naive} by {less:.3f} (95 % interval {low:.3f} to {high:.3f})."
    return (
        f"{name} does worse than {naive}, which takes no training, by {-less:.3f} "
        f"(95 % interval {low:.3f} to {high:.3f})."
    )


def _too_few(comparison: ForecastComparison) -> str:
    """Say so where no difference, however large, could pass the test."""
    n_pairs = len(comparison.pairs)
    if not n_pairs:
        return ""
    # With all signs alike, the sign-flip test ends at 2 of 2^n; Holm multiplies it.
    needed = math.floor(1 + math.log2(n_pairs / SIGNIFICANCE)) + 1
    if comparison.n_items >= needed:
        return ""
    n_items = comparison.n_items
    return (
        f"{n_items} forecast{'s' if n_items > 1 else ''} of each model cannot show any difference "
        f"beyond noise, and {needed} might: backtest over more windows or series."
    )


def _luck(comparison: ForecastComparison) -> str:
    networks = [model for model in comparison.models if model.kind == "network"]
    if len(networks) < 2 or comparison.n_seeds > 1:
        return ""
    return "With one seed, the order of the networks may be luck; compare over three or more."
