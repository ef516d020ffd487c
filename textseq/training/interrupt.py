"""Ctrl-C as a request to stop, not a blow in the middle of a weight update."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType


class InterruptRequest:
    """Note the first Ctrl-C; let a second one through as KeyboardInterrupt.

    Python delivers signals to the main thread only; in other threads, and
    where the caller has turned SIGINT off, nothing is changed.
    """

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> InterruptRequest:
        self._before = None
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if callable(before):
                self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
