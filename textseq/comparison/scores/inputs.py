"""What the models of a comparison read: texts, or series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import polars as pl

from textseq.estimators.encoding.text_rows import TextRows
from textseq.estimators.receipt import series_fingerprint
from textseq.message_language import number_of
from textseq.ragged import Ragged
from textseq.series.inputs import series_rows
from textseq.text.inputs import field_names


class ComparedInputs(Protocol):
    """All rows of a comparison, training and test."""

    unit: ClassVar[str]
    """What one row is called; a key in ``wording.UNITS``."""

    def __len__(self) -> int: ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what stands beside each row's text, or series."""

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
    """One column of texts, or two, and the columns beside them, if there are any.

    Parameters
    ----------
    rows : TextRows
    """

    unit: ClassVar[str] = "text"
    rows: TextRows

    @classmethod
    def read(cls, X: Any, text_columns: Any = None) -> Self:
        """Check texts in any form; a frame's columns as an estimator with ``text_columns`` does."""
        return cls(TextRows.read(X, "X", text_columns))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns beside the texts."""
        return () if self.rows.columns is None else tuple(self.rows.columns.kinds)

    def followed_by(self, X: Any) -> Self:
        """Return these texts and those of a test set."""
        rows, fields = self.rows, self.rows.fields
        kinds = None if rows.columns is None else rows.columns.kinds
        others = TextRows.like(X, "the test texts", rows.names or field_names(fields), kinds)
        if len(others.fields) != len(fields):
            raise ValueError(
                f"X has {len(fields)} text column(s), the test set {len(others.fields)}"
            )
        return type(self)(rows.followed_by(others))

    def take(self, rows: np.ndarray) -> Any:
        """Return some texts, or pairs of texts; with columns beside them ``TextRows``."""
        some = self.rows.take(rows)
        return some.shown() if some.columns is None else some

    def shown(self, rows: np.ndarray) -> pl.Series:
        """Return one text a row; pairs are joined by `` ||| ``."""
        first, *others = self.rows.take(rows).texts
        return first + " ||| " + others[0] if others else first

    def contents(self, rows: np.ndarray) -> pl.Series:
        """Return the texts, and of columns beside them their names and values, a string a row."""
        texts, columns = self.shown(rows), self.rows.columns
        if columns is None:
            return texts
        beside = [
            [f"{name} {value}" for value in values]
            for name, values in columns.take(rows).frame().items()
        ]
        joined = [" | ".join(row) for row in zip(texts, *beside, strict=True)]
        return pl.Series(joined, dtype=pl.String)

    def fingerprint(self, targets: np.ndarray) -> str:
        """Return a SHA-256 of texts and targets."""
        return self.rows.fingerprint(targets)


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

    @property
    def columns(self) -> tuple[str, ...]:
        """Nothing stands beside series."""
        return ()

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
