"""What "auto" stands for in transcription: one recipe, chosen on voices held back from training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Symbols to train on, and steps.
SYMBOLS_TO_SEE = 110_000
FEWEST_EPOCHS = 20
MOST_EPOCHS = 150


@dataclass(frozen=True)
class SpeechFacts:
    """What the defaults may look at.

    Parameters
    ----------
    n_rows, n_symbols : int
        Training waves, and the symbols said in them.
    """

    n_rows: int
    n_symbols: int


def recipe(encoder: Any, facts: SpeechFacts) -> dict[str, Any]:
    """Return what "auto" stands for.

    Parameters
    ----------
    encoder : str or class
        Without shorthand.
    facts : SpeechFacts

    Returns
    -------
    dict
        Parameters by name.
    """
    epochs = round(SYMBOLS_TO_SEE / max(facts.n_symbols, 1))
    return {
        "num_layers": 4 if encoder == "tcn" else 2,
        "dropout": 0.3,
        "learning_rate": 4e-3,
        "weight_decay": 1e-2,
        "schedule": "one_cycle",
        "max_epochs": min(max(epochs, FEWEST_EPOCHS), MOST_EPOCHS),
        "batch_size": 24,
        "patience": None,
    }
