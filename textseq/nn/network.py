"""The whole network: token vectors, encoder, pooling, head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from textseq.nn.bags import Bag
from textseq.nn.contextual import ContextualEncoder
from textseq.nn.dropout import Dropout
from textseq.nn.encoders import Stack, build_encoder, build_transformer
from textseq.nn.heads import Head, Pooling, beside_columns
from textseq.nn.recurrent import Run
from textseq.nn.representations import Numbers, build_inputs
from textseq.nn.token_rows import TokenRows
from textseq.nn.trainable import Inputs, Trainable


class SequenceNetwork(Trainable):
    """Sequences to outputs: representation, encoder, pooling, head.

    Parameters
    ----------
    n_tokens : int
        Tokens V that ids may name.
    embedding_dim : int
        Width D of embeddings.
    n_outputs : int
        Columns of the result: classes, labels, or 1 for a number.
    n_fields : {1, 2}, default 1
        2 for pairs of texts, which share the encoder and are compared by
        their vectors.
    representation : {"embedding", "onehot", "integer", "transformer", "numbers"}
        "numbers" are sequences of D numbers a step instead of ids; with "transformer" the encoder
        reads the contextual states of one.
    encoder : str or nn.Module subclass, default "lstm"
    hidden_size, num_layers, bidirectional, connections, normalization, activation
        Of the encoder.
    truncated_bptt_steps : int, optional
        Likewise.
    transformer : mapping, optional
        Arguments of the transformer that is the encoder, or is read by it.
    pooling : {"last", "mean", "max", "attention", "concat", "first"}
    head_sizes : sequence of int
        Units of the head's hidden layers.
    embedding_dropout, dropout, head_dropout : float
        On what the encoder reads, token vectors or a transformer's states; on the document
        vectors and between recurrent layers; and on the head's hidden layers.
    n_columns : int, default 0
        Numbers C that the head reads beside the document vectors.
    n_features : int, default 0
        Numbers that the encoder reads of each step behind its token's vector.
    """

    def __init__(
        self,
        *,
        n_tokens: int,
        embedding_dim: int,
        n_outputs: int,
        n_fields: int = 1,
        representation: str = "embedding",
        encoder: str | type[nn.Module] = "lstm",
        hidden_size: int | Sequence[int] = 128,
        num_layers: int = 1,
        bidirectional: bool = False,
        connections: str = "plain",
        normalization: str | None = None,
        activation: str = "tanh",
        truncated_bptt_steps: int | None = None,
        transformer: Mapping[str, Any] | None = None,
        pooling: str = "max",
        head_sizes: Sequence[int] = (),
        embedding_dropout: float = 0.0,
        dropout: float = 0.0,
        head_dropout: float = 0.0,
        n_columns: int = 0,
        n_features: int = 0,
    ) -> None:
        super().__init__()
        self.inputs = build_inputs(representation, n_tokens, embedding_dim)
        self.steps_are_tokens = self.reads_tokens
        self.contextual = None
        if representation == "transformer":
            assert transformer is not None
            self.contextual = build_transformer(transformer)
        self.encoder = build_encoder(
            encoder,
            self.inputs.dim + n_features,
            hidden_size,
            num_layers=num_layers,
            bidirectional=bidirectional,
            connections=connections,
            normalization=normalization,
            activation=activation,
            dropout=dropout,
            token_dropout=embedding_dropout,
            truncated_bptt_steps=truncated_bptt_steps,
            transformer=transformer,
        )
        self.embedding_dropout = Dropout(embedding_dropout)
        width = self.encoder.out_dim
        assert isinstance(width, int)
        self.pooling = Pooling(pooling, width, bidirectional)
        pooled = isinstance(self.encoder, Bag)  # by itself
        features = (width if pooled else self.pooling.out_dim) * (4 if n_fields == 2 else 1)
        self.head = Head(
            features + n_columns, n_outputs, head_sizes, dropout, head_dropout, n_columns
        )
        self.head.initialize()

    def layer_groups(self) -> list[list[nn.Parameter]]:
        """Return the weights of the table, of each layer of the encoder, and of the head."""
        table = [] if self.table is None else [self.table]
        # Above a transformer all is new, and learns as the head does.
        pretrained = self.transformer or self.encoder
        layers: list[list[nn.Parameter]] = [list(pretrained.parameters())]
        if isinstance(pretrained, Stack | ContextualEncoder):
            layers = pretrained.layer_weights()
        if isinstance(pretrained, ContextualEncoder):
            table += layers.pop(0)
        lower = {weight for group in (table, *layers) for weight in group}
        head = [weight for weight in self.parameters() if weight not in lower]
        return [group for group in (table, *layers, head) if group]

    def undecayed(self) -> set[nn.Parameter]:
        """Return a transformer's biases and normalisations, which its makers do not decay."""
        weights = [] if self.transformer is None else self.transformer.parameters()
        return {weight for weight in weights if weight.ndim == 1}

    @property
    def transformer(self) -> ContextualEncoder | None:
        """The transformer that is the encoder, or is read by it, if there is one."""
        encoder = self.encoder if self.contextual is None else self.contextual
        return encoder if isinstance(encoder, ContextualEncoder) else None

    @property
    def table(self) -> nn.Parameter | None:
        """The embedding table (V, D), if there is one."""
        return self.inputs.weight

    @property
    def reads_tokens(self) -> bool:
        """Whether rows are token ids, not numbers."""
        return not isinstance(self.inputs, Numbers)

    def forward(self, fields: Inputs, table: Tensor | None = None) -> Tensor:
        """Map ids to outputs.

        Parameters
        ----------
        fields : list of (ids, offsets)
            Of each field, ids (n_ids,) or numbers (n_steps, D) end to end, and offsets (B + 1,);
            of the first, behind these, the columns (B, C) that stand beside the sequences.
        table : Tensor of shape (U, D), optional
            Token vectors that ``ids`` number, where they are not the whole
            vocabulary's. Training passes only the rows a batch touches.

        Returns
        -------
        Tensor of shape (B, n_outputs)
        """
        outputs: Tensor = self.head(self.vectors(fields, table))
        return outputs

    def vectors(self, fields: Inputs, table: Tensor | None = None) -> Tensor:
        """Return what the head reads: document vectors (B, H), or (B, 4H) for pairs; columns."""
        parts = [self._encode(ids, offsets, table) for ids, offsets, *_ in fields]
        return beside_columns(parts, fields)

    def token_vectors(self, ids: Tensor) -> Tensor:
        """Return what the encoder reads (n, D) of ids (n,)."""
        return self.inputs.rows(ids).to(self.head.output.weight.dtype)

    def embed(
        self, ids: Tensor, offsets: Tensor, table: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return token vectors (B, T, D), padded to the right, and lengths (B,)."""
        padded, lengths = pad(ids, offsets)
        if table is None:
            x = self.token_vectors(padded.flatten(0, 1)).unflatten(0, padded.shape[:2])
        else:
            x = nn.functional.embedding(padded, table)
        return (x if self.contextual is not None else self.embedding_dropout(x)), lengths

    def states(self, x: Tensor, lengths: Tensor, run: Run | None = None) -> Tensor:
        """Return the encoder's states (B, T, H) of token vectors (B, T, D)."""
        if self.contextual is not None:
            x = self.embedding_dropout(self.contextual(x, lengths))
        if run is not None and isinstance(self.encoder, Stack):
            return self.encoder(x, lengths, run)
        states: Tensor = self.encoder(x, lengths)
        return states

    def read(self, x: Tensor, lengths: Tensor, run: Run | None = None) -> Tensor:
        """Return the document vectors (B, H) of token vectors (B, T, D)."""
        if isinstance(self.encoder, Bag):
            return self.encoder.read(x, lengths)
        vectors: Tensor = self.pooling(self.states(x, lengths, run), lengths)
        return vectors

    def step_states(
        self, ids: Tensor, offsets: Tensor, table: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the encoder's states (B, T, H) of ids as ``forward`` takes them, and lengths."""
        same = self.reads_tokens and self.contextual is None
        dropping = self.training and self.embedding_dropout.p
        if isinstance(self.encoder, Stack) and same and len(ids) and not dropping:
            # Nothing tells steps of the same token apart.
            distinct, inverse = ids.unique(return_inverse=True)
            index, lengths = pad(inverse, offsets)
            vectors_of = self.token_vectors(distinct) if table is None else table[distinct]
            states: Tensor = self.encoder(TokenRows(vectors_of, index), lengths)
            return states, lengths
        x, lengths = self.embed(ids, offsets, table)
        return self.states(x, lengths), lengths

    def _encode(self, ids: Tensor, offsets: Tensor, table: Tensor | None) -> Tensor:
        if not isinstance(self.encoder, Bag):
            vectors: Tensor = self.pooling(*self.step_states(ids, offsets, table))
            return vectors
        if table is None:
            table = self.inputs.weight
        if table is None:  # nothing learned: rows are made for the tokens at hand
            if self.reads_tokens:
                distinct, ids = ids.unique(return_inverse=True)
                table = self.token_vectors(distinct)
            else:
                table, ids = self.token_vectors(ids), torch.arange(len(ids), device=ids.device)
        bags: Tensor = self.encoder(table, ids, offsets)
        return bags


def pad(ids: Tensor, offsets: Tensor) -> tuple[Tensor, Tensor]:
    """Lay rows out as one block, padded on the right with zeros.

    Parameters
    ----------
    ids : Tensor of shape (n_ids,) or (n_steps, D)
    offsets : Tensor of shape (B + 1,)

    Returns
    -------
    padded : Tensor of shape (B, T) or (B, T, D)
    lengths : Tensor of shape (B,)
    """
    lengths = offsets.diff()
    width = max(int(lengths.max()), 1)
    padded = ids.new_zeros(len(lengths), width, *ids.shape[1:])
    padded[torch.arange(width, device=ids.device) < lengths[:, None]] = ids
    return padded, lengths
