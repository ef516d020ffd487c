"""A network that learns from what it has scored, before it reads on."""

from __future__ import annotations

import torch
from torch import Tensor

from textseq.nn.trainable import Trainable

# Chosen on validation parts, by character and by word: the size of steps, how much of the way back
# to the fitted weights each goes, and how long squares of gradients are remembered.
RATE, DECAY, MEMORY = 1e-3, 3e-3, 0.999
TINY = 1e-12


class DynamicEvaluation:
    """Moves all weights of a network after each piece of a text, against its loss's gradient.

    A weight moves by rate * g / (r + mean r), r being the root of the mean square of its gradients
    so far, whose mean over the matrix keeps the rows of rare tokens from large steps; then all
    go a little of the way back to where they were at first.

    Parameters
    ----------
    network : Trainable
        Changed in place: a copy of what should stay.

    References
    ----------
    Krause et al. (2018), "Dynamic Evaluation of Neural Sequence Models", equations 5 and 6. There
    the mean squares are those of the training texts, which a fitted model has no more.
    """

    def __init__(self, network: Trainable) -> None:
        network.requires_grad_()
        self._weights = list(network.parameters())
        self._first = [weight.detach().clone() for weight in self._weights]
        self._squares = [torch.zeros_like(weight) for weight in self._first]
        self._n_steps = 0

    def learn(self, loss: Tensor) -> None:
        """Take a step against the gradient of a loss."""
        gradients = torch.autograd.grad(loss, self._weights, materialize_grads=True)
        self._n_steps += 1
        seen = 1 - MEMORY**self._n_steps
        parts = zip(self._weights, gradients, self._first, self._squares, strict=True)
        with torch.no_grad():
            for weight, gradient, first, squares in parts:
                squares.mul_(MEMORY).addcmul_(gradient, gradient, value=1 - MEMORY)
                size = (squares / seen).sqrt_()
                size += size.mean() + TINY
                weight.addcdiv_(gradient, size, value=-RATE).lerp_(first, DECAY)
