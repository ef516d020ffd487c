"""All of a training run that lives from batch to batch, taken out of it and put back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from textseq.nn.trainable import Trainable
from textseq.training.averaging import WeightAverage
from textseq.training.optimizers import RowOptimizer
from textseq.training.schedules import Schedule
from textseq.training.step import Trainer


class SavedState(NamedTuple):
    """A run as a file can hold it.

    Parameters
    ----------
    facts : dict
        JSON-able.
    arrays : dict of str to ndarray
    """

    facts: dict[str, Any]
    arrays: dict[str, np.ndarray]


class Saver(Protocol):
    """What keeps the states of a run, and has the last one of an earlier process."""

    def restored(self) -> SavedState | None:
        """Return where an earlier process was, if there was one."""

    def is_due(self, epoch_ended: bool) -> bool:
        """Whether the state should be kept now."""

    def save(self, state: SavedState) -> None:
        """Keep a state; it is on disk when this returns."""


@dataclass
class Position:
    """Where in an epoch a run is, and what it has summed so far.

    Parameters
    ----------
    epoch : int
        From 1.
    batch : int
        Batches of it that are over.
    rng : dict
        State of what orders the batches, before the epoch's were planned.
    loss, norms : float
        Summed over rows, and over batches.
    seen, n_clipped : int
    rate : float
        Of the last batch.
    seconds : float
        That earlier processes took for the epoch.
    """

    epoch: int = 1
    batch: int = 0
    rng: dict[str, Any] = field(kw_only=True)
    loss: float = 0.0
    norms: float = 0.0
    seen: int = 0
    n_clipped: int = 0
    rate: float = 0.0
    seconds: float = 0.0


class BestWeights:
    """The best epoch's weights: all dense ones, and the table's rows that training can touch.

    Parameters
    ----------
    network : Trainable
    n_rows : int
        Of the table, from its start, that training can touch.
    """

    def __init__(self, network: Trainable, n_rows: int) -> None:
        self.network, self.n_rows = network, n_rows
        self.epoch, self.rank = 0, (-np.inf, -np.inf)
        self.weights: dict[str, Tensor] = {}

    def current(self) -> dict[str, Tensor]:
        """Return the present weights by name; they are the network's own."""
        network = self.network
        weights = dict(network.state_dict())
        for name, weight in network.named_parameters():
            if weight is network.table:
                weights[name] = weights[name][: self.n_rows]
        return weights

    def offer(self, epoch: int, record: dict[str, float]) -> None:
        """Keep the present weights if they validate best so far.

        Small validation sets often give two epochs the same score; the lower
        loss decides then. Without validation the last epoch is the best.
        """
        score = record.get("validation_score", epoch)
        # A score may be undefined, as an R squared of one row is.
        rank = (-np.inf if np.isnan(score) else score, -record.get("validation_loss", 0.0))
        if rank > self.rank:
            self.weights = {name: weight.clone() for name, weight in self.current().items()}
            self.epoch, self.rank = epoch, rank

    def restore(self) -> None:
        """Put the kept weights back; the present ones stay if none were kept."""
        _put_back(self.current(), self.weights)

    def described(self) -> str:
        """Say whose weights the network will hold."""
        return f"the weights of epoch {self.epoch}" if self.epoch else "the weights so far"


@dataclass(eq=False)
class Run:
    """A training run between two batches.

    Parameters
    ----------
    trainer : Trainer
    best : BestWeights
    schedule : Schedule
    records : list of dict
        Of the epochs that ended.
    position : Position
    average : WeightAverage, optional
        What validates, and is kept, in place of the weights.
    """

    trainer: Trainer
    best: BestWeights
    schedule: Schedule
    records: list[dict[str, float]]
    position: Position
    average: WeightAverage | None = None

    def state(self) -> SavedState:
        """Return all of it."""
        trainer, best = self.trainer, self.best
        arrays = _named("weights", self._changing(best.current()))
        arrays |= _named("best", self._changing(best.weights))
        arrays |= _named("carried", trainer.carried())
        for number, optimizer in enumerate(self._optimizers()):
            arrays[f"first.{number}"] = _array(optimizer.first)
            if optimizer.second is not None:
                arrays[f"second.{number}"] = _array(optimizer.second)
        for number, state in enumerate(trainer.generator_states()):
            arrays[f"generator.{number}"] = state
        facts = {
            "position": vars(self.position),
            "steps": [optimizer.steps for optimizer in self._optimizers()],
            "schedule": self.schedule.state(),
            "records": self.records,
            "best_epoch": best.epoch,
            "best_rank": [repr(float(part)) for part in best.rank],
        }
        if self.average is not None:
            facts["average"], means = self.average.state()
            arrays |= _named("average", means)
        return SavedState(facts, arrays)

    def finished(self) -> SavedState:
        """Return what is left of it in the end: the best weights, and how it went."""
        facts = {"finished": True, "records": self.records, "best_epoch": self.best.epoch}
        facts["best_rank"] = [repr(float(part)) for part in self.best.rank]
        return SavedState(facts, _named("best", self._changing(self.best.current())))

    def restore(self, state: SavedState) -> None:
        """Be where the state was taken."""
        facts, arrays = state
        trainer, best = self.trainer, self.best
        self.records[:] = facts["records"]
        best.epoch = facts["best_epoch"]
        first, second = map(float, facts["best_rank"])
        best.rank = first, second
        # What training can't touch is in no state.
        now = best.current()
        kept = {name: weight.clone() for name, weight in now.items()} if best.epoch else {}
        best.weights = kept | _tensors("best", arrays)
        if facts.get("finished"):
            return
        _put_back(now, _tensors("weights", arrays))
        trainer.network.take_up(_tensors("carried", arrays))
        for number, optimizer in enumerate(self._optimizers()):
            optimizer.steps = facts["steps"][number]
            optimizer.first.copy_(torch.from_numpy(arrays[f"first.{number}"]))
            if optimizer.second is not None:
                optimizer.second.copy_(torch.from_numpy(arrays[f"second.{number}"]))
        for number, generator in enumerate(trainer.generators):
            # With more threads than before, the others begin as they would have.
            if f"generator.{number}" in arrays:
                generator.set_state(torch.from_numpy(arrays[f"generator.{number}"]))
        self.schedule.take_up(facts["schedule"])
        if self.average is not None:
            self.average.take_up(facts["average"], _tensors("average", arrays))
        self.position = Position(**facts["position"])

    def _optimizers(self) -> list[RowOptimizer]:
        rows = self.trainer.rows
        return [*self.trainer.optimizers, *([] if rows is None else [rows])]

    def _changing(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return those of the weights that training changes."""
        trainer = self.trainer
        learning = {id(weight) for weight in trainer.weights}
        if trainer.rows is not None:
            learning.add(id(trainer.table))
        fixed = {
            n for n, weight in trainer.network.named_parameters() if id(weight) not in learning
        }
        return {name: weight for name, weight in weights.items() if name not in fixed}


def _named(kind: str, tensors: dict[str, Tensor]) -> dict[str, np.ndarray]:
    return {f"{kind}.{name}": _array(tensor) for name, tensor in tensors.items()}


def _array(tensor: Tensor) -> np.ndarray:
    array: np.ndarray = tensor.detach().cpu().numpy()
    return array


def _tensors(kind: str, arrays: dict[str, np.ndarray]) -> dict[str, Tensor]:
    mark = f"{kind}."
    return {
        name.removeprefix(mark): torch.from_numpy(array)
        for name, array in arrays.items()
        if name.startswith(mark)
    }


def _put_back(weights: dict[str, Tensor], kept: dict[str, Tensor]) -> None:
    for name, values in kept.items():
        weights[name].copy_(values)
