"""Heads: hidden states pooled over time, then mapped to outputs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from textseq.nn.dropout import Dropout
from textseq.nn.max_pooling import max_over_time

POOLINGS = ("last", "mean", "max", "attention")


class Pooling(nn.Module):
    """Turn states (B, T, H) into one vector a row (B, H), never looking at padding.

    A row of length 0 pools to zeros.

    Parameters
    ----------
    kind : {"last", "mean", "max", "attention"}
        ``"last"`` takes each direction's state after its last token;
        ``"attention"`` weighs the states by softmax(v . tanh(W h_t)).
    size : int
        Width H of the states.
    bidirectional : bool
        Whether the second half of the states was read backwards.

    References
    ----------
    Attention pooling: Yang et al. (2016), "Hierarchical Attention Networks for
    Document Classification", equations 5-7.
    """

    def __init__(self, kind: str, size: int, bidirectional: bool = False) -> None:
        super().__init__()
        self.kind = kind
        self.bidirectional = bidirectional
        if kind == "attention":
            self.project = nn.Linear(size, size)
            self.score = nn.Linear(size, 1, bias=False)

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Pool states (B, T, H) over each row's first ``lengths`` (B,) steps."""
        if self.kind == "last":
            return self._last(states, lengths)
        if self.kind == "max":
            return max_over_time(states, lengths)
        real = torch.arange(states.shape[1], device=states.device) < lengths[:, None]  # (B, T)
        # masked_fill, not a product: 0 * NaN at a padded step would still be NaN.
        states = states.masked_fill(~real[:, :, None], 0.0)
        if self.kind == "mean":
            return states.sum(1) / lengths.clamp(min=1)[:, None].to(states.dtype)
        scores = self.score(self.project(states).tanh()).squeeze(2)  # (B, T)
        weights = scores.masked_fill(~real, -torch.inf).softmax(1)
        return _zero_if_empty((weights[:, :, None] * states).sum(1), lengths)

    def _last(self, states: Tensor, lengths: Tensor) -> Tensor:
        rows = torch.arange(len(lengths), device=states.device)
        ends = (lengths - 1).clamp(min=0)
        last = states[rows, ends]
        if self.bidirectional:
            half = states.shape[2] // 2
            last = torch.cat([last[:, :half], states[:, 0, half:]], dim=1)
        return _zero_if_empty(last, lengths)


def _zero_if_empty(pooled: Tensor, lengths: Tensor) -> Tensor:
    return pooled.masked_fill(lengths[:, None] == 0, 0.0)


def compare_vectors(u: Tensor, v: Tensor) -> Tensor:
    """Lay two texts' vectors side by side: u, v, |u - v|, u * v, shape (B, 4H).

    References
    ----------
    Conneau et al. (2017), "Supervised Learning of Universal Sentence
    Representations from Natural Language Inference Data", section 3.1.
    """
    return torch.cat([u, v, (u - v).abs(), u * v], dim=1)


class Head(nn.Module):
    """Document vectors to outputs: hidden layers with relu, if any, then a linear one.

    Parameters
    ----------
    in_features : int
        Width of the vectors.
    n_outputs : int
    hidden_sizes : sequence of int
        Units of each hidden layer.
    dropout, hidden_dropout : float
        On the vectors, and on each hidden layer's units.
    """

    def __init__(
        self,
        in_features: int,
        n_outputs: int,
        hidden_sizes: Sequence[int] = (),
        dropout: float = 0.0,
        hidden_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.dropout = Dropout(dropout)
        self.hidden_dropout = Dropout(hidden_dropout)
        widths = [in_features, *hidden_sizes]
        self.hidden = nn.ModuleList(nn.Linear(*pair) for pair in pairwise(widths))
        self.output = nn.Linear(widths[-1], n_outputs)

    def forward(self, vectors: Tensor) -> Tensor:
        """Map vectors (B, in_features) to outputs (B, n_outputs)."""
        x = self.dropout(vectors)
        for layer in self.hidden:
            x = self.hidden_dropout(layer(x).relu())
        outputs: Tensor = self.output(x)
        return outputs
