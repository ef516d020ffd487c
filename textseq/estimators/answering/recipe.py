"""What "auto" stands for in answering: one recipe, chosen on validation parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Rows to train on, counted anew in each epoch.
ROWS_TO_SEE = 120_000
FEWEST_EPOCHS, MOST_EPOCHS = 8, 40


@dataclass(frozen=True)
class AnswerFacts:
    """What the defaults may look at.

    Parameters
    ----------
    n_rows : int
        Training rows.
    longest : int
        Tokens of the longest answer.
    """

    n_rows: int
    longest: int


def recipe(encoder: Any, facts: AnswerFacts) -> dict[str, Any]:
    """Return what "auto" stands for.

    Parameters
    ----------
    encoder : str or class
        Without shorthand.
    facts : AnswerFacts

    Returns
    -------
    dict
        Parameters by name.
    """
    epochs = round(ROWS_TO_SEE / facts.n_rows)
    return {
        "num_layers": 3 if encoder == "tcn" else 1,
        "max_answer_length": facts.longest,
        "embedding_dropout": 0.0,
        "dropout": 0.0,
        # At 5e-3 what follows from two sentences was often not found at all.
        "learning_rate": 2e-3,
        "schedule": "one_cycle",
        "max_epochs": min(max(epochs, FEWEST_EPOCHS), MOST_EPOCHS),
        "batch_size": 16,
        "patience": None,
    }
