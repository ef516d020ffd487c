"""The average of the weights over training, which validates and is kept in their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

AVERAGINGS = ("exponential", "triggered")
# Of the exponential average: the share that a step's weights have, at least, and how much later
# than the first step averaging takes hold.
LEAST_SHARE, WARMUP = 0.002, 10
# Epochs that the validation loss must have been no better than before, for the mean to begin.
NON_MONOTONE = 5


class WeightAverage:
    """The average of weights, over the steps of training.

    Parameters
    ----------
    kind : {"exponential", "triggered"}
        "exponential" forgets a step by and by: each has a share of 0.002, and more at first.
        "triggered" is the plain mean from where the validation loss has been no better for five
        epochs than before; until then the weights are as they are.
    weights : sequence of Tensor
        What training changes, in place.

    References
    ----------
    Polyak & Juditsky (1992), "Acceleration of Stochastic Approximation by Averaging";
    "triggered": Merity et al. (2018), "Regularizing and Optimizing LSTM Language Models",
    algorithm 1 (NT-ASGD).

    Examples
    --------
    >>> weight = torch.tensor([1.0])
    >>> average = WeightAverage("triggered", [weight])
    >>> average.observe([3.0, 2.0, 2.5, 2.5, 2.5, 2.5, 2.1])
    >>> for value in (4.0, 6.0):
    ...     _ = weight.fill_(value)
    ...     average.step()
    >>> with average.in_place():
    ...     print(weight)
    tensor([5.])
    >>> weight
    tensor([6.])
    """

    def __init__(self, kind: str, weights: Sequence[Tensor]) -> None:
        self.kind, self.weights = kind, list(weights)
        self.begun, self.n_steps = kind == "exponential", 0
        self.means = [torch.zeros_like(weight) for weight in weights]

    def step(self) -> None:
        """Take a step's weights in."""
        if not self.begun:
            return
        share = 1 / (self.n_steps + 1)
        if self.kind == "exponential" and self.n_steps:
            share = max(LEAST_SHARE, (WARMUP - 1) / (self.n_steps + WARMUP))
        self.n_steps += 1
        for mean, weight in zip(self.means, self.weights, strict=True):
            mean.lerp_(weight, share)

    def observe(self, losses: Sequence[float]) -> None:
        """Take note of the validation loss of all epochs so far."""
        earlier = losses[:-NON_MONOTONE]
        self.begun = self.begun or (len(earlier) > 0 and losses[-1] > min(earlier))

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the weights be their average for a while, if there is one."""
        if not self.n_steps:
            yield
            return
        own = [weight.clone() for weight in self.weights]
        self._write(self.means)
        try:
            yield
        finally:
            self._write(own)

    def state(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """Return what it has taken in: JSON-able facts, and tensors by name."""
        facts = {"begun": self.begun, "n_steps": self.n_steps}
        return facts, {str(number): mean for number, mean in enumerate(self.means)}

    def take_up(self, facts: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        """Go on from what ``state`` returned."""
        self.begun, self.n_steps = facts["begun"], facts["n_steps"]
        for name, kept in tensors.items():
            self.means[int(name)].copy_(kept)

    def _write(self, values: Sequence[Tensor]) -> None:
        for weight, value in zip(self.weights, values, strict=True):
            weight.copy_(value)
