"""What a fit says of its rows: labels that are hardly meant so."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

# From this share of the rows on, one class alone makes an accuracy that says little.
MOST_OF_ALL = 0.98
# With more classes than these, of which most have one row, labels look like row numbers.
FEW_CLASSES = 20
_SHOWN = 3
_NUMBER = re.compile(r"\s*[-+]?\d*[.,]?\d+([eE][-+]?\d+)?\s*")

_SAID_ELSEWHERE: ContextVar[bool] = ContextVar("said_elsewhere", default=False)


@contextmanager
def said_elsewhere() -> Iterator[None]:
    """Let fits within say nothing of their rows, of which the caller says it once for all."""
    token = _SAID_ELSEWHERE.set(True)
    try:
        yield
    finally:
        _SAID_ELSEWHERE.reset(token)


def warn_of_data(lines: Sequence[str], stacklevel: int) -> None:
    """Warn of what was found in the rows of a fit.

    Parameters
    ----------
    lines : sequence of str
    stacklevel : int
        As ``warnings.warn`` has it, seen from the caller.
    """
    if not _SAID_ELSEWHERE.get():
        for line in lines:
            warnings.warn(line, stacklevel=stacklevel + 1)


def label_lines(
    classes: np.ndarray, counts: np.ndarray, regressor: str | None = None, majority: bool = True
) -> list[str]:
    """Return what to beware of in the labels of training rows, a line each.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
    counts : ndarray of shape (n_classes,)
        Rows of each.
    regressor : str, optional
        What predicts numbers instead.
    majority : bool, default True
        Whether to speak of a class that has nearly all rows.

    Examples
    --------
    >>> label_lines(np.array(["neg", "pos", "pos "]), np.array([20, 18, 2]))[0]
    "labels differ by spaces or case only: 'pos' (18 rows) and 'pos ' (2), each a class of its \
own; make them one, as by label.strip().lower()"
    """
    found = []
    names = classes.tolist()
    if pairs := alike_labels(names):
        rows = dict(zip(names, counts.tolist(), strict=True))
        shown = "; ".join(
            f"{first!r} ({rows[first]:,} rows) and {second!r} ({rows[second]:,})"
            for first, second in pairs[:_SHOWN]
        )
        more = f" and {len(pairs) - _SHOWN} more pairs" if len(pairs) > _SHOWN else ""
        found.append(
            f"labels differ by spaces or case only: {shown}{more}, each a class of its own; make "
            "them one, as by label.strip().lower()"
        )
    n_rows, commonest = int(counts.sum()), int(counts.argmax())
    if counts[commonest] >= MOST_OF_ALL * n_rows and majority:
        found.append(
            f"{counts[commonest]:,} of {n_rows:,} rows ({counts[commonest] / n_rows:.1%}) have the "
            f"label {names[commonest]!r}, so that always answering it would score as much; judge "
            "by macro-F1 or AUC, and see class_weight='balanced'"
        )
    instead = "" if regressor is None else f"to predict numbers use {regressor} (--regression); "
    if len(names) > FEW_CLASSES and _are_decimals(names):
        found.append(
            f"the labels are {len(names):,} numbers with decimals, such as {names[0]!r}, each a "
            f"class of its own; {instead}else name the column of classes"
        )
    elif len(names) > FEW_CLASSES and len(names) > n_rows / 2:
        found.append(
            f"there are {len(names):,} classes in {n_rows:,} rows, such as {names[0]!r}: most "
            "have one row, of which nothing can be learned, as if the labels were row numbers; "
            f"{instead}else name the column of classes"
        )
    return found


def unknown_lines(labels: np.ndarray, classes: np.ndarray) -> list[str]:
    """Return what to say of labels (n,) unknown to a model that differ little from its classes."""
    pairs = {label: nearest_label(label, classes) for label in labels.tolist()}
    near = [f"{label!r} for {known!r}" for label, known in pairs.items() if known is not None]
    if not near:
        return []
    return [
        f"labels differ from the model's by spaces, case or type only: {'; '.join(near[:_SHOWN])}; "
        "such rows count as wrong, so write them as the model does"
    ]


def alike_labels(labels: Sequence[Any]) -> list[tuple[str, str]]:
    """Return pairs of labels that differ by spaces or case only."""
    first: dict[str, str] = {}
    pairs = []
    for label in labels:
        if isinstance(label, str):
            other = first.setdefault(_plain(label), label)
            if other != label:
                pairs.append((other, label))
    return pairs


def nearest_label(label: Any, classes: np.ndarray) -> Any:
    """Return the class that a label differs from by spaces, case or type only; None for none."""
    named = {_plain(str(known)): known for known in classes.tolist()}
    return named.get(_plain(str(label)))


def _plain(label: str) -> str:
    return unicodedata.normalize("NFC", " ".join(label.split()).casefold())


def _are_decimals(labels: Sequence[Any]) -> bool:
    """Whether labels are strings that are all numbers, and not all whole."""
    return all(isinstance(label, str) and _NUMBER.fullmatch(label) for label in labels) and any(
        "." in label or "," in label for label in labels
    )
