"""Figures of a comparison's scores: by model, and by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from textseq.comparison.score_marks import (
    draw_seeds,
    keep_scores,
    mark_model,
    name_rows,
    write_score,
)
from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.scores.result import Comparison
from textseq.comparison.scores.wording import metric_text
from textseq.comparison.statistics import t_interval
from textseq.comparison.wording import lead_message, listed, mean_text
from textseq.figures import ACCENT, MUTED, PAPER, SECOND, bare, figure_style, new_figure, short
from textseq.marks import keep_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# How scores begin that lie between 0 and 1.
SHARES = (
    "accuracy", "subset accuracy", "balanced_accuracy", "f1", "precision", "recall", "jaccard",
    "roc_auc", "average_precision", "top_k_accuracy", "span_f1", "exact_match",
)  # fmt: skip
# And those from 0 to 100.
PERCENTAGES = ("bleu", "chrf")


def score_plot(comparison: Comparison) -> Figure:
    """Draw every model's score, best on top, with its 95 % interval and every seed.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    matplotlib Figure
    """
    ranked = comparison.ranked
    scores = np.array([float(np.mean(model.scores)) for model in ranked])
    halves = np.array([t_interval(model.scores)[1] for model in ranked])
    low, high = _window(ranked, scores, np.nan_to_num(halves), _possible(comparison))
    metric = metric_text(comparison.metric)
    reached = f"{metric} {mean_text(ranked[0].scores)}"
    with figure_style():
        figure = new_figure(
            0.8 + 0.34 * len(ranked), lead_message(comparison, reached, comparison.lead)
        )
        axes = figure.add_subplot()
        for row, (model, score, half) in enumerate(zip(ranked, scores, halves, strict=True)):
            ends = np.clip([score - half, score + half], *_possible(comparison))
            keep_scores(axes, row, (model.name, metric), model.scores, ends)
            if score < low:
                off = f"◂ {mean_text(model.scores)}, off the scale"
                axes.text(low, row, off, va="center", color=MUTED)
                continue
            if half > 0:
                draw_seeds(axes, row, model.scores, ends)
            mark_model(axes, model, score, row, 6 if row else 7, clip_on=False)
            write_score(axes, row, model.scores)
        name_rows(axes, ranked)
        axes.set_xlim(low, high)
        axes.locator_params(axis="x", nbins=5)
        axes.set_xlabel(f"{metric} on {len(comparison.texts):,} test {comparison.units}")
        axes.grid(axis="x")
    return figure


def learning_curve(networks: list[ComparedModel], index: int) -> Figure:
    """Draw a network's loss by epoch, each fit and their mean, on the scale of all networks.

    Parameters
    ----------
    networks : list of ComparedModel
        Those with a history of epochs.
    index : int
        Which of them.

    Returns
    -------
    matplotlib Figure
    """
    from matplotlib.ticker import MaxNLocator

    model = networks[index]
    with figure_style():
        figure = new_figure(2.2, short(model.name, 40), width=3.4)
        axes = figure.add_subplot()
        for column, name, color, line in (
            ("loss", "training", SECOND, "--"),
            ("validation_loss", "validation", ACCENT, "-"),
        ):
            by_epoch = _by_epoch(model, column)
            if by_epoch.empty:
                continue
            axes.plot(by_epoch.index, by_epoch, line, color=color, lw=0.7, alpha=0.5)
            mean = by_epoch.mean(axis=1)
            axes.plot(mean.index, mean, line, color=color, lw=1.9, label=name)
            _keep_losses(axes, model, column, name, mean)
        _mark_kept(axes, model)
        if index == 0:
            axes.legend(loc="best")  # upper right, unless validation losses turn up
        all_epochs = pd.concat([history for other in networks for history in other.histories])
        losses = all_epochs.filter(["loss", "validation_loss"])
        axes.set_ylim(0, 1.08 * float(losses.max(axis=None)))
        axes.set_xlim(0.7, float(all_epochs["epoch"].max()) + 0.3)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        axes.set_xlabel("epoch")
        axes.set_ylabel("loss")
        axes.tick_params(axis="y", labelcolor=MUTED)
        axes.grid(axis="y")
        bare(axes, "left")
    return figure


def with_epochs(comparison: Comparison) -> list[ComparedModel]:
    """Return the models that have a history of epochs, best first."""
    return [model for model in comparison.ranked if model.histories]


def _possible(comparison: Comparison) -> tuple[float, float]:
    """Return the least and the largest score that there is."""
    metric = comparison.metric
    if metric.startswith(SHARES):
        return 0.0, 1.0
    if metric in PERCENTAGES or comparison.sign < 0:
        return 0.0, 100.0 if metric in PERCENTAGES else np.inf
    return -np.inf, 1.0 if metric == "r2" else 0.0 if metric.startswith("neg_") else np.inf


def _window(
    ranked: list[ComparedModel],
    scores: np.ndarray,
    halves: np.ndarray,
    possible: tuple[float, float],
) -> tuple[float, float]:
    """Return the range of scores to draw, without constant models that would squeeze all others.

    The majority class is often far below; drawn to scale, it hides the
    differences that matter. Any other model is always on the scale.
    """
    lows = np.clip(scores - halves, *possible)
    high = float(np.clip(scores + halves, *possible).max())
    low = float(lows.min())
    varied = np.array([not model.is_constant for model in ranked])
    if varied.sum() > 1:
        others = float(lows[varied].min())
        if others - low > high - others:
            low = others
    margin = 0.08 * (high - low) or 0.01
    return low - margin, high + margin


def _mark_kept(axes: Axes, model: ComparedModel) -> None:
    """Mark the epoch of each fit whose weights were kept: the one that validated best."""
    kept = [
        history.loc[history["validation_score"].idxmax(), ["epoch", "validation_loss"]]
        for history in model.histories
        if {"validation_score", "validation_loss"} <= set(history)
    ]
    if not kept:
        return
    epochs, losses = np.array(sorted(map(tuple, kept)), dtype=float).T
    axes.plot(
        epochs, losses, "o", ms=4.5, mfc=PAPER, mec=ACCENT, mew=1.2, zorder=3, label="epoch kept"
    )


def _keep_losses(axes: Axes, model: ComparedModel, column: str, rows: str, mean: pd.Series) -> None:
    """Keep what a network's losses stand for: the mean of its fits, and each of them."""
    if len(model.histories) > 1:
        fit = f"mean of {len(model.histories)}"
        values = {"rows": rows, "fit": fit, "epoch": mean.index, "loss": mean}
        keep_marks(axes, values, mean.index, mean)
    for number, history in enumerate(model.histories, 1):
        if column not in history:
            continue
        values = {
            "rows": rows,
            "fit": str(number),
            "epoch": history["epoch"],
            "loss": history[column],
        }
        if column == "validation_loss" and "validation_score" in history:
            places = np.arange(len(history))
            values["weights kept"] = places == history["validation_score"].argmax()
        keep_marks(axes, values, history["epoch"], history[column])


def _by_epoch(model: ComparedModel, column: str) -> pd.DataFrame:
    """Return a column of the histories: a row an epoch, a column a fit that reached it."""
    fits = [history.set_index("epoch")[column] for history in model.histories if column in history]
    return pd.concat(fits, axis=1) if fits else pd.DataFrame()


def curve_message(networks: list[ComparedModel]) -> str:
    """Say which networks' validation loss turns up again."""
    risen = []
    for model in networks:
        mean = _by_epoch(model, "validation_loss").mean(axis=1)
        if len(mean) and mean.iloc[-1] > 1.05 * mean.min():
            risen.append(short(model.name))
    if not any("validation_loss" in history for model in networks for history in model.histories):
        return "Training loss by epoch"
    if not risen:
        return "No network's validation loss turns up: none is memorising yet"
    return f"Validation loss turns up in {listed(risen)}: the last epochs only memorise"
