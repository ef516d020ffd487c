"""All steps of a recurrent layer in one compiled call, with the gradient written by hand.

In float32 on the CPU. Padding costs nothing there: a row is read for its own length only.
Everything else (float64, other devices, no compiler at install) takes torch's own layers.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from textseq.kernels.layout import SLACK, CellKind, Layer
from textseq.kernels.library import kernels
from textseq.nn.buffer_pool import acquire_buffer, release_buffers
from textseq.nn.token_rows import TokenRows

KINDS = tuple(kind.name.lower() for kind in CellKind)
# Times that a token must stand in a batch, on average, for its gradient to be worth collecting.
WORTHWHILE = 2

# W_ih (G * H, D), W_hh (G * H, H), b_ih (G * H,), and b_hh (G * H,) or None.
Direction = tuple[Tensor, Tensor, Tensor, Tensor | None]


_threads = threading.local()


@contextmanager
def using_two_threads() -> Iterator[None]:
    """Let this thread's bidirectional layers read both directions side by side."""
    _threads.two = True
    try:
        yield
    finally:
        _threads.two = False


def runs_compiled(*tensors: Tensor) -> bool:
    """Whether ``recurrent_states`` can work with these inputs and weights, and is the faster."""
    library = kernels()
    return (
        library is not None
        and library.recurrent_is_worthwhile()
        and all(part.dtype == torch.float32 and part.device.type == "cpu" for part in tensors)
    )


def recurrent_states(
    kind: str,
    x: Tensor | TokenRows,
    lengths: Tensor,
    directions: Sequence[Direction],
    start: tuple[Tensor, ...] | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Run one recurrent layer over all steps, forwards or in both directions.

    Parameters
    ----------
    kind : str
        One of ``KINDS``.
    x : Tensor of shape (B, T, D), float32, or TokenRows
        Each row of TokenRows is multiplied with the input weights once, and so is its gradient.
    lengths : Tensor of shape (B,), int64
        Steps that are read of each row.
    directions : sequence of one or two tuples of weights
        The second reads every row reversed within its length.
    start : tuple of Tensor (B, H), optional
        h and, of the lstm, c before the first step, for one direction.

    Returns
    -------
    states : Tensor of shape (B, T, H) or (B, T, 2H)
        Zeros beyond a row's length.
    end_h, end_c : Tensor of shape (B, H)
        Of the last direction, after each row's last step; ``end_c`` is for the lstm.
    """
    start_h, start_c = (*(start or ()), None, None)[:2]
    weights = [
        None if weight is None else weight.contiguous()
        for direction in directions
        for weight in direction
    ]
    source = x.table if isinstance(x, TokenRows) else x
    # Asked here, since within a Function no gradient seems to be wanted.
    keep = torch.is_grad_enabled() and any(
        part is not None and part.requires_grad for part in (source, start_h, start_c, *weights)
    )
    if isinstance(x, TokenRows) and keep and WORTHWHILE * len(x.table) > x.index.numel():
        x = x.dense()
    index = x.index if isinstance(x, TokenRows) else None
    states, end_h, end_c = _Recurrence.apply(
        CellKind[kind.upper()],
        keep,
        lengths,
        x.table if isinstance(x, TokenRows) else x,
        index,
        start_h,
        start_c,
        *weights,
    )
    return states, end_h, end_c


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        kind: CellKind,
        keep: bool,
        lengths: Tensor,
        x: Tensor,
        index: Tensor | None,
        start_h: Tensor | None,
        start_c: Tensor | None,
        *weights: Tensor | None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        # Its gradient is laid out alike, which only contiguous tensors are sure to be.
        x = x.contiguous()
        index = None if index is None else index.contiguous()
        lengths = lengths.contiguous()
        order = lengths.argsort(descending=True, stable=True)
        directions = [weights[first : first + 4] for first in range(0, len(weights), 4)]
        units = _shape(directions[0][1])[1]
        n_rows, n_steps = (x if index is None else index).shape[:2]
        states = x.new_empty(n_rows, n_steps, units * len(directions))
        end_h, end_c = (x.new_empty(n_rows, units) for _ in range(2))
        start_h, start_c = (None if s is None else s.contiguous() for s in (start_h, start_c))
        layers, kept = (Layer * len(directions))(), []
        for number, direction in enumerate(directions):
            layer = layers[number]
            _describe(layer, x, index, lengths, order, direction)
            layer.cell, layer.reverse = kind, number == 1
            own = states[:, :, number * units : (number + 1) * units]
            _point(layer, start_h=start_h, start_c=start_c, states=own, end_h=end_h, end_c=end_c)
            layer.states_row, layer.states_step = own.stride()[:2]
            if keep:
                kept.append(_keep(layer))
        if len(layers) == 2 and getattr(_threads, "two", False):
            _run("recurrent_forward_both", layers[0])
        else:
            for layer in layers:
                _run("recurrent_forward", layer)
        ctx.kind, ctx.layers, ctx.kept = kind, layers, kept
        # All that the layers point to.
        ctx.save_for_backward(x, lengths, order, index, start_h, start_c, *weights)
        ctx.set_materialize_grads(False)
        return states, end_h, end_c

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, grad_states: Tensor | None, grad_end_h: Tensor | None, grad_end_c: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        x, _, _, _, start_h, start_c, *weights = ctx.saved_tensors
        if ctx.kept is None:
            raise RuntimeError(
                "the gradient of these states was taken before, and what it needs is gone; "
                "run the layer again, or convert it to float64"
            )
        kept_of_all, ctx.kept = ctx.kept, None
        units = ctx.layers[0].units
        grad_x = torch.zeros_like(x) if ctx.needs_input_grad[3] else None
        grad_start = [
            None if part is None else torch.empty_like(part) for part in (start_h, start_c)
        ]
        if grad_states is not None and grad_states.stride(2) != 1:
            grad_states = grad_states.contiguous()
        ends = [None if part is None else part.contiguous() for part in (grad_end_h, grad_end_c)]
        gradients: list[Tensor | None] = []
        for number, (layer, kept) in enumerate(zip(ctx.layers, kept_of_all, strict=True)):
            if grad_states is not None:
                own = grad_states[:, :, number * units : (number + 1) * units]
                _point(layer, grad_states=own)
                layer.grad_states_row, layer.grad_states_step = own.stride()[:2]
            last = number == len(ctx.layers) - 1
            n_sums, padded = _sums_and_units(layer)
            grad_bias = x.new_empty(n_sums, padded)
            grad_weight_hh = x.new_empty(n_sums, padded, -(-padded // SLACK) * SLACK)
            grad_weight_ih = x.new_empty(n_sums, padded, -(-layer.inputs // SLACK) * SLACK)
            _point(
                layer,
                grad_end_h=ends[0] if last else None,
                grad_end_c=ends[1] if last else None,
                grad_x=grad_x,
                grad_start_h=grad_start[0],
                grad_start_c=grad_start[1],
                grad_bias=grad_bias,
                grad_weight_hh=grad_weight_hh,
                grad_weight_ih=grad_weight_ih,
            )
            _run("recurrent_backward", layer)
            release_buffers(kept)
            # The gru keeps the state's part of its candidate's sum last.
            is_gru = ctx.kind is CellKind.GRU
            input_sums, state_sums = ([0, 1, 2], [0, 1, 3]) if is_gru else (slice(None),) * 2
            gradients += [
                grad_weight_ih[input_sums, :units, : layer.inputs].flatten(0, 1),
                grad_weight_hh[state_sums, :units, :units].flatten(0, 1),
                grad_bias[input_sums, :units].flatten(),
                None if weights[3] is None else grad_bias[state_sums, :units].flatten(),
            ]
        return None, None, None, grad_x, None, *grad_start, *gradients


def _shape(weight: Tensor | None) -> torch.Size:
    assert weight is not None
    return weight.shape


def _describe(
    layer: Layer,
    x: Tensor,
    index: Tensor | None,
    lengths: Tensor,
    order: Tensor,
    direction: Any,
) -> None:
    weight_ih, weight_hh, bias_ih, bias_hh = direction
    layer.n_slots = int(lengths.sum())
    layer.n_rows, layer.n_steps = (x if index is None else index).shape[:2]
    layer.inputs, layer.units = weight_ih.shape[1], weight_hh.shape[1]
    layer.x_row, layer.x_step, layer.n_table = x.stride(0), x.stride(-2), len(x)
    _point(layer, x=x, index=index, lengths=lengths, order=order)
    _point(layer, weight_ih=weight_ih, weight_hh=weight_hh)
    _point(layer, bias_ih=bias_ih, bias_hh=bias_hh)


def _point(layer: Layer, **tensors: Tensor | None) -> None:
    for name, tensor in tensors.items():
        setattr(layer, name, None if tensor is None else tensor.data_ptr())


def _keep(layer: Layer) -> list[Tensor]:
    """Make room for what the gradient needs: gates, operands and, of the lstm, cells."""
    n_sums, padded = _sums_and_units(layer)
    gates = acquire_buffer(layer.n_slots * n_sums * padded)
    operands = acquire_buffer(layer.n_slots * (padded + layer.inputs) + SLACK)
    cells = acquire_buffer(layer.n_slots * padded if layer.cell == CellKind.LSTM else 0)
    _point(layer, gates=gates, operands=operands, cells=cells)
    return [gates, operands, cells]


def _sums_and_units(layer: Layer) -> tuple[int, int]:
    """Return G', the sums that a unit has, and P, the units with their padding."""
    library = kernels()
    assert library is not None
    n_sums = library.recurrent_sums(layer.cell)
    return n_sums, library.recurrent_padded_units(layer.cell, layer.units)


def _run(name: str, layer: Layer) -> None:
    if getattr(kernels(), name)(ctypes.byref(layer)):
        raise MemoryError(
            f"no memory for a recurrent layer over {layer.n_rows} rows; lower batch_size"
        )
