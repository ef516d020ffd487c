"""An array that grows by parts: in memory, or in a file that goes with it."""

from __future__ import annotations

import errno
import os
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from textseq.text.vectors.cache import cache_folder

ZEROS_AT_ONCE = 2**24


class GrowingArray:
    """Parts put end to end.

    Parameters
    ----------
    in_file : bool
        Whether they lie in a file, as ``NamelessFile`` makes it, and are mapped in the end.

    Examples
    --------
    >>> grown = GrowingArray(in_file=True)
    >>> for part in (np.arange(3), np.arange(2)):
    ...     grown.append(part)
    >>> grown.finished().tolist()
    [0, 1, 2, 0, 1]
    """

    def __init__(self, in_file: bool) -> None:
        self.file = NamelessFile() if in_file else None
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
        self.file.write(part)

    def finished(self) -> np.ndarray:
        """Return the whole array; where it lies in a file, one that can't be written to."""
        if self.file is None:
            return self.parts[0] if len(self.parts) == 1 else np.concatenate(self.parts)
        (part,) = self.parts
        shape = self.length, *part.shape[1:]
        return np.empty(shape, part.dtype) if 0 in shape else self.file.mapped(part.dtype, shape)


class NamelessFile:
    """A file for numbers that memory need not hold, in the folder of textseq's cache.

    It goes when neither this nor an array that is mapped to it is there, or the process ends.

    Raises
    ------
    OSError
        If the folder can't be written.
    """

    def __init__(self) -> None:
        with _explained():
            cache_folder().mkdir(parents=True, exist_ok=True)
            self.file = tempfile.TemporaryFile(dir=cache_folder(), prefix="numbers-")  # noqa: SIM115
        weakref.finalize(self, self.file.close)

    def write(self, part: np.ndarray, at: int | None = None) -> None:
        """Write an array behind what was written last, or from a byte on.

        Raises
        ------
        OSError
            If there is no room.
        """
        with _explained():
            if at is not None:
                self.file.seek(at)
            self.file.write(part.tobytes())

    def filled_in(self, dtype: np.dtype, n_values: int) -> np.ndarray:
        """Return an array (n_values,) to be filled, for which there is room.

        Raises
        ------
        OSError
            If there is not. Written to without room, what is mapped would end the process.
        """
        size = dtype.itemsize * n_values
        with _explained():
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(self.file.fileno(), 0, size)
            else:
                for start in range(0, size, ZEROS_AT_ONCE):
                    self.file.write(bytes(min(ZEROS_AT_ONCE, size - start)))
                self.file.flush()
        mapped: Any = np.memmap(self.file, dtype, "r+", shape=n_values)
        mapped.file = self
        # Each slice of one of NumPy's own arrays of files would be one, too, which takes its time.
        return mapped.view(np.ndarray)

    def mapped(self, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
        """Return what was written as an array, which can't be written to."""
        with _explained():
            self.file.flush()
        array: Any = np.memmap(self.file, dtype, "r", shape=shape)
        # Processes of joblib open what is mapped by its name, which Linux gives what has none.
        name = f"/proc/{os.getpid()}/fd/{self.file.fileno()}"
        array.filename = name if os.path.exists(name) else None
        array.file = self
        return array


@contextmanager
def _explained() -> Iterator[None]:
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
