"""JANET's states over all steps, with the gradient written by hand.

Left to autograd, each step would leave a dozen nodes; here a step is one matrix product
and a few products in place, and the recurrent weights' gradient is one product at the end.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def janet_states(steps: Tensor, recurrent: Tensor, start: Tensor) -> Tensor:
    """Run the cell over all steps.

    Parameters
    ----------
    steps : Tensor of shape (T, B, 2H)
        W_x x_t + b of the forget gate and the candidate.
    recurrent : Tensor of shape (2H, H)
        W_hf above W_hc.
    start : Tensor of shape (B, H)

    Returns
    -------
    Tensor of shape (T, B, H)
        h_t = sigmoid(s_t) * h_{t-1} + (1 - sigmoid(s_t - 1)) * tanh(c_t).
    """
    states: Tensor = _JanetStates.apply(steps, recurrent, start)
    return states


class _JanetStates(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, steps: Tensor, recurrent: Tensor, start: Tensor) -> Tensor:
        width = start.shape[1]
        states = steps.new_empty(len(steps) + 1, *start.shape)
        states[0] = start
        forget, write, candidate = (states.new_empty(len(steps), *start.shape) for _ in range(3))
        across = recurrent.t()
        for t, step in enumerate(steps):
            total = torch.addmm(step, states[t], across)  # (B, 2H)
            s = total[:, :width]
            torch.sigmoid(s, out=forget[t])
            torch.sigmoid(1 - s, out=write[t])  # = 1 - sigmoid(s - 1)
            torch.tanh(total[:, width:], out=candidate[t])
            torch.mul(forget[t], states[t], out=states[t + 1])
            states[t + 1].addcmul_(write[t], candidate[t])
        ctx.save_for_backward(states, recurrent, forget, write, candidate)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_states: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        states, recurrent, forget, write, candidate = ctx.saved_tensors
        before = states[:-1]
        width = before.shape[2]
        # dh_t/ds_t and dh_t/dc_t of all steps at once.
        dh_ds = before * forget * (1 - forget) - candidate * write * (1 - write)
        dh_dc = write * (1 - candidate.square())
        grad_steps = before.new_empty(*before.shape[:2], 2 * width)
        grad_state = torch.zeros_like(states[0])
        for t in range(len(before) - 1, -1, -1):
            grad_state += grad_states[t]
            torch.mul(grad_state, dh_ds[t], out=grad_steps[t, :, :width])
            torch.mul(grad_state, dh_dc[t], out=grad_steps[t, :, width:])
            grad_state.mul_(forget[t]).addmm_(grad_steps[t], recurrent)
        grad_recurrent = grad_steps.flatten(0, 1).t() @ before.flatten(0, 1)
        return grad_steps, grad_recurrent, grad_state
