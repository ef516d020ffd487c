"""Encoders: a sequence of vectors in, one hidden state a step out.

One contract: ``encoder(x, lengths)`` takes ``x`` (B, T, D), padded on the
right, and ``lengths`` (B,), and returns states (B, T, H) with
``H = encoder.out_dim``. States at real steps never depend on padding; what
stands at padded steps is left to the pooling, which masks it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from textseq.nn.bags import BAGS, Bag
from textseq.nn.cells import CELLS
from textseq.nn.contextual import ContextualEncoder
from textseq.nn.convolution import TemporalBlock
from textseq.nn.deep_set import DeepSet
from textseq.nn.dropout import Dropout
from textseq.nn.library_transformer import LibraryTransformer
from textseq.nn.lstm_fcn import LstmFcn
from textseq.nn.normalization import build_normalization
from textseq.nn.recurrent import Recurrent, Run
from textseq.nn.token_rows import TokenRows
from textseq.nn.transformer import Transformer

CONNECTIONS = ("plain", "residual", "dense")
ACTIVATIONS = ("tanh", "relu")

ENCODERS: dict[str, str] = {
    "mean": "average of the word vectors; no order",
    "max": "maximum of the word vectors; no order",
    "rnn": "Elman's recurrent network with tanh or relu",
    "lstm": "long short-term memory",
    "gru": "gated recurrent unit",
    "janet": "an LSTM of the forget gate alone",
    "tcn": "dilated causal convolutions in residual blocks",
    "lstm_fcn": "convolutions beside a small LSTM",
}


class Stack(nn.Module):
    """Layers on top of each other, recurrent or convolutional.

    Parameters
    ----------
    encoder : {"rnn", "lstm", "gru", "janet", "tcn"}
    input_size : int
        Width D of the input vectors.
    hidden_size : int or sequence of int
        Units of one layer and direction; several are those of each layer, the lowest first.
    num_layers : int, default 1
        Of the tcn: levels, each of twice the dilation below.
    bidirectional : bool, default False
        Of the recurrent layers.
    connections : {"plain", "residual", "dense"}, default "plain"
        "residual" adds a layer's input to its output, from the second layer on;
        with "dense" every layer reads the input and the states of all below. The
        tcn's blocks carry a residual connection of their own in any case.
    normalization : {"batch", "layer", "l2"}, optional
        Of each layer's states.
    activation : {"tanh", "relu"}, default "tanh"
        Of the rnn.
    dropout : float, default 0
        Between recurrent layers.
    truncated_bptt_steps : int, optional
        Steps through which the gradient of recurrent layers flows, at most.
    mogrifier : int, optional
        Rounds in which input and state of an lstm scale each other before each step.
    beside : int, default 0
        Width of what every layer above the first reads beside the states below it.

    References
    ----------
    He et al. (2016), "Deep Residual Learning for Image Recognition", equation 1; Ding et al.
    (2018), "Densely Connected Bidirectional LSTM with Applications to Sentence Classification".

    Examples
    --------
    >>> encoder = Stack("gru", input_size=3, hidden_size=5, num_layers=2, connections="dense")
    >>> encoder(torch.zeros(2, 4, 3), torch.tensor([4, 2])).shape
    torch.Size([2, 4, 5])
    >>> narrowing = Stack("lstm", input_size=3, hidden_size=(8, 4), num_layers=2)
    >>> narrowing(torch.zeros(2, 4, 3), torch.tensor([4, 2])).shape
    torch.Size([2, 4, 4])
    """

    def __init__(
        self,
        encoder: str,
        input_size: int,
        hidden_size: int | Sequence[int],
        *,
        num_layers: int = 1,
        bidirectional: bool = False,
        connections: str = "plain",
        normalization: str | None = None,
        activation: str = "tanh",
        dropout: float = 0.0,
        truncated_bptt_steps: int | None = None,
        mogrifier: int | None = None,
        beside: int = 0,
    ) -> None:
        super().__init__()
        self.bidirectional = bidirectional
        self.connections = connections
        self.recurrent = encoder in CELLS
        sizes = layer_sizes(hidden_size, num_layers)
        if self.recurrent:
            check_connections(connections, sizes)
        options: dict[str, Any] = {"activation": activation} if encoder == "rnn" else {}
        if mogrifier is not None:
            options["rounds"] = mogrifier
        self.layers = nn.ModuleList()
        widths = [input_size]  # of the input and of each layer's states
        for number, size in enumerate(sizes):
            width = sum(widths) if connections == "dense" else widths[-1]
            width += beside if number else 0
            if self.recurrent:
                layer: nn.Module = Recurrent(
                    encoder, width, size, bidirectional, truncated_bptt_steps, **options
                )
            else:
                layer = TemporalBlock(width, size, 2**number)
            self.layers.append(layer)
            widths.append(size * (2 if bidirectional else 1))
        self.out_dim = widths[-1]
        self.norms = nn.ModuleList()
        if normalization is not None:
            self.norms.extend(build_normalization(normalization, width) for width in widths[1:])
        self.between = Dropout(dropout if self.recurrent else 0.0)

    def forward(
        self,
        x: Tensor | TokenRows,
        lengths: Tensor,
        run: Run | None = None,
        beside: Callable[[Tensor], Tensor] | None = None,
    ) -> Tensor:
        """Return the states (B, T, H) of ``x`` (B, T, D).

        ``run`` may read its own way. ``beside`` makes what the layers above the first read beside
        the states below them, (B, T, ``beside``), of the first layer's states.
        """
        if isinstance(x, TokenRows) and (not self.recurrent or self.connections == "dense"):
            x = x.dense()
        # The input (B, T, D), then each layer's states (B, T, H).
        below: list[Any] = [x]
        found = None
        for number, layer in enumerate(self.layers):
            # Dense: (B, T, D + the widths of all layers below).
            read = torch.cat(below, dim=2) if number and self.connections == "dense" else below[-1]
            if number and found is not None:
                read = torch.cat([read, found], dim=2)
            if number:
                read = self.between(read)
            states = layer(read, lengths, run) if self.recurrent else layer(read, run)
            if self.norms:
                real = torch.arange(states.shape[1], device=states.device) < lengths[:, None]
                states = self.norms[number](states, real)
            # Not around the first layer, whose input has another width.
            if number and self.connections == "residual" and self.recurrent:
                states = states + below[-1]
            below.append(states)
            if beside is not None and not number:
                found = beside(states)
        return states

    def layer_weights(self) -> list[list[nn.Parameter]]:
        """Return the weights of each layer and its normalisation, the lowest first."""
        norms = self.norms or [nn.Module() for _ in self.layers]
        layers = zip(self.layers, norms, strict=True)
        return [[*layer.parameters(), *norm.parameters()] for layer, norm in layers]


def layer_sizes(hidden_size: int | Sequence[int], num_layers: int) -> list[int]:
    """Return the units of each layer, the lowest first: one number is that of all layers.

    Raises
    ------
    ValueError
        If there are several, and not as many as layers.

    Examples
    --------
    >>> layer_sizes(64, num_layers=2), layer_sizes((256, 128, 64), num_layers=3)
    ([64, 64], [256, 128, 64])
    """
    if isinstance(hidden_size, int):
        return [hidden_size] * num_layers
    if len(hidden_size) != num_layers:
        raise ValueError(
            f"hidden_size={tuple(hidden_size)} is of {len(hidden_size)} layers, but "
            f"num_layers={num_layers}; leave num_layers out"
        )
    return list(hidden_size)


def check_connections(connections: str, sizes: Sequence[int]) -> None:
    """Refuse residual connections between recurrent layers of several widths."""
    if connections == "residual" and len(set(sizes)) > 1:
        raise ValueError(
            f"connections='residual' adds the states of the layer below to a layer's own, which "
            f"must be as wide, but hidden_size={tuple(sizes)}; use layers of one width, or "
            "connections='dense' or 'plain'"
        )


def build_encoder(
    encoder: str | type[nn.Module],
    input_size: int,
    hidden_size: int | Sequence[int],
    *,
    normalization: str | None,
    token_dropout: float,
    transformer: Mapping[str, Any] | None = None,
    **options: Any,
) -> nn.Module:
    """Build an encoder by its name in ``ENCODERS``, or from a caller's own class.

    "deep_set", which knows no order, is for places that know their own. A class is called with
    ``input_size`` and ``hidden_size``; it must hold the contract of this module and have
    ``out_dim``. The options are a ``Stack``'s, and ``transformer`` has those of
    ``build_transformer``.
    """
    if not isinstance(encoder, str):
        return encoder(input_size, hidden_size)
    if encoder in BAGS:
        return Bag(encoder, input_size, token_dropout, normalization)
    if encoder == "transformer":
        assert transformer is not None
        return build_transformer(transformer)
    if encoder == "deep_set":
        return DeepSet(input_size, layer_sizes(hidden_size, options["num_layers"]))
    if encoder == "lstm_fcn":
        (size,) = layer_sizes(hidden_size, 1)
        return LstmFcn(input_size, size, options["dropout"])
    return Stack(encoder, input_size, hidden_size, normalization=normalization, **options)


def build_transformer(arguments: Mapping[str, Any]) -> ContextualEncoder:
    """Build a transformer: textseq's own, or that of a ``config`` by its makers' library."""
    kind = LibraryTransformer if "config" in arguments else Transformer
    return kind(**arguments)
