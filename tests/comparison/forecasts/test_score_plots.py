import numpy as np
import pytest
from drawn import check_drawn, texts_of
from forecast_comparisons import made

from textseq.comparison.forecasts.score_plots import coverage_plot, mase_plot, step_plot
from textseq.comparison.wording import score_digits


@pytest.mark.parametrize("plot", [mase_plot, step_plot, coverage_plot])
@pytest.mark.parametrize("options", [{}, {"n_series": 1, "n_seeds": 1, "n_windows": 1}])
def test_letters_lie_within_the_figure(plot, options):
    check_drawn(plot(made(**options)))


def test_mase_plot_names_and_numbers_every_model():
    words = texts_of(mase_plot(made()))
    assert {"naive", "seasonal naive", "drift", "gru", "lstm"} <= set(words)
    table = made().table.set_index("model")
    mase = table.loc["naive", "mase"]
    assert f"{mase:.{score_digits(mase)}f}" in words
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
