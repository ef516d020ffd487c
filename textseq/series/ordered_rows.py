"""The rows of a long frame, series by series and in order of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from textseq.ragged import offsets_of, spans_of
from textseq.series.columns import is_frame, read_ids
from textseq.series.roles import Roles
from textseq.series.static_covariates import read_matrix
from textseq.series.times import Times, read_times

ONE_SERIES = "series"
"""What series is called whose frame has no column of ids."""


@dataclass(frozen=True, eq=False)
class OrderedRows:
    """Rows of series, end to end, before it is known what step they have.

    Parameters
    ----------
    ids : ndarray of shape (S,)
        One a series, in sorted order.
    offsets : ndarray of shape (S + 1,), int64
        Series ``i`` is rows ``offsets[i]:offsets[i + 1]``; none is empty.
    stamps : Times
        Of all rows (N,), in order within each series.
    values : ndarray of shape (N, V), float64
        The columns that ``Roles.numbers`` names, side by side.
    """

    ids: np.ndarray
    offsets: np.ndarray
    stamps: Times
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.stamps.values)

    def parts(self) -> Iterator[OrderedRows]:
        """Yield the series some at a time; where the rows lie in files, memory holds no others."""
        for span in spans_of(self.offsets):
            first = self.offsets[span.start]
            rows = slice(first, self.offsets[span.stop])
            yield replace(
                self,
                ids=self.ids[span],
                offsets=self.offsets[span.start : span.stop + 1] - first,
                stamps=self.stamps._replace(values=np.asarray(self.stamps.values[rows])),
                values=np.asarray(self.values[rows]),
            )

    @cached_property
    def follows(self) -> np.ndarray:
        """Which rows (N,) have one of their series before them."""
        follows = np.ones(len(self), dtype=bool)
        follows[self.offsets[:-1]] = False
        return follows

    def id_of(self, row: int) -> Any:
        """Return the id of a row's series."""
        series = int(np.searchsorted(self.offsets, row, side="right")) - 1
        return self.ids[series : series + 1].tolist()[0]


def rows_of_frame(df: Any, roles: Roles) -> OrderedRows:
    """Read a long frame, whose rows stand in any order.

    Raises
    ------
    ValueError
        If a column is missing or can't be read, or there is no row.
    """
    ids, codes = read_series(df, roles.id)
    stamps = read_times(df, roles.time)
    if not len(codes):
        raise ValueError("the frame has no rows")
    order = np.lexsort((stamps.values, codes))
    offsets = offsets_of(np.bincount(codes, minlength=len(ids)))
    ordered = stamps._replace(values=stamps.values[order])
    return OrderedRows(ids, offsets, ordered, read_matrix(df, roles.numbers)[order])


def read_series(df: Any, id_col: str) -> tuple[np.ndarray, np.ndarray]:
    """Return ids (S,) and each row's series (N,); one series where the default is missing."""
    if is_frame(df) and id_col == "unique_id" and id_col not in df.columns:
        return np.array([ONE_SERIES], dtype=object), np.zeros(len(df), dtype=np.int64)
    return read_ids(df, id_col)
