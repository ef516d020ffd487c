"""Vectors of texts, kept on disk so that none is paid for, or computed, twice.

A file of SQLite holds those of one source: of a service, its model and number of dimensions, or of
a transformer's files. Of a text it has the SHA-256, not the text. SQLite keeps the file whole when
a process is killed while it writes.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import numpy as np

from textseq.locks import alone
from textseq.text.vectors.cache import cache_folder

#: Raise the number when what is kept changes: older files are then ignored.
_VERSION = 1
# Pages of the usual 4 KiB would be a quarter empty beside vectors of 1,536 numbers.
_SCHEMA = """
PRAGMA page_size = 32768;
PRAGMA journal_mode = WAL;
CREATE TABLE vectors (text BLOB PRIMARY KEY, n_tokens REAL NOT NULL, vector BLOB NOT NULL);
"""
# Texts of one query, below the number of variables that any SQLite takes.
_QUERIED = 900
_BUSY_SECONDS = 60.0


class VectorStore:
    """The vectors of one source.

    Several processes may use it at once.

    Parameters
    ----------
    *source : str, int or None
        All that tells the source's vectors from others: of a service its address, its model, and
        the dimensions that are asked for, None if they are left to it.
    """

    def __init__(self, *source: str | int | None) -> None:
        name = json.dumps([_VERSION, *source]).encode()
        folder = cache_folder().absolute() / "embeddings"
        self.path = folder / f"{hashlib.sha256(name).hexdigest()}.sqlite"

    @staticmethod
    def key(text: str | np.ndarray) -> bytes:
        """Return what a text is kept under, the SHA-256 of its letters or of its ids."""
        return hashlib.sha256(text.encode() if isinstance(text, str) else text.tobytes()).digest()

    def held(self, keys: Iterable[bytes]) -> dict[bytes, float]:
        """Return which texts have vectors, and the tokens of each.

        Parameters
        ----------
        keys : iterable of bytes
            Each once.

        Returns
        -------
        dict of bytes to float
        """
        found: dict[bytes, float] = {}
        if self.path.exists():
            with self._opened() as connection:
                for rows in _selected(connection, "text, n_tokens", keys):
                    found.update(rows)
        return found

    def read(self, keys: Iterable[bytes]) -> Iterator[tuple[bytes, np.ndarray]]:
        """Yield texts that have vectors, each with its vector (D,), float32."""
        with self._opened() as connection:
            for rows in _selected(connection, "text, vector", keys):
                for key, vector in rows:
                    yield key, np.frombuffer(vector, "<f4")

    def width(self) -> int | None:
        """Return how many numbers its vectors have; None while there is none."""
        if not self.path.exists():
            return None
        with self._opened() as connection:
            row = connection.execute("SELECT length(vector) / 4 FROM vectors LIMIT 1").fetchone()
        return None if row is None else int(row[0])

    def add(
        self, keys: Sequence[bytes], n_tokens: np.ndarray, vectors: Iterable[np.ndarray]
    ) -> None:
        """Keep vectors; they are on disk when this returns.

        Parameters
        ----------
        keys : sequence of n bytes
        n_tokens : ndarray of shape (n,)
        vectors : ndarray of shape (n, D), or n arrays of several vectors (T, D)
        """
        packed = (own.astype("<f4").tobytes() for own in vectors)
        rows = zip(keys, n_tokens.tolist(), packed, strict=True)
        self._make()
        with self._opened() as connection, connection:
            connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", rows)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let one process or thread at a time ask the service for vectors of this store.

        Another that needs the same texts then finds them here, and does not pay again.
        """
        with ExitStack() as held:
            with self._explained():
                self.path.parent.mkdir(parents=True, exist_ok=True)
                held.enter_context(alone(self.path.with_suffix(".lock")))
            yield

    def _make(self) -> None:
        """Put an empty file in its place, if there is none; called by who is alone."""
        if self.path.exists():
            return
        new = self.path.with_suffix(f".{secrets.token_hex(8)}.tmp")
        with self._explained():
            with closing(sqlite3.connect(new)) as connection:
                connection.executescript(_SCHEMA)
            # What a file that was deleted has left beside it would be read into the new one.
            for ending in ("-wal", "-shm"):
                self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
            os.replace(new, self.path)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        # Never made here: an empty file, without its table, would be taken for a damaged one.
        address = f"{self.path.as_uri()}?mode=rw"
        with (
            self._explained(),
            closing(sqlite3.connect(address, timeout=_BUSY_SECONDS, uri=True)) as connection,
        ):
            connection.execute("PRAGMA synchronous = FULL")
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise OSError(
                f"the cache of vectors '{self.path}' can't be used: {error}; see that its folder "
                "can be written and has room, or name another in TEXTSEQ_CACHE; a damaged file "
                "may be deleted, and its texts are then asked for again"
            ) from error


def _selected(
    connection: sqlite3.Connection, columns: str, keys: Iterable[bytes]
) -> Iterator[list[tuple[bytes, Any]]]:
    """Yield the rows of texts, some hundreds at a time."""
    waiting = iter(keys)
    while some := list(itertools.islice(waiting, _QUERIED)):
        places = ",".join("?" * len(some))
        query = f"SELECT {columns} FROM vectors WHERE text IN ({places})"
        yield connection.execute(query, some).fetchall()
