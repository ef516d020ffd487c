"""An array that grows by parts: in memory, or in a file that goes with it."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import numpy as np

from textseq.text.vectors.cache import cache_folder


class GrowingArray:
    """Parts put end to end.

    Parameters
    ----------
    in_file : bool
        Whether they lie in a file, which has no name and goes when the array does, or the process.

    Examples
    --------
    >>> grown = GrowingArray(in_file=True)
    >>> for part in (np.arange(3), np.arange(2)):
    ...     grown.append(part)
    >>> grown.finished().tolist()
    [0, 1, 2, 0, 1]
    """

    def __init__(self, in_file: bool) -> None:
        self.file = nameless_file() if in_file else None
        self.parts: list[np.ndarray] = []
        self.length = 0

    def append(self, part: np.ndarray) -> None:
        """Put a part behind the others.

        Raises
        ------
        OSError
            If there is no room.
        """
        self.length += len(part)
        if self.file is None:
            self.parts.append(part)
            return
        self.parts = [part[:0].copy()]  # tells the type
        write(self.file, part)

    def finished(self) -> np.ndarray:
        """Return the whole array; where it lies in a file, one that can't be written to."""
        if self.file is None:
            return self.parts[0] if len(self.parts) == 1 else np.concatenate(self.parts)
        (part,) = self.parts
        shape = self.length, *part.shape[1:]
        if 0 in shape:
            return np.empty(shape, part.dtype)
        with self.file:
            return mapped(self.file, part.dtype, shape)


def nameless_file() -> IO[bytes]:
    """Open a file for what memory need not hold, in the folder of textseq's cache.

    Raises
    ------
    OSError
        If the folder can't be written.
    """
    with explained():
        cache_folder().mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=cache_folder(), prefix="series-")  # noqa: SIM115


def write(file: IO[bytes], part: np.ndarray) -> None:
    """Write an array where a file stands."""
    with explained():
        file.write(part.tobytes())


def mapped(file: IO[bytes], dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
    """Return what was written to a file as an array, which is there still once it is closed."""
    with explained():
        file.flush()
    return np.memmap(file, dtype, "r", shape=shape)


@contextmanager
def explained() -> Iterator[None]:
    """Say of a file that can't be written what to do."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "has no room left" if full else f"can't be written ({error})"
        raise OSError(
            f"the folder '{cache_folder()}', for numbers that memory need not hold, {what}; make "
            "room, or name another folder in TEXTSEQ_CACHE"
        ) from error
