"""What "auto" stands for in tagging: one recipe, chosen on validation splits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from textseq.estimators.tagging.rows import Steps
from textseq.expressions import evaluate
from textseq.text.tokens import Tokens

FEW_TOKENS = 1_000  # characters rather than words
STEPS_TO_SEE = 1_500_000  # to train on
PIECES_TO_SEE = 100_000
FEWEST_EPOCHS = 5
FEWEST_TRANSFORMER_EPOCHS = 3
MOST_EPOCHS = 15


@dataclass(frozen=True)
class TaggerFacts:
    """What the defaults may look at.

    Parameters
    ----------
    n_rows, n_steps : int
        Training rows, and their tokens or frames.
    n_tokens : int
        Distinct tokens of the training rows; 0 where they are frames.
    transferred : bool
        Whether embeddings and encoder are those of a fitted model.
    """

    n_rows: int
    n_steps: int
    n_tokens: int
    transferred: bool = False


def reads_characters(steps: Steps) -> str | None:
    """Return what reads the characters of steps: of words a convolution.

    Words are many, and half of them have two letters in a row: characters and ids do not.
    """
    if not isinstance(steps, Tokens) or len(steps.distinct) < FEW_TOKENS:
        return None
    spelled = evaluate(steps.distinct, pl.first().str.contains(r"\p{L}{2}"))
    return "cnn" if 2 * int(spelled.sum()) >= len(spelled) else None


def recipe(encoder: Any, facts: TaggerFacts) -> dict[str, Any]:
    """Return what "auto" stands for.

    Parameters
    ----------
    encoder : str or class
        Without shorthand.
    facts : TaggerFacts

    Returns
    -------
    dict
        Parameters by name.
    """
    if encoder == "transformer":
        return _transformer_recipe(facts)
    words = facts.n_tokens >= FEW_TOKENS
    epochs = round(STEPS_TO_SEE / facts.n_steps)
    found = {
        "num_layers": 3 if encoder == "tcn" else 1,
        "embedding_dropout": 0.3 if words else 0.1,
        "dropout": 0.5 if words else 0.3,
        "learning_rate": 8e-3 if 0 < facts.n_tokens < FEW_TOKENS else 4e-3,
        "schedule": "one_cycle",
        "max_epochs": min(max(epochs, FEWEST_EPOCHS), MOST_EPOCHS),
        "batch_size": 32 if facts.n_rows >= 10_000 else 16,
        "patience": None,
    }
    # From 500 sentences of LeNER-Br, what thaws layer by layer fell behind what learns all at once.
    return found | {"unfreeze": "all", "rate_decay": 1.0} if facts.transferred else found


def _transformer_recipe(facts: TaggerFacts) -> dict[str, Any]:
    """As Devlin et al. (2019) fine-tune, section 5.3 and appendix A.3."""
    epochs = round(PIECES_TO_SEE / facts.n_steps)
    return {
        "unfreeze": "all",
        "rate_decay": 1.0,
        "embedding_dropout": 0.0,
        "dropout": 0.1,
        "learning_rate": 2e-4,
        "schedule": "slanted_triangular",
        "max_epochs": min(max(epochs, FEWEST_TRANSFORMER_EPOCHS), MOST_EPOCHS),
        "batch_size": 16,
        "patience": None,
    }
