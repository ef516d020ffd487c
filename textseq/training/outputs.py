"""A network's outputs for many sequences, in batches shared by a team of threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from textseq.batches import TOKEN_BUDGET, NetworkRows, plan_batches
from textseq.nn.packed_linear import packed
from textseq.nn.trainable import Inputs
from textseq.ragged import Ragged, offsets_of
from textseq.training.devices import device_of, sent
from textseq.training.threads import ThreadTeam
from textseq.training.workers import Workers

BATCH_SIZE = 128
# Steps from which on it pays to pack weights before they are read.
PACKED_FROM = 1_000
CPU = torch.device("cpu")
N = TypeVar("N", bound=nn.Module)
R = TypeVar("R")


def reading(network: nn.Module, n_steps: int) -> AbstractContextManager[None]:
    """Return what a network is within while it reads so many steps, without gradients."""
    return packed(network) if n_steps >= PACKED_FROM else nullcontext()


def as_tensors(data: NetworkRows, device: torch.device = CPU) -> Inputs:
    """Return what the network reads as tensors, which share the arrays' memory on the CPU."""
    return [tuple(sent(array, device) for array in field) for field in data.arrays()]


def network_outputs(
    network: N,
    data: NetworkRows,
    team: ThreadTeam,
    compute: Callable[[N, Inputs], Tensor] | None = None,
    token_budget: int = TOKEN_BUDGET,
    workers: Workers | None = None,
) -> np.ndarray:
    """Return the network's outputs for every row, in the rows' order.

    Parameters
    ----------
    network : nn.Module
        Put into evaluation mode.
    data : NetworkRows
    team : ThreadTeam
    compute : callable, optional
        What to compute of a batch; the network's outputs by default.
    token_budget : int
        Most padded positions in a batch.
    workers : Workers, optional
        Processes that share the batches, and each get all outputs.

    Returns
    -------
    ndarray of shape (n_rows, n_outputs), float32
    """
    batches, parts = by_batch(network, data, team, _as_array(compute), token_budget, workers)
    ordered = np.empty((len(data), parts[0].shape[1]), dtype=parts[0].dtype)
    for rows, part in zip(batches, parts, strict=True):
        ordered[rows] = part
    return ordered


def step_outputs(
    network: N,
    data: NetworkRows,
    team: ThreadTeam,
    compute: Callable[[N, Inputs], Tensor],
    n_answers: np.ndarray,
) -> Ragged:
    """Return what is computed for every step, or word, of every row.

    Parameters
    ----------
    network : nn.Module
        Put into evaluation mode.
    data : NetworkRows
        One row at least.
    team : ThreadTeam
    compute : callable
        (network, batch) -> what is said of the batch's steps (n_steps, ...), end to end.
    n_answers : ndarray of shape (n_rows,)
        Steps of each row of which something is said.

    Returns
    -------
    Ragged
        Of the rows in their order.
    """
    batches, parts = by_batch(network, data, team, _as_array(compute))
    order = np.concatenate(batches)
    found = Ragged(np.concatenate(parts), offsets_of(n_answers[order]))
    return found.take(np.argsort(order))


def by_batch(
    network: N,
    data: NetworkRows,
    team: ThreadTeam,
    compute: Callable[[N, Inputs], R],
    token_budget: int = TOKEN_BUDGET,
    workers: Workers | None = None,
) -> tuple[Sequence[np.ndarray], list[R]]:
    """Return the row numbers of each batch, and what is computed of it."""
    if network.training:  # looked at first: to tell every layer takes a while
        network.eval()
    batches = plan_batches(data.lengths, BATCH_SIZE, token_budget=token_budget)
    device = device_of(network)

    def outputs(rows: np.ndarray) -> R:
        with torch.inference_mode():
            return compute(network, as_tensors(data.take(rows), device))

    own = batches if workers is None else batches[workers.rank :: workers.size]
    with reading(network, data.n_steps):
        parts = team.map(outputs, own)
    if workers is not None:
        everyones = workers.gathered(parts)
        parts = [everyones[n % workers.size][n // workers.size] for n in range(len(batches))]
    return batches, parts


def _as_array(
    compute: Callable[[N, Inputs], Tensor] | None,
) -> Callable[[N, Inputs], np.ndarray]:
    """Return what makes an array of a batch, of the network's outputs by default."""

    def compute_array(network: N, fields: Inputs) -> np.ndarray:
        found = network(fields) if compute is None else compute(network, fields)
        array: np.ndarray = found.cpu().numpy()
        return array

    return compute_array
