"""Ctrl-C as a request to stop, not a blow in the middle of a weight update."""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import Any

# More than any system's struct sigaction.
RECORD_BYTES = 1024


class InterruptRequest:
    """Note the first Ctrl-C; let a second one through as KeyboardInterrupt.

    Python delivers signals to the main thread only; in other threads, and
    where the caller has turned SIGINT off, nothing is changed. A program that runs Python
    within it, as R does, has a handler of its own below Python's, which comes back too.
    """

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> InterruptRequest:
        self._before = None
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if callable(before):
                self._below = _handler_below()
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
            if self._below is not None:
                ctypes.CDLL(None).sigaction(signal.SIGINT, self._below, None)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


def _handler_below() -> Any:
    """Return the system's record of what SIGINT does; None on Windows, which has none."""
    if sys.platform == "win32":
        return None
    record = ctypes.create_string_buffer(RECORD_BYTES)
    ctypes.CDLL(None).sigaction(signal.SIGINT, None, record)
    return record
