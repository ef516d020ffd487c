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
        kept = self.kept(x.numel(), x.device)
        if kept is None:
            return x
        return x * kept.view(x.shape).to(x.dtype).mul_(self.scale)

    @property
    def drops(self) -> bool:
        """Whether it changes anything now."""
        return self.training and self.p > 0

    @property
    def scale(self) -> float:
        """Factor on the values that stay."""
        return 1 / (1 - self.p)

    def kept(self, count: int, device: torch.device | None = None) -> Tensor | None:
        """Draw which of ``count`` values stay (count,), bool; None if all do."""
        return _kept(count, 1 - self.p, device) if self.drops else None


class LockedDropout(Dropout):
    """Zero the same values of a row at every step: one mask (B, D) for all of (B, T, D).

    Parameters
    ----------
    p : float
        Share of values to drop, 0 <= p < 1.

    References
    ----------
    Gal & Ghahramani (2016), "A Theoretically Grounded Application of Dropout in Recurrent
    Neural Networks", section 4; Merity et al. (2018), section 3.2, name it variational dropout.

    Examples
    --------
    >>> kept = LockedDropout(0.5)(torch.ones(2, 7, 3))
    >>> torch.equal(kept[:, 0], kept[:, 6])
    True
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` (B, T, D) with values dropped while training, or ``x`` itself."""
        n_rows, _, width = x.shape
        kept = self.kept(n_rows * width, x.device)
        if kept is None:
            return x
        return x * kept.view(n_rows, 1, width).to(x.dtype).mul_(self.scale)


class WordDropout(Dropout):
    """Drop whole words: one draw for each token of the vocabulary, wherever it stands.

    Parameters
    ----------
    p : float
        Share of the vocabulary to drop, 0 <= p < 1.
    n_tokens : int
        Tokens V that ids may name.

    References
    ----------
    Gal & Ghahramani (2016), section 4.2; Merity et al. (2018), section 3.3.
    """

    def __init__(self, p: float, n_tokens: int) -> None:
        super().__init__(p)
        self.n_tokens = n_tokens

    def of_words(self, x: Tensor, ids: Tensor) -> Tensor:
        """Return the vectors ``x`` (B, T, D) of ids (B, T) with words dropped while training."""
        kept = self.kept(self.n_tokens, x.device)
        if kept is None:
            return x
        return x * kept.to(x.dtype).mul_(self.scale)[ids][:, :, None]


def _kept(count: int, share: float, device: torch.device | None) -> Tensor:
    """Draw which of ``count`` values stay, each with probability ``share`` (to 1/65536).

    Four 16-bit numbers are cut from each 64-bit draw: a tenth of the time that torch's
    bernoulli takes, which is as long as a small layer's.
    """
    generator = getattr(_drawn_from, "generator", None)
    draws = torch.empty((count + 3) // 4, dtype=torch.int64, device=device)
    draws.random_(-(2**63), None, generator=generator)
    highest = 2**15 - 1  # a share of almost 1 must stay a number of 16 bits
    return draws.view(torch.int16)[:count] < min(round(share * 2**16) - 2**15, highest)
