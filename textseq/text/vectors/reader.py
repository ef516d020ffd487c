"""From the path of a word vector file to words and a matrix, through the cache."""

from __future__ import annotations

import warnings
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from textseq.data_files import SHIPPED_VECTORS, data_file
from textseq.expressions import refuse_lost_pool
from textseq.text.vectors.cache import (
    EntryWriter,
    content_key,
    keep_rows,
    read_entry,
    remembered_key,
)
from textseq.text.vectors.downloads import DOWNLOADS, download_path
from textseq.text.vectors.files import REPEATED, Problems, VectorFileError, read_blocks
from textseq.text.vectors.streams import VectorSource, open_source, unpacked

#: Smaller files are parsed in a few milliseconds each time.
MIN_CACHED_BYTES = 2**20


@dataclass(frozen=True)
class VectorTable:
    """Words and their vectors as read.

    Parameters
    ----------
    words : Series of dtype String, length n
        Without repeats, in the order of the file.
    matrix : ndarray of shape (n, dim), float32
    fingerprint : str or None
        SHA-256 of both, where it is already known.
    """

    words: pl.Series
    matrix: np.ndarray
    fingerprint: str | None = None

    def only(self, wanted: pl.Series) -> VectorTable:
        """Return the rows of the wanted words."""
        kept = self.words.is_in(wanted.implode())
        if kept.all():
            return self
        return VectorTable(self.words.filter(kept), self.matrix[kept.arg_true().to_numpy()])


def read_vector_file(path: Path, wanted: pl.Series | None, cache: bool) -> VectorTable:
    """Read a file of word vectors.

    Parameters
    ----------
    path : Path
        Or the name of vectors that are shipped, or of a download that was fetched before; a
        file of that name wins.
    wanted : Series of dtype String, optional
        Keep only these words.
    cache : bool
        Keep the parsed file in the cache and map it into memory from there.

    Raises
    ------
    VectorFileError
        If the file does not hold word vectors or is damaged; the message names the line.
    """
    name = str(path)
    if name in SHIPPED_VECTORS and not path.exists():
        path = data_file(SHIPPED_VECTORS[name])
    if name in DOWNLOADS and not path.exists():
        path = download_path(name)
        if not path.exists():
            raise VectorFileError(
                f"{name} is not on this machine yet; fetch it with "
                f"`textseq vectors download {name}`"
            )
    with open_source(path) as source:
        try:
            table, problems = _read(source, wanted, cache and source.stamp[0] >= MIN_CACHED_BYTES)
        except VectorFileError as error:
            raise VectorFileError(f"{path}: {error}") from None
    if problems:
        # The level above this function, WordVectors.load and whoever called that.
        warnings.warn(f"{path}: {problems}", UserWarning, stacklevel=3)
    return table


def _read(source: VectorSource, wanted: pl.Series | None, cache: bool) -> tuple[VectorTable, str]:
    """Take the vectors from the cache, by way of it, or straight from the file."""
    if cache:
        refuse_lost_pool("opening word vectors")
        key = remembered_key(source)
        if key is None:
            _check_start(source)
            key = content_key(source)
        entry = read_entry(key)
        if entry is None and _write_entry(source, key):
            entry = read_entry(key)
        if entry is not None:
            table = VectorTable(entry.words, entry.matrix, entry.fingerprint)
            return (table if wanted is None else table.only(wanted)), entry.problems
    matrix = _GrowingMatrix()
    words, _, kept, problems = _parse(source, wanted, matrix.append)
    return VectorTable(words, matrix.finish(kept)), problems


def _check_start(source: VectorSource) -> None:
    """Refuse a file that holds no word vectors before all of it is hashed."""
    problems = Problems()
    with unpacked(source) as (stream, size):
        for number, _ in enumerate(read_blocks(stream, size, problems)):
            # A block of text is thousands of lines; one of a binary file may be a single word.
            if number or problems.unit == "line":
                return


def _write_entry(source: VectorSource, key: str) -> bool:
    """Parse a file into the cache; False if the cache is read-only or full."""
    try:
        with EntryWriter(key) as writer:
            words, dim, kept, problems = _parse(source, None, writer.append)
            writer.finish(words, dim, kept, problems)
    except OSError:
        return False
    return True


def _parse(
    source: VectorSource, wanted: pl.Series | None, append: Callable[[np.ndarray], None]
) -> tuple[pl.Series, int, np.ndarray | None, str]:
    """Parse a file, handing the numbers on block by block.

    Returns
    -------
    words : Series of dtype String
        Without repeats.
    dim : int
    kept : ndarray of bool or None
        Which of the rows handed on are those of ``words``; None for all.
    problems : str
    """
    problems, found, line_numbers, dim, n_rows = Problems(), [], [], 0, 0
    hashes = array("q")
    is_wanted = frozenset(() if wanted is None else wanted).__contains__
    before = source.stamp
    with unpacked(source) as (stream, size):
        for block in read_blocks(stream, size, problems):
            dim, n_rows = block.matrix.shape[1], n_rows + len(block.words)
            if wanted is not None:
                kept_words = np.fromiter(map(is_wanted, block.words), bool, len(block.words))
                block = block.filter(pl.Series(kept_words))
            append(block.matrix)
            found.append(block.words)
            hashes.extend(map(hash, block.words))
            line_numbers.append(_as_range(block.line_numbers))
    if source.stamp != before:
        raise VectorFileError("changed while it was being read; load it again when it is complete")
    if not n_rows:
        raise VectorFileError(f"holds no usable word ({problems.describe() or 'no rows'})")
    words = pl.concat(found)
    if _differ(hashes) or (first := words.is_first_distinct()).all():
        return words, dim, None, problems.describe()
    kept = first.to_numpy()
    problems.add(REPEATED, int(np.concatenate(line_numbers)[~kept][0]), int((~kept).sum()))
    return words.filter(first), dim, kept, problems.describe()


def _differ(hashes: array[int]) -> bool:
    """Tell that no number is there twice: in less memory than it takes to compare words."""
    numbers = np.frombuffer(hashes, dtype=np.int64)
    numbers.sort()
    return bool((numbers[1:] != numbers[:-1]).all())


def _as_range(line_numbers: np.ndarray) -> np.ndarray | range:
    """Return consecutive line numbers, as most are, as a range."""
    first, last = (int(line_numbers[0]), int(line_numbers[-1])) if len(line_numbers) else (0, -1)
    return range(first, last + 1) if last - first + 1 == len(line_numbers) else line_numbers


class _GrowingMatrix:
    """Rows that are put after each other as they come, never held twice.

    Growing by realloc moves pages, not numbers, where the system can.
    """

    def __init__(self) -> None:
        self._rows: np.ndarray | None = None
        self._n_rows = 0

    def append(self, block: np.ndarray) -> None:
        """Add rows (n, dim)."""
        if self._rows is None:
            self._rows = np.empty((0, block.shape[1]), dtype=np.float32)
        start, self._n_rows = self._n_rows, self._n_rows + len(block)
        if self._n_rows > len(self._rows):
            self._resize(max(self._n_rows, len(self._rows) * 33 // 32))
        self._rows[start : self._n_rows] = block

    def finish(self, kept: np.ndarray | None) -> np.ndarray:
        """Return the rows, only those where ``kept`` is true if it is given."""
        assert self._rows is not None
        if kept is not None:
            self._n_rows = keep_rows(self._rows[: self._n_rows], kept)
        self._resize(self._n_rows)
        return self._rows

    def _resize(self, n_rows: int) -> None:
        assert self._rows is not None
        self._rows.resize((n_rows, self._rows.shape[1]), refcheck=False)
