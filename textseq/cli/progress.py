"""How far long commands are: a bar of a comparison's fits, or lines where there is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from textseq.training.progress import reporting, write_line

# Seconds from one line to the next: a share of what has passed, so that a log tells much of a
# minute and stays short over hours.
FIRST_WAIT = 1.0
SHARE_WAITED = 0.1
LONGEST_WAIT = 60.0


class ProgressLines:
    """Lines to stderr, the rarer the longer a command has run.

    Parameters
    ----------
    clock : callable, default time.monotonic
        Returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.started = self.written = clock()
        self.fits = ""

    def on_fit(self, done: int, total: int, name: str) -> None:
        """Note that a fit of several starts."""
        self.fits = f"fit {done + 1} of {total}, {name}: "
        self.write("starts")

    def on_batch(self, epoch: int, epochs: int, done: float, loss: float) -> None:
        """Tell how far a fit is, as ``reporting`` hands it on."""
        known = "" if loss != loss else f", loss {loss:.3f}"
        self.write(f"epoch {epoch} of {epochs}{known}")

    def write(self, line: str) -> None:
        """Write a line, unless the last is too young."""
        now = self.clock()
        passed = now - self.started
        if now - self.written >= min(LONGEST_WAIT, FIRST_WAIT + SHARE_WAITED * passed):
            self.written = now
            write_line(f"{self.fits}{line} ({passed:,.0f} s)")


@contextmanager
def progress_lines() -> Iterator[None]:
    """Let all fits write lines where there is no terminal for a bar."""
    if sys.stderr.isatty():
        yield
        return
    with reporting(ProgressLines().on_batch):
        yield


@contextmanager
def fits_bar() -> Iterator[Callable[[int, int, str], None]]:
    """Yield what a comparison calls as each fit starts: a bar on a terminal, else lines."""
    if not sys.stderr.isatty():
        lines = ProgressLines()
        with reporting(lines.on_batch):
            yield lines.on_fit
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def on_fit(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, description=name)

        yield on_fit
