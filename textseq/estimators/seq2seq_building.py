"""A new encoder-decoder with its first values."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from textseq.estimators.embedding_table import random_table
from textseq.nn.encoder_decoder import Seq2SeqNetwork
from textseq.nn.initialization import initialize


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
    # The caller's own random state is left as it was.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**63 - 1)))
        network = Seq2SeqNetwork(**architecture)
        initialize(network.encoder, init, init_gain, longest)
        initialize(network.decoder.layers, init, init_gain, longest)
    decoder = network.decoder
    for table in (network.inputs.weight, decoder.inputs.weight, decoder.output):
        if table is not None:
            table.data = torch.from_numpy(random_table(table.shape[0], table.shape[1], rng))
    return network
