"""One training step: a batch dealt to the team, its gradients summed, the weights moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from textseq.batches import SequenceData, split_shards
from textseq.nn.bags import Bag
from textseq.nn.dropout import drawing_from
from textseq.nn.network import SequenceNetwork
from textseq.nn.normalization import Statistics, collecting_statistics, fold_in
from textseq.training.bag_step import BagStep
from textseq.training.devices import device_of, mixed_precision, sent
from textseq.training.objectives import Objective
from textseq.training.optimizers import RowOptimizer, squared_norm
from textseq.training.options import TrainingOptions
from textseq.training.threads import ThreadTeam

# Numbers that a bag's batch must read and multiply before a second thread is worth its wait.
SHARED_WORK = 1_000_000


@dataclass(frozen=True)
class StepFigures:
    """Summed loss of a batch, its rows, its gradient norm, and whether that was clipped."""

    loss: float
    n_rows: int
    gradient_norm: float
    clipped: bool

    @property
    def finite(self) -> bool:
        """Whether loss and gradient are numbers."""
        return bool(np.isfinite(self.loss) and np.isfinite(self.gradient_norm))


@dataclass(frozen=True)
class _Shard:
    fields: list[tuple[Tensor, Tensor]]
    targets: Tensor
    weights: Tensor | None
    generator: torch.Generator


@dataclass(frozen=True)
class _ShardResult:
    loss: float
    gradients: tuple[Tensor, ...]
    statistics: list[Statistics]


@dataclass(frozen=True)
class _Gradients:
    """A batch's summed loss, and the gradients of its mean.

    Parameters
    ----------
    loss : float
    touched : Tensor of shape (U,)
        Rows of the table that the last gradient belongs to.
    gradients : list of Tensor
        Of each dense weight, and of the touched rows.
    whole : list of Tensor
        The same memory, in as few pieces as it lies in.
    statistics : list of list of Statistics
        Of each shard.
    """

    loss: float
    touched: Tensor
    gradients: list[Tensor]
    whole: list[Tensor]
    statistics: list[list[Statistics]]


class Trainer:
    """The state of a training run that lives from batch to batch.

    Each thread takes one shard of the batch and its gradients apart from the
    others'; they are summed in the shards' order, so that the same seed and
    thread count repeat to the last bit. Of the embedding table only the rows
    of the batch's distinct tokens take part.

    Parameters
    ----------
    network : SequenceNetwork
    objective : Objective
    options : TrainingOptions
    n_trained : int
        Rows of the embedding table, from its start, that training can touch.
    """

    def __init__(
        self,
        network: SequenceNetwork,
        objective: Objective,
        options: TrainingOptions,
        n_trained: int,
    ) -> None:
        self.network, self.objective, self.options = network, objective, options
        table = network.inputs.weight
        self.weights = [weight for weight in network.parameters() if weight is not table]
        self.optimizers = [self._optimizer(weight.detach()) for weight in self.weights]
        self.rows = None
        if table is not None and options.table_rate:
            self.rows = self._optimizer(table.detach()[:n_trained])
        self.bags = None
        if self.rows is not None and BagStep.fits(network, self.weights, objective):
            self.bags = BagStep(network, objective, n_trained)
        self.numbers = np.zeros(n_trained, dtype=np.int64)
        self.met = np.zeros(n_trained, dtype=bool)
        self.device = device_of(network)
        seeds = np.random.SeedSequence(options.seed).generate_state(options.n_threads + 1)
        self.rng = np.random.default_rng(int(seeds[0]))
        self.generators = [
            torch.Generator(self.device).manual_seed(int(seed)) for seed in seeds[1:]
        ]

    def step(
        self, data: SequenceData, rows: np.ndarray, team: ThreadTeam, learning_rate: float
    ) -> StepFigures:
        """Train on the named rows; a NaN or infinite loss or gradient changes nothing."""
        shards = self._split(data, rows)
        compute = self._autograd if self.bags is None else self._kernel
        found = compute(data, shards, team)
        norm, clipped = clip(found.whole, self.options.clip_grad_norm, self.options.clip_grad_value)
        figures = StepFigures(found.loss, len(rows), norm, clipped)
        if figures.finite:
            self._move(found.touched, found.gradients, learning_rate)
            fold_in(found.statistics)
        return figures

    def _optimizer(self, weights: Tensor) -> RowOptimizer:
        options = self.options
        return RowOptimizer(options.optimizer, weights, options.momentum, options.weight_decay)

    def _move(self, touched: Tensor, gradients: list[Tensor], learning_rate: float) -> None:
        for optimizer, gradient in zip(self.optimizers, gradients, strict=False):
            optimizer.step(None, gradient, learning_rate)
        if self.rows is not None:
            self.rows.step(touched, gradients[-1], learning_rate * self.options.table_rate)

    def _split(self, data: SequenceData, rows: np.ndarray) -> list[np.ndarray]:
        """Deal a batch's rows to the threads, or to one where it is over before others wake."""
        n_shards = self.options.n_threads if self.device.type == "cpu" else 1
        encoder = self.network.encoder
        if isinstance(encoder, Bag):
            n_numbers = int(data.lengths[rows].sum()) * encoder.out_dim
            n_numbers += len(rows) * self.network.head.output.weight.numel()
            if n_numbers < SHARED_WORK:
                n_shards = 1
        return [np.ascontiguousarray(shard, np.int64) for shard in split_shards(rows, n_shards)]

    def _kernel(self, data: SequenceData, shards: list[np.ndarray], team: ThreadTeam) -> _Gradients:
        assert self.bags is not None
        loss, touched, flat = self.bags.gradients(data, shards, self.generators, team)
        sizes = [weight.numel() for weight in self.weights]
        *gradients, rows = flat.split([*sizes, len(flat) - sum(sizes)])
        return _Gradients(loss, touched, [*gradients, rows.view(-1, self.bags.width)], [flat], [])

    def _autograd(
        self, data: SequenceData, shards: list[np.ndarray], team: ThreadTeam
    ) -> _Gradients:
        touched, table, dealt = self._deal(data, shards)
        parts = team.map(lambda shard: self._gradients(shard, table), dealt)
        # Divided by the rows, not their weights: a batch without a heavy row counts for little.
        n_rows = sum(map(len, shards))
        gradients = [
            _sum(group).div_(n_rows)
            for group in zip(*(part.gradients for part in parts), strict=True)
        ]
        loss = sum(part.loss for part in parts)
        return _Gradients(loss, touched, gradients, gradients, [part.statistics for part in parts])

    def _deal(
        self, data: SequenceData, rows: list[np.ndarray]
    ) -> tuple[Tensor, Tensor, list[_Shard]]:
        parts = [data.take(shard) for shard in rows]
        flat = np.concatenate([field.values for part in parts for field in part.fields])
        # What np.unique gives, without sorting.
        self.met[flat] = True
        distinct = np.flatnonzero(self.met)
        self.met[distinct] = False
        self.numbers[distinct] = np.arange(len(distinct))
        places = self.numbers[flat]
        if not len(distinct):  # every text of the batch is empty
            distinct = np.zeros(1, dtype=np.int64)
        touched = sent(distinct, self.device)
        table = self.network.token_vectors(touched).detach()  # (U, D)
        table.requires_grad_(self.rows is not None)
        shards, start = [], 0
        for part, generator in zip(parts, self.generators, strict=False):
            fields = []
            for ragged in part.fields:
                end = start + len(ragged.values)
                ids = sent(places[start:end], self.device)
                fields.append((ids, sent(ragged.offsets, self.device)))
                start = end
            assert part.targets is not None
            weights = None if part.weights is None else sent(part.weights, self.device)
            shards.append(_Shard(fields, sent(part.targets, self.device), weights, generator))
        return touched, table, shards

    def _gradients(self, shard: _Shard, table: Tensor) -> _ShardResult:
        with (
            drawing_from(shard.generator),
            collecting_statistics() as statistics,
            mixed_precision(self.device),
        ):
            losses = self.objective.losses(self.network(shard.fields, table), shard.targets)
        if shard.weights is not None:
            losses = losses * shard.weights
        loss = losses.sum()
        wanted = [*self.weights, table] if table.requires_grad else self.weights
        # Taken apart from .grad, which all threads would write to at once.
        gradients = torch.autograd.grad(loss, wanted, materialize_grads=True)
        return _ShardResult(float(loss.detach()), gradients, statistics)


def clip(
    gradients: list[Tensor], largest_norm: float | None, largest_value: float | None
) -> tuple[float, bool]:
    """Clip gradients in place, by value and then by their common norm.

    Returns
    -------
    norm : float
        Before clipping.
    clipped : bool
        Whether anything was changed.

    References
    ----------
    Pascanu et al. (2013), "On the difficulty of training recurrent neural
    networks", algorithm 1.
    """
    norm = current = _norm(gradients)
    clipped = False
    if largest_value is not None and any(
        float(gradient.abs().max()) > largest_value for gradient in gradients
    ):
        for gradient in gradients:
            gradient.clamp_(-largest_value, largest_value)
        current, clipped = _norm(gradients), True
    if largest_norm is not None and current > largest_norm:
        for gradient in gradients:
            gradient.mul_(largest_norm / current)
        clipped = True
    return norm, clipped


def _norm(gradients: list[Tensor]) -> float:
    return math.sqrt(sum(map(squared_norm, gradients)))


def _sum(shards: Sequence[Tensor]) -> Tensor:
    """Add tensors in their order.

    The sum is memory of its own: two biases may share their gradient's, and what is changed
    in place later would be changed twice.
    """
    total = shards[0].clone()
    for part in shards[1:]:
        total.add_(part)
    return total
