"""Tables of series to forecast, and of their forecasts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_CLOCK = "%Y-%m-%d %H:%M:%S%.f"
_WRITTEN = (".csv", ".parquet")


def read_series(
    source: str, id_column: str, time: str, numbers: Sequence[str], encoding: str
) -> pl.DataFrame:
    """Read a long table: a row a series and time; one series needs no column of ids."""
    from textseq.tables import read_series_table

    optional = [id_column] if id_column == "unique_id" else []
    return read_series_table(source, [id_column, time], numbers, optional, encoding=encoding)


def check_table_name(path: Path | None) -> None:
    """Refuse a name that tells no kind of table."""
    if path is not None and path.suffix.lower() not in _WRITTEN:
        raise ValueError(f"{path}: forecasts are written as {' or '.join(_WRITTEN)}; name it so")


def write_forecasts(forecasts: pl.DataFrame, path: Path | None) -> None:
    """Write forecasts to a file, or as CSV to standard output."""
    if path is None:
        sys.stdout.write(forecasts.write_csv(datetime_format=_CLOCK))
        return
    from textseq.atomic import whole_file

    with whole_file(path) as file:
        if path.suffix.lower() == ".parquet":
            forecasts.write_parquet(file)
        else:
            forecasts.write_csv(file, datetime_format=_CLOCK)
