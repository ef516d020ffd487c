"""Running text that memory need not hold: columns of tables, and plain text files in parts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from textseq.corpus.file_blocks import whole_blocks
from textseq.corpus.frames import is_path, key_of_files, paths_of
from textseq.corpus.source import TextSource, is_text_source, open_source
from textseq.decoding import decoded
from textseq.table_files import FORMATS, names_table

# What a fit is told of each row beside its text: its characters; below 0 where the text goes on
# in the next row.
CHARACTERS = "number of characters"
# The column of a plain text file that holds a line a row; without it a file is one text.
LINE = "line"
# Bytes of a plain text file that are read together.
PART_BYTES = 2**22
_ENDINGS = (".txt", ".txt.gz")


def is_running_source(X: Any) -> bool:
    """Whether ``open_running`` reads X, and no language model takes it as texts in memory."""
    return (isinstance(X, str) and _names_text(X) and is_path(X)) or is_text_source(X)


def open_running(X: Any, text: str | None = None) -> TextSource:
    r"""Tell what running text is to be read, without reading it.

    Parameters
    ----------
    X : as ``open_source`` takes it, or path-like
        A path of one or many plain text files (.txt, also .gz), too. Each is one text, whose
        lines end in ``\n``, the last one in nothing.
    text : str, optional
        The column of texts. Of plain text files "line" makes each line a text.

    Returns
    -------
    TextSource
        With ``CHARACTERS`` as its target. Of plain text files rows are parts of texts.

    Raises
    ------
    ValueError
        If there is no such file or column, or it can't be told which column holds the texts.
    """
    if isinstance(X, TextSource):
        return X
    if isinstance(X, str | os.PathLike) and (paths := _plain_paths(os.fspath(X))):
        return _of_plain(os.fspath(X), paths, text)
    source = open_source(X, text)
    if len(source.texts) > 1:
        raise ValueError(f"text={text!r} names two columns, and a language model reads one")
    (name,) = source.texts
    frames = source.frames
    return TextSource(
        source.texts,
        CHARACTERS,
        source.where,
        source.key,
        lambda: (_measured(frame, name) for frame in frames()),
    )


def open_as_fitted(X: Any, columns: tuple[str, ...] | None) -> TextSource:
    """Open what a fitted model is to read, whose texts may have other names than those of files.

    Parameters
    ----------
    X : as ``open_running`` takes it
    columns : tuple of str, optional
        The column that the model was fitted to.
    """
    text = None if columns is None else columns[0]
    if text != LINE and isinstance(X, str | os.PathLike) and _plain_paths(os.fspath(X)):
        text = None
    return open_running(X, text)


def whole_texts(source: TextSource) -> Iterator[pl.Series]:
    """Yield the texts of a source that ``open_running`` opened, some at a time, none in parts."""
    (name,) = source.texts
    parts: list[str] = []
    for frame in source.batches():
        ends = frame[CHARACTERS].to_numpy() >= 0
        if ends.all() and not parts:
            yield frame[name]
            continue
        whole = []
        for part, is_end in zip(frame[name], ends, strict=True):
            parts.append(part)
            if is_end:
                whole.append("".join(parts))
                parts = []
        if whole:
            yield pl.Series(name, whole, dtype=pl.String)


def _measured(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return a frame with the characters of its texts beside them."""
    texts = frame[name]
    if isinstance(texts.dtype, pl.Categorical | pl.Enum):
        texts = texts.cast(pl.String)
    # Of what holds no texts the source tells.
    is_text = texts.dtype == pl.String
    lengths = texts.str.len_chars().fill_null(0) if is_text else np.zeros(len(texts))
    return frame.with_columns(pl.Series(CHARACTERS, lengths, dtype=pl.Int64))


def _names_text(path: str) -> bool:
    return path.lower().endswith(_ENDINGS)


def _plain_paths(path: str) -> list[Path]:
    """Return the plain text files that a path names; none where it names a table, or a glob does.

    Raises
    ------
    ValueError
        If it names files of both kinds.
    """
    if not os.path.isdir(path) and names_table(path):
        return []
    named = paths_of(
        path, lambda name: names_table(name) or _names_text(name), (*_ENDINGS, *FORMATS)
    )
    plain = [Path(one) for one in named if _names_text(one)]
    if plain and len(plain) < len(named):
        other = next(one for one in named if not _names_text(one))
        raise ValueError(
            f"{path!r} names plain text, such as '{plain[0]}', and tables, such as {other!r}; name "
            "files of one kind"
        )
    return plain


def _of_plain(where: str, paths: list[Path], text: str | None) -> TextSource:
    if text not in (None, "text", LINE):
        raise ValueError(
            f"text={text!r} names a column, and '{paths[0]}' is plain text; leave it out to read "
            f"each file as one text, or pass text={LINE!r} to read each line as one"
        )
    read = _lines if text == LINE else _parts
    # The column tells the two apart in the cache.
    name = LINE if text == LINE else "text"
    key = key_of_files(map(str, paths))
    frames = partial(_frames, paths, name, read)
    return TextSource((name,), CHARACTERS, where, key, frames)


def _frames(paths: list[Path], name: str, read: Any) -> Iterator[pl.DataFrame]:
    for path in paths:
        for texts, goes_on in read(path):
            frame = _measured(pl.DataFrame({name: pl.Series(texts, dtype=pl.String)}), name)
            sign = -1 if goes_on else 1
            yield frame.with_columns(pl.col(CHARACTERS) * sign)


def _lines(path: Path) -> Iterator[tuple[list[str], bool]]:
    """Yield the lines of a file, some at a time."""
    for block in whole_blocks(path, PART_BYTES, lambda data: data.rfind(b"\n") + 1):
        lines = _decoded(block, path).split("\n")
        yield (lines[:-1] if lines[-1] == "" else lines), False


def _parts(path: Path) -> Iterator[tuple[list[str], bool]]:
    """Yield the parts of a file's text, and whether it goes on behind each."""
    before: str | None = None
    for block in whole_blocks(path, PART_BYTES, _word_end):
        if before is not None:
            yield [before], True
        before = _decoded(block, path)
    yield [(before or "").removesuffix("\n")], False


def _word_end(data: bytes) -> int:
    r"""Return where the last white space begins that has a letter on either side; 0 if none does.

    There no token ends otherwise than it does within a text, whatever cuts it.

    Examples
    --------
    >>> _word_end(b"so it \r\n goes \n")
    5
    """
    inner = data.rstrip()
    last = max(inner.rfind(b" "), inner.rfind(b"\n"))
    return len(data[: last + 1].rstrip())


def _decoded(block: bytes, path: Path) -> str:
    return decoded(block, "utf-8", str(path)).replace("\r\n", "\n")
