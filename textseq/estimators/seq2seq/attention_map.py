"""What a decoder attended to while it spoke, as figures and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from textseq.figures import INK, LINE, bare, figure_style, new_figure, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Inches of one token, and characters of it that are drawn.
CELL, MOST_CHARACTERS = 0.24, 14
# Steps beyond which not each has its label.
MOST_LABELS = 60


@dataclass(frozen=True, eq=False)
class AttentionMap:
    """The weight of each source step in each step of an output.

    Parameters
    ----------
    weights : ndarray of shape (n_output, n_source)
        Every row adds up to 1; the last is that of the end.
    source : list of str
        Tokens, or numbers of steps.
    output : list of str
        Tokens, ``<eos>`` last.
    """

    weights: np.ndarray
    source: list[str]
    output: list[str]

    def plot(self) -> Figure:
        """Draw a square for each weight, the darker the higher.

        Returns
        -------
        matplotlib Figure
        """
        n_output, n_source = self.weights.shape
        drawn = min(n_source, MOST_LABELS), min(n_output, MOST_LABELS)
        with figure_style():
            width, height = (1.7 + CELL * count for count in drawn)
            figure = new_figure(
                height + 0.4, "What each output token attends to", max(width + 0.8, 4.4)
            )
            axes = figure.add_subplot()
            drawing = axes.imshow(self.weights, cmap="Greys", vmin=0, vmax=1, aspect="auto")
            figure.colorbar(drawing, label="attention weight", pad=0.03, aspect=30)
            axes.xaxis.tick_top()
            axes.xaxis.set_label_position("top")
            axes.set_xlabel("source")
            axes.set_ylabel("output")
            axes.set_xticks(*_labels(self.source), rotation=90, color=INK)
            axes.set_yticks(*_labels(self.output))
            # White lines between the squares, which count the tokens.
            axes.set_xticks(np.arange(n_source + 1) - 0.5, minor=True)
            axes.set_yticks(np.arange(n_output + 1) - 0.5, minor=True)
            axes.grid(which="minor", color=LINE, linewidth=0.5)
            bare(axes, "left", "bottom", "top")
            axes.tick_params(which="both", length=0)
        return figure

    def __str__(self) -> str:
        strongest = self.weights.argmax(1) if self.weights.size else []
        lines = [
            f"{token} ← {self.source[index]} ({row[index]:.2f})"
            for token, index, row in zip(self.output, strongest, self.weights, strict=False)
        ]
        return "\n".join(lines)


def _labels(tokens: list[str]) -> tuple[list[int], list[str]]:
    """Return places and labels, not more than fit."""
    indices = list(range(0, len(tokens), -(-len(tokens) // MOST_LABELS) or 1))
    shown = [tokens[index].replace(" ", "␣") for index in indices]
    return indices, [short(token, MOST_CHARACTERS) for token in shown]
