"""Encoders without order: the mean or the maximum of a text's word vectors."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from textseq.nn.dropout import Dropout
from textseq.nn.normalization import build_normalization

BAGS = ("mean", "max")


class Bag(nn.Module):
    """Mean or maximum over the embeddings of a text: no order, no padding.

    While training it reads tokens end to end instead of a padded batch, and
    drops whole tokens.

    Parameters
    ----------
    kind : {"mean", "max"}
    input_size : int
        Width D of the embeddings, which is also ``out_dim``.
    dropout : float, default 0
        Share of tokens dropped while training.
    normalization : {"batch", "layer", "l2"}, optional
        Of the vector.

    References
    ----------
    Iyyer et al. (2015), "Deep Unordered Composition Rivals Syntactic Methods for Text
    Classification"; the maximum: Shen et al. (2018), "Baseline Needs More Love", equation 4.
    """

    bidirectional = False

    def __init__(
        self, kind: str, input_size: int, dropout: float = 0.0, normalization: str | None = None
    ) -> None:
        super().__init__()
        self.kind = kind
        self.out_dim = input_size
        self.tokens = Dropout(dropout)
        self.norm = (
            None if normalization is None else build_normalization(normalization, input_size)
        )

    def forward(self, table: Tensor, ids: Tensor, offsets: Tensor) -> Tensor:
        """Return the vectors (B, D) of rows whose ids, laid end to end, number ``table`` (V, D).

        A row without tokens is zeros.
        """
        if self.kind == "mean":
            lengths = offsets.diff()
            shares = lengths.clamp(min=1).to(table.dtype).reciprocal()
            weights = self.tokens(shares.repeat_interleave(lengths))
            vectors = nn.functional.embedding_bag(
                ids, table, offsets[:-1], mode="sum", per_sample_weights=weights
            )
        else:
            if self.training and self.tokens.p:
                kept = self.tokens(torch.ones(len(ids), device=ids.device)) > 0
                ids = ids[kept]
                offsets = nn.functional.pad(kept.cumsum(0), (1, 0))[offsets]
            vectors = nn.functional.embedding_bag(ids, table, offsets[:-1], mode="max")
        return self._normalized(vectors)

    def read(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the vectors (B, D) of embedded rows ``x`` (B, T, D), padded to the right."""
        real = torch.arange(x.shape[1], device=x.device) < lengths[:, None]  # (B, T)
        if self.kind == "mean":
            total = x.masked_fill(~real[:, :, None], 0.0).sum(1)
            return self._normalized(total / lengths.clamp(min=1)[:, None].to(x.dtype))
        largest = x.masked_fill(~real[:, :, None], -torch.inf).amax(1)
        return self._normalized(largest.masked_fill(lengths[:, None] == 0, 0.0))

    def _normalized(self, vectors: Tensor) -> Tensor:
        if self.norm is None:
            return vectors
        real = torch.ones(len(vectors), dtype=torch.bool, device=vectors.device)
        normalized: Tensor = self.norm(vectors, real)
        return normalized
