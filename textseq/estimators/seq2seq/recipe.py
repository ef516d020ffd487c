"""What "auto" stands for with encoder-decoders: one recipe, chosen on validation splits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textseq.estimators.auto import batch_size, tcn_levels
from textseq.nn.bags import BAGS
from textseq.nn.cells import CELLS

# Batches to train on: translators go on getting better where others have learned by heart.
STEPS = 2_000
FEWEST_EPOCHS, MOST_EPOCHS = 10, 100


@dataclass(frozen=True)
class PairFacts:
    """What the defaults may look at.

    Parameters
    ----------
    source : {"text", "series", "vector"}
    n_rows : int
        Training pairs.
    long_source : float
        Steps that 95 % of the training sources do not exceed.
    """

    source: str
    n_rows: int
    long_source: float


def recipe(encoder: Any, facts: PairFacts) -> dict[str, Any]:
    """Return what "auto" stands for.

    Parameters
    ----------
    encoder : str or class
        Without shorthand.
    facts : PairFacts

    Returns
    -------
    dict
        Parameters by name.
    """
    has_states = facts.source != "vector" and encoder not in BAGS
    size = batch_size(facts.n_rows)
    epochs = round(STEPS * size / facts.n_rows)
    return {
        "attention": "additive" if has_states else None,
        "decoder": encoder if isinstance(encoder, str) and encoder in CELLS else "lstm",
        "num_layers": tcn_levels(facts.long_source, fewest=2) if encoder == "tcn" else 1,
        "embedding_dropout": 0.2,
        "dropout": 0.3,
        "learning_rate": 4e-3,
        "schedule": "one_cycle",
        "max_epochs": min(max(epochs, FEWEST_EPOCHS), MOST_EPOCHS),
        "batch_size": size,
        "patience": None,
    }
