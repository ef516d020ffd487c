"""Tables of texts and labels, read from CSV, TSV, Parquet and JSON lines, or refused by line."""

from __future__ import annotations

import difflib
import gzip
import io
import json
import signal
import sys
import warnings
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from textseq.decoding import decoded
from textseq.delimited import read_delimited
from textseq.expressions import refuse_lost_pool
from textseq.table_files import kind_of_name

LEFT_OUT = "left out"
EMPTY = ("error", "drop", "keep", "missing")
"""What can become of rows without a text."""

_CALLED = {"parquet": "Parquet", "jsonl": "JSON lines"}

# What R, pandas and JSON write where a number is missing.
_MISSING = ["", "NA", "NaN", "nan", "null"]


class Rows(NamedTuple):
    """Cells as read, with what an error calls each row: ``line 7`` or ``row 7``.

    Parameters
    ----------
    frame : DataFrame
    word : {"line", "row"}
    numbers : ndarray of shape (n_rows,)
    """

    frame: pl.DataFrame
    word: str
    numbers: np.ndarray


def read_table(
    source: str | Path,
    text: Sequence[str] = ("text",),
    label: str | None = "label",
    *,
    numeric_label: bool = False,
    encoding: str = "utf-8",
    separator: str | None = None,
    empty: str = "error",
) -> pl.DataFrame:
    r"""Read a table of texts, exactly or not at all.

    CSV and TSV are read as RFC 4180 says, with one reading more: a file in
    which no field starts with a quote, and a TSV whose quotes do not pair, has
    plain quote characters. Blank lines are skipped. An empty cell is a missing
    value; ``""`` in quotes is an empty text. No word stands for a missing
    value: ``NA`` may be a name.

    Parameters
    ----------
    source : str or Path
        File ending in .csv, .tsv, .parquet, .jsonl or .ndjson, each also with
        .gz; or ``-`` for standard input (CSV unless it looks like another).
    text : sequence of str, default ("text",)
        Columns that hold texts: one, or two for pairs.
    label : str or None, default "label"
        Column to predict; None where there is none.
    numeric_label : bool, default False
        Read the label as a real number, for regression; else as a string.
    encoding : str, default "utf-8"
        Encoding of CSV, TSV and JSON lines. UTF-16 with a byte order mark is recognised.
    separator : str, optional
        The one character between the cells of a CSV or TSV; by default the file's name and
        header tell it.
    empty : {"error", "drop", "keep", "missing"}
        What becomes of rows without a text: an error; they are left out, as are those without a
        label; their text is ""; or it is null. A warning counts them.

    Returns
    -------
    polars.DataFrame
        All columns of the file. Text columns are strings without nulls, but for
        ``empty="missing"``; the label strings or floats without nulls.

    Raises
    ------
    ValueError
        If the file cannot be read exactly, a column is missing or repeated, or
        a text or label is missing; the message names the first such line.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "films.csv"
    >>> _ = path.write_text('text,label\n"good, really",pos\nbad,neg\n')
    >>> read_table(path).rows()
    [('good, really', 'pos'), ('bad', 'neg')]
    """
    where = _where(source)
    rows = _read_rows(source, text, encoding, separator)
    refuse_absent(rows, [*text] if label is None else [*text, label], where)
    rows, lacking = with_texts(rows, text, label, where, empty)
    if lacking is not None:
        lacking.check_some_left(where)
        warnings.warn(f"{where}: {lacking.told()}", stacklevel=2)
    frame = rows.frame
    if label is not None:
        column = _numbers(rows, label, where) if numeric_label else _labels(rows, label, where)
        frame = frame.with_columns(column)
    return frame


def read_series_table(
    source: str | Path,
    keys: Sequence[str],
    numbers: Sequence[str],
    optional: Sequence[str] = (),
    *,
    encoding: str = "utf-8",
    separator: str | None = None,
) -> pl.DataFrame:
    r"""Read the named columns of a table of series: keys as they stand, the rest as numbers.

    Cells are told apart as by ``read_table``. In a column of numbers, an empty cell, ``NA``,
    ``NaN`` and ``null`` are missing values.

    Parameters
    ----------
    source : str or Path
        As for ``read_table``.
    keys : sequence of str
        Columns that name a row, such as its series, time or label. Whole numbers are read as
        such where all of a column's cells are.
    numbers : sequence of str
        Columns of real numbers.
    optional : sequence of str, default ()
        Those of the keys that may be absent.
    encoding : str, default "utf-8"
    separator : str, optional
        As for ``read_table``.

    Returns
    -------
    polars.DataFrame
        The columns that are there, keys first.

    Raises
    ------
    ValueError
        If the file cannot be read exactly, a column is missing, or a cell is no number; the
        message names the first such line.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "loads.csv"
    >>> _ = path.write_text("hour,load\n1,2.5\n2,NA\n")
    >>> read_series_table(path, ["hour"], ["load"]).rows()
    [(1, 2.5), (2, None)]
    """
    where = _where(source)
    rows = _read_rows(source, (), encoding, separator)
    there = [name for name in keys if name in rows.frame.columns or name not in optional]
    refuse_absent(rows, [*there, *numbers], where)
    return pl.DataFrame(
        [*(as_key(rows.frame[name]) for name in there), *as_numbers(rows, numbers, where)]
    )


def as_key(column: pl.Series) -> pl.Series:
    """Return whole numbers where all of a column's cells are, and the cells as they are else."""
    if column.dtype != pl.String or not column.str.contains(r"^-?\d{1,18}$").all():
        return column
    # 007 names a series, and is no number.
    return column if column.str.contains(r"^-?0\d").any() else column.cast(pl.Int64)


def as_numbers(rows: Rows, names: Sequence[str], where: str) -> list[pl.Series]:
    """Return columns of cells as numbers, null where they are missing.

    Raises
    ------
    ValueError
        If a cell is no number; the message names its line.
    """
    return [_numbers(rows, name, where, may_lack=True) for name in names]


def read_lines(source: str | Path, *, encoding: str = "utf-8") -> list[str]:
    """Read one text a line, from a file or from standard input (``-``).

    Parameters
    ----------
    source : str or Path
    encoding : str, default "utf-8"

    Returns
    -------
    list of str
        Without the line ends; an empty line is an empty text.

    Raises
    ------
    ValueError
        If the bytes are not in that encoding.
    """
    where = _where(source)
    content = decoded(_unpacked(_read_bytes(source), where), encoding, where)
    # Not splitlines(): it also splits at form feeds and U+2028, which occur within texts.
    lines = content.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _where(source: str | Path) -> str:
    """Return what errors call a source."""
    return "standard input" if str(source) == "-" else str(source)


def _read_rows(
    source: str | Path, text: Sequence[str], encoding: str, separator: str | None
) -> Rows:
    where = _where(source)
    separator = _separator(separator)
    # A .txt file may hold a table, and with a separator a file of any name does.
    named = str(source) != "-" and separator is None and not _is_plain_text(source)
    kind = kind_of_name(source) if named else None
    data = _unpacked(_read_bytes(source), where)
    kind = kind or _kind_of_content(data)
    if separator is not None and kind != "csv":
        raise ValueError(f"{where} has no separators: it is {_CALLED[kind]}")
    if kind == "parquet":
        return _parquet(data, where)
    if _kind_of_content(data) == "parquet":
        raise ValueError(f"{where} is a Parquet file by what it holds; name it .parquet")
    content = [decoded(data, encoding, where)]
    del data
    if kind == "jsonl":
        frame, lines = json_lines(content.pop(), where, text)
        return Rows(frame, "line", lines)
    frame, lines = read_delimited(content.pop(), "\t" if kind == "tsv" else separator, where)
    return Rows(frame, "line", lines)


def _is_plain_text(source: str | Path) -> bool:
    return str(source).lower().removesuffix(".gz").endswith(".txt")


def _separator(given: str | None) -> str | None:
    """Return the character that is meant by a separator."""
    mark = {"tab": "\t", "\\t": "\t"}.get(given or "", given)
    if mark is not None and (len(mark) != 1 or mark in '"\r\n' or mark > "\x7f"):
        raise ValueError(
            f"the separator {given!r} is not one ASCII character; write one such as ; or | or tab"
        )
    return mark


def refuse_absent(rows: Rows, wanted: Sequence[str], where: str) -> None:
    """Raise ValueError if there is no row, or a column that is wanted is not there."""
    refuse_absent_columns(rows.frame.columns, wanted, where)
    if rows.frame.is_empty():
        raise ValueError(f"{where} has no rows below its header")


def refuse_absent_columns(columns: Sequence[str], wanted: Sequence[str], where: str) -> None:
    """Raise ValueError if a column that is wanted is not there."""
    absent = [name for name in wanted if name not in columns]
    if absent:
        close = difflib.get_close_matches(str(absent[0]), columns, n=1)
        hint = f"did you mean {close[0]!r}? Its" if close else "its"
        raise ValueError(
            f"{where} has no column {absent[0]!r}; {hint} columns are "
            f"{', '.join(map(repr, columns))}"
        )


def _read_bytes(source: str | Path) -> bytes:
    if str(source) != "-":
        return Path(source).read_bytes()
    if hasattr(signal, "siginterrupt"):
        # Importing polars has made the system resume reads that Ctrl-C should end.
        signal.siginterrupt(signal.SIGINT, True)
    return sys.stdin.buffer.read()


def _unpacked(data: bytes, where: str) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{where} is a damaged gzip file ({error})") from None


def _kind_of_content(data: bytes) -> str:
    if data.startswith(b"PAR1"):
        return "parquet"
    return "jsonl" if data.lstrip().startswith(b"{") else "csv"


def _parquet(data: bytes, where: str) -> Rows:
    refuse_lost_pool(f"reading {where}")
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{where} is not a readable Parquet file ({reason})") from None
    return Rows(frame, "row", np.arange(1, frame.height + 1))


def json_lines(
    content: str, where: str, text: Sequence[str] = (), lines_before: int = 0
) -> tuple[pl.DataFrame, np.ndarray]:
    r"""Parse JSON objects, one a line; every value that is no string stands as JSON has it.

    Parameters
    ----------
    content : str
    where : str
        What errors call the file.
    text : sequence of str, default ()
        Names whose values must be strings.
    lines_before : int, default 0
        Lines of the file before the content.

    Returns
    -------
    frame : polars.DataFrame
    lines : ndarray of shape (n_rows,)
        Line of the file that each row stands on, from 1.

    Raises
    ------
    ValueError
        If a line is no JSON object, or a text no string.

    Examples
    --------
    >>> frame, lines = json_lines('{"text": "so", "stars": 4}\n\n{"text": "no"}', "example")
    >>> frame.rows(), lines.tolist()
    ([('so', '4'), ('no', None)], [1, 3])
    """
    # The json module, not polars: polars guesses each column's type and quietly
    # turns what does not fit into null.
    records: list[dict[str, Any]] = []
    numbers: list[int] = []
    for number, line in enumerate(content.split("\n"), start=1 + lines_before):
        if line.strip():
            records.append(_json_object(line, text, f"{where}, line {number}"))
            numbers.append(number)
    columns = {}
    for name in dict.fromkeys(name for record in records for name in record):
        values = [record.get(name) for record in records]
        cells = [v if v is None or isinstance(v, str) else json.dumps(v) for v in values]
        try:
            columns[name] = pl.Series(name, cells, dtype=pl.String)
        except UnicodeEncodeError:
            row = next(row for row, cell in enumerate(cells) if not _is_unicode(cell))
            raise ValueError(
                f"{where}, line {numbers[row]}: {name!r} holds half a surrogate pair"
            ) from None
    return pl.DataFrame(columns), np.asarray(numbers, dtype=np.int64)


def _json_object(line: str, text: Sequence[str], where: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where} is not JSON ({error})") from None
    if not isinstance(record, dict):
        raise ValueError(f'{where} is not a JSON object like {{"text": "..."}}')
    for name in text:
        if not isinstance(record.get(name, ""), str | None):
            found = json.dumps(record[name])[:40]
            raise ValueError(f"{where}: {name!r} is {found}, not a string")
    return record


def _is_unicode(cell: str | None) -> bool:
    try:
        (cell or "").encode()
    except UnicodeEncodeError:
        return False
    return True


class Lacking(NamedTuple):
    """Rows without a text, or of those that learn without a label, and what became of them.

    Parameters
    ----------
    n_rows, n_all : int
        How many there are, and of how many.
    first : str
        What the first is called.
    what, done : str
    """

    n_rows: int
    n_all: int
    first: str
    what: str
    done: str

    def check_some_left(self, where: str) -> None:
        """Raise ValueError if all were left out."""
        if self.done == LEFT_OUT and self.n_rows == self.n_all:
            raise ValueError(f"{where}: every row lacks a text or label, so none is left")

    def told(self) -> str:
        """Return what to say of them."""
        count = f"{self.n_rows:,} of {self.n_all:,} rows without a {self.what}"
        return f"{count}, the first in {self.first}: {self.done}"


def with_texts(
    rows: Rows, names: Sequence[str], label: str | None, where: str, empty: str
) -> tuple[Rows, Lacking | None]:
    """Return rows whose texts are strings, with what is asked for where there is none.

    Parameters
    ----------
    rows : Rows
    names, label, empty
        As ``read_table`` takes them.
    where : str
        What errors call the file.
    """
    frame = rows.frame.with_columns(_texts(rows.frame[name], where) for name in names)
    is_empty = frame.select(pl.any_horizontal(pl.col(names).is_null())).to_series()
    if label is not None and empty == "drop":
        is_empty |= _missing(frame[label])
    first = is_empty.arg_max()
    if first is None or not is_empty[first]:
        return rows._replace(frame=frame), None
    place = f"{rows.word} {rows.numbers[first]}"
    if empty == "error":
        name = next(name for name in names if frame[name][first] is None)
        raise ValueError(
            f"{where}, {place}: no text in column {name!r}; leave such rows out or read them as "
            "empty texts (--empty drop or keep)"
        )
    n_empty, done = int(is_empty.sum()), "read as empty"
    if empty == "drop":
        frame, done = frame.filter(~is_empty), LEFT_OUT
        rows = rows._replace(numbers=rows.numbers[~is_empty.to_numpy()])
    elif empty == "keep":
        frame = frame.with_columns(pl.col(names).fill_null(""))
    else:
        done = "kept without an answer"
    what = "text" if label is None or empty != "drop" else "text or label"
    lacking = Lacking(n_empty, len(is_empty), place, what, done)
    return rows._replace(frame=frame), lacking


def _texts(column: pl.Series, where: str) -> pl.Series:
    if column.dtype == pl.Null:
        return column.cast(pl.String)
    if column.dtype != pl.String and not isinstance(column.dtype, pl.Categorical | pl.Enum):
        raise ValueError(f"{where}: column {column.name!r} holds {column.dtype}, not texts")
    return column.cast(pl.String)


def _labels(rows: Rows, name: str, where: str) -> pl.Series:
    column = rows.frame[name]
    if column.dtype.is_nested():
        raise ValueError(f"{where}: column {name!r} holds {column.dtype}, not one label a row")
    _refuse_first(
        _missing(column),
        lambda row: (
            f"{where}, {rows.word} {rows.numbers[row]}: no label in column {name!r}; "
            "fill or drop such rows (--empty drop)"
        ),
    )
    return column.cast(pl.String)


def _missing(column: pl.Series) -> pl.Series:
    missing = column.is_null()
    return missing | column.is_nan() if column.dtype.is_float() else missing


def _numbers(rows: Rows, name: str, where: str, *, may_lack: bool = False) -> pl.Series:
    column = rows.frame[name]
    values = column.cast(pl.Float64, strict=False)
    finite = values.is_finite().fill_null(False)
    if may_lack:
        missing = column.is_null() | column.cast(pl.String).is_in(_MISSING)
        finite |= missing
        values = values.fill_nan(None)
    _refuse_first(
        ~finite,
        lambda row: (
            f"{where}, {rows.word} {rows.numbers[row]}: "
            + (f"{column[row]!r}" if column[row] is not None else "an empty cell")
            + f" in column {name!r} is not a finite number"
        ),
    )
    return values


def _refuse_first(bad: Iterable[bool], message: Callable[[int], str]) -> None:
    for row, is_bad in enumerate(bad):
        if is_bad:
            raise ValueError(message(row))
