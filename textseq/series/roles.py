"""What each column of a long frame is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from textseq.series.columns import is_frame


class Roles(NamedTuple):
    """The names of the columns of a long frame, by what they are.

    Parameters
    ----------
    id, time : str
    targets, past, future, static : tuple of str
    of_series : DataFrame or None
        Holds the static covariates, one row a series, where the long frame does not.
    """

    id: str
    time: str
    targets: tuple[str, ...]
    past: tuple[str, ...]
    future: tuple[str, ...]
    static: tuple[str, ...]
    of_series: Any

    @classmethod
    def named(
        cls,
        id_col: str = "unique_id",
        time_col: str = "ds",
        target_col: str | Sequence[str] = "y",
        past: str | Sequence[str] = (),
        future: str | Sequence[str] = (),
        static: Any = (),
    ) -> Self:
        """Read the roles as ``read_panel`` takes them.

        Raises
        ------
        ValueError
            If a column has no name, or two roles, or nothing is forecast.
        """
        for role, name in (("id_col", id_col), ("time_col", time_col)):
            if not isinstance(name, str):
                raise ValueError(
                    f"{role}={name!r} is not the name of one column; join several into one before"
                )
        of_series = static if is_frame(static) else None
        if is_frame(static):
            static = [name for name in static.columns if name != id_col]
        roles = cls(
            id_col,
            time_col,
            _as_names(target_col),
            _as_names(past),
            _as_names(future),
            _as_names(() if static is None else static),
            of_series,
        )
        roles._refuse_two()
        return roles

    def _refuse_two(self) -> None:
        names = [self.id, self.time, *self.targets, *self.past, *self.future, *self.static]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"column {twice!r} is named twice; give each column one role")
        if not self.targets:
            raise ValueError("target_col names no column")

    @property
    def numbers(self) -> tuple[str, ...]:
        """Columns of numbers of the long frame: targets, then past, future and static ones."""
        static = self.static if self.of_series is None else ()
        return (*self.targets, *self.past, *self.future, *static)


def _as_names(columns: str | Sequence[str]) -> tuple[str, ...]:
    return (columns,) if isinstance(columns, str) else tuple(columns)
