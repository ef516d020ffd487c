"""Errors of Python's functions in the words of the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

# What an error calls a parameter, and the option that sets it.
_OPTIONS = {
    r"\blevel=None\b": "--level none",
    r"\blevel=": "--level ",
    r"\bn_windows=": "--windows ",
    r"\bval_size=": "--val-size ",
    r"\bval_size\b": "--val-size",
    r"\bseason_length=": "--season ",
    r"\bid_col=": "--id ",
    r"\(fill_gaps='interpolate' or 'zero'\)": "(--fill interpolate or --fill zero)",
    r"\bfill_gaps\b": "--fill",
    r"\bfreq=": "--freq ",
    r"\bfuture=": "--future ",
    r"\bX_future\b": "--future-data",
    r"\bh=": "--horizon ",
    r"\ba smaller h\b": "a smaller --horizon",
}


@contextmanager
def option_words() -> Iterator[None]:
    """Name the options of ``textseq forecast`` where an error names Python's parameters."""
    try:
        yield
    except (ValueError, ImportError) as error:
        message = str(error)
        for parameter, option in _OPTIONS.items():
            message = re.sub(parameter, option, message)
        raise ValueError(message) from error
