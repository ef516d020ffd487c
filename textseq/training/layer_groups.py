"""Layer groups: which weights learn in an epoch, and at what share of the learning rate."""

from __future__ import annotations

from torch import nn

from textseq.nn.trainable import Trainable


class LayerGroups:
    """A network's weights in groups, of which the upper ones learn earlier and faster.

    Parameters
    ----------
    network : Trainable
    rate_decay : float
        Each group learns at 1 / ``rate_decay`` of the rate of the group above it.
    unfreeze : {"all", "gradual", "none"}
        Groups that learn: all of them; one in the first epoch, from the top, and one more in
        each epoch after it; or the top one alone.

    References
    ----------
    Howard & Ruder (2018), "Universal Language Model Fine-tuning for Text Classification",
    sections 3.2 and 3.3.

    Examples
    --------
    >>> from textseq.nn.network import SequenceNetwork
    >>> network = SequenceNetwork(n_tokens=9, embedding_dim=4, n_outputs=2, hidden_size=3)
    >>> groups = LayerGroups(network, rate_decay=2.0, unfreeze="gradual")
    >>> weights = network.inputs.weight, network.encoder.layers[0].forwards.weights[0]
    >>> [groups.rate(weight) for weight in (*weights, network.head.output.weight)]
    [0.25, 0.5, 1.0]
    >>> [groups.learns(weights[0], epoch) for epoch in (1, 2, 3)]
    [False, False, True]
    """

    def __init__(self, network: Trainable, rate_decay: float, unfreeze: str) -> None:
        self.rate_decay, self.unfreeze = rate_decay, unfreeze
        self.depths = {
            weight: depth
            for depth, group in enumerate(reversed(network.layer_groups()))
            for weight in group
        }

    def rate(self, weight: nn.Parameter) -> float:
        """Return the factor on the learning rate of a weight."""
        return self.rate_decay ** -self.depths[weight]

    def learns(self, weight: nn.Parameter, epoch: int) -> bool:
        """Whether a weight learns in an epoch, the first of which is 1."""
        if self.unfreeze == "all":
            return True
        return self.depths[weight] < (epoch if self.unfreeze == "gradual" else 1)
