"""A decoder that says tokens, each after those before it and what it attends to."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from textseq.nn.attention import Attention, Memory
from textseq.nn.cells import CELLS
from textseq.nn.dropout import Dropout
from textseq.nn.encoders import Stack, layer_sizes
from textseq.nn.representations import Embedding
from textseq.nn.softmax import cross_entropy
from textseq.nn.stateful_run import StatefulRun, States

# Ids of a target vocabulary that no text's token has.
PAD, UNKNOWN, BEGIN, END = range(4)
# Logits that are held all at once, some four times with their gradient: 128 MB. A tenth quicker
# than piece by piece.
FEW_LOGITS = 2**23


class TokenDecoder(nn.Module):
    """Recurrent layers over target tokens, with attention behind them.

    h_t = tanh(W [c_t; s_t] + b) of the layers' state s_t and the context c_t; the next token's
    logits are E h_t + b_o. As nothing of h_t is read by the next step, all steps of a known
    target are one call of each layer. E is the token vectors' table if weights are tied. Where
    the first of several layers attends, s_t that is compared is its state, and the layers above
    read c_t beside the states below them.

    Parameters
    ----------
    cell : {"rnn", "lstm", "gru", "janet"}
    n_tokens : int
        Tokens V, the first four of which are padding, unknown, begin and end.
    embedding_dim : int
        Width E of token vectors and of h_t.
    hidden_size : int or sequence of int
        Units H of all layers, or of each.
    source_size : int
        Width S of the source's vector, and of its states.
    num_layers : int, default 1
    connections : {"plain", "residual", "dense"}, default "plain"
    activation : {"tanh", "relu"}, default "tanh"
        Of the rnn.
    attention : {"additive", "dot"}, optional
        Without it the layers' first state is all that is known of the source.
    attending_layer : {"first", "last"}, default "last"
        Whose states are compared with the source's.
    tie_weights : bool, default True
    embedding_dropout, dropout : float
        On token vectors; on h_t and between layers.

    References
    ----------
    Luong, Pham & Manning (2015), "Effective Approaches to Attention-based Neural Machine
    Translation", equations 5 and 6, without input feeding; attention of the first layer: Wu et
    al. (2016), "Google's Neural Machine Translation System", section 3; tied weights: Press & Wolf
    (2017), "Using the Output Embedding to Improve Language Models".

    Examples
    --------
    >>> decoder = TokenDecoder("gru", 9, embedding_dim=4, hidden_size=5, source_size=3)
    >>> _ = nn.init.normal_(decoder.inputs.weight)
    >>> states = decoder.start(torch.rand(2, 3))
    >>> features, _, states = decoder(torch.tensor([[2, 5, 6], [2, 7, 3]]), None, states)
    >>> decoder.logits(features).shape
    torch.Size([2, 3, 9])
    """

    def __init__(
        self,
        cell: str,
        n_tokens: int,
        embedding_dim: int,
        hidden_size: int | Sequence[int],
        source_size: int,
        *,
        num_layers: int = 1,
        connections: str = "plain",
        activation: str = "tanh",
        attention: str | None = None,
        attending_layer: str = "last",
        tie_weights: bool = True,
        embedding_dropout: float = 0.0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        # A single layer is the first and the last, and nothing above it reads what it attends to.
        self.attends_first = attention is not None and attending_layer == "first" and num_layers > 1
        self.inputs = Embedding(n_tokens, embedding_dim)
        self.embedding_dropout = Dropout(embedding_dropout)
        self.layers = Stack(
            cell,
            embedding_dim,
            hidden_size,
            num_layers=num_layers,
            connections=connections,
            activation=activation,
            dropout=dropout,
            beside=source_size if self.attends_first else 0,
        )
        self.n_parts = len(CELLS[cell].state_names)
        self.sizes = layer_sizes(hidden_size, num_layers)
        self.of_source = nn.Linear(source_size, self.n_parts * sum(self.sizes))
        self.attention = None
        if attention is not None:
            queries = self.sizes[0 if self.attends_first else -1]
            self.attention = Attention(attention, queries, source_size)
        width = self.layers.out_dim + (0 if attention is None else source_size)
        self.combine = nn.Linear(width, embedding_dim)
        self.dropout = Dropout(dropout)
        self.output = None if tie_weights else nn.Parameter(torch.empty(n_tokens, embedding_dim))
        self.bias = nn.Parameter(torch.zeros(n_tokens))

    def start(self, vectors: Tensor) -> States:
        """Return the layers' first states, learned maps of the sources' vectors (B, S)."""
        sizes = [size for size in self.sizes for _ in range(self.n_parts)]
        parts = self.of_source(vectors).tanh().split(sizes, dim=1)
        return tuple(
            tuple(parts[first : first + self.n_parts])
            for first in range(0, len(parts), self.n_parts)
        )

    def forward(
        self,
        ids: Tensor,
        memory: Memory | None,
        states: States,
        keep_weights: bool = True,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, Tensor | None, States]:
        """Read tokens on from where the layers stopped.

        Parameters
        ----------
        ids : Tensor of shape (N, T)
        memory : Memory of B sources, optional
            Each belongs to N / B rows that follow each other.
        states : States of N rows
        keep_weights : bool, default True
            As ``Attention`` takes it.
        lengths : Tensor of shape (N,), optional
            Tokens of each row that are no padding; by default all.

        Returns
        -------
        features : Tensor of shape (N, T, E)
            h_t, of which ``logits`` makes the next token's.
        weights : Tensor of shape (N, T, Tx), optional
        states : States
        """
        run = StatefulRun(states)
        assert self.inputs.weight is not None
        vectors = nn.functional.embedding(ids, self.inputs.weight) * self.inputs.dim**0.5
        x = self.embedding_dropout(vectors)
        if lengths is None:
            lengths = torch.full((len(ids),), ids.shape[1], device=ids.device)
        if self.attention is None:
            read = self.layers(x, lengths, run)  # (N, T, H)
            return self.dropout(self.combine(read).tanh()), None, run.states
        assert memory is not None
        reading = _Reading(self.attention, memory, keep_weights)
        if self.attends_first:
            read = self.layers(x, lengths, run, reading)
        else:
            read = self.layers(x, lengths, run)
            reading(read)
        read = torch.cat([reading.contexts, read], dim=2)
        return self.dropout(self.combine(read).tanh()), reading.weights, run.states

    def logits(self, features: Tensor) -> Tensor:
        """Return logits (..., V) of features (..., E)."""
        return nn.functional.linear(features, self._table, self.bias)

    def losses(self, features: Tensor, ids: Tensor, label_smoothing: float = 0.0) -> Tensor:
        """Return -log p (n,) of tokens ``ids`` (n,), of features (n, E).

        With label smoothing, the mean of it over all tokens has that share.
        """
        if len(features) * len(self.bias) > FEW_LOGITS:
            return cross_entropy(features, self._table, self.bias, ids, label_smoothing)
        return nn.functional.cross_entropy(
            self.logits(features), ids, reduction="none", label_smoothing=label_smoothing
        )

    @property
    def _table(self) -> Tensor:
        table = self.inputs.weight if self.output is None else self.output
        assert table is not None
        return table


class _Reading:
    """What attention reads of the sources for a layer's states, kept for who asks later."""

    contexts: Tensor
    weights: Tensor | None

    def __init__(self, attention: Attention, memory: Memory, keep_weights: bool) -> None:
        self._attention, self._memory, self._keep_weights = attention, memory, keep_weights

    def __call__(self, states: Tensor) -> Tensor:
        """Return contexts (N, T, S) of states (N, T, H)."""
        # The queries of one source side by side: its states need no copies.
        queries = states.reshape(len(self._memory.states), -1, states.shape[2])
        contexts, weights = self._attention(queries, self._memory, self._keep_weights)
        self.contexts = contexts.reshape(*states.shape[:2], -1)
        self.weights = None if weights is None else weights.reshape(*states.shape[:2], -1)
        return self.contexts
