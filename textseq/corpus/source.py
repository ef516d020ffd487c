"""Where the rows of a corpus come from: files, frames that are not computed yet, or a function."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from textseq.corpus.table_batches import BATCH_ROWS, TableFile
from textseq.expressions import refuse_lost_pool
from textseq.table_files import FORMATS, names_table
from textseq.tables import refuse_absent_columns

# Bytes of texts that are handed on at once.
BATCH_BYTES = 2**25
_ACCEPTED = (
    "a file or glob of Parquet, CSV, TSV or JSON lines, a folder of such files, a polars "
    "LazyFrame, an Arrow table or dataset, a Hugging Face dataset, or a function that "
    "returns an iterator of frames"
)


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


def is_source(X: Any) -> bool:
    """Whether ``open_source`` reads X, and no estimator takes it as rows in memory."""
    if isinstance(X, str):
        # A lone text may end like a file's name, but for what has no spaces.
        return names_table(X) and (not re.search(r"\s", X) or os.path.exists(X))
    if isinstance(X, TextSource | os.PathLike | pl.LazyFrame):
        return True
    if isinstance(X, type):
        return False
    return callable(X) or _is_arrow_dataset(X) or _is_hugging_face(X)


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
    frames, where, key = _opened(X)
    schema = _schema(frames, where)
    names = _text_names(schema, text, target, where)
    wanted = [*names, *([] if target is None else [target])]
    refuse_absent_columns(list(schema), wanted, where)
    return TextSource(names, target, where, key, lambda: frames(wanted))


# (names of columns, or None for all) -> frames that have them.
_Frames = Callable[[Sequence[str] | None], Iterator[pl.DataFrame]]


def _opened(X: Any) -> tuple[_Frames, str, str | None]:
    if isinstance(X, str | os.PathLike):
        return _of_files(os.fspath(X))
    if isinstance(X, pl.LazyFrame):
        return lambda names: _of_query(X, names), "the LazyFrame", None
    if _is_arrow_dataset(X):
        files = getattr(X, "files", None)
        key = _key_of_files(files) if files and all(map(os.path.exists, files)) else None
        return lambda names: _of_arrow(X, names), "the Arrow dataset", key
    if _is_hugging_face(X):
        own = getattr(X, "_fingerprint", None)
        key = None if own is None else f"datasets {own}"
        return lambda names: _of_hugging_face(X, names), "the dataset", key
    if callable(X):
        return lambda names: _of_function(X, names), "what the function returns", None
    is_arrow = hasattr(X, "__arrow_c_stream__") and hasattr(X, "schema")
    if is_arrow or isinstance(X, pl.DataFrame | pd.DataFrame):
        frame = X if isinstance(X, pl.DataFrame) else pl.DataFrame(_columns(X))
        return lambda names: _of_query(frame.lazy(), names), "the table", None
    raise ValueError(f"rows can't be read from a {type(X).__name__}; pass {_ACCEPTED}")


def _schema(frames: _Frames, where: str) -> pl.Schema:
    for frame in frames(None):
        return frame.schema
    raise ValueError(f"{where} has no rows; a fit needs some")


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


def _of_files(path: str) -> tuple[_Frames, str, str]:
    """Open the files that a path, a glob or a folder names, in the order of their names."""
    paths = _paths(path)
    tables = [TableFile(Path(one)) for one in paths]

    def frames(names: Sequence[str] | None) -> Iterator[pl.DataFrame]:
        if names is None:
            yield tables[0].head()
            return
        for table in tables:
            yield from (rows.frame for rows in table.batches(names))

    return frames, path, _key_of_files(paths)


def _paths(path: str) -> list[str]:
    if os.path.isdir(path):
        found = sorted(os.path.join(path, name) for name in os.listdir(path) if names_table(name))
        if not found:
            raise ValueError(f"the folder {path!r} has no file that ends in {', '.join(FORMATS)}")
        return found
    if os.path.exists(path):
        return [path]
    found = sorted(glob.glob(path, recursive=True))
    if not found:
        raise FileNotFoundError(f"there is no file {path!r}")
    return found


def _key_of_files(paths: Iterable[str]) -> str:
    """Return what changes if one of the files does: their names, sizes and times."""
    stats = [(os.path.abspath(path), os.stat(path)) for path in paths]
    facts = [[path, stat.st_size, stat.st_mtime_ns] for path, stat in stats]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _of_query(query: pl.LazyFrame, names: Sequence[str] | None) -> Iterator[pl.DataFrame]:
    refuse_lost_pool("reading a table")
    if names is None:
        yield query.head(BATCH_ROWS).collect()
        return
    yield from query.select(names).collect_batches(chunk_size=BATCH_ROWS, maintain_order=True)


def _of_arrow(dataset: Any, names: Sequence[str] | None) -> Iterator[pl.DataFrame]:
    for batch in dataset.to_batches(columns=None if names is None else list(names)):
        frame = pl.DataFrame(batch)
        if frame.height:
            yield frame


def _of_hugging_face(dataset: Any, names: Sequence[str] | None) -> Iterator[pl.DataFrame]:
    """Read a dataset of the library ``datasets``, with class labels by their names."""
    labels = {
        name: feature.names
        for name, feature in (dataset.features or {}).items()
        if hasattr(feature, "names") and hasattr(feature, "int2str")
    }
    if names is not None:
        dataset = dataset.select_columns(list(names))
    for batch in dataset.with_format("arrow").iter(batch_size=BATCH_ROWS):
        frame = pl.DataFrame(batch)
        named = [
            pl.col(name).replace_strict(dict(enumerate(own)), return_dtype=pl.String)
            for name, own in labels.items()
            if name in frame.columns
        ]
        yield frame.with_columns(named)


def _of_function(
    function: Callable[[], Any], names: Sequence[str] | None
) -> Iterator[pl.DataFrame]:
    for number, batch in enumerate(function()):
        try:
            frame = batch if isinstance(batch, pl.DataFrame) else pl.DataFrame(_columns(batch))
        except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
            raise ValueError(
                f"batch {number + 1} that the function returned is a {type(batch).__name__}, no "
                f"frame nor dict of columns of one length: {error}"
            ) from None
        yield frame if names is None else _selected(frame, names, number)


def _columns(batch: Any) -> Any:
    """Return the columns of a pandas frame as lists, and whatever else as it is."""
    if not isinstance(batch, pd.DataFrame):
        return batch
    return batch.astype(object).where(batch.notna(), None).to_dict("list")


def _selected(frame: pl.DataFrame, names: Sequence[str], number: int) -> pl.DataFrame:
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise ValueError(
            f"batch {number + 1} that the function returned has no column {absent[0]!r}, which the "
            "first one has"
        )
    return frame.select(names)


def _is_arrow_dataset(X: Any) -> bool:
    return hasattr(X, "to_batches") and hasattr(X, "scanner")


def _is_hugging_face(X: Any) -> bool:
    return hasattr(X, "with_format") and hasattr(X, "features") and hasattr(X, "iter")
