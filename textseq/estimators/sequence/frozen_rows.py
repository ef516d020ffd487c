"""Rows of what a frozen transformer gives, for the layers above it to learn from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from textseq.batches import NetworkRows, SequenceData
from textseq.embedding.vector_store import VectorStore
from textseq.estimators.base import Prepared
from textseq.nn.above_transformer import AboveTransformer
from textseq.nn.network import SequenceNetwork
from textseq.ragged import Ragged
from textseq.training.frozen import frozen_states, frozen_vectors
from textseq.training.threads import ThreadTeam


def above_frozen(prepared: Prepared, team: ThreadTeam, sha256: str | None) -> Prepared:
    """Let what is above a frozen transformer learn, from what that gives, computed once.

    Parameters
    ----------
    prepared : Prepared
        Of a ``SequenceNetwork`` with a transformer, and rows of ids.
    team : ThreadTeam
    sha256 : str or None
        Fingerprint of the transformer's files, by which what they give is kept on disk; None
        keeps nothing.
    """
    network, held_out = prepared.network, prepared.validation
    above = AboveTransformer(network)
    part = network.pooling.kind if above.reads_vectors else "states"
    store = None if sha256 is None else VectorStore("transformer", sha256, part, "float32")
    return replace(
        prepared,
        network=above,
        rows=_read(network, above, prepared.rows, team, store),
        validation=None if held_out is None else _read(network, above, held_out, team, store),
    )


def _read(
    network: SequenceNetwork,
    above: AboveTransformer,
    data: NetworkRows,
    team: ThreadTeam,
    store: VectorStore | None,
) -> SequenceData:
    """Return rows of vectors, or of states, in place of rows of ids."""
    assert isinstance(data, SequenceData)
    if not above.reads_vectors:
        states = (frozen_states(network, ids, team, store) for ids in data.fields)
        return replace(data, fields=tuple(states))
    one_each = np.arange(len(data) + 1)
    vectors = (frozen_vectors(network, ids, team, store) for ids in data.fields)
    return replace(data, fields=tuple(Ragged(own, one_each) for own in vectors))
