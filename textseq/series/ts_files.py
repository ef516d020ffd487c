"""``.ts`` files: labelled time series as sktime and aeon write them."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textseq.decoding import decoded

MISSING = "?"
DATA = "@data"


@dataclass
class _Header:
    """What the lines that start with @ say."""

    targets: str = "none"  # "labels", "numbers" or "none"
    labels: frozenset[str] = frozenset()
    n_channels: int | None = None


def read_ts(
    path: str | os.PathLike[str], encoding: str = "utf-8"
) -> tuple[list[np.ndarray], np.ndarray | None]:
    r"""Read a ``.ts`` file, or a ``.ts.gz``.

    Parameters
    ----------
    path : path-like
        One or several channels, of equal or unequal lengths; ``?`` and ``NaN`` are missing
        values.
    encoding : str, default "utf-8"
        Of the file; a byte order mark is passed over.

    Returns
    -------
    X : list of ndarray of shape (n_channels, n_steps), float64
        Missing values are NaN.
    y : ndarray of shape (n,) or None
        Class labels as strings (``@classLabel true``), numbers as float64
        (``@targetLabel true``), or None where the file has neither.

    Raises
    ------
    ValueError
        If a line is not as the header says, or in another encoding; the message names the line.

    References
    ----------
    The format: https://www.aeon-toolkit.org/en/stable/api_reference/file_specifications/ts.html

    Examples
    --------
    >>> import tempfile
    >>> lines = ["@univariate false", "@classLabel true a b", "@data", "1,2:3,?:a", "5:6:b"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "two.ts"
    ...     _ = path.write_text("\n".join(lines))
    ...     X, y = read_ts(path)
    >>> [series.tolist() for series in X], y.tolist()
    ([[[1.0, 2.0], [3.0, nan]], [[5.0], [6.0]]], ['a', 'b'])
    """
    path = Path(path)
    series: list[np.ndarray] = []
    targets: list[str] = []
    numbered = enumerate(io.StringIO(_content(path, encoding), newline=None), start=1)
    header = _read_header(path, numbered)
    for number, line in numbered:
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        channels = line.split(":")
        if header.targets != "none":
            targets.append(_target(channels.pop().strip(), header, f"{path}, line {number}"))
        series.append(_values(channels, header, f"{path}, line {number}"))
    if not series:
        raise ValueError(f"{path} has no series after its {DATA} line")
    if header.targets == "none":
        return series, None
    return series, np.array(targets, dtype=np.float64 if header.targets == "numbers" else str)


def _content(path: Path, encoding: str) -> str:
    data = path.read_bytes()
    return decoded(gzip.decompress(data) if path.suffix == ".gz" else data, encoding, str(path))


def _read_header(path: Path, lines: Iterator[tuple[int, str]]) -> _Header:
    header = _Header()
    for number, line in lines:
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if not words[0].startswith("@"):
            raise ValueError(
                f"{path}, line {number}: {line.strip()[:40]!r} stands before {DATA}; "
                "lines there must start with @ or #"
            )
        name, values = words[0].lower(), words[1:]
        if name == DATA:
            return header
        _read_setting(header, name, values, f"{path}, line {number}")
    raise ValueError(f"{path} has no {DATA} line; it is no .ts file")


def _read_setting(header: _Header, name: str, values: list[str], location: str) -> None:
    value = values[0].lower() if values else ""
    if name == "@timestamps" and value == "true":
        raise ValueError(
            f"{location}: time stamps beside the values are not supported; "
            "write the series on a regular grid of times, with @timeStamps false"
        )
    if name == "@classlabel" and value == "true":
        header.targets, header.labels = "labels", frozenset(values[1:])
    elif name == "@targetlabel" and value == "true":
        header.targets = "numbers"
    elif (name == "@univariate" and value == "true") or name in ("@dimensions", "@dimension"):
        count = "1" if name == "@univariate" else value
        if not count.isdigit() or count == "0":
            raise ValueError(f"{location}: {name} must be a whole number, got {value!r}")
        header.n_channels = int(count)


def _target(text: str, header: _Header, location: str) -> str:
    if header.targets == "labels":
        if header.labels and text not in header.labels:
            known = ", ".join(sorted(header.labels)[:10])
            raise ValueError(f"{location}: the label {text!r} is not among @classLabel's: {known}")
        return text
    try:
        float(text)
    except ValueError:
        raise ValueError(f"{location}: the target {text!r} is no number") from None
    return text


def _values(channels: list[str], header: _Header, location: str) -> np.ndarray:
    expected = header.n_channels
    if expected is not None and len(channels) != expected:
        raise ValueError(f"{location}: {len(channels)} channels, but the header says {expected}")
    header.n_channels = len(channels)
    rows = [_numbers(channel, location) for channel in channels]
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        raise ValueError(
            f"{location}: channels of {min(lengths)} and {max(lengths)} values; all channels of a "
            f"series must be as long as each other (fill the shorter with {MISSING})"
        )
    return np.stack(rows)


def _numbers(channel: str, location: str) -> np.ndarray:
    words = channel.replace(MISSING, "nan").split(",")
    try:
        return np.array(words, dtype=np.float64)
    except ValueError as error:
        raise ValueError(f"{location}: {error}; values are numbers, or {MISSING}") from None
