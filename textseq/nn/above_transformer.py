"""What learns above a frozen transformer."""

from __future__ import annotations

from torch import Tensor, nn

from textseq.nn.heads import beside_columns
from textseq.nn.network import SequenceNetwork, pad
from textseq.nn.trainable import Inputs, Trainable


class AboveTransformer(Trainable):
    """The layers of a network above its transformer, which read what that gives.

    They are the network's own: what they learn, the network has learned. Where nothing but the
    head learns, they read one vector of each text; else the states of its tokens.

    Parameters
    ----------
    network : SequenceNetwork
        With a transformer as its encoder, or below it.
    """

    def __init__(self, network: SequenceNetwork) -> None:
        super().__init__()
        over_states = network.contextual is not None
        self.encoder = network.encoder if over_states else nn.Identity()
        self.embedding_dropout = network.embedding_dropout
        self.pooling, self.head = network.pooling, network.head
        self.reads_vectors = not over_states and not list(self.pooling.parameters())
        self.steps_are_tokens = not self.reads_vectors

    def forward(self, fields: Inputs) -> Tensor:
        """Map what the transformer gives to outputs (B, n_outputs).

        Parameters
        ----------
        fields : list of (values, offsets)
            Of each field the vectors (B, D) of its texts, or the states (N, D) of their tokens,
            end to end; the columns beside them as ``SequenceNetwork`` reads them.
        """
        outputs: Tensor = self.head(self.vectors(fields))
        return outputs

    def vectors(self, fields: Inputs) -> Tensor:
        """Return what the head reads (B, F): document vectors, and columns beside them."""
        parts = [self._encode(values, offsets) for values, offsets, *_ in fields]
        return beside_columns(parts, fields)

    def _encode(self, values: Tensor, offsets: Tensor) -> Tensor:
        if self.reads_vectors:
            return values
        x, lengths = pad(values, offsets)
        if not isinstance(self.encoder, nn.Identity):
            x = self.encoder(self.embedding_dropout(x), lengths)
        vectors: Tensor = self.pooling(x, lengths)
        return vectors
