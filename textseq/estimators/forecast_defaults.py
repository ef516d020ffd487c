"""What "auto" stands for in a forecaster: the recipe, chosen on validation parts of many sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from textseq.series.panel import Panel

# Parameters that may be "auto".
AUTO = (
    "input_size",
    "hidden_size",
    "num_layers",
    "head_sizes",
    "window_scaling",
    "skip",
    "fold",
    "season_length",
    "calendar",
    "loss",
    "dropout",
    "head_dropout",
    "learning_rate",
    "schedule",
    "max_epochs",
    "batch_size",
    "patience",
)


@dataclass(frozen=True)
class ForecastFacts:
    """What the defaults may look at.

    Parameters
    ----------
    h, steps : int
        Steps ahead, and those that the network answers at once.
    season_length : int
        Of the frequency.
    n_series : int
    median_length : float
        Rows of the median series.
    n_rows : int
    """

    h: int
    steps: int
    season_length: int
    n_series: int
    median_length: float
    n_rows: int

    @classmethod
    def of(cls, panel: Panel, h: int, steps: int) -> Self:
        """Look at the rows that are trained on."""
        return cls(
            h=h,
            steps=steps,
            season_length=panel.frequency.season_length,
            n_series=len(panel),
            median_length=float(np.median(panel.lengths)),
            n_rows=int(panel.lengths.sum()),
        )


def resolve(parameters: dict[str, Any], facts: ForecastFacts) -> dict[str, Any]:
    """Return the parameters with every "auto" decided."""
    recipe = _recipe(facts)
    return {
        name: recipe[name] if name in AUTO and isinstance(value, str) and value == "auto" else value
        for name, value in parameters.items()
    }


def _recipe(facts: ForecastFacts) -> dict[str, Any]:
    season = facts.season_length
    seasons = max(2, -(-2 * facts.h // season)) if season > 1 else 1
    wanted = season * seasons if season > 1 else 2 * facts.h
    input_size = int(min(max(wanted, 8), max(facts.median_length // 3, 2)))
    n_windows = max(facts.n_rows - facts.n_series * (input_size + facts.h), 1)
    return {
        "input_size": input_size,
        "hidden_size": 64,
        "num_layers": 1,
        "head_sizes": (),
        "window_scaling": "last",
        "skip": "linear",
        "fold": None,
        "season_length": season,
        "calendar": False,
        "loss": "mae",
        "dropout": 0.0,
        "head_dropout": 0.0,
        "learning_rate": 1e-3,
        "schedule": "one_cycle",
        "max_epochs": int(min(max(100_000 // n_windows, 5), 100)),
        "batch_size": 64 if n_windows > 4_000 else 16,
        "patience": None,
    }
