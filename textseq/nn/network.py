"""The whole network: embedding rows, encoder, pooling, output layer."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from textseq.nn.dropout import Dropout
from textseq.nn.encoders import Mean, build_encoder
from textseq.nn.heads import Pooling, compare_vectors


class SequenceNetwork(nn.Module):
    """Ids to outputs: embedding, encoder, pooling, one linear layer.

    Parameters
    ----------
    n_tokens, embedding_dim : int
        Rows V and width D of the embedding table.
    n_outputs : int
        Columns of the result: classes, labels, or 1 for a number.
    n_fields : {1, 2}, default 1
        2 for pairs of texts, which share the encoder and are compared by
        their vectors.
    encoder : str or nn.Module subclass, default "lstm"
    hidden_size, num_layers, bidirectional
        Of the encoder.
    pooling : {"last", "mean", "max", "attention"}
    embedding_dropout, dropout : float
        On the word vectors, and before the output layer.
    """

    def __init__(
        self,
        *,
        n_tokens: int,
        embedding_dim: int,
        n_outputs: int,
        n_fields: int = 1,
        encoder: str | type[nn.Module] = "lstm",
        hidden_size: int = 128,
        num_layers: int = 1,
        bidirectional: bool = False,
        pooling: str = "max",
        embedding_dropout: float = 0.0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.empty(n_tokens, embedding_dim))
        options: dict[str, Any] = {"dropout": dropout if num_layers > 1 else 0.0}
        if encoder == "mean":
            options["dropout"] = embedding_dropout
        else:
            options |= {"num_layers": num_layers, "bidirectional": bidirectional}
        self.encoder = build_encoder(encoder, embedding_dim, hidden_size, **options)
        self.embedding_dropout = Dropout(embedding_dropout)
        width = self.encoder.out_dim
        assert isinstance(width, int)
        self.pooling = Pooling(pooling, width, bidirectional)
        self.dropout = Dropout(dropout)
        self.output = nn.Linear(width * (4 if n_fields == 2 else 1), n_outputs)

    def forward(self, fields: list[tuple[Tensor, Tensor]], table: Tensor | None = None) -> Tensor:
        """Map ids to outputs.

        Parameters
        ----------
        fields : list of (ids, offsets)
            Of each field, ids (n_ids,) end to end and offsets (B + 1,).
        table : Tensor of shape (U, D), optional
            Embedding rows that ``ids`` number; the whole table by default.
            Training passes only the rows a batch touches.

        Returns
        -------
        Tensor of shape (B, n_outputs)
        """
        return self.output(self.dropout(self.vectors(fields, table)))

    def vectors(self, fields: list[tuple[Tensor, Tensor]], table: Tensor | None = None) -> Tensor:
        """Return the document vectors (B, H), or (B, 4H) for pairs."""
        table = self.table if table is None else table
        parts = [self._encode(ids, offsets, table) for ids, offsets in fields]
        return parts[0] if len(parts) == 1 else compare_vectors(*parts)

    def _encode(self, ids: Tensor, offsets: Tensor, table: Tensor) -> Tensor:
        if isinstance(self.encoder, Mean):
            return self.encoder(table, ids, offsets)
        padded, lengths = pad(ids, offsets)
        x = self.embedding_dropout(nn.functional.embedding(padded, table))  # (B, T, D)
        return self.pooling(self.encoder(x, lengths), lengths)


def pad(ids: Tensor, offsets: Tensor) -> tuple[Tensor, Tensor]:
    """Lay rows out as one block, padded on the right with id 0.

    Parameters
    ----------
    ids : Tensor of shape (n_ids,)
    offsets : Tensor of shape (B + 1,)

    Returns
    -------
    padded : Tensor of shape (B, T)
    lengths : Tensor of shape (B,)
    """
    lengths = offsets.diff()
    width = max(int(lengths.max()), 1)
    padded = ids.new_zeros(len(lengths), width)
    padded[torch.arange(width, device=ids.device) < lengths[:, None]] = ids
    return padded, lengths
