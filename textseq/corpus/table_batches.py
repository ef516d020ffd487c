"""Tables in files, read some rows at a time: Parquet, CSV, TSV and JSON lines, also with .gz."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import polars as pl

from textseq.decoding import decoded
from textseq.delimited import read_delimited
from textseq.expressions import refuse_lost_pool
from textseq.table_files import kind_of_name
from textseq.tables import json_lines

# Bytes of a file of lines that are looked at together, and of one row at most.
BLOCK_BYTES = 2**24
MOST_ROW_BYTES = 2**30


@dataclass(frozen=True)
class TableFile:
    """A table in a file, whose name tells of what kind it is.

    Parameters
    ----------
    path : Path
    """

    path: Path

    def batches(self, names: Sequence[str] | None, n_rows: int) -> Iterator[pl.DataFrame]:
        """Yield the named columns, or all, some rows at a time.

        Of CSV, TSV and JSON lines each cell is a string, as ``tables.read_table`` has it.

        Parameters
        ----------
        names : sequence of str, optional
        n_rows : int
            Of Parquet, about so many at once.

        Raises
        ------
        ValueError
            If the file can't be read exactly; the message names the line.
        """
        if kind_of_name(self.path) == "parquet":
            yield from self._parquet(names, n_rows)
            return
        for frame in self._lines():
            absent = [] if names is None else [name for name in names if name not in frame.columns]
            # An object of JSON lines may lack a name that others have.
            full = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
            yield full if names is None else full.select(names)

    def _parquet(self, names: Sequence[str] | None, n_rows: int) -> Iterator[pl.DataFrame]:
        refuse_lost_pool(f"reading {self.path}")
        query = pl.scan_parquet(self.path, glob=False)
        try:
            if names is None:
                yield query.head(n_rows).collect()
            else:
                chosen = query.select(names)
                yield from chosen.collect_batches(chunk_size=n_rows, maintain_order=True)
        except (pl.exceptions.PolarsError, OSError) as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"{self.path} is not a readable Parquet file ({reason})") from None

    def _lines(self) -> Iterator[pl.DataFrame]:
        kind, where = kind_of_name(self.path), str(self.path)
        header, n_before = b"", 0
        with _unpacked(self.path) as file:
            if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
                raise ValueError(f"{where} is UTF-16, which is not read in parts; save it as UTF-8")
            file.seek(0)
            for block in _whole_rows(file, quotes=kind != "jsonl", where=where):
                text = decoded(header + block, "utf-8", where)
                if kind == "jsonl":
                    frame, _ = json_lines(text, where, lines_before=n_before)
                else:
                    separator = "\t" if kind == "tsv" else None
                    frame, _ = read_delimited(text, separator, where, n_before)
                n_before += block.count(b"\n")
                if kind != "jsonl" and not header:
                    # It stands above every block; its line counts once.
                    header = block[: block.index(b"\n") + 1]
                    n_before -= 1
                yield frame


def _unpacked(path: Path) -> IO[bytes]:
    with open(path, "rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path)) if is_packed else open(path, "rb")  # noqa: SIM115


def _whole_rows(file: IO[bytes], quotes: bool, where: str) -> Iterator[bytes]:
    """Yield the file in blocks that end where a row does.

    Parameters
    ----------
    file : binary file
    quotes : bool
        Whether a line feed between quotes ends no row.
    where : str
    """
    left = b""
    while True:
        try:
            block = file.read(BLOCK_BYTES)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{where} is a damaged gzip file ({error})") from None
        data = left + block
        if not block:
            if data:
                yield data if data.endswith(b"\n") else data + b"\n"
            return
        end = _row_end(data, quotes)
        if len(data) - end > MOST_ROW_BYTES:
            raise ValueError(
                f"{where}: a row of over {MOST_ROW_BYTES:,} bytes; see whether a quote is open"
            )
        if end:
            yield data[:end]
        left = data[end:]


def _row_end(data: bytes, quotes: bool) -> int:
    """Return behind which byte the last whole row ends; 0 if there is none.

    The data start with a row. Where a field starts with a quote, line feeds within quotes end no
    row; where none does, quotes are letters.
    """
    end = data.rfind(b"\n") + 1
    if not quotes or b'"' not in data:
        return end
    opens = data.startswith(b'"') or any(
        mark + b'"' in data for mark in (b",", b";", b"\t", b"|", b"\n")
    )
    if not opens:
        return end
    while end:
        if data.count(b'"', 0, end) % 2 == 0:
            return end
        end = data.rfind(b"\n", 0, end - 1) + 1
    return 0
