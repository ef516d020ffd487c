"""How far a long fit is: a bar on a terminal, lines elsewhere, or what another program draws."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textseq.training.loop import OnBatch, OnEpoch

Report = Callable[[int, int, float, float], Any]
# Seconds between reports; a screen shows no more.
REPORT_EVERY = 0.1
_REPORT: ContextVar[Report | None] = ContextVar("report", default=None)


@contextmanager
def reporting(report: Report | None) -> Iterator[None]:
    """Let fits tell ``report`` how far they are: epoch, epochs, share done, loss."""
    token = _REPORT.set(report)
    try:
        yield
    finally:
        _REPORT.reset(token)


def current_report() -> Report | None:
    """Return what ``reporting`` set, if anything."""
    return _REPORT.get()


@contextmanager
def progress(verbose: int, max_epochs: int, name: str) -> Iterator[tuple[OnBatch, OnEpoch]]:
    """Yield what the loop calls after each batch and each epoch."""
    report = _REPORT.get()
    if report is not None:
        yield _reported(report, max_epochs), _quiet
    elif not verbose:
        yield _quiet, _quiet
    elif sys.stderr.isatty():
        with _bar(max_epochs, name) as on_batch:
            yield on_batch, _quiet
    else:
        yield _quiet, _written(max_epochs, name)


def figures_text(last: dict[str, float]) -> str:
    """Write what is known of an epoch's fit."""
    figures = f"loss {last['loss']:.3f}" if last else ""
    if "validation_score" in last:
        figures += f" validation {last['validation_score']:.3f}"
    return figures


def write_line(line: str) -> None:
    """Write a line to stderr; where nobody reads on, what is trained goes on all the same."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _quiet(*_: Any) -> None:
    """Say nothing."""


def _written(max_epochs: int, name: str) -> OnEpoch:
    """Return what writes a line an epoch, as logs and notebooks take them."""

    def on_epoch(record: dict[str, float]) -> None:
        line = f"{name}: epoch {record['epoch']}/{max_epochs} {figures_text(record)}"
        write_line(f"{line}, {record['seconds']:.1f} s")

    return on_epoch


@contextmanager
def _bar(max_epochs: int, name: str) -> Iterator[OnBatch]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]} {task.fields[figures]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=1.0, epoch=1, epochs=max_epochs, figures="")

        def on_batch(epoch: int, batch: int, n_batches: int, last: dict[str, float]) -> None:
            done = (epoch - 1 + batch / n_batches) / max_epochs
            bar.update(task, completed=done, epoch=epoch, figures=figures_text(last))

        yield on_batch


def _reported(report: Report, max_epochs: int) -> OnBatch:
    reported = 0.0

    def on_batch(epoch: int, batch: int, n_batches: int, last: dict[str, float]) -> None:
        nonlocal reported
        now = time.monotonic()
        if now - reported < REPORT_EVERY:
            return
        reported = now
        done = (epoch - 1 + batch / n_batches) / max_epochs
        report(epoch, max_epochs, done, last.get("loss", float("nan")))

    return on_batch
