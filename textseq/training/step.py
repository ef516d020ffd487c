"""One training step: a batch dealt to the team, its gradients summed, the weights moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from textseq.batches import NetworkRows, SequenceData, split_shards
from textseq.nn.bags import Bag
from textseq.nn.dropout import drawing_from
from textseq.nn.network import SequenceNetwork
from textseq.nn.normalization import Statistics, collecting_statistics, fold_in
from textseq.nn.trainable import Inputs, Trainable
from textseq.training.bag_step import BagStep
from textseq.training.devices import device_of, mixed_precision, sent
from textseq.training.distinct_tokens import DistinctTokens
from textseq.training.layer_groups import LayerGroups
from textseq.training.objectives import Objective
from textseq.training.optimizers import RowOptimizer, squared_norm
from textseq.training.options import TrainingOptions
from textseq.training.outputs import as_tensors
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
    inputs: Inputs
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
    touched : Tensor of shape (U,), optional
        Rows of the table that the last gradient belongs to, if there is one.
    gradients : list of Tensor
        Of each dense weight, and of the touched rows.
    buffers : list of Tensor
        The same memory, in as few pieces as it lies in.
    statistics : list of list of Statistics
        Of each shard.
    """

    loss: float
    touched: Tensor | None
    gradients: list[Tensor]
    buffers: list[Tensor]
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
        Ids, from 0, that training can touch; 0 for a network that reads numbers.
    """

    def __init__(
        self,
        network: Trainable,
        objective: Objective,
        options: TrainingOptions,
        n_trained: int,
    ) -> None:
        self.network, self.objective, self.options = network, objective, options
        table = network.table
        self.table, self.groups = table, LayerGroups(network, options.rate_decay, options.unfreeze)
        self.weights = [
            weight
            for weight in network.parameters()
            if weight is not table and weight.requires_grad
        ]
        undecayed = network.undecayed()
        self.optimizers = [
            self._optimizer(weight.detach(), 0.0 if weight in undecayed else options.weight_decay)
            for weight in self.weights
        ]
        # The table has an optimiser of its own, whose steps take the rows of a batch alone.
        self.rows = None
        if table is not None and options.table_rate:
            self.rows = self._optimizer(table.detach()[:n_trained], options.weight_decay)
        self.bags = None
        if (
            self.rows is not None
            and options.unfreeze == "all"
            and isinstance(network, SequenceNetwork)
            and BagStep.fits(network, self.weights, objective)
        ):
            self.bags = BagStep(network, objective, n_trained)
        self.tokens = DistinctTokens(n_trained) if network.reads_tokens else None
        self.device = device_of(network)
        # One stream of numbers orders the batches, and one for each thread draws its dropout: what
        # one thread draws does not depend on when the others do.
        seeds = np.random.SeedSequence(options.seed).generate_state(options.n_threads + 1)
        self.rng = np.random.default_rng(int(seeds[0]))
        self.generators = [
            torch.Generator(self.device).manual_seed(int(seed)) for seed in seeds[1:]
        ]
        self.start_epoch(1)

    def rows_of_epoch(self, data: NetworkRows) -> NetworkRows:
        """Return what an epoch reads of the rows: of long ones a stretch, drawn anew."""
        if not isinstance(data, SequenceData):
            return data
        return data.cropped(self.options.crop_length, self.rng)

    @property
    def rng_state(self) -> dict[str, Any]:
        """State of what orders the batches."""
        return dict(self.rng.bit_generator.state)

    @rng_state.setter
    def rng_state(self, state: dict[str, Any]) -> None:
        self.rng.bit_generator.state = state

    def begin(self, epoch: int, goes_on: bool) -> None:
        """Put the network into training for an epoch, or for what is left of one."""
        carried = self.network.carried()
        self.network.train()
        if goes_on:
            self.network.take_up(carried)
        self.start_epoch(epoch)

    def start_epoch(self, epoch: int) -> None:
        """Let the layer groups learn that do in this epoch; the rest have no gradient taken."""
        groups = self.groups
        for weight in self.weights:
            weight.requires_grad_(groups.learns(weight, epoch))
        self.learning = [weight for weight in self.weights if weight.requires_grad]
        self.learners = [
            (optimizer, groups.rate(weight))
            for weight, optimizer in zip(self.weights, self.optimizers, strict=True)
            if weight.requires_grad
        ]
        table = self.table
        self.table_learns = False
        if self.rows is not None and table is not None and groups.learns(table, epoch):
            self.table_learns = True
            self.learners.append((self.rows, self.options.table_rate * groups.rate(table)))

    def step(
        self, data: NetworkRows, rows: np.ndarray, team: ThreadTeam, learning_rate: float
    ) -> StepFigures:
        """Train on the named rows; a NaN or infinite loss or gradient changes nothing."""
        shards = self._split(data, rows)
        compute = self._autograd if self.bags is None else self._kernel
        found = compute(data, shards, team)
        options = self.options
        norm, clipped = clip(found.buffers, options.clip_grad_norm, options.clip_grad_value)
        figures = StepFigures(found.loss, len(rows), norm, clipped)
        if figures.finite:
            self._move(found.touched, found.gradients, learning_rate)
            fold_in(found.statistics)
        return figures

    def _optimizer(self, weights: Tensor, weight_decay: float) -> RowOptimizer:
        options = self.options
        return RowOptimizer(options.optimizer, weights, options.momentum, weight_decay)

    def _move(self, touched: Tensor | None, gradients: list[Tensor], learning_rate: float) -> None:
        for (optimizer, rate), gradient in zip(self.learners, gradients, strict=True):
            rows = touched if optimizer is self.rows else None
            optimizer.step(rows, gradient, learning_rate * rate)

    def _split(self, data: NetworkRows, rows: np.ndarray) -> list[np.ndarray]:
        """Deal a batch's rows to the threads, or to one where it is over before others wake."""
        n_shards = self.options.n_threads if self.device.type == "cpu" else 1
        network = self.network
        if isinstance(network, SequenceNetwork) and isinstance(network.encoder, Bag):
            n_numbers = int(data.lengths[rows].sum()) * network.encoder.out_dim
            n_numbers += len(rows) * network.head.output.weight.numel()
            if n_numbers < SHARED_WORK:
                n_shards = 1
        return [np.ascontiguousarray(shard, np.int64) for shard in split_shards(rows, n_shards)]

    def _kernel(self, data: NetworkRows, shards: list[np.ndarray], team: ThreadTeam) -> _Gradients:
        assert self.bags is not None and isinstance(data, SequenceData)
        loss, touched, flat = self.bags.gradients(data, shards, self.generators, team)
        sizes = [weight.numel() for weight in self.weights]
        *gradients, rows = flat.split([*sizes, len(flat) - sum(sizes)])
        return _Gradients(loss, touched, [*gradients, rows.view(-1, self.bags.width)], [flat], [])

    def _autograd(
        self, data: NetworkRows, shards: list[np.ndarray], team: ThreadTeam
    ) -> _Gradients:
        parts = [data.take(shard) for shard in shards]
        if self.tokens is None:
            touched, table, dealt = None, None, self._deal(parts)
        else:
            touched, table, dealt = self._deal_tokens(parts, self.tokens)
        results = team.map(lambda shard: self._gradients(shard, table), dealt)
        # Divided by the rows, not their weights: a batch without a heavy row counts for little.
        n_rows = sum(map(len, shards))
        gradients = [
            _sum(group).div_(n_rows)
            for group in zip(*(result.gradients for result in results), strict=True)
        ]
        loss = sum(result.loss for result in results)
        statistics = [result.statistics for result in results]
        return _Gradients(loss, touched, gradients, gradients, statistics)

    def _deal(self, parts: Sequence[NetworkRows]) -> list[_Shard]:
        return [
            self._shard(as_tensors(part, self.device), part, generator)
            for part, generator in zip(parts, self.generators, strict=False)
        ]

    def _deal_tokens(
        self, parts: Sequence[NetworkRows], tokens: DistinctTokens
    ) -> tuple[Tensor, Tensor, list[_Shard]]:
        """Deal a batch whose distinct tokens' vectors (U, D) are looked up once for all."""
        # All ids of the batch end to end (N,), shard by shard and field by field.
        flat = np.concatenate([ids for part in parts for ids, *_ in part.arrays()])
        distinct, inverse = tokens.number(flat)
        touched = sent(distinct, self.device)
        # A leaf of its own: each thread's gradient is that of U rows, not of the whole table.
        table = self.network.token_vectors(touched).detach()
        table.requires_grad_(self.table_learns)
        shards, start = [], 0
        for part, generator in zip(parts, self.generators, strict=False):
            fields: Inputs = []
            for ids, *others in part.arrays():
                end = start + len(ids)
                # In the ids' stead stand their rows of ``table``.
                fields.append(
                    tuple(sent(array, self.device) for array in (inverse[start:end], *others))
                )
                start = end
            shards.append(self._shard(fields, part, generator))
        return touched, table, shards

    def _shard(self, inputs: Inputs, part: NetworkRows, generator: torch.Generator) -> _Shard:
        assert part.targets is not None
        weights = None if part.weights is None else sent(part.weights, self.device)
        return _Shard(inputs, sent(part.targets, self.device), weights, generator)

    def _gradients(self, shard: _Shard, table: Tensor | None) -> _ShardResult:
        with (
            drawing_from(shard.generator),
            collecting_statistics() as statistics,
            mixed_precision(self.device),
        ):
            outputs = (
                self.network(shard.inputs) if table is None else self.network(shard.inputs, table)
            )
            losses = self.objective.losses(outputs, shard.targets)
        if shard.weights is not None:
            losses = losses * shard.weights
        loss = losses.sum()
        wanted: list[Tensor] = [*self.learning]
        if table is not None and table.requires_grad:
            wanted.append(table)
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
