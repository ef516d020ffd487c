"""Many series on regular grids of times, read from a long frame and written back to one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
import polars as pl

from textseq.growing_array import GrowingArray
from textseq.ragged import Ragged, offsets_of, spans_of
from textseq.series.checked_values import columns_of, missing_message, refuse_lacking
from textseq.series.columns import is_frame
from textseq.series.frequency import Frequency
from textseq.series.gaps import FilledGaps, check_fill
from textseq.series.grid import Grid, held_times, put_on_grid, repeated_message, shown
from textseq.series.ordered_rows import ONE_SERIES, OrderedRows, read_series, rows_of_frame
from textseq.series.roles import Roles
from textseq.series.static_covariates import read_matrix, read_static
from textseq.series.times import TimeForm, read_times, write_times

# What a panel has a row of for each time of each series.
_BY_ROW = ("times", "y", "past", "future")


class Columns(NamedTuple):
    """What the user's columns are called, and what kind of frame they were in.

    ``frame`` is ``"pandas"`` or ``"polars"``.
    """

    id: str
    time: str
    targets: tuple[str, ...]
    past: tuple[str, ...]
    future: tuple[str, ...]
    static: tuple[str, ...]
    frame: str
    time_form: TimeForm

    def refuse_taken(self, answer: Iterable[str]) -> None:
        """Refuse ids and times that are called like another column of an answer."""
        taken = {*answer, *(("variable",) if len(self.targets) > 1 else ())}
        for role, name in (("id", self.id), ("time", self.time)):
            if name in taken:
                raise ValueError(
                    f"the {role} column is called {name!r}, as a column of the forecasts is; "
                    "rename it"
                )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Rebuild what ``_asdict`` gave, or that of a version whose times had a unit alone."""
        named: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in stored.items()
        }
        form = (named.pop("time_unit"),) if "time_unit" in named else named.pop("time_form")
        return cls(**named, time_form=TimeForm(*form))


@dataclass(frozen=True, eq=False)
class Panel:
    """Series of unequal length, end to end, each without a gap.

    Parameters
    ----------
    ids : ndarray of shape (S,)
        One a series, in sorted order.
    offsets : ndarray of shape (S + 1,), int64
        Series ``i`` is rows ``offsets[i]:offsets[i + 1]``.
    times : ndarray of shape (N,), int64 or datetime64[us]
        Without a time zone; where the user's had one, as ``Frequency.zone`` tells.
    y : ndarray of shape (N, K), float64
        Targets, NaN where missing.
    past : ndarray of shape (N, P), float64
        Covariates known up to now.
    future : ndarray of shape (N, F), float64
        Covariates known ahead.
    static : ndarray of shape (S, G), float64
        Covariates of a whole series.
    frequency : Frequency
    names : Columns
    """

    ids: np.ndarray
    offsets: np.ndarray
    times: np.ndarray
    y: np.ndarray
    past: np.ndarray
    future: np.ndarray
    static: np.ndarray
    frequency: Frequency
    names: Columns

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def lengths(self) -> np.ndarray:
        """Number of rows of each series, shape (S,)."""
        return np.diff(self.offsets)

    @property
    def n_rows(self) -> int:
        """Rows N of all series together."""
        return int(self.offsets[-1])

    @property
    def last_times(self) -> np.ndarray:
        """The last time of each series, shape (S,)."""
        return self.times[self.offsets[1:] - 1]

    @property
    def is_stored(self) -> bool:
        """Whether its rows lie in files."""
        return isinstance(self.times, np.memmap)

    def parts(self) -> Iterator[tuple[slice, Panel]]:
        """Yield the series some at a time, and which they are.

        What is told of each series is so found without much memory, however many there are; where
        the rows lie in files, memory need not hold more of them.
        """
        for span in spans_of(self.offsets):
            first = self.offsets[span.start]
            rows = slice(first, self.offsets[span.stop])
            part = replace(
                self,
                ids=self.ids[span],
                offsets=self.offsets[span.start : span.stop + 1] - first,
                times=np.asarray(self.times[rows]),
                y=np.asarray(self.y[rows]),
                past=np.asarray(self.past[rows]),
                future=np.asarray(self.future[rows]),
                static=self.static[span],
            )
            yield span, part

    def by_series(
        self, measure: Callable[[Panel], tuple[np.ndarray, ...]]
    ) -> tuple[np.ndarray, ...]:
        """Return what is measured of each series (S, ...), of some series at a time."""
        found = [measure(part) for _, part in self.parts()]
        return tuple(np.concatenate(one) for one in zip(*found, strict=True))

    def joined(self, parts: Iterable[Panel], in_file: bool) -> Panel:
        """Return panels of this one's frequency and columns as one, in files or in memory."""
        grown = {name: GrowingArray(in_file) for name in _BY_ROW}
        of_series: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        for part in parts:
            of_series.append((part.ids, part.lengths, part.static))
            for name, rows in grown.items():
                rows.append(getattr(part, name))
        if not of_series:
            return self
        ids, lengths, static = (np.concatenate(one) for one in zip(*of_series, strict=True))
        whole: dict[str, Any] = {name: rows.finished() for name, rows in grown.items()}
        return replace(self, ids=ids, offsets=offsets_of(lengths), static=static, **whole)

    def take(self, series: np.ndarray | Sequence[int]) -> Panel:
        """Copy the named series, in the order given."""
        series = np.asarray(series, dtype=np.int64)

        def chosen(values: np.ndarray) -> np.ndarray:
            return Ragged(values, self.offsets).take(series).values

        return replace(
            self,
            ids=self.ids[series],
            offsets=offsets_of(self.lengths[series]),
            times=chosen(self.times),
            y=chosen(self.y),
            past=chosen(self.past),
            future=chosen(self.future),
            static=self.static[series],
        )

    def until(self, ends: np.ndarray) -> Panel:
        """Copy the first rows of every series: what was known at a moment in the past.

        Parameters
        ----------
        ends : ndarray of shape (S,)
            How many rows of each series to keep. Series that keep none are left out.

        Examples
        --------
        >>> frame = pd.DataFrame({"unique_id": "a", "ds": range(5), "y": range(5)})
        >>> panel = read_panel(frame)
        >>> panel.until(panel.lengths - 2).y.ravel().tolist()
        [0.0, 1.0, 2.0]
        """
        ends = np.clip(ends, 0, self.lengths)
        parts = (part._cut(ends[span]) for span, part in self.parts())
        return self.joined(parts, in_file=self.is_stored)

    def _cut(self, ends: np.ndarray) -> Panel:
        kept = np.arange(len(self.times)) < np.repeat(self.offsets[:-1] + ends, self.lengths)
        some = ends > 0
        return replace(
            self,
            ids=self.ids[some],
            offsets=offsets_of(ends[some]),
            times=self.times[kept],
            y=self.y[kept],
            past=self.past[kept],
            future=self.future[kept],
            static=self.static[some],
        )

    def changes(self, lag: int) -> np.ndarray:
        """Return ``y[t] - y[t - lag]`` within each series, (N, K); NaN where either is missing."""
        before = np.arange(len(self.y)) - lag
        change = self.y - self.y[np.maximum(before, 0)]
        change[before < np.repeat(self.offsets[:-1], self.lengths)] = np.nan
        return change

    def future_times(self, h: int) -> np.ndarray:
        """Return the ``h`` times after the last of each series, shape (S, h)."""
        return self.frequency.times_after(self.last_times, h)

    def frame(
        self,
        columns: Mapping[str, np.ndarray],
        h: int,
        *,
        cutoff: bool = False,
    ) -> Any:
        """Lay values ahead out as a long frame in the user's names and kind.

        Parameters
        ----------
        columns : dict of name to ndarray of shape (S, h) or (S, h, K)
            Values of the ``h`` steps after the last time of each series.
        h : int
            Steps ahead.
        cutoff : bool, default False
            Whether a column ``cutoff`` tells the last time of each series.

        Returns
        -------
        DataFrame of pandas or polars
            A row for every series, time and, where there are several targets, ``variable``.
        """
        n_targets = len(self.names.targets)
        repeats = h * n_targets
        out: dict[str, Any] = {
            self.names.id: np.repeat(self.ids, repeats),
            self.names.time: self._column(np.repeat(self.future_times(h).ravel(), n_targets)),
        }
        if cutoff:
            out["cutoff"] = self._column(np.repeat(self.last_times, repeats))
        if n_targets > 1:
            out["variable"] = np.tile(np.array(self.names.targets, dtype=object), len(self) * h)
        for name, values in columns.items():
            values = values if values.ndim == 3 else values[:, :, None]
            out[name] = np.broadcast_to(values, (len(self), h, n_targets)).ravel()
        return pl.DataFrame(out) if self.names.frame == "polars" else pd.DataFrame(out)

    def _column(self, times: np.ndarray) -> Any:
        return write_times(
            times,
            self.frequency.zone,
            wall=self.frequency.is_wall_time,
            form=self.names.time_form,
            polars=self.names.frame == "polars",
        )

    def _shown(self, time: Any) -> str:
        return shown(time, self.frequency, self.names.time_form)

    def read_future(self, df: Any, h: int) -> np.ndarray:
        """Read the covariates known ahead for the ``h`` steps after each series.

        Parameters
        ----------
        df : DataFrame of pandas or polars
            The id, the time and every future covariate; rows of other series or times are
            passed over.
        h : int
            Steps ahead.

        Returns
        -------
        ndarray of shape (S, h, F), float64

        Raises
        ------
        ValueError
            If a series lacks a row or a value there.
        """
        self._refuse_other_ids(df)
        ids, codes = read_series(df, self.names.id)
        stamps = read_times(df, self.names.time)
        times = held_times(stamps, self.frequency)
        # Where each of the panel's series stands among the frame's, (S,).
        index = pd.Index(ids).get_indexer(pd.Index(self.ids))
        if (index < 0).any():
            lacking = self.ids[index < 0].tolist()
            raise ValueError(
                f"X_future has no row of series {lacking[0]!r} ({len(lacking):,} such series in "
                f"all); its ids begin with {ids.tolist()[0]!r}"
            )
        wanted = self.future_times(h)  # (S, h)
        # Rows are looked up by series and time, so that others may stand between them.
        rows = pd.MultiIndex.from_arrays([codes, times])
        if rows.has_duplicates:
            repeated = rows.duplicated()
            row = int(repeated.argmax())
            series = ids.tolist()[codes[row]]
            time, count = stamps.values[row], int(repeated.sum())
            raise ValueError(repeated_message(series, time, stamps, count))
        found = rows.get_indexer(pd.MultiIndex.from_arrays([np.repeat(index, h), wanted.ravel()]))
        if (found < 0).any():
            first = int(np.flatnonzero(found < 0)[0])
            raise ValueError(
                f"the future covariates of series {self.ids[first // h]!r} lack the time "
                f"{self._shown(wanted.ravel()[first])}; give a row for each of the {h} steps "
                f"after {self._shown(self.last_times[first // h])}"
            )
        values = read_matrix(df, self.names.future)[found]
        missing = np.argwhere(np.isnan(values))
        if len(missing):
            row, column = missing[0]
            series, time = self.ids.tolist()[row // h], self._shown(wanted.ravel()[row])
            name = self.names.future[column]
            raise ValueError(missing_message(name, series, time, len(missing)))
        return values.reshape(len(self), h, -1)

    def _refuse_other_ids(self, df: Any) -> None:
        several = len(self) > 1 or self.ids[0] != ONE_SERIES
        if is_frame(df) and self.names.id not in df.columns and several:
            raise ValueError(
                f"X_future has no column {self.names.id!r}, which tells the {len(self):,} series "
                "apart; add it, with a row for each series and time"
            )


def read_panel(
    df: Any,
    *,
    id_col: str = "unique_id",
    time_col: str = "ds",
    target_col: str | Sequence[str] = "y",
    past: str | Sequence[str] = (),
    future: str | Sequence[str] = (),
    static: Any = (),
    freq: Any = None,
    fill_gaps: str = "error",
) -> Panel:
    """Read a long frame: one row a series and time, in any order.

    Parameters
    ----------
    df : DataFrame of pandas or polars
    id_col : str, default "unique_id"
        Names the series. Without such a column, all rows are one series, ``"series"``.
    time_col : str, default "ds"
        Whole numbers, dates with or without a time zone, periods, or strings that start with the
        year; numbers that all are dates, such as 20240131, are read as such.
    target_col : str or sequence of str, default "y"
        What is forecast. Values may be missing; rows only if they are filled.
    past, future : str or sequence of str
        Covariates known up to now, and those known ahead. None may be missing.
    static : str, sequence of str, or DataFrame
        Columns that are constant within each series, or a frame with ``id_col`` and one row
        a series, all of whose other columns are taken.
    freq : int, str, pandas offset or Frequency, optional
        The step between times; found from them by default.
    fill_gaps : {"error", "interpolate", "zero"}, default "error"
        What becomes of steps within a series that have no row: they are refused; or they get one,
        whose target and covariates are on the line between the known values around it, or 0.

    Returns
    -------
    Panel

    Raises
    ------
    TypeError
        If ``df`` is not a frame.
    ValueError
        If a column is missing or no number, a row is repeated, times leave a gap that is not
        filled or do not lie on the grid, a covariate is missing, or a series has no target at all.

    Examples
    --------
    >>> frame = pd.DataFrame({"ds": ["1949-03", "1949-01", "1949-02"], "y": [132, 112, 118]})
    >>> panel = read_panel(frame)
    >>> panel.y.ravel().tolist(), str(panel.frequency)
    ([112.0, 118.0, 132.0], '1 month (first days)')
    >>> panel.frame({"naive": np.array([[132.0]])}, h=1)
      unique_id       ds  naive
    0    series  1949-04  132.0
    """
    roles = Roles.named(id_col, time_col, target_col, past, future, static)
    check_fill(fill_gaps)
    kind = "polars" if isinstance(df, pl.DataFrame) else "pandas"
    return panel_of_rows(rows_of_frame(df, roles), roles, freq, fill_gaps, kind)


def panel_of_rows(rows: OrderedRows, roles: Roles, freq: Any, fill_gaps: str, kind: str) -> Panel:
    """Put rows on the grid of their times; those that lie in files become a panel in files.

    Parameters
    ----------
    rows : OrderedRows
    roles : Roles
    freq, fill_gaps
        As ``read_panel`` takes them.
    kind : {"pandas", "polars"}
        Of the frames that they are from.

    Raises
    ------
    ValueError
        As ``read_panel`` does.
    """
    grid = put_on_grid(rows, freq, fill_gaps)
    refuse_lacking(rows, roles, grid)
    parts = (_part_of(part, roles, grid, fill_gaps, kind) for part in rows.parts())
    first = next(parts)
    stored = isinstance(rows.stamps.values, np.memmap)
    panel = first.joined(chain([first], parts), in_file=stored)
    if roles.of_series is None:
        return panel
    static = read_static(roles.of_series, roles.static, roles.id, panel.ids)
    return replace(panel, static=static)


def _part_of(rows: OrderedRows, roles: Roles, grid: Grid, fill_gaps: str, kind: str) -> Panel:
    """Return the panel of some series, with the steps that had no row."""
    times, steps, _ = grid.place(rows)
    y, known, ahead, constant = columns_of(rows.values, roles)
    offsets = rows.offsets
    static = constant[offsets[:-1]]
    if (steps > 1).any():
        filled = FilledGaps.of(steps, offsets)
        offsets, times = filled.offsets, filled.times(times, grid.frequency)
        y, known, ahead = (filled.values(part, fill_gaps) for part in (y, known, ahead))
    columns = Columns(*roles[:6], kind, rows.stamps.form)
    return Panel(rows.ids, offsets, times, y, known, ahead, static, grid.frequency, columns)
