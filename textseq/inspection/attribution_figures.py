"""Attributions of a text's tokens, drawn: a bar a token, or lines of text with bars on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from textseq.figures import ACCENT, INK, MUTED, PAPER, SECOND, bare, columns_of, new_figure
from textseq.inspection.token_labels import UNKNOWN_NOTE, token_label
from textseq.marks import keep_marks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Tokens of a long text that are drawn at most.
MOST_DRAWN = 400
# Characters on a line of a text drawn in lines, and inches of one.
LINE_LENGTH, CHARACTER = 100, 0.067
# Share of the longest bar below which none is drawn.
LEAST_BAR = 0.04


def token_bars(table: pd.DataFrame, message: str, sides: tuple[str, str], unit: str) -> Figure:
    """Draw a bar a token.

    Parameters
    ----------
    table : DataFrame
        Of an ``Explanation``.
    message : str
        The title.
    sides : tuple of str
        What bars below and above 0 say.
    unit : str
        Of the attributions; empty if they are in that of the target.
    """
    positions = np.arange(len(table))
    left_out = table["occlusion"].to_numpy()
    figure = new_figure(1.35 + 0.2 * len(positions), message)
    axes = figure.add_subplot()
    faces = [ACCENT if value > 0 else PAPER for value in left_out]
    axes.barh(positions, left_out, 0.62, color=faces, edgecolor=ACCENT, label="left out")
    axes.plot(
        table["integrated_gradients"],
        positions,
        "D",
        ms=4.5,
        mfc=SECOND,
        mec=INK,
        mew=0.7,
        label="integrated gradients",
    )
    axes.axvline(0, color=INK, lw=0.8)
    axes.set_yticks(positions, list(map(token_label, table["token"], table["known"])))
    axes.set_ylim(len(positions) - 0.4, -0.6)
    against, speaking = sides
    unit = f"{unit}   " if unit else ""
    note = "" if table["known"].all() else f"\n{UNKNOWN_NOTE}"
    axes.set_xlabel(f"◂ {against}   {unit}{speaking} ▸{note}")
    axes.margins(x=0.06)
    axes.locator_params(axis="x", nbins=6)
    axes.grid(axis="x")
    bare(axes, "left", "bottom")
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles, labels, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)
    low, high = axes.get_xlim()
    keep_marks(axes, _values(table), np.full(len(table), (low + high) / 2), positions,
               size=(high - low, 0.9))  # fmt: skip
    return figure


def token_lines(table: pd.DataFrame, message: str, sides: tuple[str, str], unit: str) -> Figure:
    """Draw lines of text with bars on the tokens; ``token_bars`` tells the parameters."""
    from matplotlib import rcParams

    first = _most_telling(table["occlusion"].abs().to_numpy())
    shown = table.iloc[first : first + MOST_DRAWN]
    tokens = list(map(token_label, shown["token"], shown["known"]))
    columns, lines = _laid_out([columns_of(token) for token in tokens])
    n_lines = int(lines[-1]) + 1
    largest = float(shown["occlusion"].abs().max()) or 1.0
    shares = shown["occlusion"].to_numpy() / largest
    shares = np.where(np.abs(shares) < LEAST_BAR, np.nan, shares)
    figure = new_figure(1.0 + 0.42 * n_lines, message, LINE_LENGTH * CHARACTER + 0.2)
    axes = figure.add_subplot()
    widths = np.array([columns_of(token) for token in tokens], dtype=float)
    # A token stands in the middle of its line, 1 high: bars go up or down from its edges.
    up = shares > 0
    axes.bar(columns, -0.3 * shares, widths, lines - 0.2 * np.where(up, 1, -1), align="edge",
             color=np.where(up, ACCENT, PAPER), edgecolor=ACCENT, lw=0.8)  # fmt: skip
    for token, column, line, share in zip(tokens, columns, lines, shares, strict=True):
        axes.text(column, line, token, va="center", fontsize=8,
                  color=INK if abs(share) > 0.25 else MUTED,
                  family=["monospace", *rcParams["font.family"]])  # fmt: skip
    keep_marks(axes, _values(shown), columns + widths / 2, lines, size=(widths, 0.9))
    axes.set_xlim(0, LINE_LENGTH)
    axes.set_ylim(n_lines - 0.4, -0.6)
    axes.set_xticks([])
    axes.set_yticks([])
    bare(axes, "left", "bottom")
    against, speaking = sides
    legend = (
        f"filled bar above: {speaking}; hollow bar below: {against}, by what is lost\n"
        f"when the token is left out (the longest bar: {largest:.2g}{unit and f' {unit}'})"
    )
    if len(shown) < len(table):
        legend += f"; tokens {first + 1} to {first + len(shown)} of {len(table)}"
    if not table["known"].all():
        legend += f"\n{UNKNOWN_NOTE}"
    axes.set_xlabel(legend, loc="left")
    return figure


def _values(table: pd.DataFrame) -> pd.DataFrame:
    """Return what each token's mark stands for."""
    columns = ["step", "token", "known", "occlusion", "integrated_gradients"]
    names = {"occlusion": "left out", "integrated_gradients": "integrated gradients"}
    return table[columns].rename(columns=names)


def _most_telling(strengths: np.ndarray) -> int:
    """Return where the stretch of ``MOST_DRAWN`` tokens starts that says most."""
    total = np.concatenate([[0.0], np.cumsum(strengths)])
    width = min(MOST_DRAWN, len(strengths))
    return int((total[width:] - total[:-width]).argmax())


def _laid_out(widths: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the column and line of each token, lines being ``LINE_LENGTH`` characters."""
    columns, lines = [], []
    column = line = 0
    for width in widths:
        if column + width > LINE_LENGTH:
            column, line = 0, line + 1
        columns.append(column)
        lines.append(line)
        column += width + 1
    return np.array(columns), np.array(lines)
