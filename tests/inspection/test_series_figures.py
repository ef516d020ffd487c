import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from textseq import SeriesClassifier, explain
from textseq.inspection.series_figures import LARGEST_MARK

SMALL = {"hidden_size": 8, "max_epochs": 4, "n_threads": 1, "random_state": 0}


def found_in(n_channels, n_steps=20):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, n_channels, n_steps)), np.arange(40) % 2
    X[y == 1, -1, 5] += 4
    return explain(SeriesClassifier(encoder="gru", **SMALL).fit(X, y), X[1], target=1)


def luminance(color):
    return float(np.dot(to_rgb(color), [0.299, 0.587, 0.114]))


@pytest.mark.parametrize("n_channels", [1, 3])
def test_marks_are_as_large_as_what_a_step_says_and_filled_if_it_speaks_for(n_channels):
    found = found_in(n_channels)
    panels = found.plot().axes
    assert len(panels) == n_channels + 1
    names = found.steps.names("integrated_gradients")
    shares = found.table[names].to_numpy()
    shares = shares / np.abs(shares).max()
    for channel, axes in enumerate(panels[:-1]):
        assert np.array_equal(axes.lines[0].get_ydata(), found.steps.values[:, channel])
        (marks,) = axes.collections
        places = marks.get_offsets()[:, 0].astype(int)
        expected = np.flatnonzero(np.abs(shares[:, channel]) >= 0.05)
        assert np.array_equal(places, expected)
        own = shares[expected, channel]
        assert np.allclose(marks.get_sizes(), LARGEST_MARK * np.abs(own))
        # In grey too: a filled mark is dark, a hollow one light.
        dark = [luminance(face[:3]) < 0.5 for face in marks.get_facecolors()]
        assert dark == (own > 0).tolist()
        labels = "value" if n_channels == 1 else f"channel {channel}"
        assert axes.get_ylabel() == labels


def test_bars_below_are_what_is_lost_without_a_step():
    found = found_in(2)
    axes = found.plot().axes[-1]
    heights = np.array([bar.get_height() for bar in axes.patches])
    assert np.allclose(heights, found.table["occlusion"])
    dark = [luminance(bar.get_facecolor()[:3]) < 0.5 for bar in axes.patches]
    assert dark == (heights > 0).tolist()
    assert np.array_equal(axes.lines[0].get_ydata(), found.table["integrated_gradients"])
    assert "filled: for 1; hollow: against 1" in axes.get_xlabel()
    assert "(log-odds)" in axes.get_ylabel()


def test_of_many_channels_those_that_say_most_are_drawn():
    found = found_in(7)
    figure = found.plot()
    sums = found.table[found.steps.names("integrated_gradients")].abs().sum().to_numpy()
    expected = [f"channel {channel}" for channel in np.sort(np.argsort(-sums)[:4])]
    assert [axes.get_ylabel() for axes in figure.axes[:-1]] == expected
    assert "4 of 7 channels" in figure.axes[-1].get_xlabel()


@pytest.mark.parametrize("n_steps", [2, 700])
def test_odd_lengths_and_missing_values_are_drawn_without_a_warning(n_steps):
    X, y = np.random.default_rng(0).normal(size=(20, 2, n_steps)), np.arange(20) % 2
    X[:, 1, 0] = np.nan
    model = SeriesClassifier(encoder="mean", **SMALL).fit(X + y[:, None, None], y)
    series = X[0].copy()
    series[1] = np.nan
    explain(model, series).plot().savefig(io.BytesIO(), dpi=40)
