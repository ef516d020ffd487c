"""A new encoder-decoder with its first values."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from textseq.estimators.embedding_table import RANDOM_SCALE, random_table
from textseq.nn.encoder_decoder import Seq2SeqNetwork
from textseq.nn.initialization import initialize, initializing_from
from textseq.training.threads import ThreadTeam


def build_seq2seq_network(
    architecture: dict[str, Any],
    *,
    init: str,
    init_gain: float,
    longest: int,
    rng: np.random.Generator,
) -> Seq2SeqNetwork:
    """Build a network and draw its first weights from ``rng``.

    Parameters
    ----------
    architecture : dict
        Arguments of ``Seq2SeqNetwork``.
    init, init_gain
        Of the layers' weights, as ``initialize`` takes them.
    longest : int
        Steps of the longest training row.
    rng : numpy Generator
    """
    with ThreadTeam(1), initializing_from(int(rng.integers(2**63 - 1))):
        network = Seq2SeqNetwork(**architecture)
        initialize(network.encoder, init, init_gain, longest)
        initialize(network.decoder.layers, init, init_gain, longest)
    decoder = network.decoder
    of_target = decoder.inputs.dim**-0.5
    _fill(network.inputs.weight, 1.0, rng)
    _fill(decoder.inputs.weight, of_target, rng)
    _fill(decoder.output, of_target, rng)
    return network


def _fill(table: nn.Parameter | None, spread: float, rng: np.random.Generator) -> None:
    """Draw a table's vectors (V, D) with a standard deviation of ``spread``."""
    if table is not None:
        drawn = random_table(table.shape[0], table.shape[1], rng) * (spread / RANDOM_SCALE)
        table.data = torch.from_numpy(drawn)
