"""What a frozen transformer gives of texts: computed once, for all epochs, folds and seeds."""

from __future__ import annotations

import tempfile
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from textseq.batches import SequenceData, plan_batches
from textseq.embedding.vector_store import VectorStore
from textseq.nn.network import SequenceNetwork
from textseq.ragged import Ragged, offsets_of
from textseq.training.devices import device_of
from textseq.training.outputs import BATCH_SIZE, as_tensors, reading
from textseq.training.threads import ThreadTeam

# Tokens of a batch: of one thread, so that what a layer hands on stays in the core's cache.
TOKEN_BUDGET = 1_536
# Texts that are computed before they are written to the disk: what a kill can lose.
KEPT_TOGETHER = 1_000

# (network, x (B, T, D), lengths (B,)) -> states (B, T, D), or vectors (B, D).
Compute = Callable[[SequenceNetwork, Tensor, Tensor], Tensor]


def frozen_vectors(
    network: SequenceNetwork, ids: Ragged, team: ThreadTeam, store: VectorStore | None
) -> np.ndarray:
    """Return the vector of each text: the transformer's states, pooled.

    Parameters
    ----------
    network : SequenceNetwork
        Put into evaluation mode.
    ids : Ragged
        Of n texts.
    team : ThreadTeam
    store : VectorStore, optional
        Where vectors are looked up before they are computed, and kept.

    Returns
    -------
    ndarray of shape (n, D), float32
    """
    width = network.pooling.out_dim
    found = _computed(network, ids, np.ones(len(ids), np.int64), width, team, store, _pooled)
    return np.asarray(found)


def frozen_states(
    network: SequenceNetwork, ids: Ragged, team: ThreadTeam, store: VectorStore | None
) -> Ragged:
    """Return the transformer's states of each text's tokens, as ``frozen_vectors`` its vector.

    They lie in a file that nobody else sees and that is gone with its last reader: many texts'
    take more than memory has.
    """
    assert network.transformer is not None
    width = network.transformer.out_dim
    found = _computed(network, ids, ids.lengths, width, team, store, _contextual)
    return Ragged(found, ids.offsets)


def _pooled(network: SequenceNetwork, x: Tensor, lengths: Tensor) -> Tensor:
    return network.read(x, lengths).float()


def _contextual(network: SequenceNetwork, x: Tensor, lengths: Tensor) -> Tensor:
    assert network.transformer is not None
    states: Tensor = network.transformer(x, lengths)
    return states.float()


def _computed(
    network: SequenceNetwork,
    ids: Ragged,
    n_values: np.ndarray,
    width: int,
    team: ThreadTeam,
    store: VectorStore | None,
    compute: Compute,
) -> np.ndarray:
    """Return ``n_values`` (n,) vectors of each of n texts, end to end, in a file of its own."""
    offsets = offsets_of(n_values)
    shape = int(offsets[-1]), width
    if not shape[0]:
        return np.empty(shape, np.float32)
    with tempfile.TemporaryFile() as file:
        values = np.memmap(file, np.float32, "w+", shape=shape)
    device, missing = device_of(network), np.arange(len(ids))
    network.eval()

    def write(rows: np.ndarray) -> None:
        part = ids.take(rows)
        with torch.inference_mode():
            ((tokens, bounds),) = as_tensors(SequenceData((part,)), device)
            found = compute(network, *network.embed(tokens, bounds)).cpu().numpy()
        for row, own in zip(rows, found, strict=True):
            values[offsets[row] : offsets[row + 1]] = own.reshape(-1, width)[: n_values[row]]

    keys: list[bytes] = []
    if store is not None:
        keys = [store.key(ids[row]) for row in range(len(ids))]
        missing = _read(store, keys, values, offsets)
    together = max(len(missing), 1) if store is None else KEPT_TOGETHER
    with reading(network, int(ids.lengths[missing].sum())):
        for start in range(0, len(missing), together):
            rows = missing[start : start + together]
            planned = plan_batches(ids.lengths[rows], BATCH_SIZE, token_budget=TOKEN_BUDGET)
            team.map(write, [rows[batch] for batch in planned])
            if store is not None:
                own = [values[offsets[row] : offsets[row + 1]] for row in rows]
                with store.alone():
                    store.add([keys[row] for row in rows], ids.lengths[rows], own)
    return values


def _read(
    store: VectorStore, keys: list[bytes], values: np.ndarray, offsets: np.ndarray
) -> np.ndarray:
    """Fill in the texts that the store has, and return the rows of the others."""
    first: dict[bytes, list[int]] = {}
    for row, key in enumerate(keys):
        first.setdefault(key, []).append(row)
    held = store.held(first)
    for key, vector in store.read(held) if held else ():
        for row in first[key]:
            values[offsets[row] : offsets[row + 1]] = vector.reshape(-1, values.shape[1])
    return np.array([row for row, key in enumerate(keys) if key not in held], dtype=np.int64)
