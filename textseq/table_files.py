"""Files of tables: which kind a name tells, and how one is written."""

from __future__ import annotations

import gzip
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from textseq.atomic import whole_file

if TYPE_CHECKING:
    import polars as pl

FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
# Time of day as readers of all kinds take it.
CLOCK = "%Y-%m-%d %H:%M:%S%.f"


def kind_of_name(path: str | Path) -> str:
    """Return the kind of table that a file's name tells.

    Raises
    ------
    ValueError
        If it tells none.

    Examples
    --------
    >>> kind_of_name("films.TSV.gz")
    'tsv'
    """
    suffix = Path(str(path).lower().removesuffix(".gz")).suffix
    if suffix not in FORMATS:
        raise ValueError(
            f"{path}: unknown kind of table {suffix!r}; "
            f"the file name must end in one of {' '.join(FORMATS)}, or one of these with .gz"
        )
    return FORMATS[suffix]


def names_table(path: str) -> bool:
    """Whether a file's name tells a kind of table.

    Examples
    --------
    >>> names_table("films.TSV.gz"), names_table("films.txt")
    (True, False)
    """
    return path.lower().removesuffix(".gz").endswith(tuple(FORMATS))


def check_written_name(path: Path) -> None:
    """Refuse a name that tells no kind of table to write."""
    if kind_of_name(path) == "parquet" and path.suffix.lower() == ".gz":
        raise ValueError(f"{path}: Parquet is compressed already; name it without .gz")


def as_csv(frame: pl.DataFrame, separator: str = ",") -> str:
    r"""Return a table as CSV, without columns of lists and structs, which have no place there.

    Examples
    --------
    >>> import polars as pl
    >>> as_csv(pl.DataFrame({"text": ["so", None, ""], "tags": [[1], [], []]}))
    'text\nso\n\n""\n'
    """
    flat = frame.select(name for name in frame.columns if not frame[name].dtype.is_nested())
    return flat.write_csv(separator=separator, datetime_format=CLOCK)


def write_table(frame: pl.DataFrame, path: Path) -> None:
    r"""Write a table as its file's name tells, with .gz compressed.

    Examples
    --------
    >>> import polars as pl
    >>> path = getfixture("tmp_path") / "films.tsv.gz"
    >>> write_table(pl.DataFrame({"text": ["good"], "label": ["pos"]}), path)
    >>> gzip.decompress(path.read_bytes())
    b'text\tlabel\ngood\tpos\n'
    """
    check_written_name(path)
    kind = kind_of_name(path)
    written = io.BytesIO()
    if kind == "parquet":
        frame.write_parquet(written)
    elif kind == "jsonl":
        frame.write_ndjson(written)
    else:
        written.write(as_csv(frame, "\t" if kind == "tsv" else ",").encode())
    data = written.getvalue()
    with whole_file(path) as file:
        # Without a time of day: the same table makes the same file.
        file.write(gzip.compress(data, mtime=0) if path.suffix.lower() == ".gz" else data)


def write_batches(frames: Iterator[pl.DataFrame], path: Path) -> None:
    r"""Write a table some rows at a time as its file's name tells, with .gz compressed.

    Parameters
    ----------
    frames : iterator of DataFrame
        With the same columns.
    path : Path
        A file of that name is replaced; it stays as it was if writing fails.

    Examples
    --------
    >>> import polars as pl
    >>> path = getfixture("tmp_path") / "films.csv"
    >>> frames = (pl.DataFrame({"text": [text]}) for text in ("good", "bad"))
    >>> write_batches(frames, path)
    >>> path.read_bytes()
    b'text\ngood\nbad\n'
    """
    check_written_name(path)
    with whole_file(path) as file:
        if kind_of_name(path) == "parquet":
            _write_parquet(frames, path, file)
        elif path.suffix.lower() == ".gz":
            with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
                _write_lines(frames, path, cast(IO[bytes], packed))
        else:
            _write_lines(frames, path, file)


def _write_lines(frames: Iterator[pl.DataFrame], path: Path, file: IO[bytes]) -> None:
    kind = kind_of_name(path)
    for number, frame in enumerate(frames):
        if kind == "jsonl":
            frame.write_ndjson(file)
            continue
        text = as_csv(frame, "\t" if kind == "tsv" else ",")
        header = as_csv(frame.clear(), "\t" if kind == "tsv" else ",")
        file.write((text.removeprefix(header) if number else text).encode())


def _write_parquet(frames: Iterator[pl.DataFrame], path: Path, file: BinaryIO) -> None:
    """Write parts beside the file, then all of them into it: a Parquet file ends with its table."""
    import polars as pl

    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        parts = []
        for number, frame in enumerate(frames):
            parts.append(Path(folder, f"{number}.parquet"))
            frame.write_parquet(parts[-1])
        pl.scan_parquet(parts, glob=False).sink_parquet(file)
