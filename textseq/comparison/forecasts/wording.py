"""A comparison of forecasts put in words."""

from __future__ import annotations

import math

from textseq.comparison.forecasts.model import ForecastedModel, best_network, reference_of
from textseq.comparison.result import Result
from textseq.comparison.statistics import SIGNIFICANCE
from textseq.comparison.wording import Lead, pair_of

LEAD = Lead("below", "has the lowest error")


def reference_sentence(result: Result[ForecastedModel]) -> str:
    """Say how the best network fares against the naive forecast that it must beat."""
    network, reference = best_network(result.ranked), reference_of(result.models)
    if network is None or reference is None:
        return ""
    pair = pair_of(result, network, reference)
    name = "It" if network is result.best else f"{network.name}, the best network,"
    naive = f"the {reference.display_name} forecast ({reference.mase.mean():.3f})"
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


def items_sentence(n_pairs: int, n_items: int) -> str:
    """Say so where no difference, however large, could pass the test."""
    if not n_pairs:
        return ""
    # With all signs alike, the sign-flip test ends at 2 of 2^n; Holm multiplies it.
    needed = math.floor(1 + math.log2(n_pairs / SIGNIFICANCE)) + 1
    if n_items >= needed:
        return ""
    return (
        f"{n_items} forecast{'s' if n_items > 1 else ''} of each model cannot show any difference "
        f"beyond noise, and {needed} might: backtest over more windows or series."
    )


def seeds_sentence(result: Result[ForecastedModel]) -> str:
    """Say so where one seed orders several networks."""
    networks = [model for model in result.models if model.kind == "network"]
    if len(networks) < 2 or result.n_seeds > 1:
        return ""
    return "With one seed, the order of the networks may be luck; compare over three or more."
