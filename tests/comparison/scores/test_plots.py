import dataclasses
import io
import sys
import warnings

import numpy as np
import pytest
from comparisons import make_comparison
from drawn import texts_of

from textseq.comparison.scores.cost_plot import cost_plot
from textseq.comparison.scores.plots import (
    curve_message,
    learning_curve,
    score_plot,
    with_epochs,
)


def replace_models(comparison, **changes):
    models = tuple(dataclasses.replace(model, **changes) for model in comparison.models)
    return dataclasses.replace(comparison, models=models)


def first_curve(comparison):
    return learning_curve(with_epochs(comparison), 0)


@pytest.mark.parametrize("plot", [score_plot, cost_plot, first_curve])
@pytest.mark.parametrize("kind", ["binary", "regression"])
def test_drawn_without_a_display(plot, kind):
    loaded = "matplotlib.pyplot" in sys.modules
    figure = plot(make_comparison(kind))
    figure.savefig(io.BytesIO(), format="png")
    assert ("matplotlib.pyplot" in sys.modules) == loaded


def test_score_plot_names_and_numbers_every_model():
    comparison = make_comparison()
    words = texts_of(score_plot(comparison))
    assert words[0] == "bilstm scores highest, level with bigru, lstm, my svm and 1 more"
    assert {model.name for model in comparison.models} <= set(words)
    assert "0.852 ± 0.025" in words
    assert "accuracy on 1,000 test texts" in words


def test_intervals_end_where_scores_do():
    comparison = replace_models(make_comparison(), scores=np.array([0.97, 0.99]))
    axes = score_plot(comparison).axes[0]
    ends = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2]
    assert max(np.max(pair) for pair in ends) == 1 < axes.get_xlim()[1] < 1.05


def test_score_plot_keeps_a_far_last_from_squeezing_the_rest():
    figure = score_plot(make_comparison("multiclass"))
    assert figure.axes[0].get_xlim()[0] > 0.5
    assert any("off the scale" in word for word in texts_of(figure))


def test_only_a_model_of_one_answer_may_be_off_the_scale():
    comparison = make_comparison("multiclass")
    scores = {"rnn": np.array([0.05]), "majority": np.array([0.025])}
    models = tuple(
        dataclasses.replace(model, scores=scores.get(model.name, model.scores))
        for model in comparison.models
    )
    figure = score_plot(dataclasses.replace(comparison, models=models))
    assert figure.axes[0].get_xlim()[0] < 0.025
    assert not any("off the scale" in word for word in texts_of(figure))


def test_score_plot_draws_every_mark_it_does_not_call_off_the_scale():
    comparison = make_comparison("binary")
    axes = score_plot(comparison).axes[0]
    low, high = axes.get_xlim()
    assert not any("off the scale" in text.get_text() for text in axes.texts)
    for model in comparison.models:
        assert low < model.scores.min()
        assert model.scores.max() < high


def test_models_of_equal_score():
    texts_of(score_plot(replace_models(make_comparison(n_models=3), scores=np.array([0.5]))))


def test_learning_curves_have_one_scale():
    networks = with_epochs(make_comparison())
    figures = [learning_curve(networks, index) for index in range(len(networks))]
    words = [texts_of(figure) for figure in figures]
    assert [named[0] for named in words] == ["bilstm", "bigru", "lstm", "mean", "rnn"]
    assert {"epoch", "loss", "training", "validation", "epoch kept"} <= set(words[0])
    assert len({figure.axes[0].get_ylim() for figure in figures}) == 1
    # Three fits and their mean, of both losses, and the marks of the epochs kept.
    assert len(figures[0].axes[0].lines) == 9


def test_learning_curves_tell_which_networks_memorise():
    comparison = make_comparison()
    assert "turns up in bilstm, bigru and lstm" in curve_message(with_epochs(comparison))
    calm = [
        history.assign(validation_loss=0.4 + 0.5 / history["epoch"])
        for history in comparison.best.histories
    ]
    networks = [
        dataclasses.replace(model, histories=tuple(calm)) for model in with_epochs(comparison)
    ]
    assert "none is memorising" in curve_message(networks)


def test_learning_curves_without_validation_or_with_one_epoch():
    (network,) = with_epochs(make_comparison(n_models=3))
    short = tuple(history[["epoch", "loss"]].head(1) for history in network.histories)
    network = dataclasses.replace(network, histories=short)
    assert curve_message([network]) == "Training loss by epoch"
    assert "validation" not in texts_of(learning_curve([network], 0))


@pytest.mark.parametrize("name", ["$x^$", "a" * 300, "two\nlines", "<b>&amp;", '"quoted"'])
def test_odd_model_names(name):
    comparison = replace_models(make_comparison(n_models=1), name=name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for plot in (score_plot, cost_plot):
            texts_of(plot(comparison))
