"""Figures of a comparison's scores: by model, against training time, by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from textseq.comparison.score_marks import draw_seeds, mark_model, name_rows, write_score
from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.scores.result import Comparison
from textseq.comparison.scores.wording import LEAD, metric_text
from textseq.comparison.statistics import t_interval
from textseq.comparison.wording import differs, lead_message, listed, seconds_text
from textseq.figures import ACCENT, MUTED, PAPER, SECOND, bare, figure_style, new_figure, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# How scores begin that lie between 0 and 1.
SHARES = (
    "accuracy", "subset accuracy", "balanced_accuracy", "f1", "precision", "recall", "jaccard",
    "roc_auc", "average_precision", "top_k_accuracy",
)  # fmt: skip


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
    halves = np.nan_to_num([t_interval(model.scores)[1] for model in ranked])
    low, high = _window(ranked, scores, halves, _possible(comparison))
    reached = f"{metric_text(comparison.metric)} {scores[0]:.3f}"
    with figure_style():
        figure = new_figure(0.8 + 0.34 * len(ranked), lead_message(comparison, reached, LEAD))
        axes = figure.add_subplot()
        for row, (model, score, half) in enumerate(zip(ranked, scores, halves, strict=True)):
            if score < low:
                axes.text(low, row, f"◂ {score:.3f}, off the scale", va="center", color=MUTED)
                continue
            if half:
                ends = np.clip([score - half, score + half], *_possible(comparison))
                draw_seeds(axes, row, model.scores, ends)
            mark_model(axes, model, score, row, 6 if row else 7, clip_on=False)
            write_score(axes, row, model.scores)
        name_rows(axes, ranked)
        axes.set_xlim(low, high)
        axes.locator_params(axis="x", nbins=5)
        axes.set_xlabel(
            f"{metric_text(comparison.metric)} on {len(comparison.texts):,} test {comparison.units}"
        )
        axes.grid(axis="x")
    return figure


def time_plot(comparison: Comparison) -> Figure:
    """Draw score against training time, each model labelled where it stands.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    matplotlib Figure
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    # The majority class is fitted in no time and scores far below: to scale, it would push all
    # others into a corner.
    varied = [model for model in comparison.models if not model.is_constant]
    shown = varied or list(comparison.models)
    left_out = [model for model in comparison.models if model not in shown]
    scores = np.array([float(np.mean(model.scores)) for model in shown])
    # Zero, of a clock too coarse, has no place on a log axis.
    seconds = np.array([max(float(np.mean(model.fit_seconds)), 1e-6) for model in shown])
    with figure_style():
        figure = new_figure(3.4, _time_message(comparison))
        axes = figure.add_subplot()
        axes.set_xscale("log")
        # Room on both sides, so that a mark stands clear of the edge.
        padding = max(seconds.max() / seconds.min(), 10.0) ** 0.08
        axes.set_xlim(seconds.min() / padding, seconds.max() * padding)
        margin = 0.08 * float(np.ptp(scores)) or 0.01
        axes.set_ylim(scores.min() - margin, scores.max() + margin)
        for model, x, y in zip(shown, seconds, scores, strict=True):
            mark_model(axes, model, x, y, 6.5, clip_on=False)
        _label(axes, seconds, scores, [short(model.name, 28) for model in shown])
        if seconds.max() < 30 * seconds.min():
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: seconds_text(value)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        label = "training time of one fit, log scale"
        if left_out:
            names = [f"{short(model.name, 20)} ({model.scores.mean():.3f})" for model in left_out]
            label += f"\nnot shown: {listed(names)}, always the same answer"
        axes.set_xlabel(label)
        axes.set_ylabel(metric_text(comparison.metric))
        axes.tick_params(axis="y", labelcolor=MUTED)
        axes.grid()
        bare(axes, "left", "bottom")
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
        _mark_kept(axes, model)
        if index == 0:
            axes.legend(loc="upper right")  # losses fall, so that corner is free
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


def _label(axes: Axes, x: np.ndarray, y: np.ndarray, names: list[str]) -> None:
    """Write each name beside its mark, where it covers no other mark or name."""
    # Places in points, on axes of about 4.1 by 2.5 inches.
    (x_low, x_high), (y_low, y_high) = np.log(axes.get_xlim()), axes.get_ylim()
    across = 296 * (np.log(x) - x_low) / (x_high - x_low)
    up = 180 * (y - y_low) / (y_high - y_low)
    taken = [(cx - 5, cy - 5, cx + 5, cy + 5) for cx, cy in zip(across, up, strict=True)]
    for i in np.argsort(-up):
        length = 5.9 * len(names[i])
        spots = [
            (side, 8.0 if level == 0 else 3.0, level)
            for level in (0, 11, -11, 20, -20, 30, -30, 40, -40)
            for side in (1, -1)
        ]
        boxes = [
            (
                across[i] + (gap if side > 0 else -gap - length),
                up[i] + level - 5,
                across[i] + (gap + length if side > 0 else -gap),
                up[i] + level + 5,
            )
            for side, gap, level in spots
        ]
        free = (
            index
            for index, box in enumerate(boxes)
            if box[0] >= 0 and box[2] <= 300 and not any(_overlap(box, other) for other in taken)
        )
        chosen = next(free, 0)
        taken.append(boxes[chosen])
        side, gap, level = spots[chosen]
        axes.annotate(
            names[i],
            (x[i], y[i]),
            xytext=(side * gap, level),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="center",
            # Far from its mark, a name needs a line back to it.
            arrowprops={"arrowstyle": "-", "color": MUTED, "lw": 0.6, "shrinkA": 1, "shrinkB": 4}
            if abs(level) > 11
            else None,
        )


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


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


def _by_epoch(model: ComparedModel, column: str) -> pd.DataFrame:
    """Return a column of the histories: a row an epoch, a column a fit that reached it."""
    fits = [history.set_index("epoch")[column] for history in model.histories if column in history]
    return pd.concat(fits, axis=1) if fits else pd.DataFrame()


def _time_message(comparison: Comparison) -> str:
    best = comparison.ranked[0]
    seconds = float(best.fit_seconds.mean())
    takes = f"{short(best.name)} takes {seconds_text(seconds)} a fit"
    level = [
        model
        for model in comparison.models
        if model is not best and not differs(comparison, best, model)
    ]
    cheapest = min(level, key=lambda model: float(model.fit_seconds.mean()), default=best)
    cheap = float(cheapest.fit_seconds.mean())
    if cheap < 0.7 * seconds:
        return f"{takes}; {short(cheapest.name)}, level with it, takes {seconds_text(cheap)}"
    return f"{takes}; no cheaper model is level with it" if len(comparison.models) > 1 else takes


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
