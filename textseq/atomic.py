"""Files that are whole or not there: written beside their place, then renamed into it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file to write that takes its name only when all of it is on disk.

    Parameters
    ----------
    path : path-like
        A file of that name is replaced; it stays as it was if writing fails.

    Yields
    ------
    binary file

    Raises
    ------
    FileNotFoundError
        If its folder is not there.
    IsADirectoryError
        If the path is a folder's.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "note"
    >>> with whole_file(path) as file:
    ...     _ = file.write(b"all of it")
    >>> path.read_bytes()
    b'all of it'
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"'{path}' can't be written: there is no folder '{path.parent}'; make it first, or "
            "name a file in another"
        )
    if path.is_dir():
        raise IsADirectoryError(f"'{path}' is a folder; name a file in it")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        opened = open(temporary, "xb")  # noqa: SIM115
    except OSError as error:
        # The name of the caller's file, not of one that is not there.
        raise type(error)(error.errno, error.strerror, str(path)) from None
    try:
        with opened as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write a text file: to a temporary file beside it first, then renamed over it.

    Parameters
    ----------
    path : path-like
        A file of that name is replaced; it stays whole if writing fails.
    text : str

    Returns
    -------
    Path
        Where it was written.
    """
    path = Path(path)
    with whole_file(path) as file:
        # Half a surrogate pair, which a scraped text may hold, has no UTF-8 form.
        file.write(text.encode("utf-8", errors="replace"))
    return path
