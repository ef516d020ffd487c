"""What an encoder-decoder's token vectors start from: random values, or word vectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from textseq.estimators.encoding.embedding_table import (
    RANDOM_SCALE,
    pretrained_table,
    random_table,
)
from textseq.nn.encoder_decoder import Seq2SeqNetwork
from textseq.text.vectors.word_vectors import WordVectors
from textseq.text.vocabulary import Vocabulary


def check_vectors(values: Mapping[str, Any]) -> None:
    """Refuse word vectors of sources that are no words, and none to freeze."""
    if values["vectors"] is None:
        if values["freeze_vectors"]:
            raise ValueError("freeze_vectors=True has no vectors to freeze; pass some: vectors=...")
    elif values["source"] != "text":
        raise ValueError(
            f"vectors are of the words of sources, but source={values['source']!r}; leave "
            "vectors=None, or give those of the targets by target_vectors="
        )


def fill_tables(network: Seq2SeqNetwork, rng: np.random.Generator) -> None:
    """Draw the vectors of sources, where they are tokens, and of targets."""
    decoder = network.decoder
    std = decoder.inputs.dim**-0.5
    fill_table(network.inputs.weight, 1.0, rng)
    fill_table(decoder.inputs.weight, std, rng)
    fill_table(decoder.output, std, rng)


def fill_table(table: nn.Parameter | None, std: float, rng: np.random.Generator) -> None:
    """Draw a table's vectors (V, D) with a standard deviation of ``std``."""
    if table is not None:
        drawn = random_table(table.shape[0], table.shape[1], rng) * (std / RANDOM_SCALE)
        table.data = torch.from_numpy(drawn)


def start_sources(
    network: Seq2SeqNetwork,
    vocabulary: Vocabulary,
    vectors: WordVectors,
    freeze: bool,
    rng: np.random.Generator,
) -> None:
    """Let sources' embeddings start from word vectors, which may stay as they are."""
    weight = network.inputs.weight
    assert weight is not None
    weight.data = torch.from_numpy(pretrained_table(vocabulary, vectors, rng))
    weight.requires_grad_(not freeze)


def start_targets(
    network: Seq2SeqNetwork, vocabulary: Vocabulary, vectors: WordVectors, rng: np.random.Generator
) -> None:
    """Let targets' embeddings start from word vectors, in the size that the decoder reads."""
    inputs = network.decoder.inputs
    assert inputs.weight is not None
    table = pretrained_table(vocabulary, vectors, rng)
    table *= inputs.dim**-0.5 / max(float(table.std()), RANDOM_SCALE)
    inputs.weight.data = torch.from_numpy(table)
