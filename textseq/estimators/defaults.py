"""What "auto" stands for: the recipe, chosen on validation splits of many corpora."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DataFacts:
    """What the defaults may look at.

    Parameters
    ----------
    n_rows : int
        Training rows.
    n_outputs : int
        Classes, labels, or 1.
    mean_length : float
        Mean tokens a text.
    pretrained : bool
        Whether the embedding starts from word vectors.
    """

    n_rows: int
    n_outputs: int
    mean_length: float
    pretrained: bool


def resolve(encoder: Any, parameters: dict[str, Any], facts: DataFacts) -> dict[str, Any]:
    """Replace every "auto" among the parameters.

    Parameters
    ----------
    encoder : str or class
    parameters : dict
        Some of max_length, learning_rate, max_epochs, batch_size, schedule,
        embedding_dropout, dropout, patience.
    facts : DataFacts

    Returns
    -------
    dict
        The same names, every value decided.
    """
    recipe = _mean_recipe(facts) if encoder == "mean" else _recurrent_recipe(facts)
    return {
        name: recipe[name] if isinstance(value, str) and value == "auto" else value
        for name, value in parameters.items()
    }


def _recurrent_recipe(facts: DataFacts) -> dict[str, Any]:
    many = facts.n_outputs >= 20
    return {
        "max_length": 400,
        "learning_rate": 4e-3 if many else 2e-3,
        "max_epochs": 15 if many else 6,
        "batch_size": 64,
        "schedule": "one_cycle",
        "embedding_dropout": 0.3,
        "dropout": 0.5,
        "patience": None,
    }


def _mean_recipe(facts: DataFacts) -> dict[str, Any]:
    return {
        "max_length": None,
        "learning_rate": 1e-2,
        "max_epochs": 15 if facts.n_outputs >= 20 else 10,
        "batch_size": 64,
        "schedule": "one_cycle",
        "embedding_dropout": 0.3,
        "dropout": 0.5,
        "patience": None,
    }
