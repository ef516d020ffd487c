"""The texts of a corpus, and what is to be predicted of them, read some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from textseq.corpus.frames import in_polars, is_source, open_frames
from textseq.corpus.table_batches import BATCH_ROWS
from textseq.tables import refuse_absent_columns

# Bytes of texts that are handed on at once.
BATCH_BYTES = 2**25


@dataclass(frozen=True)
class TextSource:
    """Rows of texts, and of what is to be predicted of them, that are read some at a time.

    Parameters
    ----------
    texts : tuple of str
        Names of one column of texts, or of two.
    target : str or None
    where : str
        What errors call it.
    key : str or None
        What tells its rows from others without reading them; None where nothing does.
    frames : callable
        Returns an iterator of DataFrames that have these columns, from the first row on.
    """

    texts: tuple[str, ...]
    target: str | None
    where: str
    key: str | None
    frames: Callable[[], Iterator[pl.DataFrame]] = field(repr=False)

    def batches(self, n_skipped: int = 0) -> Iterator[pl.DataFrame]:
        """Yield the rows behind the first ``n_skipped``, some at a time, checked.

        Raises
        ------
        ValueError
            If a text or target is missing, or a text is no string; the message names the row.
        """
        columns = [*self.texts, *([] if self.target is None else [self.target])]
        row = 0
        for frame in self.frames():
            end = row + frame.height
            if end > n_skipped:
                part = frame.slice(max(n_skipped - row, 0)).select(columns)
                first = max(row, n_skipped)
                yield from self._of_size(self._checked(part, first))
            row = end
        if not row:
            raise ValueError(f"{self.where} has no rows; a fit needs some")

    def _checked(self, frame: pl.DataFrame, first: int) -> pl.DataFrame:
        """Return the rows with strings for texts."""
        for name in self.texts:
            dtype = frame[name].dtype
            if isinstance(dtype, pl.Categorical | pl.Enum) or dtype == pl.Null:
                frame = frame.with_columns(pl.col(name).cast(pl.String))
            elif dtype != pl.String:
                raise ValueError(
                    f"{self.where}: column {name!r} holds {dtype}, not texts; name the column of "
                    "texts by text="
                )
        for name in frame.columns:
            missing = frame[name].is_null()
            if frame[name].dtype.is_float():
                missing |= frame[name].is_nan()
            place = missing.arg_max()
            if place is not None and missing[place]:
                remedy = "an empty text is ''" if name in self.texts else "or fill it in"
                raise ValueError(
                    f"{self.where}, row {first + place + 1}: nothing in column {name!r}; leave "
                    f"such rows out, {remedy}"
                )
        return frame

    def _of_size(self, frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Yield rows so many at a time that their texts are no more than ``BATCH_BYTES``."""
        sizes = [frame[name].str.len_bytes().to_numpy() for name in self.texts]
        ends = np.cumsum(np.sum(sizes, axis=0, dtype=np.int64))
        start = 0
        while start < frame.height:
            before = int(ends[start - 1]) if start else 0
            end = max(int(np.searchsorted(ends, before + BATCH_BYTES, side="right")), start + 1)
            end = min(end, start + BATCH_ROWS)
            yield frame.slice(start, end - start)
            start = end


def is_text_source(X: Any) -> bool:
    """Whether ``open_source`` reads X, and no estimator takes it as rows in memory."""
    return isinstance(X, TextSource) or is_source(X)


def open_source(X: Any, text: Any = None, target: str | None = None) -> TextSource:
    """Tell what is to be read of X, without reading its rows.

    Parameters
    ----------
    X : path-like, LazyFrame, frame, Arrow table or dataset, Hugging Face dataset or callable
        A path may be a glob or a folder. A callable returns, each time it is called, an iterator
        of frames, or of dicts of columns. What is open already stays as it is.
    text : str or sequence of str, optional
        One column of texts, or two of pairs. By default "text", else the only column of strings
        beside the target.
    target : str, optional
        The column to predict.

    Raises
    ------
    ValueError
        If there is no such file or column, or it can't be told which column holds the texts.
    """
    if isinstance(X, TextSource):
        return X
    source = open_frames(X)
    head, where = source.head(), source.where
    if head is None:
        raise ValueError(f"{where} has no rows; a fit needs some")
    schema = in_polars(head).schema
    names = _text_names(schema, text, target, where)
    wanted = [*names, *([] if target is None else [target])]
    refuse_absent_columns(list(schema), wanted, where)
    return TextSource(
        names,
        target,
        where,
        source.key,
        lambda: (in_polars(batch.frame) for batch in source.batches(wanted)),
    )


def _text_names(
    schema: Mapping[str, Any], text: Any, target: str | None, where: str
) -> tuple[str, ...]:
    """Return the names of one column of texts, or of two."""
    if text is not None:
        named = (text,) if isinstance(text, str) else tuple(text)
        if len(named) not in (1, 2) or not all(isinstance(name, str) for name in named):
            raise ValueError(f"text must name one column of texts, or two to compare, got {text!r}")
        return named
    strings = [name for name in schema if schema[name] == pl.String and name != target]
    if "text" in schema and target != "text":
        return ("text",)
    if len(strings) == 1:
        return (strings[0],)
    found = ", ".join(map(repr, strings)) if strings else "none"
    raise ValueError(
        f"{where} has no column 'text', and of its columns of strings ({found}) it can't be told "
        "which holds the texts; name it: text=..."
    )
