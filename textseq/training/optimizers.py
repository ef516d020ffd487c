"""Optimisers: torch's own for dense weights, and one that updates only touched rows."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

OPTIMIZERS = ("adam", "adamw", "sgd")
BETAS = (0.9, 0.999)
EPSILON = 1e-8


def build_optimizer(
    name: str,
    parameters: Iterable[nn.Parameter],
    learning_rate: float,
    momentum: float,
    weight_decay: float,
) -> torch.optim.Optimizer:
    """Build torch's optimiser of that name."""
    parameters = list(parameters)
    if name == "sgd":
        return torch.optim.SGD(
            parameters, lr=learning_rate, momentum=momentum, weight_decay=weight_decay
        )
    kind = torch.optim.AdamW if name == "adamw" else torch.optim.Adam
    return kind(parameters, lr=learning_rate, betas=BETAS, eps=EPSILON, weight_decay=weight_decay)


class RowOptimizer:
    """Adam, AdamW or SGD with momentum over a table, for the rows a batch touched.

    A dense step over an embedding table of 100,000 rows costs as much as the
    recurrent network beside it. Rows without a gradient keep their values and
    their moments (as ``torch.optim.SparseAdam`` does).

    Parameters
    ----------
    name : {"adam", "adamw", "sgd"}
    table : Tensor of shape (V, D)
        Changed in place.
    momentum, weight_decay : float

    References
    ----------
    Kingma & Ba (2015), "Adam", algorithm 1; Loshchilov & Hutter (2019),
    "Decoupled Weight Decay Regularization", algorithm 2.
    """

    def __init__(self, name: str, table: Tensor, momentum: float, weight_decay: float) -> None:
        self.name = name
        self.table = table
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.steps = 0
        self.first = torch.zeros_like(table)
        self.second = torch.zeros_like(table) if name != "sgd" else None

    def step(self, rows: Tensor, gradient: Tensor, learning_rate: float) -> None:
        """Update ``table[rows]``, rows (U,) distinct, by ``gradient`` (U, D)."""
        self.steps += 1
        values = self.table[rows]
        if self.weight_decay:
            if self.name == "adamw":
                values = values * (1 - learning_rate * self.weight_decay)
            else:
                gradient = gradient + self.weight_decay * values
        if self.second is None:
            first = self.first[rows].mul_(self.momentum).add_(gradient)
            change = first
        else:
            first = self.first[rows].lerp_(gradient, 1 - BETAS[0])
            second = self.second[rows].mul_(BETAS[1])
            second.addcmul_(gradient, gradient, value=1 - BETAS[1])
            self.second[rows] = second
            scale = math.sqrt(1 - BETAS[1] ** self.steps)
            change = first / (second.sqrt_().div_(scale).add_(EPSILON))
            learning_rate = learning_rate / (1 - BETAS[0] ** self.steps)
        self.first[rows] = first
        self.table[rows] = values.sub_(change, alpha=learning_rate)
