"""What "auto" stands for with series: one recipe, chosen by cross-validation of training sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textseq.nn.convolution import receptive_field

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
# Batches to train on. A number is learned, and then learned by heart, sooner than classes are.
STEPS = 600
STEPS_TO_NUMBERS = 150
FEWEST_EPOCHS = 10
# Convolutions over series of more steps are left undertrained at the lower learning rate.
LONG = 200


@dataclass(frozen=True)
class SeriesFacts:
    """What the defaults may look at.

    Parameters
    ----------
    n_rows : int
        Training series.
    long_series : float
        Length, in steps, that 95 % of the training series do not exceed.
    number : bool
        Whether a number is predicted.
    """

    n_rows: int
    long_series: float
    number: bool


def resolve_series(encoder: Any, parameters: dict[str, Any], facts: SeriesFacts) -> dict[str, Any]:
    """Replace every "auto" among the parameters.

    Parameters
    ----------
    encoder : str or class
    parameters : dict
        Those named by ``SERIES_AUTO``.
    facts : SeriesFacts

    Returns
    -------
    dict
        The same names, every value decided.
    """
    batch_size = _batch_size(facts.n_rows)
    steps = STEPS_TO_NUMBERS if facts.number else STEPS
    recipe = {
        "hidden_size": 128 if encoder == "lstm_fcn" else 64,
        "num_layers": _levels(facts.long_series) if encoder == "tcn" else 1,
        "dropout": 0.5 if facts.number else 0.2,
        "learning_rate": _learning_rate(encoder, facts),
        "schedule": "one_cycle",
        "max_epochs": max(round(steps * batch_size / facts.n_rows), FEWEST_EPOCHS),
        "batch_size": batch_size,
        "patience": None,
    }
    return {
        name: recipe[name] if isinstance(value, str) and value == "auto" else value
        for name, value in parameters.items()
    }


def _learning_rate(encoder: Any, facts: SeriesFacts) -> float:
    """Take a low rate for numbers, and for convolutions unless series are long."""
    low = facts.number or (encoder == "lstm_fcn" and facts.long_series <= LONG)
    return 2e-3 if low else 1e-2


def _batch_size(n_rows: int) -> int:
    """Smaller batches on small sets, for more steps."""
    for fewest, size in ((4_000, 64), (1_000, 32), (64, 16)):
        if n_rows >= fewest:
            return size
    return 8


def _levels(long_series: float) -> int:
    """As many levels of the tcn as let the last state see a long series."""
    levels = 1
    while receptive_field(levels) < long_series:
        levels += 1
    return levels
