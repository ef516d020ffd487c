"""What a frozen transformer gives of rows: computed once, for all epochs."""

from __future__ import annotations

import tempfile

import numpy as np
import torch
from torch import Tensor

from textseq.batches import SequenceData, plan_batches
from textseq.nn.above_transformer import AboveTransformer
from textseq.nn.network import SequenceNetwork
from textseq.nn.transformer import Transformer
from textseq.ragged import Ragged
from textseq.training.devices import device_of
from textseq.training.outputs import BATCH_SIZE, as_tensors, network_outputs
from textseq.training.threads import ThreadTeam

# Tokens of a batch: of one thread, so that what a layer hands on stays in the core's cache.
TOKEN_BUDGET = 2_048


def frozen_outputs(
    network: SequenceNetwork, above: AboveTransformer, data: SequenceData, team: ThreadTeam
) -> SequenceData:
    """Return rows of what ``above`` reads, in place of rows of ids.

    Parameters
    ----------
    network : SequenceNetwork
        Put into evaluation mode.
    above : AboveTransformer
        Of this network.
    data : SequenceData
        Of ids.
    team : ThreadTeam
    """
    if above.reads_vectors:
        vectors = network_outputs(network, data, team, SequenceNetwork.vectors, TOKEN_BUDGET)
        fields: tuple[Ragged, ...] = (Ragged(vectors, np.arange(len(data) + 1)),)
    else:
        fields = tuple(_states(network, field, team) for field in data.fields)
    return SequenceData(fields, data.targets, data.weights)


def _states(network: SequenceNetwork, ids: Ragged, team: ThreadTeam) -> Ragged:
    """Return the transformer's states (N, D) of one field.

    They lie in a file that nobody else sees and that is gone with the last reader: many texts'
    take more than memory has.
    """
    network.eval()
    transformer = network.encoder if network.contextual is None else network.contextual
    assert isinstance(transformer, Transformer)
    shape = len(ids.values), transformer.out_dim
    if not shape[0]:
        return Ragged(np.empty(shape, np.float32), ids.offsets)
    with tempfile.TemporaryFile() as file:
        states = np.memmap(file, np.float32, "w+", shape=shape)
    device = device_of(network)

    def write(rows: np.ndarray) -> None:
        part = ids.take(rows)
        with torch.inference_mode():
            ((values, offsets),) = as_tensors(SequenceData((part,)), device)
            x, lengths = network.embed(values, offsets)
            found: Tensor = transformer(x, lengths)  # (B, T, D)
            whole = found.cpu().numpy()
        for row, length, own in zip(rows, part.lengths, whole, strict=True):
            start = ids.offsets[row]
            states[start : start + length] = own[:length]

    team.map(write, plan_batches(ids.lengths, BATCH_SIZE, token_budget=TOKEN_BUDGET))
    return Ragged(states, ids.offsets)
