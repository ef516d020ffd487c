import dataclasses

import numpy as np
import pytest
from comparisons import make_comparison, with_costs
from drawn import texts_of
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from textseq.comparison.scores.cost_plot import cost_plot, frontier

NAMES = (
    "tf-idf + LR", "mean", "gru", "bilstm", "lstm", "MiniLM", "MiniLM fine-tuned", "MiniLM + gru",
    "3-small", "potion-base-8M mean", "potion gru", "wordllama", "my svm", "BERTimbau, all layers",
)  # fmt: skip


def made(seconds, scores, names=NAMES):
    """A comparison of rows of these times and scores, and nothing else of interest."""
    comparison = make_comparison(n_models=3)
    models = tuple(
        dataclasses.replace(
            comparison.models[1 + place % 2],
            name=name, scores=np.array([score]), fit_seconds=np.array([time]),
        )
        for place, (name, time, score) in enumerate(zip(names, seconds, scores, strict=False))
    )  # fmt: skip
    pairs = [
        dict(first=a.name, second=b.name, difference=0.0, low=0.0, high=0.0, p_value=1.0,
             p_adjusted=1.0, verdict="no difference shown")
        for place, a in enumerate(models) for b in models[place + 1 :]
    ]  # fmt: skip
    return dataclasses.replace(comparison, models=models, pairs=type(comparison.pairs)(pairs))


def frontier_of(figure):
    (line,) = (line for line in figure.axes[0].lines if len(line.get_xdata()) > 1)
    return np.array(line.get_xydata())


def test_every_model_is_drawn_or_said_not_to_be():
    comparison = make_comparison("regression")
    words = texts_of(cost_plot(comparison))
    label = next(word for word in words if "training time" in word)
    for model in comparison.models:
        assert model.name in words or f"{model.name} (" in label
    assert label.endswith("not shown: majority (0.000), always the same answer")
    assert "R²" in words and "no other is both cheaper and better" in words


def test_the_message_names_the_cheapest_level_model():
    assert texts_of(cost_plot(make_comparison()))[0] == (
        "bilstm takes 35 s a fit; tf-idf + logistic regression, level with it, takes 0.90 s"
    )


def test_the_frontier_has_no_model_below_a_cheaper_one():
    seconds, scores = [60, 0.002, 1, 300, 2, 2], [0.9, 0.7, 0.8, 0.89, 0.75, 0.8]
    assert frontier(np.array(seconds), np.array(scores)).tolist() == [1, 2, 0]
    assert frontier(np.array([1.0, 1.0, 1.0]), np.array([0.5, 0.6, 0.6])).tolist() == [1]
    drawn = frontier_of(cost_plot(made(seconds, scores)))
    corners = np.array([[0.002, 0.7], [1, 0.8], [60, 0.9]])
    np.testing.assert_allclose(drawn[:-1], corners)
    assert drawn[-1, 0] > 300 and drawn[-1, 1] == 0.9


def test_names_on_the_frontier_stand_out_and_those_below_give_way():
    figure = cost_plot(made([1, 2, 4], [0.8, 0.7, 0.9]))
    colors = {text.get_text(): text.get_color() for text in figure.axes[0].texts}
    assert colors["tf-idf + LR"] == colors["gru"] != colors["mean"]


@pytest.mark.parametrize(
    ("seconds", "ticks"),
    [
        ([0.002, 240], ["1 ms", "10 ms", "100 ms", "1 s", "10 s", "1 min", "10 min"]),
        ([45, 7200], ["1 min", "10 min", "1 h"]),
        ([3, 4], ["2 s", "5 s", "10 s"]),
        ([0.4, 40], ["500 ms", "1 s", "2 s", "5 s", "10 s", "20 s"]),
        ([0.0, 0.0], ["1 µs", "2 µs"]),  # of a clock too coarse
    ],
)
def test_times_are_written_as_one_says_them(seconds, ticks):
    axes = cost_plot(made(seconds, [0.8, 0.9])).axes[0]
    low, high = axes.get_xlim()
    assert high / low >= 10
    assert [label.get_text() for label in axes.get_xticklabels()] == ticks


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel", "regression"])
def test_marks_stay_inside(kind):
    axes = cost_plot(make_comparison(kind)).axes[0]
    for line in axes.lines:
        assert axes.get_xlim()[0] < line.get_xdata()[0] < axes.get_xlim()[1]
        assert axes.get_ylim()[0] < line.get_ydata()[0] < axes.get_ylim()[1]


def crowded(seed):
    rng = np.random.default_rng(seed)
    seconds = 10 ** rng.uniform(-2.3, 2.8, len(NAMES))
    return made(seconds, 0.7 + 0.05 * np.log10(seconds) + rng.normal(0, 0.02, len(NAMES)))


@pytest.mark.parametrize(
    "comparison",
    [*(make_comparison(kind) for kind in ("binary", "multiclass", "regression")),
     *map(crowded, range(5))],
)  # fmt: skip
def test_names_cover_neither_each_other_nor_a_mark(comparison):
    figure = cost_plot(comparison)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    axes = figure.axes[0]
    # Of the letters alone, without the line that leads back to the mark.
    boxes = [Text.get_window_extent(text, renderer).padded(-1) for text in axes.texts]
    marks = [
        axes.transData.transform((line.get_xdata()[0], line.get_ydata()[0]))
        for line in axes.lines
        if len(line.get_xdata()) == 1
    ]
    assert len(boxes) == len(marks) > 5
    for place, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[place + 1 :])
        assert not any(box.contains(*mark) for mark in marks)


def test_a_row_from_the_cache_is_called_so():
    words = texts_of(cost_plot(with_costs(make_comparison())))
    assert "my svm (cached)" in words and "bigru" in words


def test_models_of_one_score():
    axes = cost_plot(made([0.1, 1, 10], [0.5, 0.5, 0.5])).axes[0]
    assert axes.get_ylim()[0] < 0.5 < axes.get_ylim()[1]
