"""One process or thread at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

# From one try to be alone to the next, so that an interrupt is heard.
_WAIT_SECONDS = 0.1


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until nobody else is within a block of the same file, and be there.

    It is a lock of SQLite's, which the system takes back from a process however it ends.

    Parameters
    ----------
    path : Path
        Of a file that is made for it, in a folder that is there.

    Raises
    ------
    sqlite3.DatabaseError
        If there can be no such file.

    Examples
    --------
    >>> with alone(getfixture("tmp_path") / "one.lock"):
    ...     print("alone")
    alone
    """
    with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)) as lock:
        while not _begun(lock):
            pass
        yield


def is_held(path: Path) -> bool:
    """Whether a process that goes on is within a block of that file.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "one.lock"
    >>> with alone(path):
    ...     is_held(path)
    True
    >>> is_held(path)
    False
    """
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as lock:
        return not _begun(lock)


def remove_lock(path: Path) -> None:
    """Delete the file of a lock that nobody needs any more, and what a kill left beside it."""
    for ending in ("", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _begun(lock: sqlite3.Connection) -> bool:
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
