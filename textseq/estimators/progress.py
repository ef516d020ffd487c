"""A progress bar for long fits, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from textseq.training.loop import OnBatch


@contextmanager
def progress_bar(verbose: int, max_epochs: int, name: str) -> Iterator[OnBatch | None]:
    """Yield what the loop calls after each batch; None when quiet or not on a terminal."""
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
