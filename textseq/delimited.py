"""CSV and TSV, parsed exactly: every record is measured before polars reads it."""

from __future__ import annotations

import csv
import io
from typing import NamedTuple

import numpy as np
import polars as pl

from textseq.expressions import refuse_lost_pool

_QUOTE, _NEWLINE, _RETURN = ord('"'), ord("\n"), ord("\r")
# Bytes that are looked through at once.
_BLOCK = 2**22


def read_delimited(
    content: str, separator: str | None, where: str, lines_before: int = 0
) -> tuple[pl.DataFrame, np.ndarray]:
    r"""Parse separated values with a header; every cell is a string, an empty one null.

    polars is fast and forgiving: it fills short rows with nulls and can
    misplace a stray quote. So the records are measured first, and only a file
    that can be read in exactly one way is handed on.

    Parameters
    ----------
    content : str
        The whole file.
    separator : str or None
        One ASCII character; None takes the comma, or, where the header has
        none, the semicolon, tab or bar.
    where : str
        What errors call the file.
    lines_before : int, default 0
        Lines of the file that are left out between the header and the first row.

    Returns
    -------
    frame : polars.DataFrame
    lines : ndarray of shape (n_rows,)
        Line of the file on which each row starts, from 1.

    Raises
    ------
    ValueError
        If rows differ in width, quotes do not pair, or the header names a column twice.

    Examples
    --------
    >>> frame, lines = read_delimited('a,b\n"x\ny",1\n"",\n', None, "example")
    >>> frame.rows(), lines.tolist()
    ([('x\ny', '1'), ('', None)], [2, 4])
    """
    if "\n" not in content:
        content = content.replace("\r", "\n")
    start = next((place for place, mark in enumerate(content) if mark not in "\r\n"), None)
    if start is None:
        raise ValueError(f"{where} is empty; it needs a header line and rows")
    if separator is None:
        first = content[start : max(content.find("\n", start), 0) or None]
        separator = next((mark for mark in ",;\t|" if mark in first), ",")
    data = content.encode() if content.endswith("\n") else f"{content}\n".encode()
    # A file may be as large as half the memory: what was read of it goes as soon as it can.
    del content
    records = _measure(data, separator, where, lines_before)
    header = _header(data[records.starts[0] : records.ends[0]], separator, records.quoted, where)
    ragged = np.flatnonzero(records.widths != len(header))
    if len(ragged):
        first_bad = ragged[0]
        raise ValueError(
            f"{where}, line {records.lines[first_bad]}: {records.widths[first_bad]} fields where "
            f'the header has {len(header)}; put a field that holds {separator!r} in "quotes"'
        )
    frame = _body(data, records, header, separator)
    if frame.height != len(records.starts) - 1:
        raise ValueError(
            f"{where} holds {len(records.starts) - 1} rows but {frame.height} could be read; "
            "save it again as plain CSV"
        )
    return frame, records.lines[1:]


class _Records(NamedTuple):
    """Every record that is not blank, the header first; arrays of shape (n_records,)."""

    starts: np.ndarray
    ends: np.ndarray
    widths: np.ndarray
    lines: np.ndarray
    quoted: bool
    contiguous: bool


def _measure(data: bytes, separator: str, where: str, lines_before: int) -> _Records:
    letters = np.frombuffer(data, dtype=np.uint8)
    newlines = _places(letters, _NEWLINE)
    separators = _places(letters, ord(separator))
    quotes = _places(letters, _QUOTE)
    quoted = _is_quoted(letters, quotes, newlines, separator, where, lines_before)
    ends = newlines
    returns = _places(letters, _RETURN)
    if quoted:
        # An odd number of quotes before it: the character stands within quotes.
        ends = newlines[np.searchsorted(quotes, newlines) % 2 == 0]
        separators = separators[np.searchsorted(quotes, separators) % 2 == 0]
        returns = returns[np.searchsorted(quotes, returns) % 2 == 0]
    # Some programs end a line here, others do not: two readings.
    bare = returns[letters[returns + 1] != _NEWLINE]
    if len(bare):
        line = int(np.searchsorted(newlines, bare[0])) + 1 + lines_before
        raise ValueError(
            f"{where}, line {line}: a carriage return without a line feed; "
            "put the field in quotes, or end every line the same way"
        )
    starts = np.concatenate([[0], ends[:-1] + 1])
    widths = np.searchsorted(separators, ends) - np.searchsorted(separators, starts) + 1
    lines = np.searchsorted(newlines, starts) + 1 + lines_before
    blank = (ends == starts) | ((ends == starts + 1) & (letters[starts] == _RETURN))
    keep = ~blank
    return _Records(
        starts[keep], ends[keep], widths[keep], lines[keep], quoted, contiguous=not blank.any()
    )


def _places(letters: np.ndarray, mark: int) -> np.ndarray:
    """Return where a byte stands, without a mask over all of the file."""
    starts = range(0, len(letters), _BLOCK)
    found = [start + np.flatnonzero(letters[start : start + _BLOCK] == mark) for start in starts]
    return np.concatenate(found)


def _is_quoted(
    letters: np.ndarray,
    quotes: np.ndarray,
    newlines: np.ndarray,
    separator: str,
    where: str,
    lines_before: int,
) -> bool:
    """Tell whether quotes enclose fields; raise where they start to and do not pair."""
    before = np.where(quotes > 0, letters[quotes - 1], _NEWLINE)
    at_start = (before == ord(separator)) | (before == _NEWLINE)
    if not at_start.any():
        return False
    stray = _first_stray(letters, quotes, at_start, separator)
    if stray is None:
        return True
    if separator == "\t":
        return False
    line = int(np.searchsorted(newlines, stray)) + 1 + lines_before
    raise ValueError(
        f'{where}, line {line}: a quote that does not pair; write a " within a field as "" '
        "and put the field in quotes"
    )


def _first_stray(
    letters: np.ndarray, quotes: np.ndarray, at_start: np.ndarray, separator: str
) -> int | None:
    """Position of the first quote that RFC 4180 has no place for, if any."""
    # Quotes alternate: the first opens, the second closes. A doubled quote closes
    # and opens again at once.
    doubled = np.zeros(len(quotes), dtype=bool)
    doubled[2::2] = np.diff(quotes)[1::2] == 1
    legal = at_start | doubled
    after = letters[quotes[1::2] + 1]
    closes = (after == ord(separator)) | (after == _NEWLINE) | (after == _QUOTE)
    returns = np.flatnonzero(after == _RETURN)
    closes[returns] = letters[quotes[1::2][returns] + 2] == _NEWLINE
    legal[1::2] = closes
    if len(quotes) % 2:
        legal[-1] = False
    wrong = np.flatnonzero(~legal)
    return int(quotes[wrong[0]]) if len(wrong) else None


def _header(line: bytes, separator: str, quoted: bool, where: str) -> list[str]:
    reader = csv.reader(
        io.StringIO(line.decode().removesuffix("\r"), newline=""),
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
    )
    try:
        header = next(reader)
    except csv.Error as error:
        raise ValueError(f"{where}: the header cannot be read ({error})") from None
    if header.count("") > 1:
        # One alone is what R and pandas write above row names. polars' words for a nameless column.
        header = [name or f"column_{place}" for place, name in enumerate(header, 1)]
    repeated = [name for place, name in enumerate(header) if name in header[:place]]
    if repeated:
        raise ValueError(f"{where}: the header names column {repeated[0]!r} twice")
    return header


def _body(data: bytes, records: _Records, header: list[str], separator: str) -> pl.DataFrame:
    if records.contiguous:
        starts, ends = records.starts[1:2], np.array([len(data)])
    else:
        starts, ends = records.starts[1:], records.ends[1:] + 1
    whole = memoryview(data)
    body = [whole[start:end] for start, end in zip(starts, ends, strict=False)]
    # Plain names for polars, which leaves doubled quotes in a header as they are, and
    # would take U+FEFF in the first cell of a file without header for a byte order mark.
    names = separator.join(map(str, range(len(header)))).encode()
    refuse_lost_pool("reading a table")
    frame = pl.read_csv(
        b"".join([names, b"\n", *body]),
        separator=separator,
        quote_char='"' if records.quoted else None,
        infer_schema=False,
    )
    frame.columns = header
    return frame
