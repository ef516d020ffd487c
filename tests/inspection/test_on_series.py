"""The instruments on series: the same names and words, steps in place of tokens."""

import copy
import re

import numpy as np
import pytest
import torch
from rounding import rounding
from scipy.special import expit

from textseq import (
    SeriesClassifier,
    SeriesRegressor,
    explain,
    find_learning_rate,
    gradient_flow,
    hidden_states,
    order_matters,
    recurrent_spectrum,
    saturation,
    step_by_step,
)
from textseq.inspection.reading import read_one

SMALL = {"hidden_size": 16, "n_threads": 1, "random_state": 0}
SMALL |= {"max_epochs": 10, "learning_rate": 0.01}
# Of log-odds of float32 logits, each a sum over the hidden units of some steps.
ATOL = rounding(8, units=16)
ENCODERS = ["lstm_fcn", "gru", "bilstm", "tcn", "mean", "max"]
CHANNEL, STEP = 1, 12


def planted(n, seed, n_steps=24):
    """Noise of two channels, one of which jumps up or down at one step, and misses values."""
    rng = np.random.default_rng(seed)
    up = rng.integers(0, 2, n)
    X = rng.normal(size=(n, 2, n_steps)) * 0.3 + np.array([[100.0], [5.0]])
    X[:, CHANNEL, STEP] += np.where(up, 3.0, -3.0)
    X[:, 0][rng.random((n, n_steps)) < 0.1] = np.nan
    return X, np.array(["down", "up"])[up], up


X, LABELS, UP = planted(96, seed=0)
ONE = planted(1, seed=5)[0][0]


@pytest.fixture(scope="module")
def models():
    fitted = {name: SeriesClassifier(encoder=name, **SMALL).fit(X, LABELS) for name in ENCODERS}
    fitted["number"] = SeriesRegressor(encoder="gru", **SMALL | {"max_epochs": 30}).fit(
        X, 50.0 * UP
    )
    return fitted


def log_odds(model, series, column):
    p = model.predict_proba(series)[:, column]
    return np.log(p) - np.log1p(-p)


@pytest.mark.parametrize("name", ENCODERS)
def test_occlusion_is_the_answer_with_the_step_and_with_its_values_missing(models, name):
    without = np.stack([ONE] * ONE.shape[1])
    without[np.arange(ONE.shape[1]), :, np.arange(ONE.shape[1])] = np.nan
    found = explain(models[name], ONE, target="up")
    expected = log_odds(models[name], [ONE], 1) - log_odds(models[name], without, 1)
    assert np.allclose(found.table["occlusion"], expected, rtol=0, atol=ATOL)
    assert abs(expected).max() > 0.01


@pytest.mark.parametrize("name", [*ENCODERS, "number"])
def test_what_is_attributed_sums_to_the_change_from_a_series_at_its_means(models, name):
    model = models[name]
    found = explain(model, ONE)
    flat = np.repeat(model.encoding_.mean[:, None], ONE.shape[1], axis=1)
    if name == "number":
        baseline, unit = model.predict([flat])[0], model.scale_
    else:
        baseline, unit = log_odds(model, [flat], list(model.classes_).index(found.target))[0], 1.0
    assert np.isclose(found.baseline, baseline, rtol=0, atol=ATOL * unit)
    total = found.table["integrated_gradients"].sum()
    assert abs(total - (found.output - found.baseline)) <= 1e-3 * max(unit, abs(found.output))
    parts = found.table[["integrated_gradients[0]", "integrated_gradients[1]"]].sum(axis=1)
    assert np.allclose(parts, found.table["integrated_gradients"], atol=1e-12 * unit)


@pytest.mark.parametrize("name", ["lstm_fcn", "gru", "tcn", "number"])
def test_the_step_and_channel_where_the_signal_was_planted_are_found(models, name):
    found = explain(models[name], ONE)
    of_channels = found.table[["integrated_gradients[0]", "integrated_gradients[1]"]].to_numpy()
    place = np.unravel_index(np.abs(of_channels).argmax(), of_channels.shape)
    assert place == (STEP, CHANNEL)
    # A hole in a smooth series is a signal of its own to the maps of lstm_fcn.
    if name != "lstm_fcn":
        assert found.table["occlusion"].abs().argmax() == STEP
        assert f"most by step {STEP + 1} (" in found.verdict
    assert f"channel {CHANNEL} has" in found.verdict
    assert found.table["value[1]"].tolist() == ONE[1].tolist()


def test_of_a_linear_network_each_value_has_its_weight():
    model = SeriesClassifier(encoder="mean", **SMALL).fit(X[:, 1:], LABELS)
    weights = {name: value.astype(float) for name, value in model.weights_by_name().items()}
    scaled = model.rows([ONE[1]]).fields[0].values[:, 0]
    between = (weights["head.W"][1] - weights["head.W"][0])[0]
    found = explain(model, ONE[1], target="up")
    expected = scaled * between / len(scaled)
    assert np.allclose(found.table["integrated_gradients"], expected, rtol=0, atol=rounding(scaled))
    assert np.allclose(found.table["occlusion"], expected, rtol=0, atol=rounding(scaled))
    assert "integrated_gradients[0]" not in found.table
    assert "agree (concordance 1.00)" in found.verdict and "channel" not in found.verdict


def test_a_missing_value_speaks_for_its_own_channel():
    """The classes differ in nothing but whether the second channel is missing at a step."""
    rng = np.random.default_rng(0)
    series, labels = rng.normal(size=(80, 2, 12)), np.array(["gone", "there"] * 40)
    series[::2, 1, 7] = np.nan
    model = SeriesClassifier(encoder="gru", **SMALL | {"max_epochs": 25}).fit(series, labels)
    assert model.score(series, labels) == 1
    found = explain(model, series[0], target="gone").table
    assert found["integrated_gradients[1]"].argmax() == 7
    assert abs(found["integrated_gradients[0]"][7]) < 0.1 * found["integrated_gradients[1]"][7]
    assert np.isnan(found["value[1]"][7])


@pytest.mark.parametrize("name", [*ENCODERS, "number"])
def test_the_answer_after_each_step_is_that_to_the_steps_so_far(models, name):
    model = models[name]
    found = hidden_states(model, ONE)
    parts = [ONE[:, : step + 1] for step in range(ONE.shape[1])]
    if name == "number":
        expected = model.predict(parts)[:, None]
        start = ["step", "value[0]", "value[1]", "prediction"]
    else:
        expected = model.predict_proba(parts)
        start = ["step", "value[0]", "value[1]", "p(down)"]
    assert np.allclose(found.answers, expected, rtol=0, atol=rounding(1, expected, units=32))
    assert found.table.columns[:4].tolist() == start
    assert found.states.shape[0] == ONE.shape[1]


def test_a_network_that_learned_of_one_step_changes_its_mind_there():
    options = SMALL | {"max_epochs": 25}
    model = SeriesClassifier(encoder="gru", pooling="last", **options).fit(X[:, 1], LABELS)
    found = hidden_states(model, ONE[1])
    step = int(found.table["change"].abs().argmax())
    assert step in (STEP, STEP + 1)
    assert f"; step {step + 1} moved it most, by " in found.verdict
    assert found.plot().get_suptitle().startswith(f"Step {step + 1} moves the probability of")


@pytest.mark.parametrize("encoder", ["rnn", "lstm", "gru", "janet", "bigru"])
def test_a_loop_over_the_steps_gives_the_networks_answer(encoder):
    options = SMALL | {"max_epochs": 2, "num_layers": 2, "pooling": "attention"}
    model = SeriesClassifier(encoder=encoder, **options).fit(X, LABELS)
    found = step_by_step(model, ONE)
    double = copy.deepcopy(model.network_).double()
    inputs = torch.from_numpy(model.rows([ONE]).fields[0].values).double()
    with torch.no_grad():
        logits = double([(inputs, torch.tensor([0, len(inputs)]))])
    assert np.allclose(found.by_hand, logits.softmax(1)[0], atol=1e-10, rtol=0)
    assert found.difference < rounding(1)
    assert np.allclose(found.table["x[1]"][: len(inputs)], inputs[:, 1], atol=1e-12)


def test_the_table_has_all_that_a_loop_of_ones_own_needs():
    model = SeriesClassifier(encoder="rnn", pooling="last", **SMALL).fit(X[:, 1:], LABELS)
    found = step_by_step(model, ONE[1])
    assert found.table.columns[:3].tolist() == ["step", "value", "x"]
    w = {name: value.astype(float) for name, value in model.weights_by_name().items()}
    h = np.zeros(16)
    for x in found.table["x"]:
        h = np.tanh(w["layer1.W_xh"][:, 0] * x + w["layer1.W_hh"] @ h + w["layer1.b"])
    z = w["head.W"] @ h + w["head.b"]
    # The bias is two that were summed in float32.
    assert np.isclose(found.by_hand["up"], expit(z[1] - z[0]), rtol=0, atol=rounding(1))
    assert np.allclose(found.document_vector, h, rtol=0, atol=rounding(1))


def rising(n, seed):
    """Ramps up or down: the same values, in one order or the other."""
    rng = np.random.default_rng(seed)
    up = rng.integers(0, 2, n)
    slopes = np.where(up, 1.0, -1.0)[:, None]
    return slopes * np.linspace(-1, 1, 20) + rng.normal(size=(n, 20)) * 0.1, up


@pytest.mark.parametrize("encoder, uses_order", [("gru", True), ("mean", False)])
def test_shuffled_steps_cost_the_score_of_what_is_in_their_order(encoder, uses_order):
    model = SeriesClassifier(encoder=encoder, **SMALL).fit(*rising(96, seed=0))
    found = order_matters(model, *rising(96, seed=1))
    if uses_order:
        assert found.score > 0.95 and found.drop > 0.2 and found.beyond_noise
        assert "it uses order" in found.verdict
    else:
        assert found.drop == 0 and "in any order" in found.verdict
    labels = [label.get_text() for label in found.plot().axes[0].get_yticklabels()]
    assert labels == ["steps in order", "shuffled"]


def test_shuffling_keeps_the_channels_of_a_step_together():
    """The classes differ in whether the channels go together, which no one channel tells."""
    rng = np.random.default_rng(0)
    series, together = rng.normal(size=(96, 2, 15)), np.arange(96) % 2
    series[together == 1, 1] = series[together == 1, 0]
    options = SMALL | {"max_epochs": 40, "hidden_size": 24}
    model = SeriesClassifier(encoder="tcn", num_layers=1, **options).fit(series, together)
    found = order_matters(model, series, together)
    assert found.score > 0.9 and found.shuffled_scores.min() > 0.75


def long_series(n, seed, n_steps=120):
    """Noise after a first step that tells the class."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    series = rng.normal(size=(n, n_steps))
    series[:, 0] = np.where(y, 3.0, -3.0)
    return series, y


@pytest.mark.parametrize(
    "encoder, init, gain, kind",
    [
        ("rnn", "default", 1.0, "vanishing"),
        ("lstm", "chrono", 1.0, "healthy"),
        ("rnn", "orthogonal", 1.0, "healthy"),
        ("rnn", "orthogonal", 3.0, "exploding"),
    ],
)
def test_the_gradient_of_long_series_is_told_by_encoder_and_init(encoder, init, gain, kind):
    options = SMALL | {"max_epochs": 1, "learning_rate": 1e-5}
    activation = "relu" if gain > 1 else "tanh"
    model = SeriesClassifier(
        encoder=encoder, init=init, init_gain=gain, activation=activation, pooling="last", **options
    ).fit(*long_series(32, seed=0))
    found = gradient_flow(model, *long_series(32, seed=1))
    assert found.kind == kind, found.verdict
    assert found.length == 120 and found.table["series"].max() == 24
    if kind != "exploding":
        assert "the median series has 120 steps" in found.verdict


def test_the_gradient_is_that_of_the_loss(models):
    """The first state's, held against a difference of the loss."""
    model = SeriesRegressor(encoder="rnn", pooling="last", **SMALL | {"max_epochs": 1})
    model.fit(X[:, 1:], UP)
    found = gradient_flow(model, X[:1, 1:], UP[:1])
    w = {name: value.astype(float) for name, value in model.weights_by_name().items()}
    x = model.rows(X[:1, 1:]).fields[0].values[:, 0].astype(float)
    target = model._encode_targets(UP[:1], 1)[0]

    def loss(first, push):
        h = np.zeros(16)
        for step, value in enumerate(x):
            h = np.tanh(w["layer1.W_xh"][:, 0] * value + w["layer1.W_hh"] @ h + w["layer1.b"])
            h = h + push if step == first else h
        return float((w["head.W"] @ h + w["head.b"] - target)[0] ** 2)

    far = 3
    pushes = 1e-6 * np.eye(16)
    slopes = [
        (loss(len(x) - 1 - far, push) - loss(len(x) - 1 - far, -push)) / 2e-6 for push in pushes
    ]
    assert np.isclose(found.table["gradient"][far], np.linalg.norm(slopes), rtol=1e-4)


def test_of_the_lstm_fcn_its_lstm_is_looked_at(models):
    model = models["lstm_fcn"]
    for found in (
        gradient_flow(model, X, LABELS),
        saturation(model, X),
        recurrent_spectrum(model),
    ):
        assert "this is the LSTM alone, beside convolutions that see 14 steps" in found.verdict
        assert found.table["layer"].unique().tolist() == [1]
        assert found.plot().get_suptitle()
    spectrum = recurrent_spectrum(model)
    matrix = dict(model.network_.encoder.lstm.forwards.weights_by_name())["W_hf"].double()
    assert np.isclose(spectrum.eigenvalues[1, "forward", "forget"][0], torch.linalg.eigvals(matrix))
    assert "LSTM alone" not in recurrent_spectrum(models["gru"]).verdict


def test_encoders_that_do_not_fit_are_refused_with_those_that_do(models):
    with pytest.raises(ValueError, match="rnn, lstm, gru, janet.* and lstm_fcn in part"):
        gradient_flow(models["tcn"], X, LABELS)
    with pytest.raises(ValueError, match="also reads by convolutions, which are no loop over the"):
        step_by_step(models["lstm_fcn"], ONE)


def test_saturated_gates_are_told_step_by_step(models):
    found = saturation(models["gru"], [X[0], X[1][:, :10]])
    assert found.over_time["series"].tolist() == ([2] * 10 + [1] * 14) * 3


@pytest.mark.parametrize("encoder", ["lstm_fcn", "gru"])
def test_the_learning_rate_found_is_one_that_learns(encoder):
    model = SeriesClassifier(encoder=encoder, **SMALL)
    found = find_learning_rate(model, X, LABELS, n_batches=60)
    assert 1e-4 < found.suggestion < 1 and found.turn is not None
    assert not hasattr(model, "network_") and model.learning_rate == 0.01
    fitted = model.set_params(learning_rate=found.suggestion).fit(X, LABELS)
    assert fitted.score(X, LABELS) > 0.9


def test_no_word_is_of_texts(models):
    """In what is printed and drawn."""
    model = models["gru"]
    for found in (
        explain(model, ONE),
        hidden_states(model, ONE),
        step_by_step(model, ONE),
        order_matters(model, X, LABELS),
        gradient_flow(model, X, LABELS),
        saturation(model, X),
        recurrent_spectrum(model),
    ):
        figure = found.plot()
        words = [str(found), figure.get_suptitle()]
        for axes in figure.axes:
            words += [axes.get_xlabel(), axes.get_ylabel()]
            words += [label.get_text() for label in (*axes.get_xticklabels(), *axes.texts)]
        assert not re.search(r"token|text|word|sentence", " ".join(words)), type(found)


def test_a_series_is_scaled_as_the_model_scales_it(models):
    reading = read_one(models["gru"], ONE)
    assert np.allclose(reading.vectors, models["gru"].rows([ONE]).fields[0].values)
    assert reading.vectors.dtype == torch.float64
    alone = SeriesClassifier(encoder="mean", **SMALL).fit(X[:, 1], LABELS)
    assert np.allclose(read_one(alone, ONE[1]).vectors, read_one(alone, ONE[1:]).vectors)


@pytest.mark.parametrize(
    "series, message",
    [
        (X, r"series must be one of shape .channels, time. or .time,., got shape \(96, 2, 24\)"),
        ("good film", "got 'good film'; pass one series"),
        (None, "got None"),
        ([[1.0, 2.0], [3.0]], r"got \[\[1.0, 2.0\], \[3.0\]\]"),
        (ONE[1], "X has 1 channels, but the model was fitted to 2"),
        (np.full((2, 3), np.inf), "is inf in channel 0 at step 0"),
    ],
)
def test_what_is_not_one_series_is_refused(models, series, message):
    for instrument in (explain, hidden_states, step_by_step):
        with pytest.raises(ValueError, match=message):
            instrument(models["gru"], series)


def test_many_missing_values_are_remarked_on(models):
    half = ONE.copy()
    half[1, ::2] = np.nan
    half[0, ::2] = np.nan
    n_missing = int(np.isnan(half).sum())
    expected = f"; {n_missing} of 48 values are missing, each read as its channel's mean"
    assert explain(models["gru"], half).verdict.endswith(expected)
    assert "missing" not in explain(models["gru"], ONE).verdict
