"""The compiled kernels: one build for each instruction set, of which the widest is taken."""

from __future__ import annotations

import ctypes
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

# The same C files, compiled for ever plainer processors.
BUILDS = ("avx512", "avx2", "portable")


def build_path(build: str) -> Path | None:
    """Return where a build lies, or None if it was not compiled (no C compiler at install)."""
    places = (Path(__file__).with_name(f"_{build}{suffix}") for suffix in EXTENSION_SUFFIXES)
    return next((place for place in places if place.exists()), None)


@cache
def open_build(build: str) -> ctypes.CDLL | None:
    """Open one build; None if it was not compiled or this processor can't run it.

    ctypes releases the GIL around every call, so threads run kernels side by side.
    """
    portable, path = build_path("portable"), build_path(build)
    if portable is None or path is None:
        return None
    cpu = ctypes.CDLL(str(portable))
    if build != "portable" and not getattr(cpu, f"runs_{build}")():
        return None
    return ctypes.CDLL(str(path))


@cache
def kernels() -> ctypes.CDLL | None:
    """Return the widest build that runs here; None where none was compiled."""
    builds = map(open_build, BUILDS)
    return next((library for library in builds if library is not None), None)
