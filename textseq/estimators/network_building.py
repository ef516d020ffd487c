"""A new network with its first values: pretrained vectors, initialised layers."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import torch

from textseq.estimators.checks import whole
from textseq.estimators.embedding_table import pretrained_table, random_table
from textseq.nn.initialization import initialize, initializing_from
from textseq.nn.network import SequenceNetwork
from textseq.text.vectors import WordVectors
from textseq.text.vocabulary import Vocabulary
from textseq.training.threads import ThreadTeam

N = TypeVar("N", bound=SequenceNetwork)


# Parameters that a network of texts takes as they were decided.
ARCHITECTURE = (
    "representation", "connections", "normalization", "activation", "pooling",
    "embedding_dropout", "dropout", "head_dropout",
)  # fmt: skip


def text_architecture(chosen: dict[str, Any]) -> dict[str, Any]:
    """Return what decided parameters alone tell of a network of texts."""
    return {name: chosen[name] for name in ARCHITECTURE} | {
        "hidden_size": int(chosen["hidden_size"]),
        "num_layers": int(chosen["num_layers"]),
        "head_sizes": [int(size) for size in chosen["head_sizes"]],
        "truncated_bptt_steps": whole(chosen["truncated_bptt_steps"]),
    }


def build_network(
    architecture: dict[str, Any],
    *,
    init: str,
    init_gain: float,
    longest: int,
    rng: np.random.Generator,
    kind: type[N] = SequenceNetwork,  # type: ignore[assignment]
) -> N:
    """Build a network and draw its first weights from ``rng``.

    Parameters
    ----------
    architecture : dict
        Arguments of the network.
    init, init_gain
        Of the encoder's weights, as ``initialize`` takes them.
    longest : int
        Steps of the longest training row.
    rng : numpy Generator
    kind : type, default SequenceNetwork
    """
    with ThreadTeam(1), initializing_from(int(rng.integers(2**63 - 1))):
        network = kind(**architecture)
        initialize(network.encoder, init, init_gain, longest)
    return network


def fill_embeddings(
    network: SequenceNetwork,
    vocabulary: Vocabulary,
    vectors: WordVectors | None,
    rng: np.random.Generator,
) -> None:
    """Set the embedding table, where there is one, to pretrained vectors or random ones."""
    weight = network.inputs.weight
    if weight is not None:
        if vectors is None:
            table = random_table(len(vocabulary), weight.shape[1], rng)
            # A piece of no training text says nothing.
            table[vocabulary.counts == 0] = 0
        else:
            table = pretrained_table(vocabulary, vectors, rng)
        weight.data = torch.from_numpy(_with_hashed(table, len(weight)))


def _with_hashed(table: np.ndarray, n_rows: int) -> np.ndarray:
    """Add the rows of hashed n-grams (n_rows, D): zeros, so that unseen ones say nothing."""
    if n_rows == len(table):
        return table
    whole = np.zeros((n_rows, table.shape[1]), dtype=table.dtype)
    whole[: len(table)] = table
    return whole
