"""Tables in files, read some rows at a time: Parquet, CSV, TSV and JSON lines, also with .gz."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from textseq.corpus.file_blocks import is_utf16, whole_blocks
from textseq.decoding import decoded
from textseq.delimited import read_delimited
from textseq.expressions import refuse_lost_pool
from textseq.table_files import kind_of_name
from textseq.tables import (
    Lacking,
    Rows,
    json_lines,
    read_table,
    refuse_absent,
    refuse_absent_columns,
    with_texts,
)

# Rows of Parquet that are read at once.
BATCH_ROWS = 8_192
# Bytes of a file of lines that are looked at together.
BLOCK_BYTES = 2**24


@dataclass(frozen=True)
class TableFile:
    """A table in a file, whose name tells of what kind it is.

    Of CSV, TSV and JSON lines each cell is a string, as ``tables.read_table`` has it.

    Parameters
    ----------
    path : Path
    """

    path: Path

    def batches(self, names: Sequence[str] | None = None) -> Iterator[Rows]:
        """Yield all rows, some at a time.

        Parameters
        ----------
        names : sequence of str, optional
            Columns to read; all by default. What a part of JSON lines lacks is null.

        Raises
        ------
        ValueError
            If the file can't be read exactly, or has no such column; the message names the line.
        """
        kind = kind_of_name(self.path)
        if kind == "parquet":
            yield from self._parquet(names)
            return
        for rows in self._lines():
            if names is not None:
                if kind != "jsonl":
                    refuse_absent_columns(rows.frame.columns, names, str(self.path))
                absent = [name for name in names if name not in rows.frame.columns]
                full = rows.frame.with_columns(pl.lit(None, pl.String).alias(n) for n in absent)
                rows = rows._replace(frame=full.select(names))
            yield rows

    @property
    def is_utf16(self) -> bool:
        """Whether it begins with the mark of UTF-16, whose lines do not end where bytes tell."""
        return is_utf16(self.path)

    def head(self) -> pl.DataFrame:
        """Return some rows, which tell the columns."""
        if kind_of_name(self.path) == "parquet":
            with _readable(self.path):
                return pl.scan_parquet(self.path, glob=False).head(BATCH_ROWS).collect()
        return next((rows.frame for rows in self._lines()), pl.DataFrame())

    def _parquet(self, names: Sequence[str] | None) -> Iterator[Rows]:
        number = 1
        with _readable(self.path):
            query = pl.scan_parquet(self.path, glob=False)
            if names is not None:
                there = query.collect_schema().names()
                refuse_absent_columns(there, names, str(self.path))
                query = query.select(names)
            for frame in query.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
                yield Rows(frame, "row", np.arange(number, number + frame.height))
                number += frame.height

    def _lines(self) -> Iterator[Rows]:
        kind, where = kind_of_name(self.path), str(self.path)
        header, n_before = b"", 0
        for block in whole_blocks(
            self.path, BLOCK_BYTES, partial(_row_end, quotes=kind != "jsonl")
        ):
            # Lines may end in carriage returns alone, which is seen of a whole file.
            whole = block if block.endswith(b"\n") or b"\n" not in block else block + b"\n"
            text = decoded(header + whole, "utf-8", where)
            if kind == "jsonl":
                frame, lines = json_lines(text, where, lines_before=n_before)
            else:
                separator = "\t" if kind == "tsv" else None
                frame, lines = read_delimited(text, separator, where, n_before)
            n_before += whole.count(b"\n")
            if kind != "jsonl" and not header:
                # It stands above every block; its lines count once.
                header = _header(whole)
                n_before -= header.count(b"\n")
            yield Rows(frame, "line", lines)


def read_text_batches(
    path: Path, text: Sequence[str], empty: str = "error"
) -> Iterator[pl.DataFrame]:
    """Yield all columns of a table of texts, some rows at a time, read as by ``read_table``.

    Parameters
    ----------
    path : Path
    text, empty
        As ``tables.read_table`` takes them. In the end a warning counts the rows without a text.

    Raises
    ------
    ValueError
        As ``read_table`` does; and if a later part has columns that the first has not.
    """
    lacking: list[Lacking] = []
    columns: list[str] | None = None
    n_rows = 0
    table = TableFile(path)
    if kind_of_name(path) != "parquet" and table.is_utf16:
        yield read_table(path, text, None, empty=empty)
        return
    for rows in table.batches():
        refuse_absent(rows, text, str(path))
        columns = columns or rows.frame.columns
        n_rows += rows.frame.height
        rows, found = with_texts(rows, text, None, str(path), empty)
        lacking += [] if found is None else [found]
        if rows.frame.height:
            yield _with_columns(rows, columns, path)
    if columns is None:
        read_table(path, text, None, empty=empty)  # tells what is wrong with a file without rows
    if lacking:
        n_lacking = sum(found.n_rows for found in lacking)
        together = lacking[0]._replace(n_rows=n_lacking, n_all=n_rows)
        together.check_some_left(str(path))
        warnings.warn(f"{path}: {together.told()}", stacklevel=2)


def _with_columns(rows: Rows, columns: list[str], path: Path) -> pl.DataFrame:
    """Return rows with the columns of the first ones, null where an object lacks one."""
    new = [name for name in rows.frame.columns if name not in columns]
    if new:
        raise ValueError(
            f"{path}: none of the rows before {rows.word} {rows.numbers[0]} has the name "
            f"{new[0]!r}, which rows from there on have; give it to the first row, too"
        )
    absent = [name for name in columns if name not in rows.frame.columns]
    full = rows.frame.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
    return full.select(columns)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Tell what polars can't read as our own errors do."""
    refuse_lost_pool(f"reading {path}")
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{path} is not a readable Parquet file ({reason})") from None


def _header(data: bytes) -> bytes:
    """Return the first row that is not blank, which may hold line feeds in quotes."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    end = data.find(b"\n") + 1
    while end and data.count(b'"', 0, end) % 2 and _opens_quotes(data[:end]):
        end = data.find(b"\n", end) + 1
    return data[:end]


def _opens_quotes(data: bytes) -> bool:
    """Whether a field starts with a quote."""
    return data.startswith(b'"') or any(
        mark + b'"' in data for mark in (b",", b";", b"\t", b"|", b"\n")
    )


def _row_end(data: bytes, quotes: bool) -> int:
    """Return behind which byte the last whole row ends; 0 if there is none.

    The data start with a row. Where a field starts with a quote, line feeds within quotes end no
    row; where none does, quotes are letters.
    """
    end = data.rfind(b"\n") + 1
    if not quotes or b'"' not in data:
        return end
    if not _opens_quotes(data):
        return end
    while end:
        if data.count(b'"', 0, end) % 2 == 0:
            return end
        end = data.rfind(b"\n", 0, end - 1) + 1
    return 0
