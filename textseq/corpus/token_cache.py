"""The tokens of a corpus in files, written once and mapped into memory.

An entry is a folder: the numbers of the tokens of all texts end to end, in the smallest integers
that hold them, where each text starts, the distinct tokens, and the targets. It is made under
another name beside its place, some rows at a time, and goes on after a kill from what was noted
last; its own name it takes when all is on disk.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl

from textseq.corpus.source import TextSource
from textseq.corpus.token_numbers import MOST_TOKENS
from textseq.corpus.token_writer import OnRows, TokenWriter
from textseq.labels.targets import CodedLabels
from textseq.locks import alone, is_held, remove_lock
from textseq.stored_ragged import StoredRagged
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vectors.cache import cache_folder

#: Raise the number when what is kept changes: older entries are then ignored.
_VERSION = 1
# Of folders that are deleted in the end; while its process goes on, it holds a file in it.
_PREFIX, _HELD = "textseq-tokens-", "held.lock"


_GOES_ON = (
    "make room, or name another folder in TEXTSEQ_CACHE. What was written stays, and the next fit "
    "goes on from there"
)
_ELSEWHERE = "make room, or name another folder for temporary files in TMPDIR"


@dataclass(frozen=True, eq=False)
class TokenCache:
    """The tokens of a corpus, and its targets, as they lie in files.

    Parameters
    ----------
    fields : tuple of one or two Tokens
        Of all rows; their codes are read when they are needed.
    targets : CodedLabels, memmap or None
    sha256 : str
        Of all of it.
    missed : int
        Tokens that were forgotten were met no more often than this (``TokenNumbers``).
    folder : Path
    n_bytes : int
        Of its files.
    """

    fields: tuple[Tokens, ...]
    targets: CodedLabels | np.ndarray | None
    sha256: str
    missed: int
    folder: Path
    n_bytes: int

    def __len__(self) -> int:
        return len(self.fields[0])

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a finished entry.

        Raises
        ------
        OSError, ValueError, KeyError
            If it is not whole.
        """
        noted = json.loads((folder / "corpus.json").read_bytes())
        words = pl.read_parquet(folder / "words.parquet")["token"]
        fields = []
        for number in range(noted["n_fields"]):
            bounds = _mapped(folder / f"bounds{number}", np.dtype("<i8"), noted["rows"] + 1)
            codes = _mapped(folder / f"codes{number}", np.dtype(noted["type"]), int(bounds[-1]))
            fields.append(Tokens(StoredRagged(codes, bounds), words))
        targets: CodedLabels | np.ndarray | None = None
        if noted["targets"] == "labels":
            codes = _mapped(folder / "targets", np.dtype("<i4"), noted["rows"])
            targets = CodedLabels(pl.read_parquet(folder / "labels.parquet")["label"], codes)
        elif noted["targets"] == "numbers":
            targets = _mapped(folder / "targets", np.dtype("<f8"), noted["rows"])
        n_bytes = sum(path.stat().st_size for path in folder.iterdir())
        return cls(tuple(fields), targets, noted["sha256"], noted["missed"], folder, n_bytes)


def _mapped(path: Path, dtype: np.dtype, length: int) -> np.ndarray:
    if path.stat().st_size != length * dtype.itemsize:
        raise ValueError(f"{path} is not as long as it should be")
    return np.memmap(path, dtype, "r", shape=length) if length else np.empty(0, dtype)


@contextmanager
def tokens_of(
    source: TextSource,
    tokenizer: Tokenizer | tuple[Tokenizer, ...],
    numeric: bool,
    on_rows: OnRows | None = None,
    most_tokens: int = MOST_TOKENS,
) -> Iterator[TokenCache]:
    """Cut all texts of a source into tokens, or find them cut already.

    An entry of a source that can be told from others stays in ``cache_folder() / "tokens"``; one
    of any other source is deleted in the end.

    Parameters
    ----------
    source : TextSource
    tokenizer : Tokenizer, or a tuple of them
        Fitted; one for each column of texts, or one for all.
    numeric : bool
        Whether the targets are numbers, and not labels.
    on_rows : callable, optional
        Called after each batch.
    most_tokens : int
        As ``TokenNumbers`` has it.

    Raises
    ------
    OSError
        If there is no room, or the folder can't be written.
    """
    own = tokenizer if isinstance(tokenizer, tuple) else (tokenizer,)
    each = own if len(own) == len(source.texts) else own * len(source.texts)
    key = _key(source, own, numeric, most_tokens)
    if key is None:
        _sweep()
        with (
            tempfile.TemporaryDirectory(prefix=_PREFIX) as name,
            alone(Path(name) / _HELD),
        ):
            folder = Path(name) / "tokens"
            with _explained(folder, _ELSEWHERE):
                TokenWriter(folder, source, each, numeric, most_tokens).write(on_rows)
            yield TokenCache.open(folder)
        return
    parent = cache_folder().absolute() / "tokens"
    folder = parent / key
    with _explained(folder, _GOES_ON):
        parent.mkdir(parents=True, exist_ok=True)
        cache, lock = _found(folder), parent / f"{key}.lock"
        if cache is None:
            with alone(lock):
                cache = _found(folder)
                if cache is None:
                    shutil.rmtree(folder, ignore_errors=True)
                    writer = TokenWriter(folder, source, each, numeric, most_tokens)
                    writer.write(on_rows)
                    cache = TokenCache.open(folder)
        # Who waits for it finds the entry. A kill may have left it behind one.
        remove_lock(lock)
    yield cache


def _sweep() -> None:
    """Delete what processes that were killed left among the temporary files."""
    for lock in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_HELD}"):
        # Of other users some may not be read.
        with suppress(OSError, sqlite3.DatabaseError):
            if not is_held(lock):
                shutil.rmtree(lock.parent, ignore_errors=True)


def _found(folder: Path) -> TokenCache | None:
    # One that was cut short, or that another version wrote, is made anew.
    with suppress(OSError, ValueError, KeyError, pl.exceptions.PolarsError):
        return TokenCache.open(folder)
    return None


def _key(
    source: TextSource, tokenizers: Sequence[Tokenizer], numeric: bool, most_tokens: int
) -> str | None:
    """Return the name of an entry; None where a source or a function can't be told from others."""
    if source.key is None or any(callable(tokenizer.kind) for tokenizer in tokenizers):
        return None
    facts = [_VERSION, source.key, source.texts, source.target, numeric, most_tokens]
    facts += [tokenizer.to_dict() for tokenizer in tokenizers]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


@contextmanager
def _explained(folder: Path, remedy: str) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.DatabaseError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
        what = "has no room left" if full else f"can't be written ({error})"
        raise OSError(f"the folder of tokens '{folder.parent}' {what}; {remedy}") from error
