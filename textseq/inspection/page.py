"""What the instruments found in a model as one HTML page that needs no other file."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from textseq.figures import drawn_by_browser, short
from textseq.inspection.result import Inspection
from textseq.report.template import Drawing, drawing, flat, write_filled

# Longer tables are folded; of very long ones, the first rows are shown.
_UNFOLDED_ROWS = 12
_MOST_CELLS = 6_000
_FEWEST_ROWS = 40
# Columns of a table that stands beside its figure in any window, or in a wide one.
_MOST_COLUMNS_BESIDE, _MOST_COLUMNS_BESIDE_IF_WIDE = 6, 10
_LONGEST_TITLE = 90
_VISIBLE = str.maketrans({" ": "␣", "\n": "⏎", "\r": "␍", "\t": "⇥"})


@dataclass(frozen=True)
class Group:
    """What instruments found on the same thing.

    Parameters
    ----------
    title : str
        What they looked at.
    findings : mapping of instrument to Inspection
    text : str, optional
        The text that they followed.
    """

    title: str
    findings: Mapping[str, Inspection]
    text: str | None = None


@dataclass(frozen=True)
class Finding:
    """What one instrument found, as the page shows it.

    Parameters
    ----------
    key : str
        Of the section; no other has it.
    name : str
        The instrument's.
    verdict : str
    figure : Drawing
    columns : list of (name, whether its cells are numbers)
    rows : list of tuple of str
    n_rows : int
        Of the whole table.
    """

    key: str
    name: str
    verdict: str
    figure: Drawing
    columns: list[tuple[str, bool]]
    rows: list[tuple[str, ...]]
    n_rows: int

    @property
    def place(self) -> str:
        """Where the table stands if not beside the figure: the class of the style sheet."""
        if len(self.columns) <= _MOST_COLUMNS_BESIDE:
            return ""
        return "below" if len(self.columns) <= _MOST_COLUMNS_BESIDE_IF_WIDE else "broad"

    @property
    def folded(self) -> bool:
        """Whether the table has to be opened."""
        return len(self.rows) > _UNFOLDED_ROWS


@drawn_by_browser()
def write_page(
    path: str | os.PathLike[str],
    summary: Sequence[str],
    groups: Sequence[Group],
    *,
    left_out: Sequence[str],
    receipt: Mapping[str, Any],
    parameters: Mapping[str, Any],
) -> Path:
    """Write what instruments found in a model as one self-contained HTML page.

    Parameters
    ----------
    path : path-like
        A file of that name is replaced; it stays whole if writing fails.
    summary : sequence of str
        What the model is, in lines; the first becomes the page's title.
    groups : sequence of Group
    left_out : sequence of str
        Which instruments were left out, and why.
    receipt, parameters : mapping
        Of the model's fit.

    Returns
    -------
    Path
        Where it was written.
    """
    return write_filled(
        path,
        "inspection/page.html",
        summary=list(summary),
        groups=[
            {
                "key": f"group{index}",
                "title": group.title,
                **_quoted(group.text),
                "findings": [
                    _finding(f"group{index}-{number}", name, inspection)
                    for number, (name, inspection) in enumerate(group.findings.items())
                ],
            }
            for index, group in enumerate(groups)
        ],
        left_out=list(left_out),
        receipt=list(flat(dict(receipt))),
        parameters=list(flat(dict(parameters))),
    )


def _quoted(text: str | None) -> dict[str, str | None]:
    """Return a text as a title quotes it, and whole if the title has no room for that."""
    if text is None or len(text) <= _LONGEST_TITLE:
        return {"quoted": text, "full_text": None}
    return {"quoted": short(text, _LONGEST_TITLE), "full_text": text}


def _finding(key: str, name: str, inspection: Inspection) -> Finding:
    table = inspection.table
    if len(table):
        table = table.dropna(axis=1, how="all")
    columns = [table.iloc[:, column] for column in range(table.shape[1])]
    most = max(_FEWEST_ROWS, _MOST_CELLS // max(len(columns), 1))
    cells = [_cells(column.iloc[:most]) for column in columns]
    return Finding(
        key=key,
        name=name,
        verdict=inspection.verdict,
        figure=drawing(inspection.plot(), key, f"{_file_name(name)}-{key}"),
        columns=[
            (str(column.name).replace("_", " "), column.dtype.kind in "iuf") for column in columns
        ],
        rows=list(zip(*cells, strict=True)),
        n_rows=len(table),
    )


def _file_name(name: str) -> str:
    """Return an instrument's name as that of a file."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower())) or "figure"


def _cells(column: pd.Series) -> list[str]:
    """Write a column of a table; what is missing is a dash, white space is made visible."""
    if column.dtype.kind == "f":
        form = _form(column[np.isfinite(column) & (column != 0)].abs())
        numbers = (form.format(value).rstrip(".") for value in column)
        return ["–" if number == "nan" else number.replace("-", "−") for number in numbers]
    if column.dtype.kind == "b":
        return ["yes" if value else "no" for value in column]
    return [_word(value) for value in column]


def _word(value: Any) -> str:
    if pd.isna(value):
        return "–"
    text = str(value)
    return text if text.strip() else text.translate(_VISIBLE)


def _form(sizes: pd.Series) -> str:
    """Return the form of numbers of these sizes: with decimals that line up, if all show."""
    if sizes.empty:
        return "{:.3f}"
    decimals = max(3, 2 - int(np.floor(np.log10(sizes.max()))))
    all_show = 10.0**-decimals <= sizes.min() and sizes.max() < 1e4
    return f"{{:.{decimals}f}}" if all_show else "{:#.3g}"
