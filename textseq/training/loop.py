"""The training loop: batches in, the best epoch's weights and a history out."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import pandas as pd

from textseq.batches import NetworkRows, Plan, loaded_in_turn, plan_batches
from textseq.nn.trainable import Trainable
from textseq.training.averaging import WeightAverage
from textseq.training.devices import placed
from textseq.training.distinct_tokens import count_trained
from textseq.training.interrupt import InterruptRequest, Request, TerminationRequest, hear
from textseq.training.objectives import Objective
from textseq.training.options import TrainingOptions
from textseq.training.outputs import network_outputs
from textseq.training.run_state import BestWeights, Position, Run, Saver
from textseq.training.schedules import Schedule
from textseq.training.step import StepFigures, Trainer
from textseq.training.threads import ThreadTeam
from textseq.training.workers import Workers

# Batches from one question of several workers to the next, whether one of them was interrupted.
HEARD_EVERY = 8
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
    saver: Saver | None = None,
    workers: Workers | None = None,
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
    saver : Saver, optional
        Keeps states from which another process goes on, to the same weights. It hears SIGTERM,
        too: the state is kept, and the process ends.
    workers : Workers, optional
        Processes that train the same network on the same rows together; each calls this.

    Returns
    -------
    TrainingResult

    Raises
    ------
    TrainingError
        If the loss or its gradient is not a finite number before any epoch ended.
    ValueError
        If averaging would begin when the validation loss no longer falls, and nothing validates.
    """
    if options.averaging == "triggered" and validation is None:
        raise ValueError(
            "averaging='triggered' begins when the validation loss no longer falls, and there is "
            "nothing to validate on; give validation_data, or averaging='exponential'"
        )
    with placed(network, options.device):
        return _train(
            network, data, objective, options, validation, on_batch, on_epoch, plan, saver, workers
        )


def _train(
    network: Trainable,
    data: NetworkRows,
    objective: Objective,
    options: TrainingOptions,
    validation: NetworkRows | None,
    on_batch: OnBatch | None,
    on_epoch: OnEpoch | None,
    plan: Plan,
    saver: Saver | None,
    workers: Workers | None,
) -> TrainingResult:
    n_trained = count_trained(network, data)
    trainer = Trainer(network, objective, options, n_trained, workers)
    best = BestWeights(network, n_trained)
    run = Run(trainer, best, Schedule(options.schedule), [], Position(rng=trainer.rng_state))
    if options.averaging is not None:
        run.average = WeightAverage(options.averaging, trainer.trained())
    state = None if saver is None else saver.restored()
    if state is not None:
        run.restore(state)
    is_over = state is not None and state.facts.get("finished", False)
    with (
        ThreadTeam(options.n_threads) as team,
        InterruptRequest() as interrupt,
        TerminationRequest(listens=saver is not None) as termination,
    ):
        requests = interrupt, termination
        while not (is_over or _is_trained(run)):
            try:
                record = _epoch(run, data, plan, team, on_batch, saver, requests)
            except TrainingError as error:
                if not best.epoch:
                    raise
                # A later epoch that breaks down does not cost the epochs before it.
                warnings.warn(f"{error} The weights of epoch {best.epoch} stay.", stacklevel=2)
                break
            if interrupt.heard or termination.heard:
                _cut_short(run, saver, termination)
                break
            _end_epoch(run, record, validation, team)
            if on_epoch is not None:
                on_epoch(record)
            due = hear(requests, workers, saver is not None and saver.is_due(epoch_ended=True))
            if saver is not None and due:
                saver.save(run.state())
        best.restore()
        if saver is not None and not (is_over or interrupt.heard):
            saver.save(run.finished())
        termination.obey()
    network.eval()
    score = best.rank[0] if best.epoch and validation is not None else None
    columns = _columns(validation is not None, _speed_name(network))
    history = pd.DataFrame.from_records(run.records, columns=columns)
    return TrainingResult(history, best.epoch, score, interrupt.heard)


def _is_trained(run: Run) -> bool:
    """Whether there were epochs enough, or too many without a better score."""
    options, ended = run.trainer.options, run.position.epoch - 1
    waited = options.patience is not None and ended - run.best.epoch >= options.patience
    return ended >= options.max_epochs or waited


def _cut_short(run: Run, saver: Saver | None, termination: TerminationRequest) -> None:
    """Leave an epoch, which has no record then, and is not offered as the best."""
    if saver is not None:
        saver.save(run.state())
    termination.obey()
    told = f"interrupted in epoch {run.position.epoch}; {run.best.described()} stay"
    warnings.warn(told, stacklevel=2)


def _end_epoch(
    run: Run, record: dict[str, float], validation: NetworkRows | None, team: ThreadTeam
) -> None:
    """Validate an epoch, take note of it, and go to the next."""
    trainer, epoch = run.trainer, run.position.epoch
    with nullcontext() if run.average is None else run.average.in_place():
        if validation is not None:
            _validate(trainer, record, validation, team)
        run.records.append(record)
        run.best.offer(epoch, record)
    if run.average is not None and validation is not None:
        run.average.observe([own["validation_loss"] for own in run.records])
    # The schedule looks at the loss, the choice of the epoch and patience at the score.
    run.schedule.observe(record.get("validation_loss", record["loss"]))
    run.position = Position(epoch + 1, rng=trainer.rng_state)


def _validate(
    trainer: Trainer, record: dict[str, float], validation: NetworkRows, team: ThreadTeam
) -> None:
    """Add to an epoch's record how the network does on the validation rows."""
    outputs = network_outputs(trainer.network, validation, team, workers=trainer.workers)
    assert validation.targets is not None
    truth = validation.targets, validation.weights
    record["validation_loss"] = trainer.objective.loss(outputs, *truth)
    record["validation_score"] = trainer.objective.score(outputs, *truth)


def _columns(validated: bool, speed: str) -> list[str]:
    scores = ["validation_loss", "validation_score"] if validated else []
    return ["epoch", "loss", *scores, *COLUMNS, speed]


def _speed_name(network: Trainable) -> str:
    return "tokens_per_second" if network.steps_are_tokens else "steps_per_second"


def _epoch(
    run: Run,
    data: NetworkRows,
    plan: Plan,
    team: ThreadTeam,
    on_batch: OnBatch | None,
    saver: Saver | None,
    requests: tuple[Request, ...],
) -> dict[str, float]:
    """Train until an epoch is over, or something is requested; return the epoch's record."""
    trainer, at, options = run.trainer, run.position, run.trainer.options
    started = time.perf_counter() - at.seconds
    # What an earlier process planned is planned again, and the batches that are over left out.
    trainer.rng_state = at.rng
    rows_read = trainer.rows_of_epoch(data, (at.epoch - 1) / options.max_epochs)
    batches = plan(rows_read.lengths, options.batch_size, trainer.rng)
    last = run.records[-1] if run.records else {}
    trainer.begin(at.epoch, goes_on=at.batch > 0)
    if on_batch is not None and (at.epoch, at.batch) != (1, 0):
        on_batch(at.epoch, at.batch, len(batches), last)
    for part, rows in loaded_in_turn(rows_read, batches[at.batch :]):
        # Share of all epochs that is over: schedules move from batch to batch.
        progress = (at.epoch - 1 + at.batch / len(batches)) / options.max_epochs
        at.rate = options.learning_rate * run.schedule.factor(progress)
        figures = trainer.step(part, rows, team, at.rate)
        at.batch += 1
        if not figures.finite:
            raise TrainingError(
                f"the loss or its gradient is not a finite number in epoch {at.epoch}, batch "
                f"{at.batch} of {len(batches)} (loss {figures.loss}, gradient norm "
                f"{figures.gradient_norm}): {_remedy(figures, options)}."
            )
        if run.average is not None:
            run.average.step()
        # The sum over rows, as the last batch may be smaller; norms are one a batch.
        at.loss, at.seen = at.loss + figures.loss, at.seen + figures.n_rows
        at.norms += figures.gradient_norm
        at.n_clipped += figures.clipped
        if on_batch is not None:
            on_batch(at.epoch, at.batch, len(batches), last)
        at.seconds = time.perf_counter() - started
        is_last = at.batch == len(batches)
        if trainer.workers is not None and at.batch % HEARD_EVERY and not is_last:
            continue
        due = saver is not None and not is_last and saver.is_due(epoch_ended=False)
        due = hear(requests, trainer.workers, due)
        if any(request.heard for request in requests):
            break
        if saver is not None and due:
            saver.save(run.state())
    return {
        "epoch": at.epoch,
        "loss": at.loss / at.seen,
        "gradient_norm": at.norms / len(batches),
        "clipped_share": at.n_clipped / len(batches),
        "learning_rate": at.rate,
        "seconds": at.seconds,
        _speed_name(trainer.network): rows_read.n_steps / at.seconds,
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
