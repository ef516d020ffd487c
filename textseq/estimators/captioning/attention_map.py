"""What a captioner looked at while it spoke, as figures and drawn over the image."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from textseq.figures import bare, figure_style, new_figure, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Inches of an image, images side by side, and characters of a token that are drawn.
SIDE, PER_LINE, MOST_CHARACTERS = 1.15, 6, 14
# Grey that lies over what is not attended to, and its opacity there.
VEIL, OPACITY = 0.35, 0.7


@dataclass(frozen=True, eq=False)
class ImageAttention:
    """The weight of each place of an image in each token of its caption.

    Parameters
    ----------
    weights : ndarray of shape (n_output, rows, columns)
        Those of a token add up to 1; the last is the end.
    output : list of str
        Tokens, ``<eos>`` last.
    image : ndarray of shape (H, W) or (H, W, 3), optional
        From 0 to 1; None where places came with their features.
    """

    weights: np.ndarray
    output: list[str]
    image: np.ndarray | None

    def plot(self) -> Figure:
        """Draw the image once a token, bright where the token looks, veiled elsewhere.

        The number behind a token is its largest weight.

        Returns
        -------
        matplotlib Figure
        """
        n_columns = min(len(self.output), PER_LINE)
        n_lines = math.ceil(len(self.output) / n_columns)
        with figure_style():
            figure = new_figure(
                n_lines * (SIDE + 0.35) + 0.6,
                "What each token looks at",
                max(n_columns * (SIDE + 0.15) + 0.4, 4.4),
            )
            panels = figure.subplots(n_lines, n_columns, squeeze=False).ravel()
            for axes in panels:
                bare(axes, "left", "bottom", "top", "right")
                axes.set_xticks([])
                axes.set_yticks([])
            for axes, token, weights in zip(panels, self.output, self.weights, strict=False):
                rows, columns = weights.shape
                # In units of places, whatever the image has of pixels.
                extent = -0.5, columns - 0.5, rows - 0.5, -0.5
                shown = np.ones(weights.shape) if self.image is None else self.image
                axes.imshow(shown, cmap="gray", vmin=0, vmax=1, extent=extent, aspect="auto")
                veil = np.full((rows, columns, 4), VEIL)
                veil[:, :, 3] = OPACITY * (1 - weights / max(weights.max(), 1e-12))
                axes.imshow(veil, extent=extent, aspect="auto", interpolation="nearest")
                axes.set_title(f"{short(token, MOST_CHARACTERS)} {weights.max():.2f}", loc="left")
        return figure

    def __str__(self) -> str:
        lines = []
        for token, weights in zip(self.output, self.weights, strict=True):
            row, column = np.unravel_index(weights.argmax(), weights.shape)
            lines.append(
                f"{token} ← row {row + 1}, column {column + 1} of {weights.shape[0]} x "
                f"{weights.shape[1]} ({weights.max():.2f})"
            )
        return "\n".join(lines)
