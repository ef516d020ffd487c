"""Tokens as labels of figures: legible be it a word, an emoji, a space, or hundreds of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from textseq.figures import WIDTH, short
from textseq.font_coverage import BOX

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST = 14
"""Characters of a label."""

# Inches that an upright label takes, that no figure exceeds, and that stand beside the axes.
_PER_TOKEN, _WIDEST, _BESIDE = 0.135, 11.0, 1.5
# Tokens that fit side by side with their labels only slightly tilted.
_FEW = 9


UNKNOWN_NOTE = "in parentheses: unknown to the model"


def token_label(token: str, known: bool = True) -> str:
    """Return a token as a figure can show it; ``UNKNOWN_NOTE`` tells of one that is unknown.

    White space becomes visible, and a token of signs that do not print a box.

    Examples
    --------
    >>> [token_label(token) for token in (" ", "$5", "supercalifragilistic")]
    ['␣', '$5', 'supercalifrag…']
    >>> token_label("xyzzy", known=False)
    '(xyzzy)'
    """
    if not known:
        return f"({token_label(token)})"
    if not token.strip():
        return "␣"
    return short(token, LONGEST) or BOX


def figure_width(n_tokens: int) -> float:
    """Return the inches that a figure of so many tokens side by side takes."""
    return float(np.clip(_BESIDE + _PER_TOKEN * n_tokens, WIDTH, _WIDEST))


def label_tokens(axes: Axes, table: pd.DataFrame, importance: np.ndarray) -> None:
    """Write tokens below an axis that counts them from 0; of very many, the important ones.

    Parameters
    ----------
    axes : matplotlib Axes
        Of a figure that is ``figure_width`` wide.
    table : DataFrame
        T rows with ``token`` and ``known``.
    importance : ndarray of shape (T,)
        Decides which tokens are named where there is no room for all.
    """
    n_tokens = len(table)
    fitting = (figure_width(n_tokens) - _BESIDE) / _PER_TOKEN
    apart = max(1.0, n_tokens / fitting)
    shown: list[int] = []
    for step in np.argsort(-importance, kind="stable").tolist():
        if all(abs(step - other) >= apart for other in shown):
            shown.append(step)
    few = n_tokens <= _FEW
    axes.set_xticks(
        shown,
        [token_label(*table.loc[step, ["token", "known"]]) for step in shown],
        rotation=30 if few else 90,
        ha="right" if few else "center",
        rotation_mode="anchor" if few else "default",
        fontsize=8,
    )
    axes.set_xlim(-0.5, n_tokens - 0.5)
    label = "token, in reading order"
    if len(shown) < n_tokens:
        label += f"; {len(shown)} of {n_tokens} are named, where it moves"
    if not table["known"].all():
        label += f"\n{UNKNOWN_NOTE}"
    axes.set_xlabel(label)
