"""What the contenders gave: a JSON line for each fit, with the test texts that it got right."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Result:
    """One fit, and which test texts it got right.

    Parameters
    ----------
    set, size, contender : str
    seed : int
    train_rows, test_rows : int
    test_sha256 : str
        Of the test texts and labels: scores of others can't be compared text by text.
    correct : str
        A bit for each test text, as ``pack`` writes them.
    fit_seconds, predict_seconds : float
        Of the training rows, and of the test rows.
    train_tokens, test_tokens : int
        Of MiniLM's tokenizer, those that the contender reads.
    epochs : int or None
        How often a network read the training rows.
    threads : int
    load : float
        The machine's load average when the fit began.
    others : float
        Cores that other processes took during it; NaN where the system does not tell.

    Examples
    --------
    >>> result = Result(
    ...     "subj", "1000", "mean", 0, 1000, 4, "fe1d", pack([True, True, True, False]),
    ...     0.5, 0.01, 30_000, 120, 20, 2, 0.3, 0.02,
    ... )
    >>> result.accuracy, result.key
    (0.75, ('subj', '1000', 'mean', 0))
    """

    set: str
    size: str
    contender: str
    seed: int
    train_rows: int
    test_rows: int
    test_sha256: str
    correct: str
    fit_seconds: float
    predict_seconds: float
    train_tokens: int
    test_tokens: int
    epochs: int | None
    threads: int
    load: float
    others: float

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What is fitted once."""
        return self.set, self.size, self.contender, self.seed

    @property
    def right(self) -> np.ndarray:
        """Which test texts were answered rightly, (test_rows,), bool."""
        return unpack(self.correct, self.test_rows)

    @property
    def accuracy(self) -> float:
        """Share of the test texts that were answered rightly."""
        return float(self.right.mean())


def pack(right: np.ndarray | list[bool]) -> str:
    """Write a bit for each test text, eight to two hexadecimal digits.

    Parameters
    ----------
    right : array of bool of shape (n_test,)

    Returns
    -------
    str
        The last digits are filled with zeros.

    Examples
    --------
    >>> pack([True, False, False, False, False, False, False, True, True])
    '8180'
    """
    return np.packbits(np.asarray(right, dtype=bool)).tobytes().hex()


def unpack(correct: str, n_test: int) -> np.ndarray:
    """Read what ``pack`` wrote.

    Parameters
    ----------
    correct : str
    n_test : int

    Returns
    -------
    ndarray of shape (n_test,), bool

    Raises
    ------
    ValueError
        If the digits are those of another number of texts.

    Examples
    --------
    >>> unpack("8180", 9).astype(int)
    array([1, 0, 0, 0, 0, 0, 0, 1, 1])
    """
    packed = np.frombuffer(bytes.fromhex(correct), dtype=np.uint8)
    if len(packed) != -(-n_test // 8):
        raise ValueError(
            f"{len(packed)} bytes can't be the answers to {n_test} test texts, which take "
            f"{-(-n_test // 8)}; the line was cut or edited: delete it, and it is fitted again"
        )
    return np.unpackbits(packed, count=n_test).astype(bool)


def read_results(path: Path) -> list[Result]:
    """Read the fits that are finished; a last line that a killed run left unfinished is none.

    Parameters
    ----------
    path : Path
        A file that is not there holds none.

    Returns
    -------
    list of Result

    Raises
    ------
    ValueError
        If a line is no result, or tells of a fit that an earlier line tells of.

    Examples
    --------
    >>> read_results(Path("no such file"))
    []
    """
    if not path.exists():
        return []
    results: dict[tuple[str, str, str, int], Result] = {}
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
        try:
            result = Result(**json.loads(line))
            result.right  # noqa: B018 (its length is checked)
        except (TypeError, ValueError) as error:
            raise ValueError(f"line {number} of {path} is no result ({error})") from error
        if result.key in results:
            raise ValueError(f"line {number} of {path} tells of {result.key} again; delete one")
        results[result.key] = result
    return list(results.values())


def append_result(path: Path, result: Result) -> None:
    """Add a line, which is on disk on return; what a killed run left unfinished is taken off.

    Parameters
    ----------
    path : Path
    result : Result
    """
    with open(path, "a+b") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.write(json.dumps(asdict(result)).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
