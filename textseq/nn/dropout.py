"""Dropout that repeats: each worker thread draws from a generator of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

_drawn_from = threading.local()


@contextmanager
def drawing_from(generator: torch.Generator | None) -> Iterator[None]:
    """Let every ``Dropout`` of this thread draw from ``generator``.

    torch's own dropout takes the process-wide generator, whose order of draws
    depends on how threads interleave; with one generator a shard, the same
    seed and thread count give the same masks.
    """
    before = getattr(_drawn_from, "generator", None)
    _drawn_from.generator = generator
    try:
        yield
    finally:
        _drawn_from.generator = before


class Dropout(nn.Module):
    """Zero each value with probability ``p`` while training, scale the rest by 1/(1-p).

    Parameters
    ----------
    p : float
        Share of values to drop, 0 <= p < 1.

    References
    ----------
    Srivastava et al. (2014), "Dropout: A Simple Way to Prevent Neural Networks
    from Overfitting", JMLR 15.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"dropout must be at least 0 and under 1, got {p}")
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` with values dropped while training, and ``x`` itself otherwise."""
        if not self.training or self.p == 0:
            return x
        keep = 1 - self.p
        generator = getattr(_drawn_from, "generator", None)
        mask = torch.empty_like(x, requires_grad=False).bernoulli_(keep, generator=generator)
        return x * mask.div_(keep)
