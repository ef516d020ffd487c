"""Optimisers: Adam, AdamW and SGD, of all weights or of the rows a batch touched."""

from __future__ import annotations

import ctypes
import math

import torch
from torch import Tensor

from textseq.kernels.library import kernels

OPTIMIZERS = ("adam", "adamw", "sgd")
BETAS = (0.9, 0.999)
EPSILON = 1e-8


class RowOptimizer:
    """Adam, AdamW or SGD with momentum over a table, for the rows a batch touched.

    A dense step over an embedding table of 100,000 rows costs as much as the
    recurrent network beside it. Rows without a gradient keep their values and
    their moments (as ``torch.optim.SparseAdam`` does).

    Parameters
    ----------
    name : {"adam", "adamw", "sgd"}
    table : Tensor of shape (V, D), or any if all of it is updated
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
        self.library = kernels() if _readable(table) else None

    def step(self, rows: Tensor | None, gradient: Tensor, learning_rate: float) -> None:
        """Update ``table[rows]``, rows (U,) distinct, or all of it, by ``gradient`` (U, D)."""
        self.steps += 1
        if self.library is not None and _readable(gradient):
            self._in_one_pass(self.library, rows, gradient, learning_rate)
        else:
            self._in_torch(slice(None) if rows is None else rows, gradient, learning_rate)

    def _in_torch(self, rows: Tensor | slice, gradient: Tensor, learning_rate: float) -> None:
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
            change = first / second.sqrt().div_(self._correction()).add_(EPSILON)
            learning_rate = learning_rate / (1 - BETAS[0] ** self.steps)
        self.first[rows] = first
        self.table[rows] = values.sub_(change, alpha=learning_rate)

    def _in_one_pass(
        self, library: ctypes.CDLL, rows: Tensor | None, gradient: Tensor, learning_rate: float
    ) -> None:
        shape = (1, gradient.numel()) if rows is None else (len(rows), gradient.shape[1])
        named = None if rows is None else rows.data_ptr()
        decoupled = self.name == "adamw"
        decay = 0.0 if decoupled else self.weight_decay
        table, first = self.table.data_ptr(), self.first.data_ptr()
        if self.second is None:
            library.sgd_rows(
                table, first, named, *shape, gradient.data_ptr(),
                self.momentum, learning_rate, decay,
            )  # fmt: skip
            return
        library.adam_rows(
            table, first, self.second.data_ptr(), named, *shape, gradient.data_ptr(),
            *BETAS, EPSILON, learning_rate / (1 - BETAS[0] ** self.steps), self._correction(),
            1 - learning_rate * self.weight_decay if decoupled else 1.0, decay,
        )  # fmt: skip

    def _correction(self) -> float:
        return math.sqrt(1 - BETAS[1] ** self.steps)


def squared_norm(gradient: Tensor) -> float:
    """Return the sum of squares, taken in float64.

    The squares of an exploding gradient overflow float32 long before it does.
    """
    library = kernels()
    if library is not None and _readable(gradient):
        total: float = library.sum_of_squares(gradient.data_ptr(), gradient.numel())
        return total
    return float(torch.linalg.vector_norm(gradient, dtype=torch.float64).square())


def _readable(values: Tensor) -> bool:
    """Whether the kernels can read these values."""
    return values.dtype == torch.float32 and values.device.type == "cpu" and values.is_contiguous()
