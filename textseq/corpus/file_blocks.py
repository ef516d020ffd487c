"""Files of text, also with .gz, read in blocks that end where something in them does."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast

# Bytes that a block may grow to where nothing ends in it.
MOST_BYTES = 2**30


def is_utf16(path: Path) -> bool:
    """Whether a file begins with the mark of UTF-16, whose lines do not end where bytes tell."""
    with _unpacked(path) as file:
        return file.read(2) in (b"\xff\xfe", b"\xfe\xff")


def whole_blocks(path: Path, n_bytes: int, end_of: Callable[[bytes], int]) -> Iterator[bytes]:
    r"""Yield a file in blocks, the last of which is its rest.

    Parameters
    ----------
    path : Path
    n_bytes : int
        Bytes that are read at once.
    end_of : callable
        Returns behind which of some bytes a block may end; 0 is behind none of them.

    Raises
    ------
    ValueError
        If the file is damaged or UTF-16, or a block grows without an end.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "lines.txt"
    >>> _ = path.write_bytes(b"so\nit goes\non")
    >>> list(whole_blocks(path, 4, lambda data: data.rfind(b"\n") + 1))
    [b'so\n', b'it goes\n', b'on']
    """
    if is_utf16(path):
        raise ValueError(f"{path} is UTF-16, which is not read in parts; save it as UTF-8")
    left = b""
    with _unpacked(path) as file:
        while True:
            try:
                block = file.read(n_bytes)
            except (OSError, EOFError, zlib.error) as error:
                raise ValueError(f"{path} is a damaged gzip file ({error})") from None
            left += block
            if not block:
                if left:
                    yield left
                return
            end = end_of(left)
            if len(left) - end > MOST_BYTES:
                raise ValueError(
                    f"{path}: a row of over {MOST_BYTES:,} bytes; see whether a quote is open, or "
                    "line feeds are missing"
                )
            if end:
                yield left[:end]
            left = left[end:]


def _unpacked(path: Path) -> IO[bytes]:
    with open(path, "rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path)) if is_packed else open(path, "rb")  # noqa: SIM115
