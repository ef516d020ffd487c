"""The training loop: batches in, the best epoch's weights and a history out."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from torch import Tensor

from textseq.batches import NetworkRows, Plan, loaded_in_turn, plan_batches
from textseq.nn.trainable import Trainable
from textseq.training.devices import placed
from textseq.training.distinct_tokens import count_trained
from textseq.training.interrupt import InterruptRequest
from textseq.training.objectives import Objective
from textseq.training.options import TrainingOptions
from textseq.training.outputs import network_outputs
from textseq.training.schedules import Schedule
from textseq.training.step import StepFigures, Trainer
from textseq.training.threads import ThreadTeam

# Called with (epoch, batches done, batches in all, last epoch's record).
OnBatch = Callable[[int, int, int, dict[str, float]], None]
# Called with the record of each epoch that ended.
OnEpoch = Callable[[dict[str, float]], None]

COLUMNS = ["gradient_norm", "clipped_share", "learning_rate", "seconds"]


class TrainingError(RuntimeError):
    """Training broke down before any epoch ended."""


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """How training went.

    Parameters
    ----------
    history : DataFrame
        One row an epoch: epoch, loss, validation_loss, validation_score,
        gradient_norm (mean over batches, before clipping), clipped_share (of the
        batches), learning_rate (of the last batch), seconds, and tokens_per_second (of
        series, steps_per_second).
    best_epoch : int
        The epoch whose weights the network holds; 0 when none ended.
    best_score : float or None
        Its validation score; None without validation data.
    interrupted : bool
        Whether Ctrl-C ended training.
    """

    history: pd.DataFrame
    best_epoch: int
    best_score: float | None
    interrupted: bool


def train(
    network: Trainable,
    data: NetworkRows,
    objective: Objective,
    options: TrainingOptions,
    *,
    validation: NetworkRows | None = None,
    on_batch: OnBatch | None = None,
    on_epoch: OnEpoch | None = None,
    plan: Plan = plan_batches,
) -> TrainingResult:
    """Train a network in place and leave it with its best epoch's weights.

    Ctrl-C ends training after the batch at hand, with a warning, and the best
    weights so far stay. So does a loss or gradient that is not a number.

    Parameters
    ----------
    network : Trainable
    data : NetworkRows
        With targets.
    objective : Objective
    options : TrainingOptions
    validation : NetworkRows, optional
        Chooses the best epoch; without it the last epoch's weights stay.
    on_batch : callable, optional
        Called after every batch, for a progress bar.
    on_epoch : callable, optional
        Called with the record of every epoch that ended.
    plan : callable, default ``plan_batches``
        (lengths (n_rows,), batch_size, rng) -> row numbers of each batch of an epoch.

    Returns
    -------
    TrainingResult

    Raises
    ------
    TrainingError
        If the loss or its gradient is not a finite number before any epoch ended.
    """
    with placed(network, options.device):
        return _train(network, data, objective, options, validation, on_batch, on_epoch, plan)


def _train(
    network: Trainable,
    data: NetworkRows,
    objective: Objective,
    options: TrainingOptions,
    validation: NetworkRows | None,
    on_batch: OnBatch | None,
    on_epoch: OnEpoch | None,
    plan: Plan,
) -> TrainingResult:
    n_trained = count_trained(network, data)
    trainer = Trainer(network, objective, options, n_trained)
    records: list[dict[str, float]] = []
    best = _Best(network, n_trained)
    schedule = Schedule(options.schedule)
    with ThreadTeam(options.n_threads) as team, InterruptRequest() as interrupt:
        for epoch in range(1, options.max_epochs + 1):
            try:
                rows = trainer.rows_of_epoch(data)
                batches = plan(rows.lengths, options.batch_size, trainer.rng)
                record = _epoch(
                    trainer, rows, batches, team, epoch, schedule, interrupt, on_batch, records
                )
            except TrainingError as error:
                if not best.epoch:
                    raise
                # A later epoch that breaks down does not cost the epochs before it.
                warnings.warn(f"{error} The weights of epoch {best.epoch} stay.", stacklevel=2)
                break
            # An epoch that was cut short has no record, and is not offered as the best.
            if interrupt.requested:
                warnings.warn(
                    f"interrupted in epoch {epoch}; {best.described()} stay", stacklevel=2
                )
                break
            if validation is not None:
                outputs = network_outputs(network, validation, team)
                assert validation.targets is not None
                truth = validation.targets, validation.weights
                record["validation_loss"] = objective.loss(outputs, *truth)
                record["validation_score"] = objective.score(outputs, *truth)
            records.append(record)
            if on_epoch is not None:
                on_epoch(record)
            best.offer(epoch, record)
            # The schedule looks at the loss, the choice of the epoch and patience at the score.
            schedule.observe(record.get("validation_loss", record["loss"]))
            if options.patience is not None and epoch - best.epoch >= options.patience:
                break
    best.restore()
    network.eval()
    score = best.rank[0] if best.epoch and validation is not None else None
    columns = _columns(validation is not None, _speed_name(network))
    history = pd.DataFrame.from_records(records, columns=columns)
    return TrainingResult(history, best.epoch, score, interrupt.requested)


def _columns(validated: bool, speed: str) -> list[str]:
    scores = ["validation_loss", "validation_score"] if validated else []
    return ["epoch", "loss", *scores, *COLUMNS, speed]


def _speed_name(network: Trainable) -> str:
    return "tokens_per_second" if network.steps_are_tokens else "steps_per_second"


def _epoch(
    trainer: Trainer,
    data: NetworkRows,
    batches: list[np.ndarray],
    team: ThreadTeam,
    epoch: int,
    schedule: Schedule,
    interrupt: InterruptRequest,
    on_batch: OnBatch | None,
    records: list[dict[str, float]],
) -> dict[str, float]:
    options = trainer.options
    started = time.perf_counter()
    trainer.network.train()
    trainer.start_epoch(epoch)
    loss = norms = rate = 0.0
    seen = n_clipped = 0
    for number, (part, rows) in enumerate(loaded_in_turn(data, batches)):
        # Share of all epochs that is over: schedules move from batch to batch.
        progress = (epoch - 1 + number / len(batches)) / options.max_epochs
        rate = options.learning_rate * schedule.factor(progress)
        figures = trainer.step(part, rows, team, rate)
        if not figures.finite:
            raise TrainingError(
                f"the loss or its gradient is not a finite number in epoch {epoch}, batch "
                f"{number + 1} of {len(batches)} (loss {figures.loss}, gradient norm "
                f"{figures.gradient_norm}): {_remedy(figures, options)}."
            )
        # The sum over rows, as the last batch may be smaller; norms are one a batch.
        loss, seen = loss + figures.loss, seen + figures.n_rows
        norms += figures.gradient_norm
        n_clipped += figures.clipped
        if on_batch is not None:
            on_batch(epoch, number + 1, len(batches), records[-1] if records else {})
        if interrupt.requested:
            break
    seconds = time.perf_counter() - started
    return {
        "epoch": epoch,
        "loss": loss / seen,
        "gradient_norm": norms / len(batches),
        "clipped_share": n_clipped / len(batches),
        "learning_rate": rate,
        "seconds": seconds,
        _speed_name(trainer.network): data.n_steps / seconds,
    }


def _remedy(figures: StepFigures, options: TrainingOptions) -> str:
    if np.isfinite(figures.loss) and options.clip_grad_norm is not None:
        return (
            "the gradient overflows on its way back through time, where clipping comes too late; "
            "lower init_gain, take init='orthogonal', a gated encoder or fewer steps "
            "(max_length, truncated_bptt_steps)"
        )
    return (
        f"lower learning_rate={options.learning_rate:g} "
        f"or set clip_grad_norm (now {options.clip_grad_norm})"
    )


class _Best:
    """The best epoch's weights: all dense ones, and the table's rows that training can touch."""

    def __init__(self, network: Trainable, n_rows: int) -> None:
        self.network, self.n_rows = network, n_rows
        self.epoch, self.rank = 0, (-np.inf, -np.inf)
        self.weights: list[Tensor] = []

    def _current(self) -> list[Tensor]:
        network = self.network
        weights = dict(network.state_dict())
        for name, weight in network.named_parameters():
            if weight is network.table:
                weights[name] = weights[name][: self.n_rows]
        return list(weights.values())

    def offer(self, epoch: int, record: dict[str, float]) -> None:
        """Keep the present weights if they validate best so far.

        Small validation sets often give two epochs the same score; the lower
        loss decides then. Without validation the last epoch is the best.
        """
        score = record.get("validation_score", epoch)
        # A score may be undefined, as an R squared of one row is.
        rank = (-np.inf if np.isnan(score) else score, -record.get("validation_loss", 0.0))
        if rank > self.rank:
            self.weights = [weight.clone() for weight in self._current()]
            self.epoch, self.rank = epoch, rank

    def restore(self) -> None:
        """Put the kept weights back; the present ones stay if none were kept."""
        for weight, kept in zip(self._current(), self.weights, strict=bool(self.weights)):
            weight.copy_(kept)

    def described(self) -> str:
        """Say whose weights the network will hold."""
        return f"the weights of epoch {self.epoch}" if self.epoch else "the weights so far"
