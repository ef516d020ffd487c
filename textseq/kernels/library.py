"""The compiled kernels: one build for each instruction set, of which the widest is taken."""

from __future__ import annotations

import ctypes
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from textseq.kernels.layout import layout_differences
from textseq.kernels.signatures import declare

# The same C files, compiled for ever plainer processors.
BUILDS = ("avx512", "avx2", "portable")
# One field moved moves all behind it, which need not all be told.
_MOST_TOLD = 3


def build_path(build: str) -> Path | None:
    """Return where a build lies, or None if it was not compiled (no C compiler at install)."""
    places = (Path(__file__).with_name(f"_{build}{suffix}") for suffix in EXTENSION_SUFFIXES)
    return next((place for place in places if place.exists()), None)


@cache
def open_build(build: str) -> ctypes.CDLL | None:
    """Open one build; None if it was not compiled or this processor can't run it.

    ctypes releases the GIL around every call, so threads run kernels side by side.

    Raises
    ------
    RuntimeError
        If it was compiled from C files of another version of textseq.
    """
    portable, path = build_path("portable"), build_path(build)
    if portable is None or path is None:
        return None
    if build != "portable" and not getattr(_checked(portable), f"runs_{build}")():
        return None
    return _checked(path)


@cache
def kernels() -> ctypes.CDLL | None:
    """Return the widest build that runs here; None where none was compiled."""
    builds = map(open_build, BUILDS)
    return next((library for library in builds if library is not None), None)


@cache
def _checked(path: Path) -> ctypes.CDLL:
    """Open a library whose functions and memory layout are those that Python expects.

    Parameters
    ----------
    path : Path
    """
    library = ctypes.CDLL(str(path))
    differences = [f"it has no {name}" for name in declare(library)] or layout_differences(library)
    if differences:
        told = "; ".join(differences[:_MOST_TOLD])
        more = len(differences) - _MOST_TOLD
        raise RuntimeError(
            f"{path} was compiled from other C files than this textseq has: {told}"
            f"{f'; and {more} more differences' if more > 0 else ''}. Compile again by installing "
            "textseq anew (in a checkout: pip install -e .), or delete that file to do without it"
        )
    return library
