"""From columns beside texts to the numbers that a head reads, the same way at fit and later.

A number becomes its place between quantiles of the training rows, piece by piece, so that a
linear layer can answer it by any broken line, and values far out count as the outermost do. A
category becomes a mark for its level. A date becomes the numbers and levels that it is made of.
What was learned is quantiles and names, which a model file holds as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from textseq.estimators.encoding.columns import Columns

# Shares of the training rows at whose values a number's pieces meet.
QUANTILES = (0.005, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 0.995)
# Levels of their own, and the training rows that each must have; the others are one together.
MOST_LEVELS = 100
FEWEST_ROWS = 3


@dataclass(frozen=True)
class NumberCode:
    """The place of a number between knots: of each piece, how far into it.

    Parameters
    ----------
    column, part : str
        What it is read from: a column, or a part of a date.
    knots : tuple of float
        Ascending.
    missing : bool
        Whether missing values have a mark of their own; else they are the average.

    References
    ----------
    Gorishniy, Rubachev & Babenko (2022), "On Embeddings for Numerical Features in Tabular Deep
    Learning", equation 1, but that nothing is beyond the outermost knots.
    """

    kind: ClassVar[str] = "number"
    column: str
    part: str
    knots: tuple[float, ...]
    missing: bool

    @classmethod
    def learn(cls, column: str, part: str, values: np.ndarray) -> Self:
        """Learn the knots of training values (n,)."""
        finite = values[np.isfinite(values)]
        knots = np.unique(finite)
        if len(knots) > len(QUANTILES):
            knots = np.unique(np.quantile(finite, QUANTILES))
        return cls(column, part, tuple(knots.tolist()), bool(np.isnan(values).any()))

    @property
    def width(self) -> int:
        """Features F, and the mark of missing values."""
        return max(len(self.knots) - 1, 0) + self.missing

    def features(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the features (n, F) of values (n,), and which values are not known (n,)."""
        knots, unknown = np.array(self.knots), np.isnan(values)
        with np.errstate(over="ignore"):
            ways = (values[:, None] - knots[:-1]) / np.diff(knots)
        return np.clip(ways, 0.0, 1.0), unknown

    def check(self) -> None:
        """Raise ValueError if a file holds what was never learned."""
        knots = np.array(self.knots, dtype=np.float64)
        if not np.isfinite(knots).all() or not (np.diff(knots) > 0).all():
            raise ValueError(f"the knots of column {self.column!r} do not ascend")


@dataclass(frozen=True)
class LevelCode:
    """A mark for each level of a category.

    Parameters
    ----------
    column, part, missing
        As ``NumberCode`` has them.
    levels : tuple of str
    other : bool
        Whether one more mark is that of all others; else they are the average.
    """

    kind: ClassVar[str] = "levels"
    column: str
    part: str
    levels: tuple[str, ...]
    other: bool
    missing: bool

    @classmethod
    def learn(cls, column: str, part: str, values: np.ndarray) -> Self:
        """Learn the levels of training values (n,), the commonest first."""
        codes, levels = pd.factorize(values)
        counts = np.bincount(codes[codes >= 0], minlength=len(levels))
        order = np.argsort(-counts, kind="stable")
        kept = order[:MOST_LEVELS][counts[order[:MOST_LEVELS]] >= FEWEST_ROWS]
        names = tuple(str(levels[code]) for code in kept)
        return cls(column, part, names, len(kept) < len(levels), bool((codes < 0).any()))

    @property
    def width(self) -> int:
        """Features F, and the mark of missing values."""
        return len(self.levels) + self.other + self.missing

    def features(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the features (n, F) of values (n,), and which values are not known (n,)."""
        codes = pd.Index(self.levels, dtype=object).get_indexer(values)
        there = ~pd.isna(values)
        if self.other:
            codes = np.where(there & (codes < 0), len(self.levels), codes)
        marks = codes[:, None] == np.arange(len(self.levels) + self.other)
        return marks.astype(np.float64), codes < 0

    def check(self) -> None:
        """Raise ValueError if a file holds what was never learned."""
        if len(set(self.levels)) < len(self.levels):
            raise ValueError(f"a level of column {self.column!r} is there twice")


Code = NumberCode | LevelCode
CODES: dict[str, Callable[..., Code]] = {"number": NumberCode, "levels": LevelCode}


@dataclass(frozen=True, eq=False)
class ColumnEncoding:
    """Codes of the columns beside texts, and the average of what they give.

    Parameters
    ----------
    kinds : dict of str to str
        Of the columns, in the order in which they were learned.
    codes : tuple of NumberCode or LevelCode
    means : ndarray of shape (F,), float64
        Of the features of the training rows; a value that is not known has those of its code.
    """

    kinds: dict[str, str]
    codes: tuple[Code, ...]
    means: np.ndarray

    @classmethod
    def of(cls, columns: Columns | None) -> Self | None:
        """Learn from the columns of the training rows, if there are any."""
        return None if columns is None else cls.learn(columns)

    @classmethod
    def learn(cls, columns: Columns) -> Self:
        """Learn from the columns of the training rows."""
        codes: list[Code] = []
        for column, kind in columns.kinds.items():
            for part, values in _parts(columns.values[column], kind).items():
                own = LevelCode if values.dtype == object else NumberCode
                codes.append(own.learn(column, part, values))
        learned = cls(columns.kinds, tuple(codes), np.empty(0))
        means = [
            _average(places[~unknown], gaps) for places, unknown, gaps in learned._features(columns)
        ]
        return cls(columns.kinds, learned.codes, np.concatenate([np.empty(0), *means]))

    @property
    def owners(self) -> np.ndarray:
        """The number of each feature's column (F,)."""
        places = {column: place for place, column in enumerate(self.kinds)}
        return np.repeat(
            [places[code.column] for code in self.codes], [code.width for code in self.codes]
        )

    def encode(self, columns: Columns) -> np.ndarray:
        """Return the features (n, F) of columns of the same kinds, float64, from 0 to 1."""
        parts, start = [np.empty((len(columns), 0))], 0
        for places, unknown, gaps in self._features(columns):
            places[unknown] = self.means[start : start + places.shape[1]]
            parts += [places, gaps]
            start += places.shape[1] + gaps.shape[1]
        return np.concatenate(parts, axis=1)

    def deviations(self, columns: Columns) -> np.ndarray:
        """Return the features less their averages (n, F), float32: an average row is zeros."""
        return (self.encode(columns) - self.means).astype(np.float32)

    def _features(self, columns: Columns) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield each code's features (n, F), what is unknown (n,), and marks of gaps (n, 0 | 1)."""
        parts = {
            column: _parts(columns.values[column], kind) for column, kind in self.kinds.items()
        }
        for code in self.codes:
            values = parts[code.column][code.part]
            gaps = pd.isna(values)[:, None].astype(np.float64)
            yield *code.features(values), gaps if code.missing else gaps[:, :0]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON-able form."""
        codes = [{"kind": code.kind, **asdict(code)} for code in self.codes]
        return {"kinds": self.kinds, "codes": codes, "means": self.means.tolist()}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Rebuild from ``to_dict``."""
        codes = tuple(map(_code, stored["codes"]))
        means = np.array(stored["means"], dtype=np.float64)
        found = cls(dict(stored["kinds"]), codes, means)
        nothing = Columns.nothing(found.kinds)
        parts = [
            (column, part, LevelCode if values.dtype == object else NumberCode)
            for column, kind in found.kinds.items()
            for part, values in _parts(nothing.values[column], kind).items()
        ]
        if parts != [(code.column, code.part, type(code)) for code in codes]:
            raise ValueError("the codes of the columns are not those of their kinds")
        if found.means.shape != found.owners.shape or not np.isfinite(found.means).all():
            raise ValueError("the codes of the columns do not go together with their averages")
        return found


def _code(stored: dict[str, Any]) -> Code:
    """Rebuild a code from what ``to_dict`` made of it."""
    own: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    code: Code = CODES[own.pop("kind")](**own)
    code.check()
    return code


def _average(places: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Return the means of known places (m, F) and of marks (n, 0 or 1)."""
    known = places.mean(0) if len(places) else np.zeros(places.shape[1])
    return np.concatenate([known, gaps.mean(0)])


def _parts(values: np.ndarray, kind: str) -> dict[str, np.ndarray]:
    """Return the numbers and levels that a column of a kind is made of.

    A date is the number of its days, its month, its weekday, and its hour.
    """
    if kind != "date":
        return {"": values}
    times = pd.DatetimeIndex(values)
    days = (values - np.datetime64(0, "D")) / np.timedelta64(1, "D")
    return {
        "": days,
        "month": _levels(times.month),
        "weekday": _levels(times.day_of_week),
        "hour": np.asarray(times.hour, dtype=np.float64),
    }


def _levels(numbers: pd.Index) -> np.ndarray:
    """Return whole numbers as the names of levels, None for NaN."""
    return np.array(
        [None if number != number else f"{number:.0f}" for number in numbers], dtype=object
    )
