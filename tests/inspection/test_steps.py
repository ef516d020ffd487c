import io

import numpy as np
import pytest

from textseq import Tokens
from textseq.figures import figure_style, new_figure
from textseq.inspection.steps import SeriesSteps, TokenSteps, numbered


def series_steps(n_steps=4, n_channels=2, marked=()):
    values = np.random.default_rng(0).normal(size=(n_steps, n_channels))
    return SeriesSteps(values, values / 2, np.array([*range(n_channels), *marked]))


TEXT = TokenSteps(Tokens.from_lists([["so", "xyzzy", "good"]]), np.array([4, 1, 7]), 0)


def test_a_token_is_named_by_itself_and_a_step_by_its_number():
    assert TEXT.named(2) == "'good'" and series_steps().named(2) == "step 3"
    assert TEXT.called(2) == "'good' (step 3)" and series_steps().called(2) == "step 3"
    assert TEXT.called(2, "+1") == "'good' (step 3, +1)"
    assert series_steps().called(2, "+1") == "step 3 (+1)"
    assert TEXT.titled(1) == "“xyzzy”" and series_steps().titled(1) == "Step 2"


def test_tables_tell_the_tokens_or_the_values():
    assert TEXT.table().values.tolist() == [[1, "so", True], [2, "xyzzy", False], [3, "good", True]]
    steps = series_steps()
    assert steps.table().columns.tolist() == ["step", "value[0]", "value[1]"]
    assert steps.table()["value[1]"].tolist() == steps.values[:, 1].tolist()
    assert series_steps(n_channels=1).table().columns.tolist() == ["step", "value"]


def test_inputs_tell_what_is_read():
    wide, narrow = np.zeros((3, 5)), np.ones((3, 1))
    assert list(TEXT.inputs(wide)) == ["id"] and list(TEXT.inputs(narrow)) == ["id", "x"]
    assert list(series_steps().inputs(wide)) == numbered("x", 5)


def test_attributions_are_dealt_to_the_channel_that_an_input_tells_of():
    steps = series_steps(n_steps=2, marked=[1])
    dealt = steps.dealt(np.array([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]]))
    assert dealt["integrated_gradients"].tolist() == [7, 56]
    assert dealt["integrated_gradients[0]"].tolist() == [1, 8]
    assert dealt["integrated_gradients[1]"].tolist() == [6, 48]
    alone = series_steps(n_steps=2, n_channels=1, marked=[0]).dealt(np.ones((2, 2)))
    assert alone.to_dict("list") == {"integrated_gradients": [2, 2]}
    assert TEXT.dealt(np.ones((3, 5)))["integrated_gradients"].tolist() == [5, 5, 5]


@pytest.mark.parametrize("n_steps", [1, 2, 7, 24, 150, 3000])
def test_the_axis_of_a_series_counts_steps_from_1(n_steps):
    steps = series_steps(n_steps)
    with figure_style():
        figure = new_figure(2.0, "", steps.width)
        axes = figure.add_subplot()
        axes.plot(steps.values)
        steps.label_axis(axes, np.ones(n_steps))
        figure.savefig(io.BytesIO(), dpi=40)
    ticks = [(place, label.get_text()) for place, label in
             zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)]  # fmt: skip
    assert ticks[0] == (0, "1") and len(ticks) <= 11
    assert all(str(int(place) + 1) == label for place, label in ticks)
    assert ticks[-1][0] <= n_steps - 1 and axes.get_xlabel() == "step"


@pytest.mark.parametrize("n_channels", [1, 2, 3, 12])
def test_channels_are_told_apart_without_colour_where_they_are_few(n_channels):
    steps = series_steps(9, n_channels)
    with figure_style():
        axes = new_figure(2.0, "").add_subplot()
        steps.draw(axes)
    assert len(axes.lines) == n_channels
    drawn = np.stack([line.get_ydata() for line in axes.lines], axis=1)
    assert np.array_equal(drawn, steps.values if n_channels == 1 else steps.scaled)
    if n_channels <= 3:
        assert len({line.get_linestyle() for line in axes.lines}) == n_channels
    assert (axes.get_legend() is not None) == (n_channels in (2, 3))
