"""What "auto" stands for with series: one recipe, chosen by cross-validation of training sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Parameters that may be "auto".
SERIES_AUTO = (
    "hidden_size",
    "num_layers",
    "dropout",
    "learning_rate",
    "schedule",
    "max_epochs",
    "batch_size",
    "patience",
)
MOST_STEPS = 1_000


@dataclass(frozen=True)
class SeriesFacts:
    """What the defaults may look at.

    Parameters
    ----------
    n_rows : int
        Training series.
    long_series : float
        Length, in steps, that 95 % of the training series do not exceed.
    """

    n_rows: int
    long_series: float


def resolve_series(
    encoder: Any, pooling: str, parameters: dict[str, Any], facts: SeriesFacts
) -> dict[str, Any]:
    """Replace every "auto" among the parameters.

    Parameters
    ----------
    encoder : str or class
    pooling : str
    parameters : dict
        Those named by ``SERIES_AUTO``.
    facts : SeriesFacts

    Returns
    -------
    dict
        The same names, every value decided.
    """
    batch_size = 16 if facts.n_rows >= 64 else 8
    recipe = {
        "hidden_size": 64,
        "num_layers": 1,
        "dropout": 0.2,
        "learning_rate": 2e-3,
        "schedule": "one_cycle",
        "max_epochs": max(1, round(600 * batch_size / facts.n_rows)),
        "batch_size": batch_size,
        "patience": None,
    }
    return {
        name: recipe[name] if isinstance(value, str) and value == "auto" else value
        for name, value in parameters.items()
    }
