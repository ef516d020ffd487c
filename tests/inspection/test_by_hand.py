"""Every number of step_by_step against loops written here, on the weights by their names."""

import io

import numpy as np
import pandas as pd
import pytest
import torch
from rounding import rounding

from textseq import TextClassifier, TextRegressor
from textseq.inspection.by_hand import step_by_step

TEXTS = ["the film is good", "so good a plot", "the film is bad", "dull and bad"] * 10
LABELS = ["pos", "pos", "neg", "neg"] * 10
TEXT = "the plot is so bad xyzzy good"
SMALL = {"hidden_size": 3, "embedding_dim": 4, "n_threads": 1, "random_state": 0}
SMALL |= {"max_epochs": 4, "learning_rate": 0.03, "wide": None}


def fit(encoder, texts=TEXTS, labels=LABELS, **parameters):
    return TextClassifier(encoder=encoder, **SMALL | parameters).fit(texts, labels)


def named(model):
    return {name: value.astype(float) for name, value in model.weights_by_name().items()}


def inputs(model, text):
    return named(model)["embedding"][model.vocabulary_.ids_of(text.split())]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    return np.exp(x) / np.exp(x).sum()


def part(weights, prefix):
    return {name[len(prefix) :]: w for name, w in weights.items() if name.startswith(prefix)}


def run_rnn(w, x, activation=np.tanh):
    h, states = np.zeros(len(w["W_hh"])), []
    for x_t in x:
        h = activation(w["W_xh"] @ x_t + w["W_hh"] @ h + w["b"])
        states.append({"h": h, "hidden": h})
    return states


def run_lstm(w, x):
    h = c = np.zeros(len(w["b_i"]))
    states = []
    for x_t in x:
        i, f, o = (sigmoid(w[f"W_x{g}"] @ x_t + w[f"W_h{g}"] @ h + w[f"b_{g}"]) for g in "ifo")
        candidate = np.tanh(w["W_xc"] @ x_t + w["W_hc"] @ h + w["b_c"])
        c = f * c + i * candidate
        h = o * np.tanh(c)
        gates = {"input": i, "forget": f, "candidate": candidate, "output": o}
        states.append({"h": h, "c": c} | gates)
    return states


def run_gru(w, x):
    h, states = np.zeros(len(w["b_r"])), []
    for x_t in x:
        r, z = (sigmoid(w[f"W_x{g}"] @ x_t + w[f"W_h{g}"] @ h + w[f"b_{g}"]) for g in "rz")
        n = np.tanh(w["W_xn"] @ x_t + w["b_xn"] + r * (w["W_hn"] @ h + w["b_hn"]))
        h = (1 - z) * n + z * h
        states.append({"h": h, "reset": r, "update": z, "candidate": n})
    return states


def run_janet(w, x):
    h, states = np.zeros(len(w["b_f"])), []
    for x_t in x:
        s = w["W_xf"] @ x_t + w["W_hf"] @ h + w["b_f"]
        candidate = np.tanh(w["W_xc"] @ x_t + w["W_hc"] @ h + w["b_c"])
        h = sigmoid(s) * h + (1 - sigmoid(s - 1)) * candidate
        states.append({"h": h, "forget": sigmoid(s), "candidate": candidate})
    return states


RUNS = {"rnn": run_rnn, "lstm": run_lstm, "gru": run_gru, "janet": run_janet}
POOLED = {
    "last": lambda states: states[-1],
    "mean": lambda states: states.mean(0),
    "max": lambda states: states.max(0),
}


def stacked(steps, name="h"):
    return np.stack([step[name] for step in steps])


@pytest.mark.parametrize("encoder", RUNS)
@pytest.mark.parametrize("pooling", POOLED)
def test_every_state_gate_and_answer_is_that_of_a_plain_loop(encoder, pooling):
    model = fit(encoder, pooling=pooling)
    weights = named(model)
    steps = RUNS[encoder](part(weights, "layer1."), inputs(model, TEXT))
    found = step_by_step(model, TEXT)
    recorded = {**found.states, **found.gates}
    assert set(recorded) == {f"layer1.{name}" for name in steps[0]}
    for name in steps[0]:
        assert np.allclose(recorded[f"layer1.{name}"], stacked(steps, name), atol=1e-12)
    vector = POOLED[pooling](stacked(steps))
    assert np.allclose(found.document_vector, vector, atol=1e-12)
    by_hand = softmax(weights["head.W"] @ vector + weights["head.b"])
    assert np.allclose(found.by_hand[["neg", "pos"]], by_hand, atol=1e-12)
    by_network = model.predict_proba([TEXT])[0]
    assert np.allclose(found.by_network, by_network, rtol=0, atol=rounding(1))
    assert found.difference == abs(found.by_hand - found.by_network).max() < rounding(1)
    leading = found.by_network.idxmax()
    assert f"p({leading}) by hand {found.by_hand[leading]:.4f}, by the net" in found.verdict
    assert "equal to " in found.verdict


def test_a_relu_network_with_a_hidden_layer_in_its_head():
    model = fit("rnn", activation="relu", head_sizes=(12,), pooling="attention")
    weights = named(model)
    relu = lambda x: np.maximum(x, 0)  # noqa: E731
    states = stacked(run_rnn(part(weights, "layer1."), inputs(model, TEXT), relu))
    project, score = weights["pooling.project.weight"], weights["pooling.score.weight"][0]
    shares = softmax(np.tanh(states @ project.T + weights["pooling.project.bias"]) @ score)
    hidden = weights["head.hidden1.W"] @ (shares @ states) + weights["head.hidden1.b"]
    assert hidden.min() < 0 < hidden.max()
    expected = softmax(weights["head.W"] @ relu(hidden) + weights["head.b"])
    found = step_by_step(model, TEXT)
    assert np.allclose(found.by_hand, expected, atol=1e-12)
    assert "h_t = relu(W_xh x_t + W_hh h_{t-1} + b)" in found.equations
    assert "head.hidden1: u1 = relu(W v + b)" in found.equations
    assert "head: z = W u1 + b" in found.equations


@pytest.mark.parametrize("connections", ["plain", "residual", "dense"])
@pytest.mark.parametrize("pooling", ["last", "max"])
def test_two_layers_in_both_directions(connections, pooling):
    model = fit(
        "bigru", num_layers=2, connections=connections, normalization="layer", pooling=pooling
    )
    weights, found = named(model), step_by_step(model, TEXT)
    x = inputs(model, TEXT)
    below = []
    for layer in ("layer1", "layer2"):
        read = x if not below else np.hstack([x, *below]) if connections == "dense" else below[-1]
        backward = part(weights, f"{layer}.backward.")
        forward = {k: w for k, w in part(weights, f"{layer}.").items() if "backward" not in k}
        there, back = run_gru(forward, read), run_gru(backward, read[::-1])[::-1]
        assert np.allclose(found.states[f"{layer}.h"], stacked(there), atol=1e-12)
        assert np.allclose(found.states[f"{layer}.backward.h"], stacked(back), atol=1e-12)
        assert np.allclose(found.gates[f"{layer}.backward.reset"], stacked(back, "reset"))
        states = np.hstack([stacked(there), stacked(back)])
        norm = part(weights, layer.replace("layer", "norm") + ".")
        centred = states - states.mean(1, keepdims=True)
        states = centred / np.sqrt(centred.var(1, keepdims=True) + 1e-5)
        states = states * norm["weight"] + norm["bias"]
        if below and connections == "residual":
            states = states + below[-1]
        below.append(states)
    vector = np.concatenate([states[-1, :3], states[0, 3:]])
    if pooling == "max":
        vector = states.max(0)
    assert np.allclose(found.document_vector, vector, atol=1e-12)
    expected = softmax(weights["head.W"] @ vector + weights["head.b"])
    assert np.allclose(found.by_hand, expected, atol=1e-12)
    assert np.allclose(model.predict_proba([TEXT])[0], expected, rtol=0, atol=rounding(1))


@pytest.mark.parametrize("connections", ["plain", "dense"])
def test_layers_of_several_widths(connections):
    model = fit("bigru", hidden_size=(2, 4), connections=connections, pooling="last")
    weights, found = named(model), step_by_step(model, TEXT)
    x = inputs(model, TEXT)
    below = [x]
    for layer in ("layer1", "layer2"):
        read = np.hstack(below) if connections == "dense" else below[-1]
        backward = part(weights, f"{layer}.backward.")
        forward = {k: w for k, w in part(weights, f"{layer}.").items() if "backward" not in k}
        there, back = run_gru(forward, read), run_gru(backward, read[::-1])[::-1]
        assert np.allclose(found.states[f"{layer}.h"], stacked(there), atol=1e-12)
        below.append(np.hstack([stacked(there), stacked(back)]))
    vector = np.concatenate([below[-1][-1, :4], below[-1][0, 4:]])
    expected = softmax(weights["head.W"] @ vector + weights["head.b"])
    assert np.allclose(found.by_hand, expected, atol=1e-12)
    assert np.allclose(model.predict_proba([TEXT])[0], expected, rtol=0, atol=rounding(1))
    # A unit that a lower layer lacks is missing there.
    beyond = f"h[{found.units[-1]}]"
    assert found.units[-1] >= 2
    missing = found.table.groupby("layer", sort=False)[beyond].apply(lambda rows: rows.isna().all())
    assert missing.tolist() == [True, True, False, False]
    assert list(found.table.filter(regex=r"^h\[")) == [f"h[{unit}]" for unit in found.units]


def test_the_table_has_a_row_a_step_with_its_gates_and_states():
    model = fit("lstm", hidden_size=2)
    found = step_by_step(model, TEXT)
    table = found.table
    assert table.columns.tolist() == [
        "step", "token", "known", "id",
        "input[0]", "forget[0]", "candidate[0]", "output[0]", "c[0]", "h[0]",
        "input[1]", "forget[1]", "candidate[1]", "output[1]", "c[1]", "h[1]",
    ]  # fmt: skip
    assert table["token"].tolist() == TEXT.split()
    assert table["known"].tolist() == [True, True, True, True, True, False, True]
    assert table["id"].tolist() == model.vocabulary_.ids_of(TEXT.split()).tolist()
    assert np.array_equal(table["h[1]"], found.states["layer1.h"][:, 1])
    assert np.array_equal(table["c[0]"], found.states["layer1.c"][:, 0])
    assert np.array_equal(table["forget[1]"], found.gates["layer1.forget"][:, 1])
    # The lesson: c_t = f * c_{t-1} + i * c~, from one row to the next.
    kept = table["forget[0]"] * table["c[0]"].shift(fill_value=0)
    assert np.allclose(table["c[0]"], kept + table["input[0]"] * table["candidate[0]"])


def test_of_a_large_network_the_units_that_move_most_are_shown():
    found = step_by_step(fit("gru", hidden_size=20), TEXT)
    states = found.states["layer1.h"]
    moved = abs(np.diff(states, axis=0, prepend=np.zeros((1, 20)))).sum(0)
    assert found.units == sorted(np.argsort(-moved)[:3])
    assert states.shape == (7, 20)
    assert f"h[{found.units[2]}]" in found.table


def test_layers_and_directions_are_rows_of_their_own():
    table = step_by_step(fit("birnn", num_layers=2), "so good").table
    assert table["layer"].tolist() == [
        "layer1", "layer1", "layer1.backward", "layer1.backward",
        "layer2", "layer2", "layer2.backward", "layer2.backward",
    ]  # fmt: skip
    assert table["token"].tolist() == ["so", "good"] * 4


def test_the_lesson_of_a_one_unit_network_of_numbers():
    """One number in, one unit, one number out: the whole model fits on a blackboard."""
    numbers = [float(len(text)) for text in TEXTS]
    model = TextRegressor(
        encoder="rnn", representation="integer", pooling="last", **SMALL | {"hidden_size": 1}
    ).fit(TEXTS, numbers)
    found = step_by_step(model, "so good a plot")
    w = {name: value.item() for name, value in model.weights_by_name().items()}
    h = 0.0
    for x, in_table in zip(found.table["x"], found.table["h[0]"], strict=True):
        h = np.tanh(w["layer1.W_xh"] * x + w["layer1.W_hh"] * h + w["layer1.b"])
        assert np.isclose(in_table, h, atol=1e-12)
    prediction = (w["head.W"] * h + w["head.b"]) * model.scale_ + model.mean_
    assert np.isclose(found.by_hand["prediction"], prediction, atol=1e-10)
    assert np.isclose(found.by_network["prediction"], model.predict(["so good a plot"])[0])
    expected = found.table["id"] / len(model.vocabulary_)
    assert np.allclose(found.table["x"], expected, rtol=0, atol=rounding(1))
    assert f"y = {model.mean_:.6g} + {model.scale_:.6g} z" in found.equations


def test_several_labels_have_a_probability_each():
    indicators = pd.DataFrame({"film": [1, 0, 1, 0] * 10, "good": [1, 1, 0, 0] * 10})
    model = fit("janet", labels=indicators)
    weights, found = named(model), step_by_step(model, TEXT)
    vector = stacked(run_janet(part(weights, "layer1."), inputs(model, TEXT))).max(0)
    expected = sigmoid(weights["head.W"] @ vector + weights["head.b"])
    assert np.allclose(found.by_hand[["film", "good"]], expected, atol=1e-12)
    assert "p = sigmoid(z)" in found.equations


def test_what_was_cut_is_not_read():
    model = fit("rnn", max_length=2)
    found = step_by_step(model, "so good bad bad")
    assert found.table["token"].tolist() == ["so", "good"]
    assert found.difference < rounding(1)
    assert "2 more tokens were not read: raise max_length=2" in found.verdict


def test_weights_that_amplify_rounding_are_named():
    """Two units that grow by a tenth at each step, one thrice the other, and their difference."""
    model = fit("rnn", activation="relu", hidden_size=2, pooling="last")
    with torch.no_grad():
        cell, output = model.network_.encoder.layers[0].forwards, model.network_.head.output
        model.network_.inputs.weight.fill_(0.1)
        cell.weights[0].copy_(torch.tensor([[0.3, 0.7, 0.1, 0.9], [0.9, 2.1, 0.3, 2.7]]))
        cell.weights[1].copy_(1.1 * torch.eye(2))
        for bias in (*cell.biases, output.bias):
            bias.zero_()
        output.weight.copy_(torch.tensor([[1.0, -1 / 3], [0.0, 0.0]]))
    found = step_by_step(model, "film " * 130)
    assert found.difference > 1e-4
    assert f"they differ by {found.difference:.1g}" in found.verdict
    assert "recurrent_spectrum" in found.verdict


@pytest.mark.parametrize("encoder", ["mean", "max", "tcn"])
def test_encoders_without_cells_are_refused(encoder):
    with pytest.raises(ValueError, match=f"encoder={encoder!r} does not carry a state"):
        step_by_step(fit(encoder), TEXT)


def test_texts_that_cannot_be_read_are_refused():
    model = fit("rnn")
    with pytest.raises(ValueError, match="has no tokens"):
        step_by_step(model, " ")
    with pytest.raises(ValueError, match="must be one string"):
        step_by_step(model, [TEXT])


def test_the_model_stays_as_it_is():
    model = fit("bilstm", normalization="batch")
    before = {name: value.clone() for name, value in model.network_.state_dict().items()}
    state = torch.get_rng_state()
    found = step_by_step(model, TEXT)
    assert found.difference < rounding(1)
    after = model.network_.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert torch.equal(torch.get_rng_state(), state)


def test_the_figure_shows_the_last_layers_states():
    found = step_by_step(fit("bigru", num_layers=2, hidden_size=5), TEXT)
    figure = found.plot()
    figure.savefig(io.BytesIO(), dpi=40)
    for axes, name in zip(figure.axes, ("layer2.h", "layer2.backward.h"), strict=True):
        drawn = np.stack([line.get_ydata() for line in axes.lines])
        assert np.array_equal(drawn, found.states[name][:, found.units].T)
        assert name in axes.get_ylabel()
    leading = found.by_network.idxmax()
    assert f"{found.by_hand[leading]:.4f} by hand" in figure.get_suptitle()


# But for the one that tells of a font.
@pytest.mark.filterwarnings("ignore:no font that matplotlib knows")
@pytest.mark.parametrize(
    "text", ["bad", "$a_b$ 好 👩‍👩‍👧 supercalifragilisticexpialidocious " * 40]
)
def test_awkward_texts_are_drawn_without_a_warning(text):
    step_by_step(fit("janet"), text).plot().savefig(io.BytesIO(), dpi=40)
