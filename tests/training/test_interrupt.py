"""Ctrl-C during training, and who hears it afterwards."""

import ctypes
import signal
import sys

import pytest

from textseq.training.interrupt import InterruptRequest


def test_the_first_is_noted_and_the_second_goes_through():
    with InterruptRequest() as interrupt:
        signal.raise_signal(signal.SIGINT)
        assert interrupt.requested
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_the_handler_before_is_back_afterwards():
    before = signal.getsignal(signal.SIGINT)
    with InterruptRequest():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_so_is_one_of_the_program_that_runs_python():
    """R's, without which nothing could be interrupted any more after a fit."""
    assert sys.platform != "win32"
    heard = []
    below = ctypes.CFUNCTYPE(None, ctypes.c_int)(heard.append)
    library = ctypes.CDLL(None)
    library.signal.restype = ctypes.c_void_p
    library.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
    before = library.signal(signal.SIGINT, ctypes.cast(below, ctypes.c_void_p))
    try:
        with InterruptRequest() as interrupt:
            signal.raise_signal(signal.SIGINT)
        assert interrupt.requested and heard == []
        signal.raise_signal(signal.SIGINT)
        assert heard == [signal.SIGINT]
    finally:
        library.signal(signal.SIGINT, before)
