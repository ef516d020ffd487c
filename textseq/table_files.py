"""Files of tables: which kind a name tells, and how one is written."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import TYPE_CHECKING

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
