"""Words as numbers, by the compiled kernel in ``kernels/words.c``."""

from __future__ import annotations

import ctypes

import numpy as np
import polars as pl

from textseq.kernels.library import kernels
from textseq.ragged import Ragged, offsets_of

# Texts go to the kernel in pieces of this many bytes, which stay in the processor's cache.
_PIECE_BYTES = 2**19
# Tokens of stored texts that are read and counted at once.
_COUNTED_TOGETHER = 2**23


def cut_words(
    library: ctypes.CDLL, texts: pl.Series, is_cut: np.ndarray, lowercase: bool
) -> tuple[Ragged, pl.Series]:
    """Cut texts into words, and number these in the order of their first occurrence.

    Parameters
    ----------
    library : CDLL
        What ``kernels`` returned.
    texts : Series of dtype String, length n
        Without characters that match ``patterns.NOT_SIMPLE``, but for those cut already.
    is_cut : ndarray of bool, shape (n,)
        Texts that are words already, with a newline between them.
    lowercase : bool

    Returns
    -------
    codes : Ragged of n rows, int32
    distinct : Series of dtype String
        The word of each code.
    """
    n_bytes = texts.str.len_bytes().to_numpy().astype(np.int64)
    is_cut = np.ascontiguousarray(is_cut, dtype=np.uint8)
    lengths = np.zeros(len(texts), dtype=np.int64)
    # A piece ends with the text in which it reaches its size.
    bounds = np.flatnonzero(np.diff(np.cumsum(n_bytes) // _PIECE_BYTES, prepend=0)) + 1
    table = library.words_open()
    try:
        enough = bool(table)
        for start, end in zip([0, *bounds], [*bounds, len(texts)], strict=True):
            enough = enough and library.words_cut(
                table,
                b"".join(texts[int(start) : int(end)].cast(pl.Binary).to_list()),
                _address(n_bytes[start:end]),
                _address(is_cut[start:end]),
                end - start,
                lowercase,
                _address(lengths[start:end]),
            )
        if not enough:
            raise MemoryError(f"not enough memory for the words of {len(texts):,} texts")
        size = np.zeros(2, dtype=np.int64)
        library.words_size(table, _address(size[:1]), _address(size[1:]))
        codes, letters = np.empty(size[0], dtype=np.int32), np.empty(size[1], dtype=np.uint8)
        library.words_read(table, _address(codes), _address(letters))
    finally:
        library.words_close(table)
    distinct = letters.tobytes().decode().split("\n")[:-1]
    return Ragged(codes, offsets_of(lengths)), pl.Series("token", distinct, dtype=pl.String)


def count_codes(codes: Ragged, n_distinct: int) -> tuple[np.ndarray, np.ndarray]:
    """Count how often, and in how many rows, each code occurs.

    Parameters
    ----------
    codes : Ragged of int32
    n_distinct : int
        Every code is below it.

    Returns
    -------
    counts, row_counts : ndarray of shape (n_distinct,), int64
    """
    found = np.zeros((2, n_distinct), dtype=np.int64)
    for part in codes.in_parts(_COUNTED_TOGETHER):
        found += _counted(part, n_distinct)
    return found[0], found[1]


def _counted(codes: Ragged, n_distinct: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the same of rows in memory."""
    library = kernels()
    if library is None:
        counts = np.bincount(codes.values, minlength=n_distinct)
        row = np.repeat(np.arange(len(codes)), codes.lengths)
        pairs = pl.DataFrame({"row": row, "code": codes.values}).unique()
        return counts, np.bincount(pairs["code"].to_numpy(), minlength=n_distinct)
    counts, row_counts = np.zeros((2, n_distinct), dtype=np.int64)
    values = np.ascontiguousarray(codes.values, dtype=np.int32)
    offsets = np.ascontiguousarray(codes.offsets)
    last_row = np.full(n_distinct, -1, dtype=np.int64)
    library.words_count(
        _address(values),
        _address(offsets),
        len(codes),
        _address(last_row),
        _address(counts),
        _address(row_counts),
    )
    return counts, row_counts


def pair_codes(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give numbers to pairs of codes, in the order of their first occurrence.

    Parameters
    ----------
    first, second : ndarray of shape (n,), int32

    Returns
    -------
    codes : ndarray of shape (n,), int32
    index : ndarray of shape (n_distinct,), int64
        Where each distinct pair comes first.
    """
    keys = first.astype(np.int64) << 32 | second
    library = kernels()
    if library is None:
        # np.unique numbers by the keys' size: numbered anew by where each comes first.
        _, index, codes = np.unique(keys, return_index=True, return_inverse=True)
        order = np.argsort(index)
        rank = np.empty(len(order), dtype=np.int32)
        rank[order] = np.arange(len(order))
        return rank[codes], index[order]
    codes, index = np.empty(len(keys), dtype=np.int32), np.empty(len(keys), dtype=np.int64)
    n_distinct = library.words_pairs(_address(keys), len(keys), _address(codes), _address(index))
    if n_distinct < 0:
        raise MemoryError(f"not enough memory for {len(keys):,} runs of tokens")
    return codes, index[:n_distinct].copy()


def _address(array: np.ndarray) -> int:
    return array.ctypes.data
