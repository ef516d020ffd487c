"""Transformer encoders of the BERT family, computed without padding.

Rows of a batch lie end to end, so that matrices multiply real tokens alone; attention is computed
for rows of the same length together, which need no mask. A row's states are the same in every
batch but for the order in which a matrix product adds.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from textseq.nn.contextual import ContextualEncoder
from textseq.nn.dropout import Dropout
from textseq.nn.packed_linear import PackedLinear


class Block(nn.Module):
    """One layer: self-attention and a feed-forward part, each added to its input, normalised.

    Parameters
    ----------
    width : int
        Of the states, D.
    n_heads : int
        Heads H of D / H values each.
    hidden : int
        Units of the feed-forward part.
    activation : {"gelu", "gelu_tanh", "relu"}
    epsilon : float
        Of the layer normalisations.
    dropout : float
        Share of each part's outputs that training leaves out.
    """

    def __init__(
        self,
        width: int,
        n_heads: int,
        hidden: int,
        activation: str,
        epsilon: float,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.n_heads = n_heads
        # Queries, keys and values of all heads in one product.
        self.qkv = PackedLinear(width, 3 * width)
        self.attended = PackedLinear(width, width)
        self.attention_norm = nn.LayerNorm(width, epsilon)
        self.widen = PackedLinear(width, hidden, activation)
        self.narrow = PackedLinear(hidden, width)
        self.output_norm = nn.LayerNorm(width, epsilon)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, runs: list[tuple[int, int, int]]) -> Tensor:
        """Return the next states (N, D) of states (N, D).

        Parameters
        ----------
        x : Tensor of shape (N, D)
            Rows end to end.
        runs : list of (start, n_rows, length)
            Neighbouring rows of the same length, by their first token.
        """
        qkv = self.qkv(x)  # (N, 3 D)
        parts = [
            self._attend(qkv[start : start + n_rows * length], n_rows, length)
            for start, n_rows, length in runs
        ]
        attended = torch.cat(parts) if len(parts) > 1 else parts[0]
        states = self.attention_norm(self._added(self.attended, attended, x))
        output: Tensor = self.output_norm(self._added(self.narrow, self.widen(states), states))
        return output

    def _added(self, layer: PackedLinear, x: Tensor, states: Tensor) -> Tensor:
        """Return states (N, D), and what a layer makes of x added to them."""
        if self.dropout.drops:
            return states + self.dropout(layer(x))
        return layer.plus(x, states)

    def _attend(self, qkv: Tensor, n_rows: int, length: int) -> Tensor:
        """Return what each token of rows of one length attends to (n_rows * length, D)."""
        # (3, B, H, T, D / H)
        q, k, v = qkv.view(n_rows, length, 3, self.n_heads, -1).permute(2, 0, 3, 1, 4)
        read = F.scaled_dot_product_attention(q, k, v)
        return read.transpose(1, 2).reshape(n_rows * length, -1)


class Transformer(ContextualEncoder):
    """Token vectors to contextual states, as BERT and its like encode.

    Parameters
    ----------
    width : int
        D, of token vectors and states.
    n_layers, n_heads, hidden, activation, epsilon, dropout
        Of the blocks.
    n_positions : int
        Rows of the table of positions.
    first_position : int, default 0
        Row of a text's first token; those before it are for padding.

    References
    ----------
    Vaswani et al. (2017), "Attention Is All You Need"; Devlin et al. (2019), "BERT"; Liu et al.
    (2019), "RoBERTa"; Sanh et al. (2019), "DistilBERT".

    Examples
    --------
    >>> encoder = Transformer(width=4, n_layers=1, n_heads=2, hidden=8, n_positions=6)
    >>> encoder(torch.zeros(2, 3, 4), torch.tensor([3, 2])).shape
    torch.Size([2, 3, 4])
    """

    def __init__(
        self,
        *,
        width: int,
        n_layers: int,
        n_heads: int,
        hidden: int,
        n_positions: int,
        first_position: int = 0,
        activation: str = "gelu",
        epsilon: float = 1e-12,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.out_dim = width
        self.first_position = first_position
        self.positions = nn.Embedding(n_positions, width)
        self.norm = nn.LayerNorm(width, epsilon)
        self.dropout = Dropout(dropout)
        self.blocks = nn.ModuleList(
            Block(width, n_heads, hidden, activation, epsilon, dropout) for _ in range(n_layers)
        )

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the states (B, T, D) of token vectors (B, T, D), and zeros behind a row's end.

        Rows hold the tokens that begin and end a text. Those of one length best stand together.
        """
        real = torch.arange(x.shape[1], device=x.device) < lengths[:, None]  # (B, T)
        # From here on N real tokens, row by row.
        position = real.nonzero()[:, 1] + self.first_position
        states = self.dropout(self.norm(x[real] + self.positions(position)))  # (N, D)
        runs = _runs(lengths.tolist())
        for block in self.blocks:
            states = block(states, runs)
        padded = x.new_zeros(x.shape, dtype=states.dtype)
        padded[real] = states
        return padded

    def layer_weights(self) -> list[list[nn.Parameter]]:
        """Return the weights of the positions, and of each block from the lowest up."""
        embeddings = [*self.positions.parameters(), *self.norm.parameters()]
        return [embeddings, *(list(block.parameters()) for block in self.blocks)]


def _runs(lengths: list[int]) -> list[tuple[int, int, int]]:
    """Return the runs of neighbouring rows of one length: first token, rows, length.

    Examples
    --------
    >>> _runs([3, 3, 2, 0])
    [(0, 2, 3), (6, 1, 2)]
    """
    if not lengths:
        return []
    bounds = [0, *(np.flatnonzero(np.diff(lengths)) + 1).tolist(), len(lengths)]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return [
        (int(offsets[first]), stop - first, lengths[first])
        for first, stop in zip(bounds[:-1], bounds[1:], strict=True)
        if lengths[first]
    ]
