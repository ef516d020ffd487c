"""Lines of printed word vectors, read in bulk by the compiled kernel or by polars.

Only the lines that leave no doubt are read here.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import polars as pl

from textseq.kernels.layout import LineKind
from textseq.kernels.library import kernels


@dataclass(frozen=True)
class Lines:
    """What consecutive lines of a file hold.

    Parameters
    ----------
    words : Series of dtype String, length n
    matrix : ndarray of shape (n, dim), float32
    sound : ndarray of shape (n,), int64
        Which lines these are, from 0.
    doubtful : ndarray of int64
        Lines of another width, or with anything that did not come out as a finite number or
        a word in UTF-8: to be read one by one.
    too_long : ndarray of int64
        Lines that are longer than allowed, which were not read.
    """

    words: pl.Series
    matrix: np.ndarray
    sound: np.ndarray
    doubtful: np.ndarray
    too_long: np.ndarray


def read_lines(raw: bytes, dim: int, longest: int) -> Lines:
    r"""Read whole lines of a word and ``dim`` numbers, separated by single spaces.

    Parameters
    ----------
    raw : bytes
        Ends with a newline. Lines may end in ``\r\n``, or have a space before their end.
    dim : int
    longest : int
        Bytes of the longest line that is read.
    """
    library = kernels()
    if library is None:
        return _read_with_polars(_plain_line_ends(raw), dim, longest)
    kinds = np.empty(raw.count(b"\n"), dtype=np.uint8)
    matrix = np.empty((len(kinds), dim), dtype=np.float32)
    letters, n_letters = np.empty(len(raw), dtype=np.uint8), np.zeros(1, dtype=np.int64)
    n_sound = library.vectors_read(
        raw,
        len(raw),
        longest,
        dim,
        matrix.ctypes.data,
        letters.ctypes.data,
        n_letters.ctypes.data,
        kinds.ctypes.data,
    )
    lines = letters[: n_letters[0]].tobytes().decode().split("\n")
    words = pl.Series("word", lines[:-1], dtype=pl.String)
    sound, doubtful, too_long = (
        np.flatnonzero(kinds == kind)
        for kind in (LineKind.SOUND, LineKind.DOUBTFUL, LineKind.TOO_LONG)
    )
    return Lines(words, matrix[:n_sound], sound, doubtful, too_long)


def _plain_line_ends(raw: bytes) -> bytes:
    r"""Turn ``\r\n`` into ``\n`` and drop the space that fastText puts before it."""
    data = np.frombuffer(raw, dtype=np.uint8)
    before = data[np.flatnonzero(data == ord("\n")) - 1]
    if (before == ord("\r")).any():
        return raw.replace(b"\r\n", b"\n").replace(b" \n", b"\n")
    return raw.replace(b" \n", b"\n") if (before == ord(" ")).any() else raw


def _read_with_polars(raw: bytes, dim: int, longest: int) -> Lines:
    data = np.frombuffer(raw, dtype=np.uint8)
    ends = np.flatnonzero(data == ord("\n"))
    starts = np.concatenate([[0], ends + 1])[: len(ends)]
    spaces = np.diff(np.searchsorted(np.flatnonzero(data == ord(" ")), ends), prepend=0)
    is_row = ends - starts > spaces
    regular = is_row & (spaces == dim)
    for byte in (b"\t", b"\r"):  # polars drops them at the edge of a field
        if byte in raw:
            regular[np.searchsorted(ends, np.flatnonzero(data == ord(byte)))] = False
    too_long = ends - starts > longest
    regular &= ~too_long
    words, matrix = _read_regular(raw, regular, starts, ends, dim)
    unsure = words.is_null() | words.str.contains("\ufffd", literal=True).fill_null(True)
    good = np.isfinite(matrix).all(axis=1) & ~unsure.to_numpy()
    sound = np.flatnonzero(regular)[good]
    is_row[sound] = False
    if not good.all():
        words, matrix = words.filter(pl.Series(good)), matrix[good]
    return Lines(words, matrix, sound, np.flatnonzero(is_row & ~too_long), np.flatnonzero(too_long))


def _read_regular(
    raw: bytes, regular: np.ndarray, starts: np.ndarray, ends: np.ndarray, dim: int
) -> tuple[pl.Series, np.ndarray]:
    """Read the lines that have ``dim`` spaces; what is no number comes out as NaN."""
    if not regular.all():
        edges = np.flatnonzero(np.diff(regular.astype(np.int8), prepend=0, append=0))
        runs = zip(starts[edges[::2]].tolist(), ends[edges[1::2] - 1].tolist(), strict=True)
        raw = b"".join(raw[start : end + 1] for start, end in runs)
    # A header of our own, so that a first word which looks like a byte order mark or like the
    # first bytes of a compressed file is safe from being taken as such.
    names = [str(column) for column in range(dim + 1)]
    table = pl.read_csv(
        io.BytesIO(" ".join(names).encode() + b"\n" + raw),
        separator=" ",
        quote_char=None,
        schema={name: pl.Float64 if column else pl.String for column, name in enumerate(names)},
        encoding="utf8-lossy",
        ignore_errors=True,
    )
    with np.errstate(over="ignore"):
        matrix = np.ascontiguousarray(table.select(names[1:]).to_numpy(), dtype=np.float32)
    return table.to_series(0).alias("word"), matrix
