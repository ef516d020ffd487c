"""A language model that learns from what it has read, before it reads on."""

from __future__ import annotations

import torch
from torch import Tensor

from textseq.nn.trainable import Trainable
from textseq.training.optimizers import RowOptimizer

RATE, DECAY = 1e-4, 0.0


class DynamicEvaluation:
    """Moves a network's weights after each piece of a text by the gradient of its loss.

    Parameters
    ----------
    network : Trainable
        A copy: it is changed in place.
    """

    def __init__(self, network: Trainable) -> None:
        self.network = network.requires_grad_()
        self.weights = list(network.parameters())
        self._optimizers = [
            RowOptimizer("adam", weight.detach(), momentum=0.0, weight_decay=0.0)
            for weight in self.weights
        ]

    def learn(self, loss: Tensor) -> None:
        """Take a step against the gradient of a loss, which is a mean over tokens."""
        gradients = torch.autograd.grad(loss, self.weights, materialize_grads=True)
        for optimizer, gradient in zip(self._optimizers, gradients, strict=True):
            optimizer.step(None, gradient, RATE)
