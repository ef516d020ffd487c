"""The formats of word vector files: GloVe, word2vec (text and binary) and fastText text.

A stream of bytes comes in, blocks of words and numbers go out, so that memory stays bounded
however long the file is.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, takewhile
from typing import BinaryIO

import numpy as np
import polars as pl

from textseq.text.vectors.lines import Lines, read_lines

CHUNK_BYTES = 2**19
#: Parts of a file that are read at once, each of ``CHUNK_BYTES``.
MAX_THREADS = 8
#: A longer line is no word vector; the bound keeps a file without newlines out of memory.
MAX_LINE_BYTES = 2**20
MAX_DIM = 16_384

_NUMBER = re.compile(rb"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)", re.I)
_HEADER = re.compile(rb"(\d{1,19}) (\d{1,19}) *\r?\n")
_NOT_FINITE = "rows with NaN or infinity left out"
_UNREADABLE = "rows left out whose word is empty or not UTF-8"
_SURPLUS = "rows more than the header names (all were read)"
REPEATED = "repeated words left out (each one's first row is kept)"

# Files that people mistake for word vectors, by their first bytes.
_OTHER_FORMATS = (
    (
        b"\xba\x16\x4f\x2f",
        "is a fastText model (.bin), not word vectors; load its .vec file, or pass what "
        "gensim.models.fasttext.load_facebook_vectors returns",
    ),
    (
        (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"),
        "is a Python pickle, which textseq does not open because it can run code; if gensim "
        "wrote it, open it with gensim's KeyedVectors.load and pass the result",
    ),
    (b"BZh", "is compressed by bzip2; unpack it first (gzip, xz and zip are read as they are)"),
    ((b"\xff\xfe", b"\xfe\xff"), "is in UTF-16; save it as UTF-8"),
)


class VectorFileError(ValueError):
    """A file does not hold word vectors, or is damaged.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from textseq import WordVectors
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "letter.txt")
    ...     _ = path.write_text("Dear reader,")
    ...     try:
    ...         WordVectors.load(path)
    ...     except VectorFileError as error:
    ...         print(type(error).__name__)
    VectorFileError
    """


@dataclass(frozen=True)
class Block:
    """Some consecutive rows of a file.

    Parameters
    ----------
    words : Series of dtype String, length n
    matrix : ndarray of shape (n, dim), float32
    line_numbers : ndarray of shape (n,), int64
        Line numbers; in binary files, which have no lines, numbers of words. From 1.
    """

    words: pl.Series
    matrix: np.ndarray
    line_numbers: np.ndarray

    def filter(self, kept: pl.Series) -> Block:
        """Return only the rows where ``kept`` is true."""
        mask = kept.to_numpy()
        return Block(self.words.filter(kept), self.matrix[mask], self.line_numbers[mask])


@dataclass
class Problems:
    """What was left out of a file that is usable all the same."""

    unit: str = "line"
    found: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, kind: str, first: int, count: int = 1) -> None:
        """Count ``count`` more problems of a kind, the first of them at line ``first``."""
        before, earliest = self.found.get(kind, (0, first))
        self.found[kind] = (before + count, min(earliest, first))

    def describe(self) -> str:
        """Return one sentence, empty if there were none."""
        return "; ".join(
            f"{kind}: {count:,}, the first at {self.unit} {first:,}"
            for kind, (count, first) in self.found.items()
        )


def read_blocks(stream: BinaryIO, size: int | None, problems: Problems) -> Iterator[Block]:
    """Read word vectors from a stream, a block at a time.

    Parameters
    ----------
    stream : binary file, unpacked
        The format is recognised from what it holds. Text has a word and its numbers on each
        line, separated by single spaces; the last ``dim`` fields are the numbers, so a word
        may hold spaces. word2vec and fastText files begin with a line "words dim".
    size : int, optional
        Number of bytes in the stream, where it is known: a header that promises more is then
        refused before anything is read.
    problems : Problems
        Takes note of the rows that are left out.

    Yields
    ------
    Block

    Raises
    ------
    VectorFileError
        If a row has another width than the rest or holds something that is no number (the
        message names the line), the file is empty or ends early, or its format is another.
    """
    head = stream.read(CHUNK_BYTES)
    if not head.strip():
        raise VectorFileError("is empty; expected a word and its numbers on each line")
    for magic, message in _OTHER_FORMATS:
        if head.startswith(magic):
            raise VectorFileError(message)
    head = head.removeprefix(b"\xef\xbb\xbf")
    header = _HEADER.match(head)
    if header and _is_binary(head[header.end() :], int(header[2])):
        n_words, dim = int(header[1]), int(header[2])
        _check_promise(n_words, dim, n_words * (4 * dim + 1), size)
        problems.unit = "word"
        yield from _binary_blocks(stream, head[header.end() :], n_words, dim, problems)
    else:
        yield from _text_blocks(stream, head, size, problems)


def _is_binary(body: bytes, dim: int) -> bool:
    """Tell whether raw floats follow the first word; in text they are printed numbers."""
    first = body[: body.find(b"\n")].split(b" ")
    if 0 < dim < len(first) and all(map(_NUMBER.fullmatch, first[-dim:])):
        return False
    space = body.find(b" ")
    floats = np.frombuffer(body[space + 1 : space + 1 + 4 * min(dim, 1000)], dtype=np.uint8)
    unprintable = (floats < 9) | ((floats > 13) & (floats < 32)) | (floats > 126)
    return space >= 0 and bool(unprintable.sum() > len(floats) / 8)


def _check_promise(n_words: int, dim: int, least: int, size: int | None) -> None:
    """Refuse a header that no file could keep, before memory is set aside for it."""
    if not n_words:
        raise VectorFileError("line 1 says that there are 0 words")
    if not 1 <= dim <= MAX_DIM:
        raise VectorFileError(f"line 1: {dim} numbers a word is out of range (1 to {MAX_DIM:,})")
    if size is not None and least > size:
        raise VectorFileError(
            f"line 1 promises {n_words:,} words of {dim} numbers, but the file has only "
            f"{size:,} bytes; it is damaged or cut short"
        )


def _text_blocks(
    stream: BinaryIO, head: bytes, size: int | None, problems: Problems
) -> Iterator[Block]:
    """Read rows of printed numbers."""
    parts = _whole_lines(stream, head)
    start, head = next(parts, (1, b""))
    if not head:  # nothing but a byte order mark
        return
    promised, dim = _text_layout(head)
    if promised is not None:
        _check_promise(promised, dim, promised * (2 * dim + 1), size)
        start, head = 2, head[head.find(b"\n") + 1 :]
    n_rows, surplus = 0, 0
    for line, raw, found in _read_ahead(chain([(start, head)], parts), dim):
        block, lines = _block(raw, line, dim, found, problems)
        if promised is not None and n_rows <= promised < n_rows + len(lines):
            surplus = int(lines[promised - n_rows])
        n_rows += len(lines)
        yield block
    if promised is not None and n_rows < promised:
        raise VectorFileError(
            f"line 1 promises {promised:,} words, but the file ends after {n_rows:,}; "
            "it is cut short, or its first line is wrong"
        )
    if promised is not None and surplus:
        problems.add(_SURPLUS, surplus, n_rows - promised)


def _read_ahead(parts: Iterator[tuple[int, bytes]], dim: int) -> Iterator[tuple[int, bytes, Lines]]:
    """Read some parts of a file side by side, and yield them in their order."""
    n_threads = min(pl.thread_pool_size(), MAX_THREADS)
    waiting: deque[tuple[int, bytes, Future[Lines]]] = deque()
    with ThreadPoolExecutor(n_threads) as pool:
        for line, raw in parts:
            waiting.append((line, raw, pool.submit(read_lines, raw, dim, MAX_LINE_BYTES)))
            if len(waiting) > n_threads:
                line, raw, future = waiting.popleft()
                yield line, raw, future.result()
        while waiting:
            line, raw, future = waiting.popleft()
            yield line, raw, future.result()


def _whole_lines(stream: BinaryIO, head: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number of the first line, and whole lines of about ``CHUNK_BYTES``."""
    line, rest, chunk = 1, b"", head
    while chunk:
        cut = chunk.rfind(b"\n") + 1
        if cut:
            lines = b"".join((rest, memoryview(chunk)[:cut]))
            rest = chunk[cut:]
            yield line, lines
            line += lines.count(b"\n")
        else:
            rest += chunk
        if len(rest) > MAX_LINE_BYTES:
            raise _too_long(line)
        chunk = stream.read(CHUNK_BYTES)
    if rest:
        yield line, rest + b"\n"


def _too_long(line: int) -> VectorFileError:
    return VectorFileError(
        f"line {line:,} is longer than {MAX_LINE_BYTES:,} bytes; this is no file of word vectors"
    )


def _text_layout(raw: bytes) -> tuple[int | None, int]:
    """Return the number of words that a header promises, if any, and of numbers a word."""
    lines = raw[:MAX_LINE_BYTES].split(b"\n", 1001)[:1000]
    lines = [line.removesuffix(b"\r").rstrip(b" ") for line in lines]
    widths = [line.count(b" ") for line in lines if line]
    header = _HEADER.match(raw)
    # "7 2" before rows of one number each is a row itself: the word "7".
    if header and not (len(widths) > 1 and widths[1] == 1 and int(header[2]) != 1):
        return int(header[1]), int(header[2])
    # Words that hold spaces make a few rows wider: the commonest width counts.
    dim = Counter(widths).most_common(1)[0][0] if widths else 0
    if not 1 <= dim <= MAX_DIM:
        raise VectorFileError(
            f"line 1: expected a word and 1 to {MAX_DIM:,} numbers, separated by spaces"
        )
    return None, dim


def _block(
    raw: bytes, first: int, dim: int, lines: Lines, problems: Problems
) -> tuple[Block, np.ndarray]:
    """Return the rows of lines read in bulk, and the numbers of the lines that are not blank.

    The doubtful ones are read one by one, which gives either their exact value or the error.
    """
    if len(lines.too_long):
        raise _too_long(first + int(lines.too_long[0]))
    block = Block(lines.words, lines.matrix, first + lines.sound)
    if not len(lines.doubtful):
        return block, block.line_numbers
    rest = _parse_careful(raw, lines.doubtful, first, dim, problems)
    line_numbers = np.sort(np.concatenate([block.line_numbers, first + lines.doubtful]))
    return _merged(block, rest), line_numbers


def _parse_careful(raw: bytes, rows: np.ndarray, first: int, dim: int, problems: Problems) -> Block:
    """Read the named lines one at a time."""
    ends = np.flatnonzero(np.frombuffer(raw, dtype=np.uint8) == ord("\n"))
    starts = np.concatenate([[0], ends + 1])
    words, vectors, line_numbers = [], [], []
    for row in rows.tolist():
        parsed = _parse_line(raw[starts[row] : ends[row]], first + row, dim, problems)
        if parsed is not None:
            words.append(parsed[0])
            vectors.append(parsed[1])
            line_numbers.append(first + row)
    matrix = np.array(vectors, dtype=np.float32).reshape(-1, dim)
    return Block(
        pl.Series("word", words, dtype=pl.String), matrix, np.array(line_numbers, dtype=int)
    )


def _parse_line(
    line: bytes, number: int, dim: int, problems: Problems
) -> tuple[str, np.ndarray] | None:
    """Read one line exactly; None for a line that is left out."""
    fields = line.removesuffix(b"\r").rstrip(b" ").split(b" ")
    extra = len(fields) - dim - 1
    # A word may hold spaces, but if its last piece is a number, the row has one too many.
    if extra < 0 or (extra and _NUMBER.fullmatch(fields[-dim - 1])):
        found = sum(1 for _ in takewhile(_NUMBER.fullmatch, fields[:0:-1]))
        raise VectorFileError(
            f"line {number:,} has width {found} (numbers after the word) instead of {dim}"
        )
    for item in fields[-dim:]:
        if not _NUMBER.fullmatch(item):
            raise VectorFileError(f"line {number:,}: {_shown(item)} is not a number")
    with np.errstate(over="ignore"):
        vector = np.array([float(item) for item in fields[-dim:]]).astype(np.float32)
    if not np.isfinite(vector).all():
        problems.add(_NOT_FINITE, number)
        return None
    word = _decoded(b" ".join(fields[:-dim]))
    if not word:
        problems.add(_UNREADABLE, number)
        return None
    return word, vector


def _decoded(word: bytes) -> str:
    """Return a word, empty if it is blank or not UTF-8."""
    try:
        return word.decode() if word.strip(b" ") else ""
    except UnicodeDecodeError:
        return ""


def _shown(item: bytes) -> str:
    text = item.decode("utf-8", "replace")
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def _merged(one: Block, other: Block) -> Block:
    """Put the rows of two blocks in the order of the file."""
    line_numbers = np.concatenate([one.line_numbers, other.line_numbers])
    order = np.argsort(line_numbers)
    words = pl.concat([one.words, other.words]).gather(pl.Series(order))
    return Block(words, np.concatenate([one.matrix, other.matrix])[order], line_numbers[order])


def _binary_blocks(
    stream: BinaryIO, rest: bytes, n_words: int, dim: int, problems: Problems
) -> Iterator[Block]:
    """Read records of a word, a space and ``dim`` raw floats."""
    done = 0
    while done < n_words:
        words: list[bytes] = []
        vectors: list[bytes] = []
        position = 0
        # Where a record ends depends on its word, so this cannot be done for all at once.
        while done + len(words) < n_words:
            start = rest.find(b" ", position) + 1
            if not start or start + 4 * dim > len(rest):
                break
            words.append(rest[position : start - 1])
            vectors.append(rest[start : start + 4 * dim])
            position = start + 4 * dim
        rest = rest[position:]
        if done + len(words) == n_words and (rest + stream.read(CHUNK_BYTES)).strip():
            raise VectorFileError(
                f"line 1 promises {n_words:,} words, but more bytes follow them; "
                "the file is damaged"
            )
        if words:
            yield _binary_block(words, b"".join(vectors), done, dim, problems)
            done += len(words)
            continue
        chunk = stream.read(CHUNK_BYTES)
        if not chunk:
            raise VectorFileError(
                f"line 1 promises {n_words:,} words, but the file ends within word {done + 1:,}; "
                "it is cut short"
            )
        if len(rest) > MAX_LINE_BYTES:
            raise VectorFileError(
                f"word {done + 1:,} is longer than {MAX_LINE_BYTES:,} bytes; the file is damaged"
            )
        rest += chunk


def _binary_block(
    words: list[bytes], floats: bytes, done: int, dim: int, problems: Problems
) -> Block:
    """Turn records into a block; word2vec's own program ends each with a newline."""
    decoded = pl.Series("word", [_decoded(word.lstrip(b"\n")) for word in words])
    matrix = np.frombuffer(floats, dtype="<f4").reshape(-1, dim).astype(np.float32, copy=False)
    block = Block(decoded, matrix, done + 1 + np.arange(len(words)))
    finite = np.isfinite(matrix).all(axis=1)
    readable = (decoded != "").to_numpy()
    for kind, bad in ((_NOT_FINITE, ~finite), (_UNREADABLE, finite & ~readable)):
        if bad.any():
            problems.add(kind, int(block.line_numbers[bad][0]), int(bad.sum()))
    kept = finite & readable
    return block if kept.all() else block.filter(pl.Series(kept))
