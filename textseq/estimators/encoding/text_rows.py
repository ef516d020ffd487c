"""Rows as the estimators of texts read them: texts, or their tokens, and columns beside them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd
import polars as pl

from textseq.estimators.encoding.columns import Columns, found_kind
from textseq.estimators.receipt import data_fingerprint
from textseq.labels.inputs import label_array
from textseq.text.inputs import from_arrow, text_fields
from textseq.text.row_forms import Field
from textseq.text.tokens import Tokens


@dataclass(frozen=True, eq=False)
class TextRows:
    """One or two texts a row, or tokens already, and what stands beside them.

    Parameters
    ----------
    fields : tuple of one or two Series or Tokens
    columns : Columns, optional
    names : tuple of str
        Of the columns of texts, where ``columns`` stand beside them.
    """

    fields: tuple[Field, ...]
    columns: Columns | None = None
    names: tuple[str, ...] = field(default=())

    @classmethod
    def read(cls, X: Any, name: str = "X", text_columns: Any = None) -> Self:
        """Read what ``fit`` takes.

        Parameters
        ----------
        X : as ``fit`` takes it
        name : str
            What error messages call it.
        text_columns : str or sequence of str, optional
            Columns of a frame that hold texts; all others then stand beside them. By default
            they are told by their types.

        Raises
        ------
        ValueError
            If it can't be told which columns hold the texts, or a column holds what can't be read.
        """
        if isinstance(X, cls):
            return X
        table = _table(X)
        if table is None:
            return cls(read_fields(X, name))
        if text_columns is None:
            texts = _told_by_type(table, name)
        else:
            texts = check_text_columns("text_columns", text_columns)
        if texts is None:
            return cls(read_fields(X, name))
        others = [column for column in table.columns if column not in texts]
        _check_names(table, [*texts, *others], name)
        fields = text_fields(table[texts], name)
        return cls(fields, Columns.read(table, others) if others else None, tuple(texts))

    @classmethod
    def like(
        cls, X: Any, name: str, texts: tuple[str, ...] | None, kinds: dict[str, str] | None
    ) -> Self:
        """Read what a model reads that was fitted to such columns; a table may have others, too.

        Parameters
        ----------
        X, name
            As ``read`` takes them.
        texts : tuple of str, optional
            Names of the columns of texts, if they had names.
        kinds : dict of str to str, optional
            Of the columns beside them.
        """
        table = None if isinstance(X, cls) else _table(X)
        rows = X if isinstance(X, cls) else None
        if table is not None and texts is not None and (kinds or len(table.columns) > len(texts)):
            _check_names(table, [*texts, *(kinds or ())], name)
            columns = Columns.read(table, list(kinds)) if kinds else None
            rows = cls(text_fields(table[list(texts)], name), columns, texts)
        if rows is None:
            rows = cls(read_fields(X, name, texts))
        if kinds is None:
            return rows
        if rows.columns is None:
            raise ValueError(
                f"the model reads the columns {', '.join(map(repr, kinds))} beside its texts, and "
                f"{name} is a {type(X).__name__} of texts alone; pass a frame with the columns "
                f"{', '.join(map(repr, [*(texts or ()), *kinds]))}"
            )
        columns = rows.columns.of_kinds(kinds, name)
        return cls(rows.fields, columns, rows.names)

    def __len__(self) -> int:
        return len(self.fields[0])

    @property
    def texts(self) -> tuple[pl.Series, ...]:
        """The fields of uncut texts."""
        return tuple(field for field in self.fields if isinstance(field, pl.Series))

    def take(self, rows: np.ndarray) -> Self:
        """Copy the named rows."""
        columns = None if self.columns is None else self.columns.take(rows)
        return type(self)(tuple(take_field(f, rows) for f in self.fields), columns, self.names)

    def followed_by(self, other: TextRows) -> Self:
        """Return these rows and then others: of the same columns, and both cut or both not."""
        fields = tuple(map(_field_followed_by, self.fields, other.fields))
        columns = None
        if self.columns is not None and other.columns is not None:
            columns = self.columns.followed_by(other.columns)
        return type(self)(fields, columns, self.names)

    def fingerprint(self, targets: Any) -> str:
        """Return a SHA-256 of the rows and their targets."""
        beside = b"" if self.columns is None else self.columns.to_bytes()
        return data_fingerprint(self.fields, label_array(targets), beside)

    def shown(self) -> Any:
        """Return them as a caller has them: a list of texts, tokens or pairs; or a frame."""
        parts = [f.to_lists() if isinstance(f, Tokens) else f.to_list() for f in self.fields]
        if self.columns is not None:
            return pd.DataFrame(dict(zip(self.names, parts, strict=True))).join(
                self.columns.frame()
            )
        return parts[0] if len(parts) == 1 else list(zip(*parts, strict=True))


@dataclass(frozen=True, eq=False)
class StoredTexts(TextRows):
    """Tokens of texts that lie in files.

    Parameters
    ----------
    sha256 : str
        Of all that the files hold, targets too.
    """

    sha256: str = ""

    def fingerprint(self, targets: Any) -> str:
        """Return a SHA-256 of the rows and their targets."""
        return self.sha256


def check_text_columns(parameter: str, columns: Any) -> list[str]:
    """Return the names of one column of texts, or two; raise ValueError if it is anything else."""
    named = [columns] if isinstance(columns, str) else columns
    strings = isinstance(named, list | tuple) and all(isinstance(one, str) for one in named)
    if not strings or len(named) not in (1, 2) or len({*named}) < len(named):
        raise ValueError(
            f"{parameter} must name one column of texts, or two to compare, got {columns!r}"
        )
    return list(named)


def read_fields(
    X: Any, name: str = "X", columns: tuple[str, ...] | None = None
) -> tuple[Field, ...]:
    """Return the one or two columns of texts in ``X``; texts already cut into Tokens pass."""
    if isinstance(X, TextRows):
        return X.fields
    if isinstance(X, Tokens):
        return (X,)
    if isinstance(X, tuple) and X and all(isinstance(part, Tokens) for part in X):
        return X
    return text_fields(X, name, columns)


def take_field(field: Field, rows: np.ndarray) -> Field:
    """Pick rows of one column of texts or tokens."""
    return field.take(rows) if isinstance(field, Tokens) else field.gather(rows)


def _field_followed_by(field: Field, more: Field) -> Field:
    if isinstance(field, Tokens):
        assert isinstance(more, Tokens)
        return Tokens.concat([field, more])
    assert isinstance(more, pl.Series)
    return pl.concat([field, more])


def _table(X: Any) -> pd.DataFrame | pl.DataFrame | None:
    """Return a table whose columns have names; None of what is none."""
    if not isinstance(X, pd.DataFrame | pl.DataFrame) and hasattr(X, "columns"):
        X = from_arrow(X)
    return X if isinstance(X, pd.DataFrame | pl.DataFrame) else None


def _told_by_type(table: pd.DataFrame | pl.DataFrame, name: str) -> list[str] | None:
    """Return the column of texts among columns of other types; None where all are texts."""
    if len(table.columns) < 2 or len(set(table.columns)) < len(table.columns):
        return None
    kinds = {column: found_kind(table[column]) for column in table.columns}
    texts = [column for column, kind in kinds.items() if kind == "string"]
    # Of one or two columns, what is no column of texts is told of with the value that is none.
    if len(texts) in (0, len(kinds)) or (len(kinds) == 2 and None in kinds.values()):
        return None
    if len(texts) == 1:
        return texts
    shown = ", ".join(map(repr, texts))
    raise ValueError(
        f"{name} has the columns of strings {shown}, beside others; say which hold texts: "
        f"text_columns={texts[0]!r} reads the other strings as categories, "
        f"text_columns={texts[:2]!r} compares two"
    )


def _check_names(table: pd.DataFrame | pl.DataFrame, wanted: Sequence[str], name: str) -> None:
    """Raise ValueError unless the table has each of the columns once."""
    names = list(table.columns)
    odd = next((column for column in names if not isinstance(column, str)), None)
    if odd is not None:
        raise ValueError(
            f"{name} has a column named {odd!r}, which is no string; name columns by strings, to "
            "find them again"
        )
    absent = next((column for column in wanted if column not in names), None)
    if absent is not None:
        close = difflib.get_close_matches(absent, [str(column) for column in names], n=1)
        hint = f"did you mean {close[0]!r}? Its" if close else "its"
        raise ValueError(
            f"{name} has no column {absent!r}; {hint} columns are {', '.join(map(repr, names))}"
        )
    twice = next((column for column in wanted if names.count(column) > 1), None)
    if twice is not None:
        raise ValueError(f"{name} has two columns named {twice!r}; rename one")
