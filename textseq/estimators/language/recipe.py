"""What "auto" stands for in a language model: the recipe, chosen on validation parts of texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FEW_TOKENS = 1_000  # characters rather than words
# A full softmax over more tokens than this takes longer than the encoder by far: at 8,600
# words an epoch with groups takes a third of the time.
MOST_FULL = 4_000
FEWEST_WINDOWS = 20  # an epoch's, where the text is long enough for it
MOST_EPOCHS = 40
FEWEST_UPDATES = 300  # which takes more epochs of a few sentences
# Streams side by side: the most, so many that windows grow shorter rather than streams fewer, and
# the fewest of a text that is long enough for them.
MOST_STREAMS, FEW_STREAMS, FEWEST_STREAMS = 32, 4, 2
# Texts of fewer characters and words than this are soon known by heart.
FEW_CHARACTERS, FEW_WORDS = 500_000, 200_000


@dataclass(frozen=True)
class LanguageFacts:
    """What the defaults may look at.

    Parameters
    ----------
    n_tokens : int
        Tokens of the training texts, their ends included.
    n_distinct : int
        Ids of the vocabulary.
    recurrent : bool
        Whether the encoder has recurrent matrices.
    max_epochs : int, optional
        Passes over the texts, where the caller says how many.
    """

    n_tokens: int
    n_distinct: int
    recurrent: bool
    max_epochs: int | None = None


def recipe(facts: LanguageFacts) -> dict[str, Any]:
    """Return what "auto" stands for, but for what the tokenizer decides on."""
    found = _characters(facts) if facts.n_distinct < FEW_TOKENS else _words(facts)
    return found if facts.recurrent else found | {"weight_dropout": 0.0}


def _characters(facts: LanguageFacts) -> dict[str, Any]:
    few = facts.n_tokens < FEW_CHARACTERS
    return {
        "embedding_dim": 64,
        "hidden_size": 256,
        "num_layers": 2,
        "softmax": "full",
        "tie_weights": False,
        "embedding_dropout": 0.0,
        "input_dropout": 0.0,
        "hidden_dropout": 0.3 if few else 0.2,
        "dropout": 0.3 if few else 0.2,
        "weight_dropout": 0.0,
        **_training(facts, tokens_to_see=9_000_000, steps=64, enough_updates=2_000),
    }


def _words(facts: LanguageFacts) -> dict[str, Any]:
    few = facts.n_tokens < FEW_WORDS
    return {
        "embedding_dim": 256,
        "hidden_size": 256,
        "num_layers": 1,
        "softmax": "full" if facts.n_distinct <= MOST_FULL else "adaptive",
        "tie_weights": True,
        "embedding_dropout": 0.05,
        "input_dropout": 0.4 if few else 0.2,
        "hidden_dropout": 0.2,
        "dropout": 0.5 if few else 0.3,
        "weight_dropout": 0.5 if few else 0.2,
        **_training(facts, tokens_to_see=5_000_000, steps=40, enough_updates=1_000),
    }


def _training(
    facts: LanguageFacts, tokens_to_see: int, steps: int, enough_updates: int
) -> dict[str, Any]:
    # Fewer streams of a short text, for more steps of each; more passes over it.
    batch_size = min(max(facts.n_tokens // (steps * FEWEST_WINDOWS), 1), MOST_STREAMS)
    if facts.max_epochs is not None:
        # Of few passes fewer streams, then shorter windows, for as many updates: after some
        # hundred a model has learned little more than how often each token comes.
        read_at_once = facts.n_tokens * facts.max_epochs // enough_updates
        if read_at_once < FEW_STREAMS * steps:
            steps //= 2
        batch_size = min(batch_size, max(read_at_once // steps, FEWEST_STREAMS))
    n_updates = -(-facts.n_tokens // (batch_size * steps))
    epochs = min(max(round(tokens_to_see / facts.n_tokens), 1), MOST_EPOCHS)
    return {
        "learning_rate": 5e-3,
        "weight_decay": 0.01,
        "schedule": "one_cycle",
        "max_epochs": max(epochs, -(-FEWEST_UPDATES // n_updates)),
        "batch_size": batch_size,
        "patience": None,
        "truncated_bptt_steps": steps,
    }


def cutoffs(n_distinct: int) -> list[int]:
    """Return the ids at which rarer groups of an adaptive softmax begin."""
    return [first for first in (2_000, 10_000, 50_000) if first < n_distinct]
