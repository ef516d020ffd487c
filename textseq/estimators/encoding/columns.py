"""What stands beside texts in a table: numbers, truth values, categories and dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
import polars as pl

from textseq.series.columns import read_column

# Kinds by what pandas finds in a column of objects.
_INFERRED = {
    "string": "string",
    "empty": "missing",
    "integer": "number",
    "floating": "number",
    "mixed-integer-float": "number",
    "decimal": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "date",
    "datetime64": "date",
}
# How values of a kind are held.
_TYPES = {
    "number": "float64",
    "boolean": "float64",
    "category": "object",
    "date": "datetime64[us]",
    "missing": "float64",
}
_EXPECTED = "numbers, truth values, categories, dates or strings"


def kind_of(column: pd.Series | pl.Series) -> str:
    """Return the kind of a column by its type, and of objects by what they are.

    Returns
    -------
    {"string", "category", "number", "boolean", "date", "missing"}
        A duration is a number of seconds. "missing" has no value in any row, and no type.

    Raises
    ------
    ValueError
        If it holds anything else.

    Examples
    --------
    >>> [kind_of(pd.Series(values)) for values in (["a"], [1, 2], [True], [None])]
    ['string', 'number', 'boolean', 'missing']
    """
    kind = found_kind(column)
    if kind is None:
        shown = next((value for value in column.to_list() if value is not None), None)
        raise ValueError(
            f"column {column.name!r} holds {column.dtype}, such as {shown!r:.60}; columns beside "
            f"texts may be {_EXPECTED}: convert it, or leave it out"
        )
    return kind


def found_kind(column: pd.Series | pl.Series) -> str | None:
    """Return the same, None of what ``kind_of`` refuses."""
    return _kind_in_polars(column) if isinstance(column, pl.Series) else _kind_in_pandas(column)


def _kind_in_polars(column: pl.Series) -> str | None:
    dtype = column.dtype
    if dtype == pl.Object:
        return _kind_in_pandas(pd.Series(column.to_list(), dtype=object))
    if dtype.is_numeric() or dtype == pl.Duration:
        return "number"
    kinds: dict[Any, str] = {
        pl.String: "string",
        pl.Boolean: "boolean",
        pl.Categorical: "category",
        pl.Enum: "category",
        pl.Date: "date",
        pl.Datetime: "date",
        pl.Null: "missing",
    }
    return next((kind for one, kind in kinds.items() if dtype == one), None)


def _kind_in_pandas(column: pd.Series) -> str | None:
    types, dtype = pd.api.types, column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    if dtype == object:  # noqa: E721
        return _INFERRED.get(types.infer_dtype(column, skipna=True))
    if types.is_string_dtype(dtype):
        return "string"
    if types.is_bool_dtype(dtype):
        return "boolean"
    if types.is_datetime64_any_dtype(dtype):
        return "date"
    real = types.is_numeric_dtype(dtype) and dtype.kind != "c"
    return "number" if real or types.is_timedelta64_dtype(dtype) else None


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns of n rows beside their texts, by name.

    Parameters
    ----------
    values : dict of str to ndarray of shape (n,)
        Numbers and truth values as float64, NaN where one is missing; categories as strings in an
        array of objects, None where one is missing; dates as datetime64[us], in the time of
        their own zone.
    kinds : dict of str to str
        "number", "boolean", "category" or "date"; "missing" where no row has a value.
    """

    values: dict[str, np.ndarray]
    kinds: dict[str, str]

    @classmethod
    def read(cls, df: Any, names: list[str]) -> Self:
        """Read the named columns of a frame of pandas or polars; strings are categories."""
        values, kinds = {}, {}
        for name in names:
            kind = kind_of(df[name])
            kinds[name] = kind = "category" if kind == "string" else kind
            values[name] = _values(read_column(df, name), kind)
        return cls(values, kinds)

    @classmethod
    def nothing(cls, kinds: dict[str, str]) -> Self:
        """Return no rows of such columns."""
        return cls({name: np.empty(0, dtype=_TYPES[kind]) for name, kind in kinds.items()}, kinds)

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def take(self, rows: np.ndarray) -> Self:
        """Copy the named rows."""
        return type(self)({name: own[rows] for name, own in self.values.items()}, self.kinds)

    def followed_by(self, other: Columns) -> Self:
        """Return these rows and then those of the same columns of another table."""
        values = {
            name: np.concatenate([own, other.values[name]]) for name, own in self.values.items()
        }
        return type(self)(values, self.kinds)

    def of_kinds(self, kinds: dict[str, str], name: str) -> Self:
        """Return the columns of these kinds, in their order; one without a value may be of any.

        Parameters
        ----------
        kinds : dict of str to str
            Of columns that are all there.
        name : str
            What errors call the table.

        Raises
        ------
        ValueError
            If a column is of another kind.
        """
        values = {}
        for column, kind in kinds.items():
            own, found = self.values[column], self.kinds[column]
            if kind == "missing" or pd.isna(own).all():  # nothing is read of it
                own = np.full(len(own), None, dtype=object).astype(_TYPES[kind])
            elif found != kind:
                raise ValueError(
                    f"column {column!r} of {name} is a {found}, such as {_first(own)!r:.60}, but "
                    f"a {kind} was learned from; convert it"
                )
            values[column] = own
        return type(self)(values, kinds)

    def frame(self) -> pd.DataFrame:
        """Return them as pandas has them: categories are strings, truth values with gaps floats."""
        return pd.DataFrame(self.values)

    def written(self, row: int) -> list[str | None]:
        """Return a row's values in words, None for missing ones.

        Examples
        --------
        >>> df = pd.DataFrame({"price": [2.5], "store": ["north"], "new": [True], "size": [None]})
        >>> df["day"] = pd.Timestamp("2024-02-29")
        >>> Columns.read(df, list(df)).written(0)
        ['2.5', 'north', 'True', None, '2024-02-29']
        """
        words: list[str | None] = []
        for name, own in self.values.items():
            value = own[row]
            if pd.isna(value):
                words.append(None)
            elif self.kinds[name] == "boolean":
                words.append(str(bool(value)))
            elif self.kinds[name] == "date":
                words.append(str(pd.Timestamp(value)).removesuffix(" 00:00:00"))
            else:
                words.append(f"{value:.6g}" if isinstance(value, float) else str(value))
        return words

    def to_bytes(self) -> bytes:
        """Return bytes that are equal where names and values are."""
        parts = []
        for name, own in self.values.items():
            held = own.tolist() if own.dtype == object else own.tobytes()
            parts.append(f"{name}\x1f{self.kinds[name]}\x1f{held!r}")
        return "\x1e".join(parts).encode()


def _first(values: np.ndarray) -> Any:
    """Return the first value that is not missing."""
    return values[~pd.isna(values)][:1].tolist()[0]


def _values(column: pd.Series, kind: str) -> np.ndarray:
    """Return a column's values in the one form that its kind has."""
    if kind == "missing":
        return np.full(len(column), np.nan)
    if kind == "category":
        there = column.notna().to_numpy()
        values = np.full(len(column), None, dtype=object)
        values[there] = [str(value) for value in column[there].tolist()]
        return values
    if kind == "date":
        times = pd.to_datetime(column) if column.dtype == object else column
        if getattr(times.dtype, "tz", None) is not None:
            times = times.dt.tz_localize(None)
        return times.to_numpy().astype("datetime64[us]")
    if pd.api.types.is_timedelta64_dtype(column.dtype):
        return column.dt.total_seconds().to_numpy(dtype=np.float64)
    return column.to_numpy(dtype=np.float64, na_value=np.nan)
