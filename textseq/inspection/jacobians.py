"""Jacobians of recurrent steps: what one state moves of the next, and of the last."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.func import jacrev, vmap

from textseq.inspection.unroll import CellSteps
from textseq.nn.cells import Cell


def step_jacobians(cell: Cell, inputs: Tensor, states: Tensor) -> Tensor:
    """Return ds_t/ds_{t-1} (N, S, S) of N steps, s being the whole state: (h, c) of the lstm.

    Parameters
    ----------
    cell : Cell
    inputs : Tensor of shape (N, D)
        x_t.
    states : Tensor of shape (N, S)
        s_{t-1}, the parts of the state side by side.

    Returns
    -------
    Tensor of shape (N, S, S)
        Row i holds the derivatives of unit i of s_t.
    """

    def step(state: Tensor, x: Tensor) -> Tensor:
        parts = state[None].chunk(len(cell.state_names), dim=1)
        return torch.cat(cell.step(x[None], parts)[0], dim=1)[0]

    jacobians: Tensor = vmap(jacrev(step))(states, inputs)
    return jacobians


def jacobian_norms(steps: CellSteps, most_steps: int) -> dict[str, np.ndarray]:
    """Return the spectral norms of a text's Jacobians, from its last step back.

    Parameters
    ----------
    steps : CellSteps of one text
        Of T steps that are its own.
    most_steps : int
        How far to go back, at most T - 1 steps.

    Returns
    -------
    dict of name to ndarray of shape (n,), float64
        Row d is about s_t, t = T - d: "step_jacobian", the norm of ds_{t+1}/ds_t;
        "bound", the product of these norms to the end; "product", the norm of their product,
        ds_T/ds_t. It ends early where a state is no number.
    """
    states = torch.stack([torch.cat(state, dim=1)[0] for state in steps.states])  # (T + 1, S)
    width, last = states.shape[1], int(steps.lengths[0]) - 1
    backwards = torch.arange(last, last - most_steps, -1)
    at_once = max(1, min(32, 2**22 // width**2))
    product = torch.eye(width, dtype=states.dtype)
    scale = states.new_zeros(())  # the logarithm of what the product was divided by
    norms, log_products = [], [states.new_zeros(1)]
    for start in range(0, most_steps, at_once):
        part = backwards[start : start + at_once]
        jacobians = step_jacobians(steps.cell, steps.inputs[0, part], states[part])
        if not jacobians.isfinite().all():
            break
        products, scales = [], []
        for jacobian in jacobians:
            product = product @ jacobian
            size = product.abs().max()
            if size > 0:  # a product of hundreds of steps leaves the range of numbers
                product, scale = product / size, scale + size.log()
            products.append(product)
            scales.append(scale)
        norms.append(spectral_norms(jacobians))
        log_products.append(spectral_norms(torch.stack(products)).log() + torch.stack(scales))
    measured = torch.cat([states.new_full((1,), torch.nan), *norms])
    bound = torch.cat([states.new_zeros(1), measured[1:].log().cumsum(0)])
    return {
        "step_jacobian": measured.numpy(),
        "bound": bound.exp().numpy(),
        "product": torch.cat(log_products).exp().numpy(),
    }


def spectral_norms(matrices: Tensor) -> Tensor:
    """Return the largest singular value (N,) of each matrix (N, S, S), to about 1e-6 of itself."""
    size = matrices.abs().amax((1, 2)).clamp(min=torch.finfo(matrices.dtype).tiny)
    # Single precision halves the time, and is ample for the largest.
    scaled = (matrices / size[:, None, None]).float()
    largest = torch.linalg.eigvalsh(scaled.mT @ scaled)[:, -1]
    norms: Tensor = largest.clamp(min=0).to(matrices.dtype).sqrt() * size
    return norms
