"""How "auto" is decided: by a task's recipe, from facts of the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textseq.estimators.declared import is_auto
from textseq.nn.convolution import receptive_field


def decide(parameters: Mapping[str, Any], recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters with every "auto" that the recipe knows replaced.

    Where ``hidden_size`` names the units of each layer, there are so many layers.

    Examples
    --------
    >>> decide({"max_epochs": "auto", "batch_size": 8}, {"max_epochs": 3, "batch_size": 16})
    {'max_epochs': 3, 'batch_size': 8}
    >>> decide({"hidden_size": (64, 32), "num_layers": "auto"}, {"num_layers": 1})
    {'hidden_size': (64, 32), 'num_layers': 2}
    """
    sizes = parameters.get("hidden_size")
    if isinstance(sizes, tuple | list):
        recipe = {**recipe, "num_layers": len(sizes)}
    auto = [name for name in recipe if is_auto(parameters.get(name))]
    return {**parameters, **{name: recipe[name] for name in auto}}


def batch_size(n_rows: int) -> int:
    """Smaller batches on small sets, for more steps."""
    return 64 if n_rows >= 4_000 else 32 if n_rows >= 1_000 else 16


def tcn_levels(n_steps: float, fewest: int) -> int:
    """Return as many levels of the tcn as let the last state see so many steps."""
    levels = fewest
    while receptive_field(levels) < n_steps:
        levels += 1
    return levels
