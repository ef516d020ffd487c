"""The maximum over time: each unit's largest state, wherever in the row it stood."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from textseq.kernels.library import kernels


def max_over_time(states: Tensor, lengths: Tensor) -> Tensor:
    """Return the largest of each unit's states over a row's own steps.

    Parameters
    ----------
    states : Tensor of shape (B, T, H)
    lengths : Tensor of shape (B,)

    Returns
    -------
    Tensor of shape (B, H)
        Zeros for a row of length 0.
    """
    compiled = kernels() is not None and states.device.type == "cpu"
    if compiled and states.dtype == torch.float32:
        largest: Tensor = _MaxOverTime.apply(states, lengths)
        return largest
    beyond = torch.arange(states.shape[1], device=states.device) >= lengths[:, None]  # (B, T)
    # masked_fill, not a product: 0 * NaN at a padded step would still be NaN.
    pooled = states.masked_fill(beyond[:, :, None], -torch.inf).amax(1)
    return pooled.masked_fill(lengths[:, None] == 0, 0.0)


class _MaxOverTime(torch.autograd.Function):
    """In one reading of the states; autograd's way takes seven, and masks both ways."""

    @staticmethod
    def forward(ctx: Any, states: Tensor, lengths: Tensor) -> Tensor:
        library = kernels()
        assert library is not None
        states = states if states.stride(2) == 1 else states.contiguous()
        lengths = lengths.contiguous()
        n_rows, _, width = states.shape
        largest = states.new_empty(n_rows, width)
        argmax = torch.empty(n_rows, width, dtype=torch.int32)
        library.max_over_time(
            states.data_ptr(), *states.stride()[:2], lengths.data_ptr(), n_rows, width,
            largest.data_ptr(), argmax.data_ptr(),
        )  # fmt: skip
        ctx.shape = states.shape
        ctx.save_for_backward(argmax)
        return largest

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_largest: Tensor) -> tuple[Tensor, None]:
        (argmax,) = ctx.saved_tensors
        grad_states = grad_largest.new_zeros(ctx.shape)
        # A row of length 0 has no step to give its gradient to.
        given = grad_largest.masked_fill(argmax < 0, 0.0)
        grad_states.scatter_(1, argmax.clamp(min=0).to(torch.int64)[:, None], given[:, None])
        return grad_states, None
