import base64
import json
import re

import numpy as np
import pandas as pd

from textseq.figures import ACCENT, figure_style, new_figure
from textseq.marks import keep_grid, keep_marks
from textseq.report import figure_data as module
from textseq.report.template import drawing


def drawn(fill):
    """Draw on axes; return what a page holds, its data read back."""
    with figure_style():
        figure = new_figure(2.0, "message")
        fill(figure.add_subplot())
    found = drawing(figure, "one")
    return found, None if found.data is None else json.loads(found.data)


def test_marks_lie_where_they_are_drawn():
    x, y = [1.0, 10.0, 100.0], [0.2, 0.9, 0.5]

    def fill(axes):
        axes.plot(x, y, "o")
        axes.set_xscale("log")
        axes.set_ylim(1, 0)
        keep_marks(axes, {"score": y}, x, y)

    found, (group,) = drawn(fill)
    # The ticks' marks come before.
    places = re.findall(r'<use href="#one-m\w+" x="([\d.]+)" y="([\d.]+)"', found.svg)
    markers = np.array(places[-3:], dtype=float)
    assert np.abs(np.array([group["x"], group["y"]]).T / 10 - markers).max() < 0.1
    assert group["values"] == [["score", y]]


def test_bars_and_times_lie_where_they_are_drawn():
    days = pd.date_range("2024-01-01", periods=3).to_numpy()

    def fill(axes):
        bars = axes.bar(days, [1, 2, 3], 0.5, color=ACCENT)
        middles = [bar.get_x() + 0.25 for bar in bars]
        keep_marks(axes, {"n": [1, 2, 3]}, middles, [0.5, 1, 1.5], size=(0.5, [1, 2, 3]))
        keep_marks(axes, {"time": days}, days, [1, 2, 3], spans=True)

    found, (bars, steps) = drawn(fill)
    path = r'd="M ([\d.]+) ([\d.]+)\s*L ([\d.]+) [\d.]+\s*L [\d.]+ ([\d.]+)[^"]*"'
    boxes = re.findall(path + r'[^>]*style="fill: var\(--accent\)', found.svg)
    left, bottom, right, top = np.array(boxes, dtype=float).T
    assert np.abs(np.array(bars["x"]) / 10 - (left + right) / 2).max() < 0.1
    assert np.abs(np.array(bars["y"]) / 10 - (bottom + top) / 2).max() < 0.1
    assert np.abs(np.array(bars["width"]) / 10 - (right - left)).max() < 0.15
    assert np.abs(np.array(bars["height"]) / 10 - (bottom - top)).max() < 0.15
    assert steps["x"] == bars["x"] and steps["span"][0] < min(steps["y"])
    assert steps["values"] == [["time", ["2024-01-01", "2024-01-02", "2024-01-03"]]]


def test_values_that_lack_have_no_place_and_those_off_the_scale_are_at_its_edge():
    def fill(axes):
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        keep_marks(axes, {"a": [1.0, np.nan, np.inf]}, [0, 0.5, 1], [0.5, np.nan, 7.0])

    _, (group,) = drawn(fill)
    assert group["values"] == [["a", [1.0, None, None]]]
    assert group["y"][1] is None and group["x"][1] is not None
    assert group["y"][2] < group["y"][0]


def test_texts_that_come_again_are_written_once_and_escaped():
    hostile = "</script><script>alert(1)</script> & ' \u2028 \ud800"

    def fill(axes):
        keep_marks(axes, {"a": [hostile] * 4, "b": list("wxyz")}, [0] * 4, [0] * 4)

    found, (group,) = drawn(fill)
    assert "<" not in found.data and found.data.isascii()
    assert group["values"][0][1] == {"names": [hostile], "numbers": [0, 0, 0, 0]}
    assert group["values"][1][1] == ["w", "x", "y", "z"]


def test_numbers_keep_six_digits_and_truth_is_words():
    def fill(axes):
        values = {"a": [0.123456789], "n": np.array([3]), "best": [True]}
        keep_marks(axes, values, [0], [0])

    assert drawn(fill)[1][0]["values"] == [["a", [0.123457]], ["n", [3]], ["best", ["yes"]]]


def test_cells_of_a_map_are_written_small(monkeypatch):
    cells = np.random.default_rng(0).normal(size=(3, 4))

    def fill(axes):
        axes.imshow(cells, aspect="auto")
        keep_grid(axes, "state", cells, {"unit": range(3)}, {"step": range(4)})

    _, (grid,) = drawn(fill)
    numbers = np.frombuffer(base64.b64decode(grid["cells"]), "<i2").reshape(3, 4)
    assert np.abs(numbers / 32_767 * grid["largest"] - cells).max() < 1e-4
    (left, top), (right, bottom) = grid["corners"]
    assert left < right and top < bottom
    monkeypatch.setattr(module, "MOST_CELLS", 11)
    assert drawn(fill)[1] is None


def test_a_figure_without_marks_has_no_data():
    assert drawn(lambda axes: axes.plot([1, 2]))[1] is None
