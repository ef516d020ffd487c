"""A progress bar for long fits, on a terminal only; or what another program draws."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from textseq.training.loop import OnBatch

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
def progress_bar(verbose: int, max_epochs: int, name: str) -> Iterator[OnBatch | None]:
    """Yield what the loop calls after each batch; None when quiet or not on a terminal."""
    report = _REPORT.get()
    if report is not None:
        yield _reported(report, max_epochs)
        return
    if not verbose or not sys.stderr.isatty():
        yield None
        return
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
            figures = f"loss {last['loss']:.3f}" if last else ""
            if "validation_score" in last:
                figures += f" validation {last['validation_score']:.3f}"
            done = (epoch - 1 + batch / n_batches) / max_epochs
            bar.update(task, completed=done, epoch=epoch, figures=figures)

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
