"""A network's outputs for many sequences, in batches shared by a team of threads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from textseq.batches import SequenceData, plan_batches
from textseq.nn.network import SequenceNetwork
from textseq.training.devices import device_of, sent
from textseq.training.threads import ThreadTeam

BATCH_SIZE = 128
CPU = torch.device("cpu")


def as_tensors(data: SequenceData, device: torch.device = CPU) -> list[tuple[Tensor, Tensor]]:
    """Return each field as (ids, offsets) tensors, which share its memory on the CPU."""
    return [(sent(field.values, device), sent(field.offsets, device)) for field in data.fields]


def network_outputs(
    network: SequenceNetwork,
    data: SequenceData,
    team: ThreadTeam,
    compute: Callable[[SequenceNetwork, list[tuple[Tensor, Tensor]]], Tensor] | None = None,
) -> np.ndarray:
    """Return the network's outputs for every row, in the rows' order.

    Parameters
    ----------
    network : SequenceNetwork
        Put into evaluation mode.
    data : SequenceData
    team : ThreadTeam
    compute : callable, optional
        What to compute of a batch; the network's outputs by default.

    Returns
    -------
    ndarray of shape (n_rows, n_outputs), float32
    """
    if network.training:  # looked at first: to tell every layer takes a while
        network.eval()
    batches = plan_batches(data.lengths, BATCH_SIZE)
    device = device_of(network)

    def outputs(rows: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            fields = as_tensors(data.take(rows), device)
            found = network(fields) if compute is None else compute(network, fields)
            return found.cpu().numpy()

    parts = team.map(outputs, batches)
    ordered = np.empty((len(data), parts[0].shape[1]), dtype=parts[0].dtype)
    for rows, part in zip(batches, parts, strict=True):
        ordered[rows] = part
    return ordered
