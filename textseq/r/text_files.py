"""Texts in files, which R names by their path: told from texts, opened, and read by a fit."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.base import is_regressor

from textseq.corpus.frames import is_source
from textseq.corpus.source import TextSource, open_source
from textseq.corpus.target_codes import TargetCodes
from textseq.estimators.base import TrainedEstimator
from textseq.estimators.encoding.columns import found_kind
from textseq.estimators.sequence.streamed import stored_rows
from textseq.estimators.sequence.text import TextEstimator
from textseq.labels.targets import CodedLabels
from textseq.r.parameters import python_value
from textseq.training.progress import current_report


def names_files(path: list[str]) -> bool:
    """Return whether new data are the path of files, and no text: a folder's ends in a slash.

    Parameters
    ----------
    path : list of one str

    Examples
    --------
    >>> names_files(["new/*.csv"]), names_files(["so good"]), names_files(["nowhere/"])
    (True, False, False)
    """
    return is_source(path[0]) or (path[0].endswith(("/", os.sep)) and os.path.isdir(path[0]))


def files_by_handle(handle: dict[str, Any]) -> TextSource | Path:
    """Open the files that a handle names, or leave it to a model to name their column of texts.

    Parameters
    ----------
    handle : dict
        ``path``; ``texts``, the columns of texts, or None; ``target``, a column, or None.
    """
    named = python_value(handle)
    path = Path(named["path"])
    if named["texts"] is None and named["target"] is None:
        return path
    return open_source(path, named["texts"], named["target"])


@contextmanager
def rows_to_fit(estimator: TrainedEstimator, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the data of a fit: of files, what is stored of them once they have been read.

    Parameters
    ----------
    estimator : TrainedEstimator
    given : dict
        As its ``fit`` takes them, by name.

    Raises
    ------
    ValueError
        If a column of the files holds no texts.
    """
    source = given.get("X")
    if not isinstance(source, TextSource):
        yield given
        return
    assert isinstance(estimator, TextEstimator)
    # Reading may take minutes.
    estimator.check_parameters()
    _refuse_columns_beside(source)
    stored = stored_rows(
        source,
        None,
        None,
        source.target,
        None,
        estimator.stream_tokenizer,
        is_regressor(estimator),
        verbose=current_report() is not None,
    )
    with stored as (rows, targets):
        if isinstance(targets, CodedLabels):
            _warn_of_na(targets.distinct, source)
        yield given | {"X": rows, "y": targets}


def targets_of(source: TextSource, classes: np.ndarray | None) -> Any:
    """Return the targets of all rows, (n,).

    Parameters
    ----------
    source : TextSource
        With a target.
    classes : ndarray, optional
        What a model answers, where that is no number. Truth values, which R writes in capitals,
        become the strings of Python's.
    """
    assert source.target is not None
    targets = TargetCodes(source.target, classes is None, source.where)
    found = np.concatenate([targets.codes(rows[source.target]) for rows in source.batches()])
    if classes is None:
        return found
    labels = targets.finished()
    if classes.dtype == bool and labels.dtype == pl.String:
        labels = labels.replace({"TRUE": "True", "FALSE": "False"})
    return labels.gather(found)


def _refuse_columns_beside(source: TextSource) -> None:
    """Refuse a column that R's readers make no texts of: in a data frame it stands beside them."""
    for rows in source.frames():
        for name in source.texts:
            column = rows[name]
            kind = found_kind(column)
            are_numbers = column.dtype == pl.String and _is_numbers(column)
            # A lone factor is a column of texts, and one beside texts a category.
            alone = len(source.texts) == 1
            if kind == "string" and not (are_numbers and not alone):
                continue
            if kind == "missing" or (kind == "category" and alone):
                continue
            holds = "numbers" if are_numbers or kind == "number" else str(column.dtype)
            raise ValueError(
                f"{source.where}: column {name!r} holds {holds}, and of files texts alone are "
                "read: one column, or two to compare; to learn from columns beside them, read the "
                "rows into a data frame"
            )
        return


def _is_numbers(column: pl.Series) -> bool:
    """Whether all cells of a file of lines are numbers."""
    return bool(column.drop_nulls().cast(pl.Float64, strict=False).is_not_null().all())


def _warn_of_na(labels: pl.Series, source: TextSource) -> None:
    """Tell of a label that R's own functions write where a value is missing."""
    if labels.dtype == pl.String and "NA" in labels:
        warnings.warn(
            f"{source.where}: NA in column {source.target!r} is read as a label of that name; if "
            "it stands for a missing value, leave such rows out of the file",
            stacklevel=2,
        )
