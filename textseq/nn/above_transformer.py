"""What learns above a frozen transformer."""

from __future__ import annotations

from torch import Tensor, nn

from textseq.nn.heads import compare_vectors
from textseq.nn.network import SequenceNetwork, pad
from textseq.nn.trainable import Inputs, Trainable


class AboveTransformer(Trainable):
    """The layers of a network above its transformer, which read what that gives.

    They are the network's own: what they learn, the network has learned. Where nothing but the
    head learns, they read the document vectors; else the states of each token.

    Parameters
    ----------
    network : SequenceNetwork
        With a transformer as its encoder, or below it.
    """

    def __init__(self, network: SequenceNetwork) -> None:
        super().__init__()
        over_states = network.contextual is not None
        self.encoder = network.encoder if over_states else nn.Identity()
        self.pooling, self.head = network.pooling, network.head
        self.reads_vectors = not over_states and not list(self.pooling.parameters())
        self.steps_are_tokens = not self.reads_vectors

    def forward(self, fields: Inputs) -> Tensor:
        """Map what the transformer gives to outputs (B, n_outputs).

        Parameters
        ----------
        fields : list of (values, offsets)
            The document vectors (B, F) of all fields together, or of each field the states (N, D)
            of its tokens, end to end.
        """
        outputs: Tensor = self.head(self.vectors(fields))
        return outputs

    def vectors(self, fields: Inputs) -> Tensor:
        """Return the document vectors (B, F)."""
        if self.reads_vectors:
            ((vectors, _),) = fields
            return vectors
        parts = [self._encode(states, offsets) for states, offsets in fields]
        return parts[0] if len(parts) == 1 else compare_vectors(*parts)

    def _encode(self, states: Tensor, offsets: Tensor) -> Tensor:
        x, lengths = pad(states, offsets)
        if not isinstance(self.encoder, nn.Identity):
            x = self.encoder(x, lengths)
        vectors: Tensor = self.pooling(x, lengths)
        return vectors
