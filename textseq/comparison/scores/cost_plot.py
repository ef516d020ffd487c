"""The figure of cost against quality: every model's score over its training time."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from textseq.comparison.score_marks import mark_model
from textseq.comparison.scores.label_places import Box, place_labels
from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.scores.result import Comparison
from textseq.comparison.scores.services import is_from_cache
from textseq.comparison.scores.wording import metric_text
from textseq.comparison.wording import differs, listed, mean_text, seconds_text
from textseq.figures import INK, MUTED, bare, figure_style, new_figure, short
from textseq.marks import keep_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# In seconds. Powers of ten up to ten seconds, and from there what clocks count by.
_STEPS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 60, 600, 3600, 36_000)
_SMALL_STEPS = (
    *(digit * power for power in (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1) for digit in (1, 2, 5)),
    10, 20, 60, 120, 300, 600, 1200, 3600, 7200, 18_000, 36_000,
)  # fmt: skip
_UNITS = ((3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "µs"))
# Of the longest shown to the shortest, at least: times that hardly differ stand close.
_LEAST_SPAN = 10.0


def cost_plot(comparison: Comparison) -> Figure:
    """Draw score against training time, and the frontier: no other model is cheaper and better.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    matplotlib Figure
    """
    shown = models_with_cost(comparison)
    seconds, scores = _costs_and_scores(shown)
    best = frontier(seconds, comparison.sign * scores)
    with figure_style():
        figure = new_figure(3.4 + 0.12 * max(0, len(shown) - 8), cost_message(comparison))
        axes = figure.add_subplot()
        _scale(axes, seconds, scores)
        if comparison.sign < 0:
            axes.invert_yaxis()  # what is better stands above
        for model, x, y in zip(shown, seconds, scores, strict=True):
            mark_model(axes, model, x, y, 6.5, clip_on=False)
        _draw_frontier(axes, seconds[best], scores[best])
        values = {
            "model": [model.name for model in shown],
            "seconds to train": seconds,
            metric_text(comparison.metric): scores,
            "another is cheaper and better": ~np.isin(np.arange(len(shown)), best),
        }
        keep_marks(axes, values, seconds, scores)
        label = "training time of one fit, log scale"
        left_out = [model for model in comparison.models if model not in shown]
        if left_out:
            names = [f"{short(model.name, 20)} ({mean_text(model.scores)})" for model in left_out]
            label += f"\nnot shown: {listed(names)}, always the same answer"
        axes.set_xlabel(label)
        axes.set_ylabel(metric_text(comparison.metric))
        axes.tick_params(axis="y", labelcolor=MUTED)
        axes.grid()
        bare(axes, "left", "bottom")
        _name_marks(axes, shown, seconds, scores, best)
    return figure


def models_with_cost(comparison: Comparison) -> list[ComparedModel]:
    """Return the models that the figure shows, those on the frontier being found among them.

    The majority class is fitted in no time and scores far below: to scale, it would push
    all others into a corner.
    """
    varied = [model for model in comparison.models if not model.is_constant]
    return varied or list(comparison.models)


def frontier_names(comparison: Comparison) -> list[str]:
    """Return the names of the models on the frontier, the cheapest first."""
    shown = models_with_cost(comparison)
    seconds, scores = _costs_and_scores(shown)
    return [shown[place].name for place in frontier(seconds, comparison.sign * scores)]


def frontier(costs: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return which models no other is both cheaper and better than, the cheapest first.

    Parameters
    ----------
    costs, scores : ndarray of shape (n,)

    Returns
    -------
    ndarray of int
        Positions. Of models alike in both, the first.

    Examples
    --------
    >>> frontier(np.array([1.0, 60.0, 2.0, 90.0]), np.array([0.80, 0.90, 0.70, 0.90]))
    array([0, 1])
    """
    order = np.lexsort((-scores, costs))
    highest = np.maximum.accumulate(scores[order])
    return order[np.concatenate([[True], highest[1:] > highest[:-1]])]


def _costs_and_scores(models: Sequence[ComparedModel]) -> tuple[np.ndarray, np.ndarray]:
    """Return the seconds of a fit and the score of every model, both of shape (n,)."""
    scores = np.array([float(np.mean(model.scores)) for model in models])
    # Zero, of a clock too coarse, has no place on a log axis.
    return np.array([max(float(np.mean(model.fit_seconds)), 1e-6) for model in models]), scores


def _scale(axes: Axes, seconds: np.ndarray, scores: np.ndarray) -> None:
    """Set the limits, with room for marks and names, and write times as one says them."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    low, high = seconds.min(), seconds.max()
    # Room on both sides, so that a mark stands clear of the edge.
    padding = max((high / low) ** 0.08, (_LEAST_SPAN * low / high) ** 0.5, 1.2)
    axes.set_xscale("log")
    axes.set_xlim(low / padding, high * padding)
    margin = 0.1 * float(np.ptp(scores)) or 0.01
    axes.set_ylim(scores.min() - margin, scores.max() + margin)
    left, right = axes.get_xlim()
    ticks, finer = (
        [step for step in steps if left <= step <= right] for steps in (_STEPS, _SMALL_STEPS)
    )
    axes.xaxis.set_major_locator(FixedLocator(ticks if len(ticks) > 2 else finer))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick_text(value)))


def _tick_text(seconds: float) -> str:
    """Write a time in the largest unit that it holds once."""
    size, unit = next(
        ((size, unit) for size, unit in _UNITS if seconds >= 0.999 * size), _UNITS[-1]
    )
    return f"{seconds / size:.3g} {unit}"


def _draw_frontier(axes: Axes, seconds: np.ndarray, scores: np.ndarray) -> None:
    """Draw the best score that each time buys, as steps up to the right edge."""
    x = np.append(seconds, axes.get_xlim()[1])
    y = np.append(scores, scores[-1])
    axes.step(x, y, where="post", color=MUTED, lw=1.1, label="no other is both cheaper and better")
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2, handlelength=1.5, fontsize=9,
        labelcolor=MUTED,
    )  # fmt: skip


def _name_marks(
    axes: Axes,
    shown: Sequence[ComparedModel],
    seconds: np.ndarray,
    scores: np.ndarray,
    best: np.ndarray,
) -> None:
    """Name every mark, those of the frontier in ink."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    with warnings.catch_warnings():
        # Fonts for signs that matplotlib's own lacks are found once the figure is whole.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.draw_without_rendering()  # which settles where the axes lie
    frame = axes.get_window_extent()
    points = 72 / figure.dpi
    marks = axes.transData.transform(np.column_stack([seconds, scores])) - [frame.x0, frame.y0]
    marks *= points
    size = float(frame.width * points), float(frame.height * points)
    names = [
        short(model.name, 28) + (" (cached)" if is_from_cache(model) else "") for model in shown
    ]
    # The frontier's names first, then from top to bottom.
    order = sorted(range(len(shown)), key=lambda i: (i not in best, -marks[i, 1]))
    places = place_labels(marks[order], [names[i] for i in order], size, _steps(marks[best], size))
    for i, place in zip(order, places, strict=True):
        axes.annotate(
            names[i],
            (seconds[i], scores[i]),
            xytext=(place.dx, place.dy),
            textcoords="offset points",
            ha=place.align,
            va="center",
            color=INK if i in best else MUTED,
            # Far from its mark, a name needs a line back to it.
            arrowprops={"arrowstyle": "-", "color": MUTED, "lw": 0.6, "shrinkA": 1, "shrinkB": 4}
            if place.is_far
            else None,
        )


def _steps(corners: np.ndarray, size: tuple[float, float]) -> list[Box]:
    """Return the boxes of the frontier's line: along each step, and up to the next."""
    ends = [*corners[1:].tolist(), [size[0], float(corners[-1, 1])]]
    boxes = []
    for (x, y), (next_x, next_y) in zip(corners.tolist(), ends, strict=True):
        boxes += [Box(x, y - 1, next_x, y + 1), Box(next_x - 1, y, next_x + 1, next_y)]
    return boxes


def cost_message(comparison: Comparison) -> str:
    """Say what the best model costs, and the cheapest that is level with it."""
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
