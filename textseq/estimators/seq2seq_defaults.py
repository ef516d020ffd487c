"""What "auto" stands for with encoder-decoders: one recipe, chosen on validation splits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textseq.nn.bags import BAGS
from textseq.nn.cells import CELLS
from textseq.nn.convolution import receptive_field

# Parameters that may be "auto".
SEQ2SEQ_AUTO = (
    "attention",
    "decoder",
    "num_layers",
    "embedding_dropout",
    "dropout",
    "learning_rate",
    "schedule",
    "max_epochs",
    "batch_size",
    "patience",
)
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


def resolve_seq2seq(encoder: Any, parameters: dict[str, Any], facts: PairFacts) -> dict[str, Any]:
    """Replace every "auto" among the parameters.

    Parameters
    ----------
    encoder : str or class
    parameters : dict
        Those named by ``SEQ2SEQ_AUTO``.
    facts : PairFacts

    Returns
    -------
    dict
        The same names, every value decided.
    """
    has_states = facts.source != "vector" and encoder not in BAGS
    batch_size = _batch_size(facts.n_rows)
    epochs = round(STEPS * batch_size / facts.n_rows)
    recipe = {
        "attention": "additive" if has_states else None,
        "decoder": encoder if isinstance(encoder, str) and encoder in CELLS else "lstm",
        "num_layers": _levels(facts.long_source) if encoder == "tcn" else 1,
        "embedding_dropout": 0.2,
        "dropout": 0.3,
        "learning_rate": 4e-3,
        "schedule": "one_cycle",
        "max_epochs": min(max(epochs, FEWEST_EPOCHS), MOST_EPOCHS),
        "batch_size": batch_size,
        "patience": None,
    }
    return {
        name: recipe[name] if isinstance(value, str) and value == "auto" else value
        for name, value in parameters.items()
    }


def _batch_size(n_rows: int) -> int:
    """Smaller batches on small sets, for more steps."""
    return 64 if n_rows >= 4_000 else 32 if n_rows >= 1_000 else 16


def _levels(long_source: float) -> int:
    """As many levels of the tcn as let the last state see a long source."""
    levels = 2
    while receptive_field(levels) < long_source:
        levels += 1
    return levels
