import dataclasses
import sys

import pytest
from drawn import check_drawn, texts_of
from forecast_comparisons import forecasts_of, made, weekly
from matplotlib.colors import to_rgb

from textseq.comparison.forecasts.plots import backtest_plot, forecast_plot
from textseq.figures import ACCENT


@pytest.mark.parametrize("options", [{}, {"n_series": 1, "n_seeds": 1, "n_windows": 1}])
def test_drawn_without_a_display_and_within_the_figure(options):
    loaded = "matplotlib.pyplot" in sys.modules
    check_drawn(backtest_plot(made(**options)))
    assert ("matplotlib.pyplot" in sys.modules) == loaded


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
