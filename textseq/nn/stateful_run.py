"""Layers that read on from where they stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from textseq.nn.cells import Cell
from textseq.nn.convolution import CausalConvolution
from textseq.nn.dropout import Dropout

# Of each layer in reading order: a cell's state, (B, H) each, or a convolution's last inputs.
States = tuple[tuple[Tensor, ...], ...]


class StatefulRun:
    """Reads each layer on from its state, and keeps where it stops: a ``run`` of ``Stack``.

    Steps read one by one, piece by piece or all at once give the same states.

    Parameters
    ----------
    before : States, optional
        Where the layers stopped; they begin anew without.
    weight_dropout : Dropout, optional
        Of the cells' recurrent matrices: one mask a matrix, the same at all steps.

    References
    ----------
    Dropped matrices: Merity et al. (2018), "Regularizing and Optimizing LSTM Language
    Models", section 2, after Wan et al. (2013), "Regularization of Neural Networks using
    DropConnect".

    Examples
    --------
    >>> from textseq.nn.encoders import Stack
    >>> stack, x = Stack("gru", input_size=3, hidden_size=4, num_layers=2), torch.rand(2, 6, 3)
    >>> whole = stack(x, torch.tensor([6, 6]))
    >>> first, second = StatefulRun(), StatefulRun()
    >>> _ = stack(x[:, :4], torch.tensor([4, 4]), first)
    >>> second = StatefulRun(first.states)
    >>> torch.allclose(stack(x[:, 4:], torch.tensor([2, 2]), second), whole[:, 4:], atol=1e-6)
    True
    """

    def __init__(self, before: States | None = None, weight_dropout: Dropout | None = None) -> None:
        self._before: Iterator[tuple[Tensor, ...] | None] = iter(before or ())
        self._weight_dropout = weight_dropout
        self._ends: list[tuple[Tensor, ...]] = []

    def __call__(self, layer: Cell | CausalConvolution, x: Tensor) -> Tensor:
        """Read ``x`` (B, T, D) with a layer and return its states (B, T, H)."""
        start = self.begin()
        if isinstance(layer, CausalConvolution):
            states, *end = layer.resume(x, None if start is None else start[0])
            self.end(tuple(end))
            return states
        recurrent = None
        if self._weight_dropout is not None and self._weight_dropout.drops:
            recurrent = self._weight_dropout(layer.weights[1])
        states, state = layer(x, start, recurrent)
        self.end(state)
        return states

    def begin(self) -> tuple[Tensor, ...] | None:
        """Return where the next layer goes on; None where it begins anew."""
        return next(self._before, None)

    def end(self, state: tuple[Tensor, ...]) -> None:
        """Keep where a layer stopped."""
        self._ends.append(state)

    @property
    def states(self) -> States:
        """Where the layers stopped."""
        return tuple(self._ends)


def take_rows(states: States, rows: Tensor) -> States:
    """Return the states of the named rows (n,), in the order given."""
    return tuple(tuple(part[rows] for part in layer) for layer in states)


def joined_rows(states: Sequence[States]) -> States:
    """Return the rows of several states, one behind the other."""
    return tuple(
        tuple(torch.cat(parts) for parts in zip(*layers, strict=True))
        for layers in zip(*states, strict=True)
    )


def detached(states: States) -> States:
    """Return the states without their gradient's way back."""
    return tuple(tuple(part.detach() for part in layer) for layer in states)
