"""What the models of a comparison read: texts, or series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import polars as pl

from textseq.estimators.receipt import data_fingerprint, series_fingerprint
from textseq.message_language import number_of
from textseq.ragged import Ragged
from textseq.series.inputs import series_rows
from textseq.text.inputs import field_names, text_fields


class ComparedInputs(Protocol):
    """All rows of a comparison, training and test."""

    unit: ClassVar[str]
    """What one row is called; a key in ``wording.UNITS``."""

    def __len__(self) -> int: ...

    def followed_by(self, X: Any) -> Self:
        """Return these rows and those of a test set, read and checked alike."""

    def take(self, rows: np.ndarray) -> Any:
        """Return some rows as an estimator reads them."""

    def shown(self, rows: np.ndarray) -> pl.Series:
        """Return what a page shows of some rows."""

    def contents(self, rows: np.ndarray) -> pl.Series:
        """Return strings that are equal where rows are."""

    def fingerprint(self, targets: np.ndarray) -> str:
        """Return a SHA-256 of rows and targets."""


@dataclass(frozen=True, eq=False)
class TextInputs:
    """One column of texts, or two.

    Parameters
    ----------
    fields : tuple of polars Series
    """

    unit: ClassVar[str] = "text"
    fields: tuple[pl.Series, ...]

    @classmethod
    def read(cls, X: Any) -> Self:
        """Check texts in any form."""
        return cls(text_fields(X))

    def __len__(self) -> int:
        return len(self.fields[0])

    def followed_by(self, X: Any) -> Self:
        """Return these texts and those of a test set."""
        others = text_fields(X, name="the test texts", columns=field_names(self.fields))
        if len(others) != len(self.fields):
            raise ValueError(f"X has {len(self.fields)} text column(s), the test set {len(others)}")
        return type(self)(tuple(pl.concat(pair) for pair in zip(self.fields, others, strict=True)))

    def take(self, rows: np.ndarray) -> Any:
        """Return some texts, or pairs of texts."""
        fields = [field.gather(rows) for field in self.fields]
        return fields[0].to_list() if len(fields) == 1 else list(zip(*fields, strict=True))

    def shown(self, rows: np.ndarray) -> pl.Series:
        """Return one text a row; pairs are joined by `` ||| ``."""
        first, *others = [field.gather(rows) for field in self.fields]
        return first + " ||| " + others[0] if others else first

    def contents(self, rows: np.ndarray) -> pl.Series:
        """Return the texts themselves."""
        return self.shown(rows)

    def fingerprint(self, targets: np.ndarray) -> str:
        """Return a SHA-256 of texts and targets."""
        return data_fingerprint(self.fields, targets)


@dataclass(frozen=True, eq=False)
class SeriesInputs:
    """Series of one or several channels.

    Parameters
    ----------
    rows : Ragged
        Values (n_steps, n_channels).
    names : tuple of str
        What each is called.
    """

    unit: ClassVar[str] = "series"
    rows: Ragged
    names: tuple[str, ...]

    @classmethod
    def read(cls, X: Any) -> Self:
        """Check series in any form."""
        rows = series_rows(X)
        return cls(rows, tuple(f"series {number_of(row)}" for row in range(len(rows))))

    def __len__(self) -> int:
        return len(self.rows)

    def followed_by(self, X: Any) -> Self:
        """Return these series and those of a test set."""
        others = series_rows(X, name="the test X")
        channels, expected = others.values.shape[1], self.rows.values.shape[1]
        if channels != expected:
            raise ValueError(f"X has {expected} channels, the test set {channels}")
        values = np.concatenate([self.rows.values, others.values])
        offsets = np.concatenate([self.rows.offsets, others.offsets[1:] + self.rows.offsets[-1]])
        names = tuple(f"test series {number_of(row)}" for row in range(len(others)))
        return type(self)(Ragged(values, offsets), self.names + names)

    def take(self, rows: np.ndarray) -> Any:
        """Return an array (n, channels, time), or where lengths differ a list."""
        series = [self.rows[row].T for row in rows]
        return np.stack(series) if len({s.shape for s in series}) == 1 else series

    def shown(self, rows: np.ndarray) -> pl.Series:
        """Return the series' names."""
        return pl.Series([self.names[row] for row in rows], dtype=pl.String)

    def contents(self, rows: np.ndarray) -> pl.Series:
        """Return the values' bytes in hexadecimal digits."""
        found = [np.ascontiguousarray(self.rows[row]).tobytes().hex() for row in rows]
        return pl.Series(found, dtype=pl.String)

    def fingerprint(self, targets: np.ndarray) -> str:
        """Return a SHA-256 of series and targets."""
        return series_fingerprint(self.rows, targets)


def are_series(X: Any) -> bool:
    """Whether X is numbers in two or three dimensions, or a list of arrays of numbers."""
    if isinstance(X, list | tuple) and len(X):
        first = X[0]
        return isinstance(first, np.ndarray) and first.ndim > 0 and first.dtype.kind in "fiub"
    return isinstance(X, np.ndarray) and X.ndim > 1 and X.dtype.kind in "fiub"
