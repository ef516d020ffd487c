"""Sequences read step by step, with every state and gate kept, for the instruments to look at."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from textseq.batches import NetworkRows
from textseq.estimators.base import TrainedEstimator
from textseq.inspection.wording import ESTIMATORS, TEXTS, words_of
from textseq.nn.cells import CELLS, Cell, State
from textseq.nn.encoders import Stack
from textseq.nn.lstm_fcn import KERNEL_SIZES, LstmFcn
from textseq.nn.recurrent import Recurrent
from textseq.nn.stateful_run import StatefulRun
from textseq.nn.trainable import Inputs, Trainable
from textseq.training.threads import ThreadTeam

DIRECTIONS = ("forward", "backward")
DECODER = "decoder"
N = TypeVar("N", bound=Trainable)
A = TypeVar("A")


@dataclass(frozen=True, eq=False)
class CellSteps:
    """What one cell did on a batch, in the order it read.

    Parameters
    ----------
    layer : int
        From 1.
    direction : {"forward", "backward", "decoder"}
        A decoder's cells read what is said so far, forwards.
    cell : Cell
    inputs : Tensor of shape (B, T, D)
        Of the backward cell reversed within each row, so that padding comes last in
        both directions.
    states : list of T + 1 tuples of Tensors (B, H)
        Before the first step, and after each.
    gates : list of T dicts of name to Tensor (B, H)
        Each step's activations.
    lengths : Tensor of shape (B,)
        How many of the steps are each row's own.
    """

    layer: int
    direction: str
    cell: Cell
    inputs: Tensor
    states: list[State]
    gates: list[dict[str, Tensor]]
    lengths: Tensor


class StepRecorder:
    """Runs cells by their written-out equations and keeps every step: a ``run`` of ``Stack``.

    Parameters
    ----------
    bidirectional : bool
        Whether the cells come in pairs, forward before backward.
    lengths : Tensor of shape (B,)
    part : {"encoder", "decoder"}, default "encoder"
        The part of the network that the cells are of.
    goes_on : StatefulRun, optional
        Where cells begin from a state that is known, and where what they end in is kept.

    Examples
    --------
    >>> encoder = Stack("gru", input_size=3, hidden_size=5, bidirectional=True)
    >>> lengths = torch.tensor([4, 2])
    >>> recorder = StepRecorder(bidirectional=True, lengths=lengths)
    >>> states = encoder(torch.zeros(2, 4, 3), lengths, recorder)
    >>> [(steps.layer, steps.direction, len(steps.gates)) for steps in recorder.cells]
    [(1, 'forward', 4), (1, 'backward', 4)]
    """

    def __init__(
        self,
        bidirectional: bool,
        lengths: Tensor,
        part: str = "encoder",
        goes_on: StatefulRun | None = None,
    ) -> None:
        self.bidirectional = bidirectional
        self.lengths = lengths
        self.part = part
        self.goes_on = goes_on
        self.cells: list[CellSteps] = []

    def __call__(self, cell: Cell, x: Tensor) -> Tensor:
        """Return the hidden states (B, T, H) of ``x`` (B, T, D)."""
        begin = None if self.goes_on is None else self.goes_on.begin()
        states, gates = [cell.initial_state(x) if begin is None else begin], []
        for step in x.unbind(1):
            state, activations = cell.step(step, states[-1])
            states.append(state)
            gates.append(activations)
        layer, second = divmod(len(self.cells), 2 if self.bidirectional else 1)
        direction = DECODER if self.part == DECODER else DIRECTIONS[second]
        self.cells.append(CellSteps(layer + 1, direction, cell, x, states, gates, self.lengths))
        if self.goes_on is not None:
            self.goes_on.end(states[-1])
        return torch.stack([state[0] for state in states[1:]], dim=1)


class _Recorded(nn.Module):
    """A network's part that keeps every step of its cells, each time it reads."""

    def __init__(self, part: str, encoder: nn.Module, cells: list[CellSteps]) -> None:
        super().__init__()
        self.part = part
        self.encoder = encoder
        self.cells = cells

    def forward(
        self, x: Tensor, lengths: Tensor, run: StatefulRun | None = None, *beside: Any
    ) -> Tensor:
        recorder = StepRecorder(bool(self.encoder.bidirectional), lengths, self.part, run)
        # The weights of a fitted network take no gradient; the states get theirs from the inputs.
        states: Tensor = self.encoder(x.detach().requires_grad_(), lengths, recorder, *beside)
        self.cells += recorder.cells
        return states


def read_by_steps(
    network: N, inputs: Inputs, compute: Callable[[N, Inputs], A] | None = None
) -> tuple[A, list[CellSteps]]:
    """Read a batch step by step.

    Parameters
    ----------
    network : Trainable
        With recurrent layers, in evaluation mode; it calls its ``parts`` with x (B, T, D) and
        lengths (B,).
    inputs : list of tuple of Tensors
        As the network's ``forward`` takes them.
    compute : callable, optional
        What to compute of them; the network's outputs (B, n_outputs) by default.

    Returns
    -------
    outputs
        What was computed, whose gradients can be taken.
    cells : list of CellSteps
        Layer by layer, forward before backward; of pairs those of the first texts before
        those of the second, and those of a decoder last.
    """
    cells: list[CellSteps] = []

    def recorded(name: str, part: nn.Module) -> nn.Module:
        return _Recorded(name, part, cells) if recurrent_layers(part) else part

    # Threads share the network, and each records for itself.
    twin = network.with_parts(recorded)
    return (twin(inputs) if compute is None else compute(twin, inputs)), cells


def recurrent_network(model: Any) -> Trainable:
    """Return a fitted estimator's network, or say why it has no steps to look at.

    Raises
    ------
    ValueError
        If ``model`` is no estimator, or its encoder has no recurrent cells.
    """
    if not isinstance(model, TrainedEstimator):
        raise ValueError(
            f"got {type(model).__name__}, which has no recurrent network; pass a fitted "
            f"{ESTIMATORS}"
        )
    check_is_fitted(model, "network_")
    network: Trainable = model.network_
    if not any(map(recurrent_layers, network.parts().values())):
        # A pretrained one is not the encoder that the parameter names.
        encoder = model.architecture_.get("encoder", model.encoder)
        raise ValueError(
            f"encoder={encoder!r} does not carry a state from step to step; the encoders "
            f"that do are {', '.join(CELLS)}, in one direction or both, and lstm_fcn in part"
        )
    return network


def stepwise_network(model: Any) -> Trainable:
    """Return a fitted estimator's network if it reads by recurrent cells alone.

    Raises
    ------
    ValueError
        As ``recurrent_network`` does, or if the encoder has other parts.
    """
    network = recurrent_network(model)
    if not isinstance(network.encoder, Stack):
        raise ValueError(
            f"encoder={model.encoder!r} also reads by convolutions, which are no loop over the "
            f"{words_of(model).step}s; the encoders that are one are {', '.join(CELLS)}"
        )
    return network


def of_the_lstm(network: Trainable) -> str:
    """Say of a verdict what it leaves out, if the network is recurrent only in part."""
    if not isinstance(network.encoder, LstmFcn):
        return ""
    at_once = 1 + sum(size - 1 for size in KERNEL_SIZES)
    return f"; this is the LSTM alone, beside convolutions that see {at_once} steps at once"


def recurrent_layers(encoder: nn.Module) -> list[Recurrent]:
    """Return an encoder's recurrent layers, from the first; none of an encoder without states."""
    if isinstance(encoder, LstmFcn):
        return [encoder.lstm]
    if not isinstance(encoder, Stack):
        return []
    return [layer for layer in encoder.layers if isinstance(layer, Recurrent)]


def in_double_precision(network: N) -> N:
    """Copy a network to float64, but for its token vectors, which are cast as they are read."""
    shared = getattr(network, "inputs", None)
    if shared is not None and shared.weight is not None and network.table is None:
        shared = None  # what also scores tokens, or is read by no cast, goes with the rest
    with ThreadTeam(1):
        twin = copy.deepcopy(network, {id(shared): shared})
        for part in twin.children():
            if part is not shared:
                part.double()
    return twin


def spread_rows(data: NetworkRows, most: int, many: str = TEXTS.many) -> np.ndarray:
    """Return at most so many rows, ``many`` in words, that hold a step, evenly spread over these.

    Raises
    ------
    ValueError
        If every row is empty, as texts may be.
    """
    rows = np.flatnonzero(data.lengths > 0)
    if not len(rows):
        raise ValueError(f"none of the {len(data)} {many} in X has a token; pass {many} with words")
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]
