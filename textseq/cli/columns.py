"""Columns of a table as estimators of texts read them: texts, and what stands beside these."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import polars as pl

Columns = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="Comma-separated columns beside the texts that are read too: numbers, true/false, "
        "dates, and others as categories. Cells may be empty.",
        show_default="none",
    ),
]


def columns_of(estimator: Any) -> dict[str, str]:
    """Return the columns that a fitted model reads beside its texts, with their kinds."""
    encoding = getattr(estimator, "encoding_", None)
    beside = getattr(encoding, "beside", None)
    return {} if beside is None else dict(beside.kinds)


def texts_of_model(estimator: Any, text: list[str] | None) -> list[str]:
    """Return the columns of texts: those named, else those that the model was fitted to."""
    if text:
        return text
    known = estimator.encoding_.columns if columns_of(estimator) else None
    return list(known or ["text"])


def as_fitted(
    estimator: Any, X: pl.Series | pl.DataFrame, text: list[str]
) -> pl.Series | pl.DataFrame:
    """Call the columns of texts by the names that a model with columns beside them knows."""
    import polars as pl

    if isinstance(X, pl.Series) or not columns_of(estimator):
        return X
    names: dict[str, str] = dict(zip(text, estimator.encoding_.columns, strict=False))
    return X.rename(names)


def kinds_of(X: pl.Series | pl.DataFrame, columns: Mapping[str, str | None]) -> dict[str, str]:
    """Return the kinds that columns of one file turned out to have, to read another like it."""
    from textseq.estimators.encoding.columns import Columns

    return Columns.read(X, list(columns)).kinds if columns else {}


def rows_of(
    frame: pl.DataFrame, text: list[str], columns: Mapping[str, str | None]
) -> pl.Series | pl.DataFrame:
    """Take the text column, or the two of text pairs; with the columns beside them, if any.

    Parameters
    ----------
    frame : DataFrame
        As ``read_table`` returns it: of most files all cells are strings.
    text : list of str
    columns : mapping of str to str or None
        Names of columns, and the kind that each is read as; None is what its cells look like.
    """
    if len(text) > 2:
        raise ValueError(f"--text is given {len(text)} times; give it once, or twice for pairs")
    if not columns:
        return frame[text[0]] if len(text) == 1 else frame.select(text)
    absent = next((name for name in columns if name not in frame.columns), None)
    if absent is not None:
        close = difflib.get_close_matches(absent, frame.columns, n=1)
        hint = f"did you mean {close[0]!r}? There" if close else "there"
        raise ValueError(
            f"there is no column {absent!r} to read beside the texts; {hint} are "
            f"{', '.join(map(repr, frame.columns))}"
        )
    beside = [typed(frame[name], kind) for name, kind in columns.items()]
    return frame.select(text).with_columns(beside)


def typed(cells: pl.Series, kind: str | None = None) -> pl.Series:
    """Return a column of strings as what it holds; one that has a type stays as it is.

    Parameters
    ----------
    cells : Series
    kind : {"number", "boolean", "category", "date"}, optional
        What it has to be; by default what all its cells are.

    Raises
    ------
    ValueError
        If a cell is not of the kind.

    Examples
    --------
    >>> import polars as pl
    >>> cells = ["1.5", "NA", None], ["true", "False", ""], ["2024-02-29", None, ""], ["7", "b", ""]
    >>> [str(typed(pl.Series(own)).dtype) for own in cells]
    ['Float64', 'Boolean', "Datetime(time_unit='us', time_zone=None)", 'String']
    """
    import polars as pl

    if cells.dtype != pl.String:
        return cells
    there = cells.set(cells == "", None)
    if kind == "category":
        return there
    if kind is None and there.str.contains(r"^-?0\d").any():  # 007 is a name, and no number
        return there
    known = there.set(there.is_in(_MISSING), None)
    readings = {"number": _numbers, "boolean": _truths, "date": _dates}
    for name, read in readings.items():
        if kind not in (None, name):
            continue
        found = read(known)
        lost = found.is_null() & known.is_not_null()
        if not lost.any():
            return found
        if kind is not None:
            value = known.filter(lost)[0]
            raise ValueError(
                f"column {cells.name!r} holds {value!r}, which is no {_CALLED[kind]}, as the "
                "model was fitted to; mend it, or leave the cell empty"
            )
    return there


# What R, pandas and JSON write where a value is missing that is no category.
_MISSING = ["NA", "NaN", "nan", "null", "None"]
_CALLED = {"number": "number", "boolean": "true or false", "date": "date such as 2024-02-29"}


def _numbers(cells: pl.Series) -> pl.Series:
    import polars as pl

    return cells.cast(pl.Float64, strict=False)


def _truths(cells: pl.Series) -> pl.Series:
    import polars as pl

    words = cells.str.to_lowercase()
    return words.replace_strict(
        ["true", "false"], [True, False], default=None, return_dtype=pl.Boolean
    )


def _dates(cells: pl.Series) -> pl.Series:
    """Read ISO 8601: days, and times of a day, with or without a zone."""
    import polars as pl

    whole = cells.str.replace("T", " ", literal=True).str.replace(r"(Z|[+-]\d\d:?\d\d)$", "")
    found = pl.Series(cells.name, [None] * len(cells), dtype=pl.Datetime("us"))
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S%.f"):
        read = whole.str.strptime(pl.Datetime("us"), form, strict=False)
        found = found.zip_with(found.is_not_null(), read)
    return found.alias(cells.name)
