"""Frames that are read some rows at a time: of files, queries, datasets or a function."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl

from textseq.corpus.table_batches import BATCH_ROWS, TableFile
from textseq.expressions import refuse_lost_pool
from textseq.series.columns import is_frame
from textseq.table_files import FORMATS, names_table

_ACCEPTED = (
    "a file or glob of Parquet, CSV, TSV or JSON lines, a folder of such files, a polars "
    "LazyFrame, an Arrow table or dataset, a Hugging Face dataset, or a function that "
    "returns an iterator of frames"
)


class Batch(NamedTuple):
    """Some rows of a source.

    Parameters
    ----------
    frame : DataFrame of polars, or of pandas where a function returned it
    where : str
        What errors call what they are from: a file, or all of the source.
    word : {"line", "row"}
    numbers : ndarray of shape (n_rows,)
        What errors call each row there, behind the word.
    """

    frame: Any
    where: str
    word: str
    numbers: np.ndarray

    @property
    def is_text(self) -> bool:
        """Whether its cells are strings, whatever they hold, as lines of a file have them."""
        return self.word == "line"

    def row_name(self, row: int) -> str:
        """Return what errors call a row."""
        return f"{self.word} {self.numbers[row]}"


@dataclass(frozen=True)
class FrameSource:
    """Rows of a table that are read some at a time.

    Parameters
    ----------
    where : str
        What errors call it.
    key : str or None
        What tells its rows from others without reading them; None where nothing does.
    batches : callable
        (names of columns) -> iterator of ``Batch`` that have them, from the first row on.
    head : callable
        Returns some of its rows with all columns; None if there are no rows.
    """

    where: str
    key: str | None
    batches: Callable[[Sequence[str]], Iterator[Batch]] = field(repr=False)
    head: Callable[[], Any] = field(repr=False)


def is_source(X: Any) -> bool:
    """Whether ``open_frames`` reads X, and no estimator takes it as rows in memory."""
    if isinstance(X, str):
        return names_table(X) and is_path(X)
    if isinstance(X, os.PathLike | pl.LazyFrame):
        return True
    if isinstance(X, type):
        return False
    return callable(X) or _is_arrow_dataset(X) or _is_hugging_face(X)


def is_path(text: str) -> bool:
    """Whether what ends like a file's name is one, and no lone text."""
    return not re.search(r"\s", text) or os.path.exists(text)


def is_arrow_table(X: Any) -> bool:
    """Whether X is a table of Arrow, or a stream of its batches, and no frame."""
    return hasattr(X, "__arrow_c_stream__") and hasattr(X, "schema") and not is_frame(X)


def open_frames(X: Any) -> FrameSource:
    """Tell what is to be read of X, without reading its rows.

    Parameters
    ----------
    X : path-like, LazyFrame, frame, Arrow table or dataset, Hugging Face dataset or callable
        A path may be a glob or a folder. A callable returns, each time it is called, an iterator
        of frames, or of dicts of columns.

    Raises
    ------
    ValueError
        If it is none of these, or there is no such file.
    """
    if isinstance(X, str | os.PathLike):
        return _of_files(os.fspath(X))
    if isinstance(X, pl.LazyFrame):
        return _source("the LazyFrame", None, lambda names: _of_query(X, names))
    if _is_arrow_dataset(X):
        files = getattr(X, "files", None)
        key = key_of_files(files) if files and all(map(os.path.exists, files)) else None
        return _source("the Arrow dataset", key, lambda names: _of_arrow(X, names))
    if _is_hugging_face(X):
        own = getattr(X, "_fingerprint", None)
        key = None if own is None else f"datasets {own}"
        return _source("the dataset", key, lambda names: _of_hugging_face(X, names))
    if callable(X):
        return _source("what the function returns", None, lambda names: _of_function(X, names))
    if is_arrow_table(X) or is_frame(X):
        frame = in_polars(X)
        return _source("the table", None, lambda names: _of_query(frame.lazy(), names))
    raise ValueError(f"rows can't be read from a {type(X).__name__}; pass {_ACCEPTED}")


def in_polars(frame: Any) -> pl.DataFrame:
    """Return a frame of polars from one of pandas, a table of Arrow, or a dict of columns."""
    if isinstance(frame, pd.DataFrame):
        frame = frame.astype(object).where(frame.notna(), None).to_dict("list")
    return frame if isinstance(frame, pl.DataFrame) else pl.DataFrame(frame)


def _source(
    where: str, key: str | None, frames: Callable[[Sequence[str] | None], Iterator[Any]]
) -> FrameSource:
    """Count rows through all frames, which ``frames`` returns with some columns, or with all."""

    def batches(names: Sequence[str]) -> Iterator[Batch]:
        first = 1
        for frame in frames(names):
            yield Batch(frame, where, "row", np.arange(first, first + len(frame)))
            first += len(frame)

    return FrameSource(where, key, batches, lambda: next(frames(None), None))


def _of_files(path: str) -> FrameSource:
    """Open the files that a path, a glob or a folder names, in the order of their names."""
    paths = paths_of(path, names_table, FORMATS)
    tables = [TableFile(Path(one)) for one in paths]

    def batches(names: Sequence[str]) -> Iterator[Batch]:
        for table in tables:
            for rows in table.batches(names):
                yield Batch(rows.frame, str(table.path), rows.word, rows.numbers)

    return FrameSource(path, key_of_files(paths), batches, tables[0].head)


def paths_of(path: str, is_named: Callable[[str], bool], endings: Iterable[str]) -> list[str]:
    """Return the paths of the files that a path, a glob or a folder names, in their order.

    Parameters
    ----------
    path : str
    is_named : callable
        Whether a file of a folder is one of them, by its name.
    endings : iterable of str
        What messages call such names.

    Raises
    ------
    ValueError, FileNotFoundError
        If there is none.
    """
    if os.path.isdir(path):
        found = sorted(os.path.join(path, name) for name in os.listdir(path) if is_named(name))
        if not found:
            raise ValueError(f"the folder {path!r} has no file that ends in {', '.join(endings)}")
        return found
    if os.path.exists(path):
        return [path]
    found = sorted(glob.glob(path, recursive=True))
    if not found:
        raise FileNotFoundError(f"there is no file {path!r}")
    return found


def key_of_files(paths: Iterable[str]) -> str:
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
) -> Iterator[pl.DataFrame | pd.DataFrame]:
    for number, batch in enumerate(function()):
        try:
            frame = batch if isinstance(batch, pd.DataFrame) else in_polars(batch)
        except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
            raise ValueError(
                f"batch {number + 1} that the function returned is a {type(batch).__name__}, no "
                f"frame nor dict of columns of one length: {error}"
            ) from None
        yield frame if names is None else _selected(frame, names, number)


def _selected(frame: Any, names: Sequence[str], number: int) -> Any:
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise ValueError(
            f"batch {number + 1} that the function returned has no column {absent[0]!r}, which the "
            "first one has"
        )
    return frame[list(names)]


def _is_arrow_dataset(X: Any) -> bool:
    return hasattr(X, "to_batches") and hasattr(X, "scanner")


def _is_hugging_face(X: Any) -> bool:
    return hasattr(X, "with_format") and hasattr(X, "features") and hasattr(X, "iter")
