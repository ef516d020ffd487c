"""Encoders: a sequence of vectors in, one hidden state a step out.

One contract: ``encoder(x, lengths)`` takes ``x`` (B, T, D), padded on the
right, and ``lengths`` (B,), and returns states (B, T, H) with
``H = encoder.out_dim``. States at real steps never depend on padding; what
stands at padded steps is left to the pooling, which masks it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from textseq.nn.dropout import Dropout

CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class Recurrent(nn.Module):
    """Stacked recurrent layers, read forwards or in both directions.

    Each direction is a layer of its own and the backward one reads every row
    reversed within its length, so that padding is always behind the text in
    both directions and can't reach a real state.

    Parameters
    ----------
    cell : {"rnn", "lstm", "gru"}
        h_t = tanh(W_xh x_t + W_hh h_{t-1} + b), or the gated cells built on it.
    input_size : int
        Width D of the input vectors.
    hidden_size : int
        Units of one direction.
    num_layers : int, default 1
    bidirectional : bool, default False
    dropout : float, default 0
        Between layers.

    References
    ----------
    Elman (1990), "Finding Structure in Time"; Hochreiter & Schmidhuber (1997),
    "Long Short-Term Memory"; Cho et al. (2014), "Learning Phrase
    Representations using RNN Encoder-Decoder"; Schuster & Paliwal (1997),
    "Bidirectional Recurrent Neural Networks".

    Examples
    --------
    >>> encoder = Recurrent("lstm", input_size=3, hidden_size=5, bidirectional=True)
    >>> encoder(torch.zeros(2, 4, 3), torch.tensor([4, 2])).shape
    torch.Size([2, 4, 10])
    """

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.bidirectional = bidirectional
        self.out_dim = hidden_size * (2 if bidirectional else 1)
        widths = [input_size] + [self.out_dim] * (num_layers - 1)
        self.forwards = nn.ModuleList(_layer(cell, width, hidden_size) for width in widths)
        self.backwards = nn.ModuleList(
            _layer(cell, width, hidden_size) for width in widths if bidirectional
        )
        self.between = Dropout(dropout)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the hidden states (B, T, H) of ``x`` (B, T, D)."""
        reverse = reversed_steps(lengths, x.shape[1]) if self.bidirectional else None
        for number, layer in enumerate(self.forwards):
            if number:
                x = self.between(x)
            states, _ = layer(x)  # (B, T, H)
            if reverse is not None:
                behind, _ = self.backwards[number](take_steps(x, reverse))
                states = torch.cat([states, take_steps(behind, reverse)], dim=2)
            x = states
        return x


class Mean(nn.Module):
    """Average of the embeddings of a text: no order, no padding.

    Reads tokens end to end, so it takes ids and offsets instead of a padded
    batch. While training, whole tokens are dropped (Iyyer et al. 2015).

    Parameters
    ----------
    input_size : int
        Width D of the embeddings, which is also ``out_dim``.
    dropout : float, default 0
        Share of tokens dropped while training.

    References
    ----------
    Iyyer et al. (2015), "Deep Unordered Composition Rivals Syntactic Methods
    for Text Classification".
    """

    bidirectional = False

    def __init__(self, input_size: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.out_dim = input_size
        self.tokens = Dropout(dropout)

    def forward(self, table: Tensor, ids: Tensor, offsets: Tensor) -> Tensor:
        """Return the mean rows (B, D) of ``table`` (V, D) for ids laid end to end.

        A row without tokens is zeros.
        """
        lengths = offsets.diff()
        shares = (1.0 / lengths.clamp(min=1)).to(table.dtype)
        weights = self.tokens(shares.repeat_interleave(lengths))
        return nn.functional.embedding_bag(
            ids, table, offsets[:-1], mode="sum", per_sample_weights=weights
        )


ENCODERS: dict[str, str] = {
    "mean": "average of the word vectors; no order",
    "rnn": "Elman's recurrent network with tanh",
    "lstm": "long short-term memory",
    "gru": "gated recurrent unit",
}


def build_encoder(
    encoder: str | type[nn.Module], input_size: int, hidden_size: int, **options: Any
) -> nn.Module:
    """Build an encoder by its name in ``ENCODERS``, or from a caller's own class.

    A class is called with ``input_size`` and ``hidden_size``; it must hold the
    contract of this module and have ``out_dim``.
    """
    if not isinstance(encoder, str):
        return encoder(input_size, hidden_size)
    if encoder == "mean":
        return Mean(input_size, options["dropout"])
    return Recurrent(encoder, input_size, hidden_size, **options)


def reversed_steps(lengths: Tensor, width: int) -> Tensor:
    """Return, per row, the step numbers (B, T) that reverse it and leave padding in place."""
    steps = torch.arange(width, device=lengths.device).expand(len(lengths), width)
    ends = lengths[:, None]
    return torch.where(steps < ends, ends - 1 - steps, steps)


def take_steps(x: Tensor, steps: Tensor) -> Tensor:
    """Pick step ``steps[b, t]`` of row ``b`` for every place: (B, T, D) by (B, T)."""
    return x.gather(1, steps[:, :, None].expand(-1, -1, x.shape[2]))


def _layer(cell: str, input_size: int, hidden_size: int) -> nn.Module:
    return CELLS[cell](input_size, hidden_size, batch_first=True)
