"""What the rows of series may not lack: covariates everywhere, and of each target one value."""

from __future__ import annotations

from typing import Any

import numpy as np

from textseq.series.grid import Grid, shown
from textseq.series.ordered_rows import OrderedRows
from textseq.series.roles import Roles
from textseq.series.tally import Tally


def columns_of(values: np.ndarray, roles: Roles) -> list[np.ndarray]:
    """Take columns (N, V) apart: targets, past, future and static covariates, (N, ...) each."""
    ends = np.cumsum([len(roles.targets), len(roles.past), len(roles.future)])
    return [np.ascontiguousarray(part) for part in np.split(values, ends, axis=1)]


def refuse_lacking(rows: OrderedRows, roles: Roles, grid: Grid) -> None:
    """Refuse rows without a covariate, series without a target, and static ones that change.

    Raises
    ------
    ValueError
        Names the first such series.
    """
    past, future, targets, static, changing = (Tally() for _ in range(5))
    for part in rows.parts():
        y, known, ahead, constant = columns_of(part.values, roles)
        _add(past, np.isnan(known), roles.past, part)
        _add(future, np.isnan(ahead), roles.future, part)
        present = np.add.reduceat(~np.isnan(y), part.offsets[:-1], axis=0, dtype=np.int64)
        if (series := targets.add((present == 0).any(axis=1))) is not None:
            name = roles.targets[int((present[series] == 0).argmax())]
            targets.first = part.ids[series : series + 1].tolist()[0], name
        _add(static, np.isnan(constant), roles.static, part)
        # All rows of a series have the static covariates of its first.
        differs = constant != np.repeat(constant[part.offsets[:-1]], np.diff(part.offsets), axis=0)
        _add(changing, differs, roles.static, part)
    for tally in (past, future):
        if tally.count:
            name, part, row = tally.first
            time = shown(grid.place(part)[0][row], grid.frequency, rows.stamps.form)
            raise ValueError(missing_message(name, part.id_of(row), time, tally.count))
    if targets.count:
        series, name = targets.first
        raise ValueError(
            f"series {series!r} has no value of {name!r} ({targets.count:,} such series in all); "
            "drop their rows"
        )
    if static.count:
        name, part, row = static.first
        raise ValueError(
            f"static covariate {name!r} is missing in {static.count:,} rows, the first of series "
            f"{part.id_of(row)!r}; fill it before"
        )
    if changing.count:
        name, part, row = changing.first
        raise ValueError(
            f"static covariate {name!r} changes within series {part.id_of(row)!r}; name it in "
            "past= or future= instead"
        )


def missing_message(name: str, series: Any, time: str, n_missing: int) -> str:
    """Say which series lacks a covariate when."""
    return (
        f"covariate {name!r} is missing for series {series!r} at {time} ({n_missing:,} missing in "
        "all); fill it before"
    )


def _add(tally: Tally, found: np.ndarray, names: tuple[str, ...], part: OrderedRows) -> None:
    """Count what was found (N, C) in columns of some rows."""
    if (place := tally.add(found.ravel())) is not None:
        row, column = divmod(place, len(names))
        tally.first = names[column], part, row
