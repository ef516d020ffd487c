"""Which kind of sequences a comparison is of: told by its estimators, or by its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from textseq.comparison.named_rows import named_rows
from textseq.comparison.sequences.data import ComparedSequences
from textseq.comparison.sequences.pairs import SequencePairs
from textseq.comparison.sequences.running_texts import RunningTexts
from textseq.comparison.sequences.tags import TaggedSequences
from textseq.estimators.base import TrainedEstimator
from textseq.text.tokens import Tokens

KINDS: tuple[type[ComparedSequences], ...] = (TaggedSequences, SequencePairs, RunningTexts)


def find_kind(
    X: Any, y: Any, encoders: Any, estimator: TrainedEstimator | None
) -> type[ComparedSequences] | None:
    """Return what a comparison is of; None if its rows have classes, labels or a number each.

    Raises
    ------
    ValueError
        If estimators are of several tasks.

    Examples
    --------
    >>> find_kind([["a", "b"], ["c"]], [["X", "Y"], ["X"]], None, None).__name__
    'TaggedSequences'
    >>> find_kind(["a text"], None, None, None).__name__
    'RunningTexts'
    """
    rows = [] if encoders is None else [row for _, row in named_rows(encoders)]
    models = [model for model in [estimator, *rows] if isinstance(model, TrainedEstimator)]
    kinds = {_kind_of(model): model for model in models}
    if len(kinds) > 1:
        one, other = (type(model).__name__ for model in list(kinds.values())[:2])
        raise ValueError(
            f"{one} and {other} have no task in common; compare models of one task at a time"
        )
    if kinds:
        return next(iter(kinds))
    if y is None:
        return RunningTexts
    return TaggedSequences if are_tagged(X, y) else None


def are_tagged(X: Any, y: Any) -> bool:
    """Whether X holds rows of tokens and y a tag for each of them.

    Pairs of texts with two labels each look the same, and are taken for these.
    """
    rows, tags = _rows_of(X), _rows_of(y)
    if rows is None or tags is None or len(rows) != len(tags):
        return False
    lengths = [len(row) for row in rows]
    if lengths != [len(row) for row in tags]:
        return False
    tokens = all(isinstance(token, str) for row in rows for token in row)
    words = all(isinstance(tag, str) for row in tags for tag in row)
    return tokens and (words or set(lengths) != {2})


def _rows_of(values: Any) -> Sequence[Any] | None:
    """Return rows that are lists; None if any is none."""
    if isinstance(values, Tokens):
        return values.to_lists()
    if isinstance(values, str | dict) or not isinstance(values, Iterable):
        return None
    if hasattr(values, "columns") or (isinstance(values, np.ndarray) and values.ndim != 1):
        return None
    listed = values.to_list() if hasattr(values, "to_list") else list(values)
    rows = [row for row in listed if isinstance(row, list | tuple | np.ndarray)]
    return rows if len(rows) == len(listed) and rows and all(map(_is_row, rows)) else None


def _is_row(row: Any) -> bool:
    return not isinstance(row, np.ndarray) or row.ndim == 1


def _kind_of(model: TrainedEstimator) -> type[ComparedSequences] | None:
    return next((kind for kind in KINDS if isinstance(model, kind.estimator)), None)
