"""What "auto" stands for in tagging: one recipe, chosen on validation splits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Parameters that may be "auto".
TAGGER_AUTO = (
    "num_layers",
    "embedding_dropout",
    "dropout",
    "learning_rate",
    "schedule",
    "max_epochs",
    "batch_size",
    "patience",
)
STEPS_TO_SEE = 6_000_000
FEWEST_EPOCHS = 4
MOST_EPOCHS = 30
FEW_TOKENS = 1_000  # characters rather than words


@dataclass(frozen=True)
class TaggerFacts:
    """What the defaults may look at.

    Parameters
    ----------
    n_rows, n_steps : int
        Training rows, and their tokens or frames.
    n_tokens : int
        Distinct tokens of the training rows; 0 where they are frames.
    """

    n_rows: int
    n_steps: int
    n_tokens: int


def resolve_tagger(encoder: Any, parameters: dict[str, Any], facts: TaggerFacts) -> dict[str, Any]:
    """Replace every "auto" among the parameters.

    Parameters
    ----------
    encoder : str or class
    parameters : dict
        Those named by ``TAGGER_AUTO``.
    facts : TaggerFacts

    Returns
    -------
    dict
        The same names, every value decided.
    """
    epochs = round(STEPS_TO_SEE / facts.n_steps)
    recipe = {
        "num_layers": 3 if encoder == "tcn" else 1,
        "embedding_dropout": 0.1 if facts.n_tokens < FEW_TOKENS else 0.3,
        "dropout": 0.3,
        "learning_rate": 4e-3,
        "schedule": "one_cycle",
        "max_epochs": min(max(epochs, FEWEST_EPOCHS), MOST_EPOCHS),
        "batch_size": 32 if facts.n_rows >= 1_000 else 8,
        "patience": None,
    }
    return {
        name: recipe[name] if isinstance(value, str) and value == "auto" else value
        for name, value in parameters.items()
    }
