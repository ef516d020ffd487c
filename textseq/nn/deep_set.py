"""Layers over a set: each element is read beside what is largest in all."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from textseq.nn.max_pooling import max_over_time


class DeepSet(nn.Module):
    """An encoder whose states do not depend on the order of the steps.

    h_p = relu(A x_p + B max_q x_q + b) in each layer: so every element knows of all others what
    stands out in them. Nothing is dropped between layers: of many elements with values left out
    the maximum is that of the scaled ones, and larger in training than it is afterwards.

    Parameters
    ----------
    input_size : int
        Width D of the elements.
    sizes : sequence of int
        Units of each layer, the last of which are the states' H.

    References
    ----------
    Zaheer et al. (2017), "Deep Sets", section 3 (the equivariant layer, with the maximum).

    Examples
    --------
    >>> import torch
    >>> encoder = DeepSet(input_size=3, sizes=(6, 5))
    >>> x, order = torch.rand(1, 4, 3), torch.tensor([2, 0, 3, 1])
    >>> lengths = torch.tensor([4])
    >>> torch.equal(encoder(x, lengths)[:, order], encoder(x[:, order], lengths))
    True
    """

    bidirectional = False

    def __init__(self, input_size: int, sizes: Sequence[int]) -> None:
        super().__init__()
        widths = [input_size, *sizes[:-1]]
        self.of_each = nn.ModuleList(map(nn.Linear, widths, sizes))
        self.of_all = nn.ModuleList(
            nn.Linear(width, size, bias=False) for width, size in zip(widths, sizes, strict=True)
        )
        self.out_dim = sizes[-1]

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the states (B, T, H) of elements ``x`` (B, T, D), ``lengths`` (B,) of each row."""
        for each, everything in zip(self.of_each, self.of_all, strict=True):
            x = (each(x) + everything(max_over_time(x, lengths))[:, None]).relu()
        return x
