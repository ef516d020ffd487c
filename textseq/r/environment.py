"""The environment that R has now: Python's ``os.environ`` is as it was when Python started."""

from __future__ import annotations

import ctypes
import os

VARIABLES = (
    "HF_HOME",
    "HF_HUB_CACHE",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "TEXTSEQ_CACHE",
)


def take_over_environment() -> None:
    """Let ``os.environ`` have what R's ``Sys.setenv`` made of some variables since Python started.

    So a key crosses by the process's environment alone, and is in no value of R.

    Examples
    --------
    >>> os.putenv("TEXTSEQ_CACHE", "/tmp/vectors")  # as R does
    >>> take_over_environment()
    >>> os.environ.pop("TEXTSEQ_CACHE")
    '/tmp/vectors'
    """
    if os.name == "nt":
        # Python's C library there may be another than R's, with an environment of its own.
        return
    getenv = ctypes.CDLL(None).getenv
    getenv.argtypes, getenv.restype = [ctypes.c_char_p], ctypes.c_char_p
    for name in VARIABLES:
        value = getenv(name.encode())
        if value is not None:
            os.environ[name] = os.fsdecode(value)
        else:
            os.environ.pop(name, None)
