"""Panels of series that memory need not hold, read some rows at a time from wherever they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from textseq.corpus.frames import Batch, FrameSource, is_arrow_table, is_source, open_frames
from textseq.corpus.row_sorter import RowSorter
from textseq.growing_array import GrowingArray
from textseq.series.columns import read_ids
from textseq.series.gaps import check_fill
from textseq.series.ordered_rows import ONE_SERIES, OrderedRows
from textseq.series.panel import Panel, panel_of_rows, read_panel
from textseq.series.roles import Roles
from textseq.series.static_covariates import read_matrix
from textseq.series.times import TEXT, Times, common_form, dated, read_stamps
from textseq.tables import Rows, as_key, as_numbers, refuse_absent_columns


def is_series_source(X: Any) -> bool:
    """Whether X is no frame, but rows of series that are read some at a time."""
    return isinstance(X, str) or is_source(X) or is_arrow_table(X)


def panel_of(
    X: Any,
    *,
    static: Any = (),
    freq: Any = None,
    fill_gaps: str = "error",
    **columns: Any,
) -> Panel:
    """Read a long frame, or one that is read some rows at a time, into the same panel.

    Parameters
    ----------
    X : DataFrame, or whatever ``open_frames`` takes
        Of the latter the rows of all series lie in files, which go with the panel. Of CSV, TSV
        and JSON lines cells are numbers and times as ``tables.read_series_table`` has them.
    static, freq, fill_gaps, **columns
        As ``read_panel`` takes them.

    Raises
    ------
    ValueError
        As ``read_panel`` does; what is wrong with rows names their file, too.
    """
    if not is_series_source(X):
        return read_panel(X, static=static, freq=freq, fill_gaps=fill_gaps, **columns)
    roles = Roles.named(static=static, **columns)
    check_fill(fill_gaps)
    reader = _Reader(open_frames(X), roles)
    return panel_of_rows(reader.rows(), roles, freq, fill_gaps, reader.kind)


class _Reader:
    """What the rows of a source have in common, as they are read.

    Parameters
    ----------
    source : FrameSource
    roles : Roles
    """

    def __init__(self, source: FrameSource, roles: Roles) -> None:
        head = source.head()
        if head is None or not len(head.columns):
            raise ValueError(f"{source.where} has no rows")
        self.source, self.roles = source, roles
        self.kind = "pandas" if isinstance(head, pd.DataFrame) else "polars"
        self.has_ids = roles.id != "unique_id" or roles.id in head.columns
        self.columns = [*([roles.id] if self.has_ids else []), roles.time, *roles.numbers]
        refuse_absent_columns(list(head.columns), self.columns, source.where)
        self.ids, self.stamps = _Ids(roles.id), _Stamps(roles.time)

    def rows(self) -> OrderedRows:
        """Read all rows, and return them in order."""
        sorter = RowSorter(len(self.roles.numbers))
        for batch in self.source.batches(self.columns):
            if len(batch.frame):
                sorter.append(*self._read(batch))
        if not self.ids.numbers:
            raise ValueError(f"{self.source.where} has no rows")
        ids, rank = self.ids.in_order()
        offsets, parts = sorter.sorted(rank)
        times, values = GrowingArray(in_file=True), GrowingArray(in_file=True)
        for part in parts:
            stamps = self.stamps.as_written(part["time"])
            times.append(stamps.values)
            values.append(part["values"])
        stamps = stamps._replace(values=times.finished())
        return OrderedRows(ids, offsets, stamps, values.finished())

    def _read(self, batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the numbers of the series of some rows, their times and their values."""
        names, frame = self.roles.numbers, batch.frame
        if batch.is_text:
            numbers = as_numbers(Rows(frame, batch.word, batch.numbers), names, batch.where)
            frame = frame.with_columns(as_key(frame[self.roles.time]), *numbers)
        with _named(batch.where):
            series = self.ids.read(frame, batch) if self.has_ids else self.ids.one(len(frame))
            times = self.stamps.read(frame, batch)
            return series, times, read_matrix(frame, names, batch.row_name)


class _Ids:
    """The ids of series, numbered as they are met."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.numbers: dict[Any, int] = {}
        self.met: list[np.ndarray] = []
        self.kind = ""
        self.are_cells = True

    def read(self, frame: Any, batch: Batch) -> np.ndarray:
        """Return the number of each row's series (n,)."""
        ids, codes = read_ids(frame, self.name, batch.row_name)
        own = ids.tolist()
        kind = " and ".join(sorted({type(one).__name__ for one in own}))
        if self.kind and kind != self.kind:
            raise ValueError(
                f"column {self.name!r} holds {kind} as ids, and in rows before {self.kind}; "
                "write all ids alike"
            )
        self.kind, self.are_cells = kind, self.are_cells and batch.is_text
        n_before = len(self.numbers)
        numbers = np.array([self.numbers.setdefault(one, len(self.numbers)) for one in own])
        self.met.append(ids[numbers >= n_before])
        return numbers[codes]

    def one(self, n_rows: int) -> np.ndarray:
        """Return the number of the only series for each row, where there is no column of ids."""
        if not self.numbers:
            self.numbers, self.are_cells = {ONE_SERIES: 0}, False
            self.met = [np.array([ONE_SERIES], dtype=object)]
        return np.zeros(n_rows, dtype=np.int64)

    def in_order(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all ids in sorted order (S,), and the place of each numbered one there (S,)."""
        met = np.concatenate(self.met)
        column = as_key(pl.Series(met.tolist())).to_numpy() if self.are_cells else met
        return read_ids(pd.DataFrame({self.name: column}), self.name)


class _Stamps:
    """The times of rows, which all are written alike."""

    def __init__(self, name: str) -> None:
        self.name = name
        # What is known of them all, without values.
        self.common: Times | None = None
        # How whole numbers are dates, such as 20240131; "" of such as are none.
        self.patterns: set[str] = set()

    def read(self, frame: Any, batch: Batch) -> np.ndarray:
        """Return the times of some rows (n,), as int64."""
        times = read_stamps(frame, self.name, batch.row_name)
        self.patterns.add(dated(times).form.pattern)
        before = times if self.common is None else self.common
        form = common_form(before.form, times.form)
        if form is None or times.zone != before.zone:
            raise ValueError(
                f"column {self.name!r} holds {_called(times)}, and in rows before "
                f"{_called(before)}; write all times alike"
            )
        self.common = Times(times.values[:0], times.zone, form)
        return times.values.view(np.int64)

    def as_written(self, times: np.ndarray) -> Times:
        """Return what ``read`` made int64 (n,) as times again."""
        assert self.common is not None
        written = self.common._replace(values=times.view(self.common.values.dtype))
        return dated(written) if len(self.patterns) == 1 else written


def _called(times: Times) -> str:
    """Return what an error calls times that are written in some way."""
    form = times.form
    if form.kind == TEXT:
        return f"text such as {form.pattern}{form.offset}"
    kind = "whole numbers" if times.values.dtype.kind == "i" else "times"
    zone = "" if times.zone is None else f" of the zone {times.zone}"
    return f"{kind} of the type {form.kind}{zone}"


@contextmanager
def _named(where: str) -> Iterator[None]:
    """Say of what can't be read what it is from."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
