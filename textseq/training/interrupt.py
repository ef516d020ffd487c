"""Ctrl-C as a request to stop, not a blow in the middle of a weight update."""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Who hears Ctrl-C need not have torch.
    from textseq.training.workers import Workers

# More than any system's struct sigaction.
RECORD_BYTES = 1024


class Request:
    """Something that is asked for while work goes on, and heeded at its next pause.

    ``requested`` changes at any moment, ``heard`` when ``hear`` is called, in all workers alike.
    """

    requested = False
    heard = False


def hear(requests: Sequence[Request], workers: Workers | None, due: bool = False) -> bool:
    """Hear what was asked for, by any of the workers; return whether something is due in any."""
    asked = [*(request.requested for request in requests), due]
    if workers is not None:
        asked = [any(of_each) for of_each in zip(*workers.gathered(asked), strict=True)]
    for request, is_asked in zip(requests, asked, strict=False):
        request.heard = is_asked
    return asked[-1]


class InterruptRequest(Request):
    """Note the first Ctrl-C; let a second one through as KeyboardInterrupt."""

    def __enter__(self) -> InterruptRequest:
        self._hearing = heard_by(self._note)
        self._hearing.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hearing.__exit__(None, None, None)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


class TerminationRequest(Request):
    """Note SIGTERM, by which machines are taken away, and obey it once all is kept.

    Parameters
    ----------
    listens : bool
        Whether it is heard at all; the system ends the process at once otherwise.
    """

    def __init__(self, listens: bool) -> None:
        self._listens = listens and threading.current_thread() is threading.main_thread()

    def __enter__(self) -> TerminationRequest:
        if self._listens:
            self._before = signal.signal(signal.SIGTERM, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_hearing()

    def _stop_hearing(self) -> None:
        if self._listens:
            # What was no handler of Python's can't be set again by it.
            signal.signal(signal.SIGTERM, self._before or signal.SIG_DFL)
            self._listens = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.requested = True

    def obey(self) -> None:
        """Do what the process would have done, if it, or another worker, was asked to."""
        self._stop_hearing()
        if self.requested or self.heard:
            signal.raise_signal(signal.SIGTERM)


@contextmanager
def heard_by(handler: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    """Let a function hear Ctrl-C for a while.

    Python delivers signals to the main thread only; in other threads, and
    where the caller has turned SIGINT off, nothing is changed. A program that runs Python
    within it, as R does, has a handler of its own below Python's, which comes back too.

    Parameters
    ----------
    handler : callable
        Takes the signal's number and the frame that it fell into.
    """
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return
    put_back = _handler_below()
    signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        # At once, one after the other: what comes between the two is heard by neither program.
        signal.signal(signal.SIGINT, before)
        put_back()


def _handler_below() -> Callable[[], Any]:
    """Note what the system does at SIGINT; return what makes it so again."""
    if sys.platform == "win32":
        return lambda: None
    record = ctypes.create_string_buffer(RECORD_BYTES)
    sigaction = ctypes.CDLL(None).sigaction
    sigaction(signal.SIGINT, None, record)
    return partial(sigaction, signal.SIGINT, record, None)
