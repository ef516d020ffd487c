"""One training step: a batch dealt to the team, its gradients summed, the weights moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from textseq.batches import DrawnRows, NetworkRows, SequenceData, split_shards
from textseq.nn.bags import Bag
from textseq.nn.dropout import drawing_from
from textseq.nn.network import SequenceNetwork
from textseq.nn.normalization import BatchNorm, Statistics, collecting_statistics, fold_in
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
from textseq.training.workers import Workers

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
    workers : Workers, optional
        Processes that share each batch, each with so many threads: what they learn is what one
        process would with as many threads as all of them have.
    """

    def __init__(
        self,
        network: Trainable,
        objective: Objective,
        options: TrainingOptions,
        n_trained: int,
        workers: Workers | None = None,
    ) -> None:
        self.workers = workers
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
        n_own = options.n_threads if self.device.type == "cpu" else 1
        n_shards = n_own * (1 if workers is None else workers.size)
        first = n_own * (0 if workers is None else workers.rank)
        # Of a batch's shards, those that this process takes.
        self.own = slice(first, first + n_own)
        seeds = np.random.SeedSequence(options.seed).generate_state(n_shards + 1)
        self.rng = np.random.default_rng(int(seeds[0]))
        self.generators = [
            torch.Generator(self.device).manual_seed(int(seed)) for seed in seeds[1:]
        ]
        self.start_epoch(1)

    def generator_states(self) -> list[np.ndarray]:
        """Return the states of what draws dropout, thread by thread."""
        own = [generator.get_state().numpy() for generator in self.generators]
        if self.workers is None:
            return own
        return [state for states in self.workers.gathered(own[self.own]) for state in states]

    def carried(self) -> dict[str, Tensor]:
        """Return what the network carries from batch to batch."""
        own = self.network.carried()
        if self.workers is None:
            return own
        everyones: dict[str, Tensor] = {}
        for carried in self.workers.gathered(own):
            everyones |= carried
        return everyones

    def trained(self) -> list[Tensor]:
        """Return all that training changes; of a table the rows that it can touch."""
        return [optimizer.table for optimizer in [*self.optimizers, *filter(None, [self.rows])]]

    def rows_of_epoch(self, data: NetworkRows, done: float) -> NetworkRows:
        """Return what an epoch reads of the rows: of long ones a stretch, drawn anew.

        ``done`` is the share of all epochs that is over.
        """
        if isinstance(data, DrawnRows):
            return data.drawn(self.rng, done)
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
            fold_in(self._everyones(found.statistics))
        return figures

    def _optimizer(self, weights: Tensor, weight_decay: float) -> RowOptimizer:
        options = self.options
        return RowOptimizer(options.optimizer, weights, options.momentum, weight_decay)

    def _move(self, touched: Tensor | None, gradients: list[Tensor], learning_rate: float) -> None:
        for (optimizer, rate), gradient in zip(self.learners, gradients, strict=True):
            rows = touched if optimizer is self.rows else None
            optimizer.step(rows, gradient, learning_rate * rate)

    def _split(self, data: NetworkRows, rows: np.ndarray) -> list[np.ndarray]:
        """Deal a batch's rows to all threads, or to one where it is over before others wake."""
        n_shards = len(self.generators)
        network = self.network
        if isinstance(network, SequenceNetwork) and isinstance(network.encoder, Bag):
            n_numbers = int(data.lengths[rows].sum()) * network.encoder.out_dim
            n_numbers += len(rows) * network.head.output.weight.numel()
            if n_numbers < SHARED_WORK:
                n_shards = 1
        return [np.ascontiguousarray(shard, np.int64) for shard in split_shards(rows, n_shards)]

    def _kernel(self, data: NetworkRows, shards: list[np.ndarray], team: ThreadTeam) -> _Gradients:
        assert self.bags is not None and isinstance(data, SequenceData)
        loss, touched, flat = self.bags.gradients(data, shards, self.generators, team, self.own)
        loss = self._summed([flat], loss)
        sizes = [weight.numel() for weight in self.weights]
        *gradients, rows = flat.split([*sizes, len(flat) - sum(sizes)])
        return _Gradients(loss, touched, [*gradients, rows.view(-1, self.bags.width)], [flat], [])

    def _autograd(
        self, data: NetworkRows, shards: list[np.ndarray], team: ThreadTeam
    ) -> _Gradients:
        if self.tokens is None:
            parts = [data.take(shard) for shard in shards[self.own]]
            touched, table, dealt = None, None, self._deal(parts)
        else:
            # Of all shards: a token's gradient stands in the same row in all processes.
            parts = [data.take(shard) for shard in shards]
            touched, table, dealt = self._deal_tokens(parts, self.tokens)
        results = team.map(lambda shard: self._gradients(shard, table), dealt)
        if results:
            by_weight = zip(*(result.gradients for result in results), strict=True)
            gradients = [_sum(shares) for shares in by_weight]
        else:  # the batch has fewer rows than there are threads
            gradients = [torch.zeros_like(weight) for weight in self._wanted(table)]
        loss = self._summed(gradients, sum(result.loss for result in results))
        # Divided by the rows, not their weights: a batch without a heavy row counts for little.
        n_rows = sum(map(len, shards))
        for gradient in gradients:
            gradient.div_(n_rows)
        statistics = [result.statistics for result in results]
        return _Gradients(loss, touched, gradients, gradients, statistics)

    def _summed(self, gradients: list[Tensor], loss: float) -> float:
        """Add to the gradients, in place, those of the other processes; return the loss of all."""
        if self.workers is None:
            return loss
        total = torch.tensor([float(loss)], device=self.device)
        self.workers.add([*gradients, total])
        return float(total)

    def _everyones(self, statistics: list[list[Statistics]]) -> list[list[Statistics]]:
        """Return what the layers saw of each shard, of those of the other processes too."""
        layers = [layer for layer in self.network.modules() if isinstance(layer, BatchNorm)]
        if self.workers is None or not layers:
            return statistics
        places = {id(layer): place for place, layer in enumerate(layers)}
        told = [
            [(places[id(part.layer)], part.mean, part.variance, part.count) for part in seen]
            for seen in statistics
        ]
        return [
            [Statistics(layers[place], *figures) for place, *figures in seen]
            for shards in self.workers.gathered(told)
            for seen in shards
        ]

    def _deal(self, parts: Sequence[NetworkRows]) -> list[_Shard]:
        return [
            self._shard(as_tensors(part, self.device), part, generator)
            for part, generator in zip(parts, self.generators[self.own], strict=False)
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
        for place, (part, generator) in enumerate(zip(parts, self.generators, strict=False)):
            fields: Inputs = []
            for ids, *others in part.arrays():
                end = start + len(ids)
                # In the ids' stead stand their rows of ``table``.
                fields.append(
                    tuple(sent(array, self.device) for array in (inverse[start:end], *others))
                )
                start = end
            if self.own.start <= place < self.own.stop:
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
        # Taken apart from .grad, which all threads would write to at once.
        gradients = torch.autograd.grad(loss, self._wanted(table), materialize_grads=True)
        return _ShardResult(float(loss.detach()), gradients, statistics)

    def _wanted(self, table: Tensor | None) -> Sequence[Tensor]:
        """Return what gradients are taken of."""
        if table is None or not table.requires_grad:
            return self.learning
        return [*self.learning, table]


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
