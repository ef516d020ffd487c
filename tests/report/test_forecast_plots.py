import dataclasses
import io
import sys

import numpy as np
import pytest
from forecast_comparisons import forecasts_of, made, weekly
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from textseq.figures import ACCENT
from textseq.report.forecast_plots import (
    backtest_plot,
    coverage_plot,
    forecast_plot,
    mase_plot,
    step_plot,
)


def texts_of(figure):
    """All words of a drawn figure, title first."""
    figure.savefig(io.BytesIO(), format="svg")
    words = [figure.get_suptitle()]
    for axes in figure.axes:
        words += [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
        words += [label.get_text() for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]
        legend = axes.get_legend()
        words += [
            text.get_text() for text in (*axes.texts, *(legend.get_texts() if legend else ()))
        ]
    return [" ".join(word.split()) for word in words if word]


@pytest.mark.parametrize("plot", [mase_plot, step_plot, coverage_plot, backtest_plot])
@pytest.mark.parametrize("options", [{}, {"n_series": 1, "n_seeds": 1, "n_windows": 1}])
def test_drawn_without_a_display_and_within_the_figure(plot, options):
    loaded = "matplotlib.pyplot" in sys.modules
    figure = plot(made(**options))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    assert ("matplotlib.pyplot" in sys.modules) == loaded
    width, height = canvas.get_width_height()
    for axes in figure.axes:
        for text in (*axes.texts, axes.xaxis.label, axes.yaxis.label):
            box = text.get_window_extent()
            if text.get_text():
                assert box.x0 >= -1 and box.x1 <= width + 1, text.get_text()
                assert box.y0 >= -1 and box.y1 <= height + 1, text.get_text()


def test_mase_plot_names_and_numbers_every_model():
    words = texts_of(mase_plot(made()))
    assert {"naive", "seasonal naive", "drift", "gru", "lstm"} <= set(words)
    table = made().table.set_index("model")
    assert f"{table.loc['naive', 'mase']:.3f}" in words
    assert f"{table.loc['gru', 'mase']:.3f} ± {table.loc['gru', 'interval']:.3f}" in words


def test_mase_plot_draws_every_mark_inside_the_axes():
    comparison = made()
    axes = mase_plot(comparison).axes[0]
    low, high = axes.get_xlim()
    marks = [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1]
    assert len(marks) == 5
    assert all(low < mark < high for mark in marks)


def test_step_plot_draws_each_model_and_says_how_often_the_network_wins():
    comparison = made()
    figure = step_plot(comparison)
    assert "steps ahead, 1 day each" in texts_of(figure)
    assert {"naive", "seasonal naive", "drift", "gru", "lstm"} <= set(texts_of(figure))
    assert [len(line.get_xdata()) for line in figure.axes[0].lines] == [7] * 5
    by_name = {model.name: model for model in comparison.models}
    best = min(("gru", "lstm"), key=lambda name: by_name[name].mase.mean())
    lower = (by_name[best].by_step < by_name["seasonal_naive"].by_step).sum()
    said = {0: "no step", 7: "every step"}.get(lower, f"{lower} of 7 steps")
    assert figure.get_suptitle().replace("\n", " ") == (
        f"{best} errs less than seasonal naive at {said} ahead"
    )


def test_lines_of_models_can_be_told_apart_in_grey():
    """The network's line is solid and thick, every baseline is dashed in its own way."""
    lines = step_plot(made(n_seeds=1, encoders=("gru",))).axes[0].lines
    styles = [(str(line.get_linestyle()), line.get_linewidth()) for line in lines]
    assert len(set(styles)) == 4


def test_coverage_plot_marks_what_each_model_held():
    comparison = made()
    figure = coverage_plot(comparison)
    marks = [
        np.asarray(line.get_xdata(), dtype=float)
        for line in figure.axes[0].lines
        if line.get_marker() in ("o", "D")
    ]
    table = comparison.table
    np.testing.assert_allclose(marks[0], 100 * table["coverage-80"])
    np.testing.assert_allclose(marks[1], 100 * table["coverage-95"])
    assert {"80 %", "95 %"} <= set(texts_of(figure))
    assert coverage_plot(made(level=None, n_seeds=1)) is None


def test_backtest_plot_starts_every_forecast_behind_its_cutoff():
    comparison = made()
    axes = backtest_plot(comparison, 2).axes[0]
    cutoffs = [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == ":"]
    assert len(cutoffs) == 3
    forecasts = [
        line for line in axes.lines
        if to_rgb(line.get_color()) == to_rgb(ACCENT) and len(line.get_xdata()) == 7
    ]  # fmt: skip
    assert len(forecasts) == 3
    for cutoff, line in zip(cutoffs, forecasts, strict=True):
        assert cutoff < line.get_xdata()[0]
    # Its narrowest interval alone is shaded.
    assert len(axes.collections) == 3
    words = texts_of(axes.figure)
    assert {"observed", "seasonal naive"} <= set(words)
    assert any(word.endswith("shaded: 80 %") for word in words)


def test_backtest_plot_of_baselines_alone():
    comparison = made(n_seeds=1, encoders=())
    assert "observed" in texts_of(backtest_plot(comparison))


def test_forecast_plot_is_public_and_draws_history_forecast_and_intervals():
    comparison = made()
    figure = forecast_plot(weekly(7), forecasts_of(comparison), ["s1", "s4"])
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["s1", "s4"]
    for axes in figure.axes:
        past, ahead = axes.lines
        assert past.get_xdata()[-1] < ahead.get_xdata()[0]
        assert len(ahead.get_xdata()) == 7
        assert len(axes.collections) == 2
        assert axes.get_ylabel() == "y"
    assert "lstm, shaded: 80 and 95 %" in texts_of(figure)


@pytest.mark.parametrize(
    ("series", "message"),
    [
        (["s9"], "series 's9' has no history or no forecast"),
        ([f"s{place}" for place in range(7)], "there are 7 series to draw"),
        ([], "there are 0 series to draw"),
    ],
)
def test_forecast_plot_refuses_what_it_cannot_draw(series, message):
    with pytest.raises(ValueError, match=message):
        forecast_plot(weekly(7), forecasts_of(made()), series)


def test_odd_names_are_drawn_as_they_are():
    comparison = made(n_series=1, n_seeds=1)
    (series,) = comparison.shown
    odd = dataclasses.replace(series, target="$x^$ <b>")
    figure = backtest_plot(
        dataclasses.replace(
            comparison,
            shown=(odd,),
            names=comparison.names._replace(targets=("$x^$ <b>",)),
        )
    )
    assert "$x^$ <b>" in texts_of(figure)
