"""Figures of what a model gets wrong: confused classes, missed labels, numbers off the mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.scores.result import Comparison
from textseq.figures import ACCENT, INK, MUTED, PAPER, bare, figure_style, new_figure, short
from textseq.marks import keep_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_NUMBERED = 12
_MATRIX = 20
_SHOWN = 12
_POINTS = 400


def error_plot(comparison: Comparison, model: ComparedModel) -> Figure:
    """Draw what a model gets wrong, averaged over its seeds.

    Up to 20 classes: the confusion matrix, each row a true class and its cells
    shares of that row, with numbers up to 12 classes. More classes: the pairs
    most often confused. Several labels: how many of each label's texts are
    found, and how many of those called so are right. Numbers: predicted
    against true.

    Parameters
    ----------
    comparison : Comparison
    model : ComparedModel
        One of its models.

    Returns
    -------
    matplotlib Figure
    """
    with figure_style():
        if comparison.task == "number":
            return _numbers(comparison, model)
        if comparison.task == "labels":
            return _labels(comparison, model)
        counts = confusion(comparison, model)
        if len(comparison.classes) <= _MATRIX:
            return _matrix(comparison, model, counts)
        return _confused_pairs(comparison, model, counts)


def confusion(comparison: Comparison, model: ComparedModel) -> np.ndarray:
    """Count predictions by true class (row) and predicted class (column), mean over seeds.

    Returns
    -------
    ndarray of shape (n_classes, n_classes)
    """
    n = len(comparison.classes)
    cells = comparison.targets * n + model.predictions
    return np.bincount(cells.ravel(), minlength=n * n).reshape(n, n) / len(model.predictions)


def _shares(counts: np.ndarray) -> np.ndarray:
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _worst_pair(comparison: Comparison, model: ComparedModel, counts: np.ndarray) -> str:
    errors = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    if not errors.any():
        return f"{short(model.name)} makes no error"
    true, taken = np.unravel_index(errors.argmax(), errors.shape)
    share = 100 * _shares(counts)[true, taken]
    names = [short(comparison.classes[i], 34) for i in (true, taken)]
    return f"{short(model.name)} takes {share:.0f} % of “{names[0]}” for “{names[1]}”"


def _matrix(comparison: Comparison, model: ComparedModel, counts: np.ndarray) -> Figure:
    from matplotlib.collections import PatchCollection
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Rectangle

    shares, n = _shares(counts), len(counts)
    side = float(np.clip(0.42 * n, 1.5, 3.7))
    figure = new_figure(side + 1.5, _worst_pair(comparison, model, counts))
    axes = figure.add_subplot()
    # Ink by share on the bare page, rather than a colour scale: reads the same on light and
    # dark pages and in grey.
    filled = [(row, column) for row in range(n) for column in range(n) if shares[row, column] > 0]
    axes.add_collection(
        PatchCollection(
            [Rectangle((column + 0.02, row + 0.02), 0.96, 0.96) for row, column in filled],
            facecolors=[to_rgba(ACCENT, 0.04 + 0.96 * shares[cell]) for cell in filled],
            linewidths=0,
        )
    )
    if n <= _NUMBERED:
        for row, column in filled:
            axes.text(
                column + 0.5,
                row + 0.5,
                f"{100 * shares[row, column]:.0f}",
                ha="center",
                va="center",
                color=PAPER if shares[row, column] > 0.5 else INK,
                size=9 if n <= 8 else 8,
            )
    true, taken = (places.ravel() for places in np.indices(counts.shape))
    values = _pair_names(comparison, true, taken) | {
        comparison.answered: counts.ravel(),
        "% of the true class": 100 * shares.ravel(),
    }
    keep_marks(axes, values, taken + 0.5, true + 0.5, size=(1, 1))
    names = [short(name, 18) for name in comparison.classes]
    upright = n <= 3 and max(map(len, names)) <= 12
    centers = np.arange(n) + 0.5
    axes.set_yticks(centers, names)
    axes.set_xticks(
        centers, names, rotation=0 if upright else 45, ha="center" if upright else "right"
    )
    if not upright:
        axes.set_xticks(centers, names, rotation=45, ha="right", rotation_mode="anchor")
    axes.tick_params(axis="x", labelcolor=INK, labelsize=9)
    axes.set_xlim(0, n)
    axes.set_ylim(n, 0)
    axes.set_aspect("equal", anchor="NW")
    axes.set_ylabel("true class")
    axes.set_xlabel("predicted class; cells in % of the true class")
    bare(axes, "left", "bottom", "top", "right")
    return figure


def _pair_names(
    comparison: Comparison, true: np.ndarray, taken: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the names of pairs of classes, by their numbers."""
    classes = np.array(comparison.classes, dtype=object)
    return {"true class": classes[true], "predicted class": classes[taken]}


def _confused_pairs(comparison: Comparison, model: ComparedModel, counts: np.ndarray) -> Figure:
    errors = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    order = np.argsort(-errors, axis=None, kind="stable")[:_SHOWN]
    pairs = [divmod(int(cell), len(counts)) for cell in order if errors.flat[cell] > 0]
    message = _worst_pair(comparison, model, counts)
    figure = new_figure(0.9 + 0.4 * max(len(pairs), 1), message)
    axes = figure.add_subplot()
    totals = counts.sum(axis=1)
    for row, (true, taken) in enumerate(pairs):
        names = (short(comparison.classes[i], 30) for i in (true, taken))
        axes.text(0, row - 0.18, " → ".join(names), va="bottom", ha="left")
        axes.barh(row, errors[true, taken], height=0.22, color=ACCENT)
        axes.annotate(
            f"{round(errors[true, taken], 1):g} of {totals[true]:.0f}",
            (errors[true, taken], row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=MUTED,
        )
    trues, takens = np.array(pairs, dtype=int).reshape(-1, 2).T
    confused = errors[trues, takens]
    values = _pair_names(comparison, trues, takens) | {
        f"{comparison.answered} confused": confused,
        f"{comparison.answered} of the true class": totals[trues],
    }
    keep_marks(axes, values, confused / 2, np.arange(len(pairs)), size=(confused, 0.22))
    axes.set_ylim(len(pairs) - 0.6, -0.8)
    axes.set_yticks([])
    axes.set_xlim(0, 1.25 * max((errors[pair] for pair in pairs), default=1.0))
    over = f"{comparison.answered} confused"
    over += " (mean over seeds)" if len(model.predictions) > 1 else ""
    axes.set_xlabel(f"{over}, of {comparison.answered} of the true class")
    bare(axes, "left", "bottom")
    return figure


def _labels(comparison: Comparison, model: ComparedModel) -> Figure:
    targets = comparison.targets.astype(bool)
    called = model.predictions.astype(bool)
    hits = (called & targets).sum(axis=1).mean(axis=0)
    recall = hits / np.maximum(targets.sum(axis=0), 1)
    precision = hits / np.maximum(called.sum(axis=1).mean(axis=0), 1)
    order = np.argsort(recall, kind="stable")[:_MATRIX]
    worst = short(comparison.classes[order[0]], 24)
    missed = 100 * (1 - recall[order[0]])
    message = f"{short(model.name)} misses {missed:.0f} % of the texts labelled “{worst}”"
    figure = new_figure(1.2 + 0.3 * len(order), message)
    axes = figure.add_subplot()
    for row, label in enumerate(order):
        ends = (recall[label], precision[label])
        axes.plot(ends, (row, row), color=MUTED, lw=0.8)
        axes.plot(ends[0], row, "o", ms=7, mfc=ACCENT, mec=ACCENT)
        axes.plot(ends[1], row, "s", ms=6, mfc=PAPER, mec=ACCENT, mew=1.4)
    found, right = recall[order], precision[order]
    values = {
        "label": np.array(comparison.classes, dtype=object)[order],
        "share found of the label's texts": found,
        "share right of texts called so": right,
    }
    box = (np.abs(found - right), 0)
    keep_marks(axes, values, (found + right) / 2, np.arange(len(order)), size=box)
    _name_ends(axes, recall[order[0]], precision[order[0]])
    axes.set_yticks(range(len(order)), [short(comparison.classes[label], 28) for label in order])
    axes.set_ylim(len(order) - 0.5, -1.1)
    lowest = min(recall[order].min(), precision[order].min())
    axes.set_xlim(max(lowest - 0.25, -0.02), 1.02)
    axes.set_xlabel("share found of the label's texts, share right of texts called so")
    axes.grid(axis="x")
    bare(axes, "left", "bottom")
    return figure


def _name_ends(axes: Axes, recall: float, precision: float) -> None:
    """Write which mark is which above the first row, apart from each other."""
    for value, other, name in ((recall, precision, "● found"), (precision, recall, "□ right")):
        side = "left" if value > other or (value == other and name == "□ right") else "right"
        axes.text(value, -0.65, name, ha=side, va="center", size=9)


def _numbers(comparison: Comparison, model: ComparedModel) -> Figure:
    predicted = model.predictions.mean(axis=0)
    targets = np.asarray(comparison.targets, dtype=np.float64)
    typical = float(np.median(np.abs(predicted - targets)))
    message = f"half of {short(model.name)}'s predictions lie within {typical:.3g} of the truth"
    figure = new_figure(3.9, message)
    axes = figure.add_subplot()
    # Evenly spaced rows: enough to see the cloud, few enough to keep the page small.
    rows = np.unique(np.linspace(0, len(targets) - 1, _POINTS).astype(int))
    low, high = (float(f((targets.min(), targets.max()))) for f in (np.min, np.max))
    axes.plot([low, high], [low, high], color=MUTED, lw=1, ls="--")
    axes.annotate(
        "exactly right", (high, high), xytext=(-4, 6), textcoords="offset points", ha="right"
    )
    axes.plot(targets[rows], predicted[rows], "o", ms=3.2, color=ACCENT, alpha=0.4, mew=0)
    values = {"true value": targets[rows], "predicted value": predicted[rows]}
    keep_marks(axes, values, targets[rows], predicted[rows])
    of = f" ({len(rows):,} of {len(targets):,} test texts)" if len(rows) < len(targets) else ""
    axes.set_xlabel(f"true value{of}")
    axes.set_ylabel("predicted value")
    axes.tick_params(axis="y", labelcolor=MUTED)
    axes.grid()
    bare(axes, "left", "bottom")
    return figure
