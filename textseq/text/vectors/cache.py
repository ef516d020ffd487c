"""Word vectors as they were parsed, kept on disk and mapped into memory.

An entry is one file: a header of fixed size, the matrix, and the words as Parquet. Its name is
the SHA-256 of the vector file it came from, so an entry never goes stale.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import polars as pl

from textseq.atomic import whole_file
from textseq.text.vectors.streams import VectorSource

#: Raise the number when what is read from a file changes: older entries are then ignored.
_MAGIC = b"textseq word vectors 1\n"
_HEADER_BYTES = 4096
_BLOCK_BYTES = 8 * 2**20
_ORPHAN_SECONDS = 24 * 3600
# A file written this recently may be written again without its time stamp changing.
_SETTLED_NANOSECONDS = 2 * 10**9


def cache_folder() -> Path:
    """Return where textseq keeps what it can make again: ``TEXTSEQ_CACHE`` or the user's cache.

    The folder may be deleted at any time.
    """
    import platformdirs

    chosen = os.environ.get("TEXTSEQ_CACHE")
    return Path(chosen or platformdirs.user_cache_dir("textseq", appauthor=False))


def fingerprint(words: pl.Series, dim: int, blocks: Iterable[Any]) -> str:
    """Return the SHA-256 of words and numbers, in hexadecimal.

    Parameters
    ----------
    words : Series of dtype String
    dim : int
    blocks : iterable of contiguous buffers
        The float32 numbers, row after row.
    """
    digest = hashlib.sha256(f"{len(words)} {dim} ".encode())
    for block in blocks:
        digest.update(block)
    digest.update((words.str.join("\n").item() or "").encode())
    return digest.hexdigest()


def remembered_key(source: VectorSource) -> str | None:
    """Return the name of a file's cache entry if nobody touched the file since it was hashed."""
    with suppress(OSError, ValueError):
        note = json.loads(_note_path(source).read_bytes())
        if isinstance(note, dict) and note.get("stamp") == source.stamp:
            key = str(note.get("key"))
            return key if re.fullmatch("[0-9a-f]{64}", key) else None
    return None


def content_key(source: VectorSource) -> str:
    """Return the name of a file's cache entry, from the SHA-256 of its bytes.

    It is remembered together with the file's size, times and inode.
    """
    stamp = source.stamp
    source.file.seek(0)
    key = hashlib.file_digest(source.file, "sha256").hexdigest()
    if source.member:
        key = hashlib.sha256(f"{key} {source.member}".encode()).hexdigest()
    if time.time_ns() - max(stamp[1:3]) > _SETTLED_NANOSECONDS:
        with suppress(OSError):
            note = json.dumps({"stamp": stamp, "key": key}).encode()
            _note_path(source).parent.mkdir(parents=True, exist_ok=True)
            with whole_file(_note_path(source)) as file:
                file.write(note)
    return key


@dataclass(frozen=True)
class _Header:
    """What an entry says of itself."""

    n_words: int
    dim: int
    words_bytes: int
    words_sha256: str
    fingerprint: str
    problems: str

    def to_bytes(self) -> bytes:
        text = json.dumps(asdict(self)).encode()
        check = hashlib.sha256(text).hexdigest().encode()
        return (_MAGIC + check + b"\n" + text + b"\n").ljust(_HEADER_BYTES, b"\0")

    @classmethod
    def from_bytes(cls, raw: bytes) -> _Header:
        if not raw.startswith(_MAGIC):
            raise ValueError("not an entry, or one of another version")
        check, text = raw.removeprefix(_MAGIC).split(b"\n")[:2]
        if hashlib.sha256(text).hexdigest().encode() != check:
            raise ValueError("damaged header")
        return cls(**json.loads(text))


@dataclass(frozen=True)
class CacheEntry:
    """Word vectors from the cache.

    Parameters
    ----------
    words : Series of dtype String, length n
    matrix : memmap of shape (n, dim), float32, read-only
    fingerprint : str
    problems : str
        What was left out of the file, as it was said when the file was parsed.
    """

    words: pl.Series
    matrix: np.ndarray
    fingerprint: str
    problems: str


def read_entry(key: str) -> CacheEntry | None:
    """Open an entry; None if there is none, or it is damaged.

    Header and words are checked by their SHA-256, the matrix by its size: a checksum of it
    would cost what the cache saves.
    """
    path = _entry_path(key)
    try:
        with path.open("rb") as file:
            header = _Header.from_bytes(file.read(_HEADER_BYTES))
            matrix_bytes = 4 * header.n_words * header.dim
            file.seek(_HEADER_BYTES + matrix_bytes)
            packed = file.read(header.words_bytes)
            n_bytes = _HEADER_BYTES + matrix_bytes + header.words_bytes
            if os.fstat(file.fileno()).st_size != n_bytes:
                raise ValueError("another size than its header says")
            if hashlib.sha256(packed).hexdigest() != header.words_sha256:
                raise ValueError("damaged words")
            words = pl.read_parquet(io.BytesIO(packed)).to_series()
            matrix = np.memmap(
                file, np.float32, "r", _HEADER_BYTES, shape=(header.n_words, header.dim)
            )
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return CacheEntry(words, matrix, header.fingerprint, header.problems)


class EntryWriter:
    """A new entry, filled block by block and visible to others only when it is complete.

    Use as a context manager; leaving it without ``finish`` removes what was written. Any of
    its methods may raise ``OSError``: a cache can be read-only or full.

    Parameters
    ----------
    key : str
    """

    def __init__(self, key: str) -> None:
        self._target = _entry_path(key)
        folder = self._target.parent
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=folder)
        self._path = Path(name)
        self._file = os.fdopen(handle, "w+b")
        self._file.write(bytes(_HEADER_BYTES))

    def __enter__(self) -> EntryWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)

    def append(self, matrix: np.ndarray) -> None:
        """Add rows (n, dim)."""
        self._file.write(np.ascontiguousarray(matrix, dtype=np.float32).data)

    def finish(self, words: pl.Series, dim: int, kept: np.ndarray | None, problems: str) -> None:
        """Write the words and the header, and put the entry in its place.

        Parameters
        ----------
        words : Series of dtype String
            Of the rows that stay.
        dim : int
        kept : ndarray of bool, one a row appended, optional
            The rows that stay; all by default.
        problems : str
        """
        self._file.flush()
        if kept is not None:
            self._keep(kept, dim)
        packed = io.BytesIO()
        words.alias("word").to_frame().write_parquet(packed)
        self._file.seek(_HEADER_BYTES)
        header = _Header(
            n_words=len(words),
            dim=dim,
            words_bytes=packed.tell(),
            words_sha256=hashlib.sha256(packed.getvalue()).hexdigest(),
            fingerprint=fingerprint(words, dim, iter(lambda: self._file.read(_BLOCK_BYTES), b"")),
            problems=problems,
        )
        self._file.seek(0, os.SEEK_END)
        self._file.write(packed.getvalue())
        self._file.seek(0)
        self._file.write(header.to_bytes())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._path, self._target)

    def _keep(self, kept: np.ndarray, dim: int) -> None:
        """Move the rows that stay up over the others."""
        rows = np.memmap(self._path, np.float32, "r+", _HEADER_BYTES, shape=(len(kept), dim))
        end = keep_rows(rows, kept)
        rows.flush()
        del rows  # so that Windows lets go of the file
        self._file.truncate(_HEADER_BYTES + 4 * dim * end)


def keep_rows(rows: np.ndarray, kept: np.ndarray) -> int:
    """Move the rows (n, dim) that stay, those where ``kept`` (n,) is true, up over the others.

    Returns
    -------
    int
        How many rows stay.
    """
    step = max(1, _BLOCK_BYTES // (4 * rows.shape[1]))
    end = 0
    for start in range(0, len(kept), step):
        block = rows[start : start + step][kept[start : start + step]]
        rows[end : end + len(block)] = block
        end += len(block)
    return end


def _folder() -> Path:
    return cache_folder() / "vectors"


def _entry_path(key: str) -> Path:
    return _folder() / f"{key}.vectors"


def _note_path(source: VectorSource) -> Path:
    path = os.fsencode(os.path.realpath(source.path))
    return _folder() / "seen" / f"{hashlib.sha256(path).hexdigest()}.json"


def _sweep(folder: Path) -> None:
    """Remove what killed processes left half-written."""
    for orphan in folder.glob(".*.tmp"):
        with suppress(OSError):
            if time.time() - orphan.stat().st_mtime > _ORPHAN_SECONDS:
                orphan.unlink()
