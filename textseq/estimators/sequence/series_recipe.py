"""What "auto" stands for with series: one recipe, chosen by cross-validation of training sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textseq.estimators.auto import batch_size, tcn_levels

# Batches to train on. A number is learned, and then learned by heart, sooner than classes are.
STEPS = 600
STEPS_TO_NUMBERS = 150
FEWEST_EPOCHS = 10
FEW_ROWS = 64
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


def recipe(encoder: Any, facts: SeriesFacts) -> dict[str, Any]:
    """Return what "auto" stands for.

    Parameters
    ----------
    encoder : str or class
        Without shorthand.
    facts : SeriesFacts

    Returns
    -------
    dict
        Parameters by name.
    """
    # Sets of some ten series need steps more than they need wide batches.
    size = batch_size(facts.n_rows) if facts.n_rows >= FEW_ROWS else 8
    steps = STEPS_TO_NUMBERS if facts.number else STEPS
    return {
        "hidden_size": 128 if encoder == "lstm_fcn" else 64,
        "num_layers": tcn_levels(facts.long_series, fewest=1) if encoder == "tcn" else 1,
        "dropout": 0.5 if facts.number else 0.2,
        "learning_rate": _learning_rate(encoder, facts),
        "schedule": "one_cycle",
        "max_epochs": max(round(steps * size / facts.n_rows), FEWEST_EPOCHS),
        "batch_size": size,
        "patience": None,
    }


def _learning_rate(encoder: Any, facts: SeriesFacts) -> float:
    """Take a low rate for numbers, and for convolutions unless series are long."""
    low = facts.number or (encoder == "lstm_fcn" and facts.long_series <= LONG)
    return 2e-3 if low else 1e-2
