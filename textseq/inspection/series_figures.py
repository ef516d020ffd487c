"""Attributions of the steps of a series or a wave, drawn on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from textseq.figures import ACCENT, INK, MUTED, PAPER, SECOND, bare, new_figure
from textseq.inspection.steps import SeriesSteps
from textseq.inspection.wave_steps import WaveSteps
from textseq.marks import keep_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Channels with a panel each: those with the largest attributions.
MOST_CHANNELS = 4
# Share of the largest attribution below which a step is not marked.
LEAST_MARK = 0.05
# Area of the largest mark, in square points.
LARGEST_MARK = 70.0


def series_attributions(
    table: pd.DataFrame, steps: SeriesSteps, message: str, sides: tuple[str, str], unit: str
) -> Figure:
    """Draw each channel with a mark on every step that says much, above a bar a step.

    Parameters
    ----------
    table : DataFrame
        Of an ``Explanation``.
    steps : SeriesSteps
    message : str
        The title.
    sides : tuple of str
        What hollow and filled marks and bars say.
    unit : str
        Of the attributions; empty if they are in that of the target.
    """
    shares = table[steps.names("integrated_gradients")].to_numpy()  # (T, C)
    largest = float(np.abs(shares).max()) or 1.0
    order = np.argsort(-np.abs(shares).sum(0), kind="stable")
    shown = np.sort(order[:MOST_CHANNELS]).tolist()
    heights = [1.2] * len(shown) + [1.1]
    figure = new_figure(1.8 + sum(heights), message, steps.width)
    panels = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    for axes, channel in zip(panels, shown, strict=False):
        values = steps.values[:, channel]
        _marked(axes, values, shares[:, channel] / largest)
        said = {"channel": channel} if steps.n_channels > 1 else {}
        said |= {"value": values, "integrated gradients": shares[:, channel]}
        keep_marks(axes, {"step": table["step"]} | said, np.arange(len(table)), values, spans=True)
        axes.set_ylabel("value" if steps.n_channels == 1 else f"channel {channel}")
    _bars(panels[-1], table)
    steps.label_axis(panels[-1], np.abs(shares).sum(1))
    against, speaking = sides
    note = f"filled: {speaking}; hollow: {against}\nmarks by integrated gradients"
    if len(shown) < steps.n_channels:
        note += f"; {len(shown)} of {steps.n_channels} channels"
    panels[-1].set_xlabel(f"step\n{note}")
    _name_bars(panels[-1], unit)
    return figure


def wave_attributions(
    table: pd.DataFrame, steps: WaveSteps, message: str, sides: tuple[str, str], unit: str
) -> Figure:
    """Draw a bar a step below the spectrogram, and the symbols that are heard between.

    Parameters
    ----------
    table, steps, message, sides, unit
        As ``series_attributions`` takes them.
    """
    figure = new_figure(4.6, message, steps.width)
    spectrogram, bars = figure.subplots(2, 1, sharex=True, height_ratios=[1.4, 1.1])
    steps.draw(spectrogram)
    _bars(bars, table)
    steps.label_axis(bars, table["occlusion"].abs().to_numpy())
    against, speaking = sides
    bars.set_xlabel(f"time (seconds)\nfilled: {speaking}; hollow: {against}")
    _name_bars(bars, unit)
    return figure


def _name_bars(axes: Axes, unit: str) -> None:
    axes.set_ylabel(f"left out\n({unit})" if unit else "left out")
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles, labels, loc="lower left", bbox_to_anchor=(0, 0.98), borderpad=0)


def _marked(axes: Axes, values: np.ndarray, shares: np.ndarray) -> None:
    """Draw a channel (T,) with marks of the sizes of its shares (T,) of the largest."""
    axes.plot(values, color=MUTED, lw=1.0)
    marked = np.flatnonzero(np.abs(shares) >= LEAST_MARK)
    # A missing value has no place on the line: its mark is at the foot of the panel.
    low = np.nanmin(values) if not np.isnan(values).all() else 0.0
    axes.scatter(
        marked,
        np.where(np.isnan(values[marked]), low, values[marked]),
        s=LARGEST_MARK * np.abs(shares[marked]),
        c=[ACCENT if share > 0 else PAPER for share in shares[marked]],
        edgecolors=ACCENT,
        linewidths=0.9,
        zorder=3,
    )
    axes.margins(y=0.15)
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.tick_params(axis="y", labelcolor=MUTED)
    axes.grid(axis="y")
    bare(axes, "left", "bottom")


def _bars(axes: Axes, table: pd.DataFrame) -> None:
    left_out, positions = table["occlusion"].to_numpy(), np.arange(len(table))
    axes.bar(
        positions,
        left_out,
        0.8,
        color=[ACCENT if value > 0 else PAPER for value in left_out],
        edgecolor=ACCENT,
        lw=0.6,
    )
    axes.plot(
        positions,
        table["integrated_gradients"],
        color=SECOND,
        lw=1.1,
        label="integrated gradients of the step",
    )
    names = {"occlusion": "left out", "integrated_gradients": "integrated gradients"}
    values = table[["step", *names]].rename(columns=names)
    keep_marks(axes, values, positions, left_out, spans=True)
    axes.axhline(0, color=INK, lw=0.8)
    axes.tick_params(axis="y", labelcolor=MUTED)
    axes.grid(axis="y")
    bare(axes, "left", "bottom")
