"""A network that learns from what it has scored, before it reads on."""

from __future__ import annotations

import torch
from torch import Tensor

from textseq.nn.trainable import Trainable
from textseq.training.optimizers import RowOptimizer

# Of plain gradient descent, as was best on validation parts.
RATE = 0.2


class DynamicEvaluation:
    """Moves all weights of a network after each piece of a text, against its loss's gradient.

    Parameters
    ----------
    network : Trainable
        Changed in place: a copy of what should stay.

    References
    ----------
    Krause et al. (2018), "Dynamic Evaluation of Neural Sequence Models", equation 3; their
    gradients' mean squares are of the training texts, which a fitted model has no more.
    """

    def __init__(self, network: Trainable) -> None:
        network.requires_grad_()
        self._weights = list(network.parameters())
        self._optimizers = [
            RowOptimizer("sgd", weight.detach(), momentum=0.0, weight_decay=0.0)
            for weight in self._weights
        ]

    def learn(self, loss: Tensor) -> None:
        """Take a step against the gradient of a loss."""
        gradients = torch.autograd.grad(loss, self._weights, materialize_grads=True)
        for optimizer, gradient in zip(self._optimizers, gradients, strict=True):
            optimizer.step(None, gradient.contiguous(), RATE)
