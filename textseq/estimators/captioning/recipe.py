"""What "auto" stands for with captioners: one recipe, chosen on validation splits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textseq.nn.bags import BAGS
from textseq.nn.captioning import STRIDE
from textseq.nn.cells import CELLS

# Batches to train on: attention finds its objects late.
STEPS = 6_000
FEWEST_EPOCHS, MOST_EPOCHS = 10, 100
BATCH_SIZE = 32
# Convolutions go on until an image is left with so many places a side, or fewer.
MOST_PLACES = 8
FILTERS = (32, 64, 128)


@dataclass(frozen=True)
class CaptionFacts:
    """What the defaults may look at.

    Parameters
    ----------
    n_rows : int
        Training images.
    image : tuple of (int, int), optional
        Rows and columns of pixels.
    """

    n_rows: int
    image: tuple[int, int] | None


def recipe(encoder: Any, facts: CaptionFacts) -> dict[str, Any]:
    """Return what "auto" stands for.

    Parameters
    ----------
    encoder : str or class
        Without shorthand.
    facts : CaptionFacts

    Returns
    -------
    dict
        Parameters by name.
    """
    epochs = round(STEPS * BATCH_SIZE / facts.n_rows)
    return {
        "attention": None if encoder in BAGS else "dot",
        "decoder": encoder if isinstance(encoder, str) and encoder in CELLS else "lstm",
        "num_layers": 2 if encoder == "deep_set" else 1,
        "filters": () if facts.image is None else filters_for(*facts.image),
        "embedding_dropout": 0.3,
        "dropout": 0.1,
        "learning_rate": 3e-3,
        "schedule": "one_cycle",
        "max_epochs": min(max(epochs, FEWEST_EPOCHS), MOST_EPOCHS),
        "batch_size": BATCH_SIZE,
        "patience": None,
    }


def filters_for(rows: int, columns: int) -> tuple[int, ...]:
    """Return the maps of as many convolutions as an image of this size asks for.

    Examples
    --------
    >>> filters_for(8, 8), filters_for(32, 48), filters_for(224, 224)
    ((32,), (32, 64), (32, 64, 128, 128, 128))
    """
    side, n_levels = min(rows, columns) // STRIDE, 1
    while side > MOST_PLACES:
        side, n_levels = side // STRIDE, n_levels + 1
    return tuple(FILTERS[min(level, len(FILTERS) - 1)] for level in range(n_levels))
