"""Tables of series to forecast, and of their forecasts."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from textseq.cli import options

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

Id = Annotated[
    str, typer.Option("--id", metavar="COLUMN", help="Of a table of series: tells them apart.")
]
Time = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN", help="Of a table of series: sorts steps.", show_default="as they stand"
    ),
]
Values = Annotated[
    str | None, typer.Option(metavar="COLUMNS", help="Of a table of series: the channels, a,b,c.")
]


Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="CSV, TSV, Parquet or JSON lines (also .gz); - reads standard input. A folder or glob "
        "of such files is read some rows at a time: memory need not hold it.",
        show_default=False,
    ),
]


def series_of(
    source: str,
    id_column: str,
    time: str,
    numbers: Sequence[str],
    encoding: str,
    separator: str | None,
) -> pl.DataFrame | str:
    """Read a long table as ``read_series`` does; a folder or a glob is left to who reads parts."""
    if not (os.path.isdir(source) or (glob.has_magic(source) and not os.path.exists(source))):
        return read_series(source, id_column, time, numbers, encoding, separator)
    for option, value, usual in (
        ("--encoding", encoding, "utf-8"),
        ("--separator", separator, None),
    ):
        if value != usual:
            raise ValueError(
                f"{option} does not go with a folder or a glob, whose files are UTF-8 and tell "
                "their separators themselves; leave it out"
            )
    return source


def read_series(
    source: str,
    id_column: str,
    time: str,
    numbers: Sequence[str],
    encoding: str,
    separator: str | None,
) -> pl.DataFrame:
    """Read a long table: a row a series and time; one series needs no column of ids."""
    from textseq.tables import read_series_table

    optional = [id_column] if id_column == "unique_id" else []
    return read_series_table(
        source, [id_column, time], numbers, optional, encoding=encoding, separator=separator
    )


class SeriesForm(NamedTuple):
    """How whole series are read: the columns of a table that has a row a step."""

    id_column: str
    time: str | None
    values: list[str]
    encoding: str
    separator: str | None


class WholeSeries(NamedTuple):
    """Series (channels, time_i), their labels if there are any, and what each is called."""

    X: list[np.ndarray]
    y: np.ndarray | None
    ids: np.ndarray


def read_whole_series(source: str, form: SeriesForm, label: str | None) -> WholeSeries:
    """Read a .ts file, or a long table; of the table labels only if their column is named."""
    import numpy as np

    if Path(source.lower().removesuffix(".gz")).suffix == ".ts":
        from textseq.series.ts_files import read_ts

        X, y = read_ts(source, form.encoding)
        return WholeSeries(X, y, np.arange(1, len(X) + 1))
    from textseq.series.long_series import read_long_series
    from textseq.tables import read_series_table

    if not form.values:
        raise ValueError(
            f"{source} is a table of series: name the columns of its channels, --values a,b,c"
        )
    keys = [name for name in (form.id_column, form.time, label) if name is not None]
    options.check_columns([*keys, *form.values])
    frame = read_series_table(
        source, keys, form.values, encoding=form.encoding, separator=form.separator
    )
    columns = {"id_col": form.id_column, "time_col": form.time, "label_col": label}
    return WholeSeries(*read_long_series(frame, form.values, **columns))  # type: ignore[arg-type]


def read_labelled_series(
    source: str, form: SeriesForm, label: str, regression: bool
) -> tuple[list[np.ndarray], np.ndarray]:
    """Read series (channels, time_i) and their labels, strings or numbers."""
    import numpy as np

    X, y, _ = read_whole_series(source, form, label)
    if y is None:
        raise ValueError(f"{source} has no labels: its header has no @classLabel true")
    if not regression:
        return X, np.asarray(y).astype(str)
    try:
        return X, np.asarray(y, dtype=np.float64)
    except ValueError:
        raise ValueError(f"{source}: labels must be numbers here, but one is {y[0]!r}") from None
