import io

import numpy as np
import pytest
import torch

from textseq import TextClassifier
from textseq.inspection.saturation import saturation

WORDS = [f"w{i}" for i in range(12)]
CELLS = ["rnn", "lstm", "gru", "janet"]


def corpus(n=40, shortest=1, longest=9, seed=0):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(shortest, longest + 1, size=n)
    return [" ".join(rng.choice(WORDS, length)) for length in lengths], np.arange(n) % 2


def fitted(**parameters):
    """A tiny network that has hardly learned, so that it is what its init made it."""
    defaults = dict(hidden_size=3, embedding_dim=4, num_layers=1, max_epochs=1, random_state=0,
                    learning_rate=1e-9, n_threads=1)  # fmt: skip
    return TextClassifier(**defaults | parameters).fit(*corpus())


def forward_cell(model):
    return model.network_.encoder.layers[0].forwards


def gates_of(model, text):
    """The gates (T, H) of one text, of a single layer, by its cell's own steps."""
    cell = forward_cell(model)
    x = model.network_.token_vectors(torch.from_numpy(model.encoding_.ids([text]).fields[0].values))
    state, gates = cell.initial_state(x[:1]), []
    for step in x:
        state, activations = cell.step(step[None], state)
        if len(state) == 2:
            activations = activations | {"tanh(c)": state[1].tanh()}
        gates.append({name: values[0].numpy() for name, values in activations.items()})
    return {name: np.stack([step[name] for step in gates]) for name in gates[0]}


@pytest.mark.parametrize("encoder", CELLS)
def test_shares_are_counted_over_real_tokens_only(encoder):
    model = fitted(encoder=encoder)
    for weight in forward_cell(model).parameters():
        weight.mul_(8)  # so that all kinds of activations occur
    texts = ["w1 w2 w3 w4 unknown w6 w7", "w3", "", "w8 w2"]
    found = saturation(model, texts)
    alone = [gates_of(model, text) for text in texts if text]
    assert found.table["gate"].tolist() == list(alone[0])
    for row in found.table.itertuples():
        values = np.concatenate([gates[row.gate] for gates in alone])
        low, high = (values < 0.05).mean(), (values > 0.95).mean()
        if row.function == "tanh":
            assert row.saturated == pytest.approx((abs(values) > 0.95).mean())
            assert row.activity == pytest.approx(abs(values).mean(), rel=1e-5)
            assert np.isnan(row.near_0) and np.isnan(row.near_1)
        else:
            assert (row.near_0, row.near_1) == pytest.approx((low, high))
            assert row.saturated == pytest.approx(low + high)
            assert row.activity == pytest.approx(values.mean(), rel=1e-5)
    assert found.table["saturated"].between(0.02, 0.98).any()
    kinds = dict(zip(found.table["gate"], found.table["function"], strict=True))
    tanh = {"hidden", "candidate", "tanh(c)"}
    assert all((kind == "tanh") == (gate in tanh) for gate, kind in kinds.items())
    first = found.table["gate"][0]
    over_time = found.over_time[found.over_time["gate"] == first].set_index("step")
    assert over_time["texts"].tolist() == [3, 2, 1, 1, 1, 1, 1]
    second = abs(np.stack([gates[first][1] for gates in alone if len(gates[first]) > 1]))
    assert over_time["activity"][2] == pytest.approx(second.mean(), rel=1e-5)


def test_layers_of_several_widths_are_counted_each():
    model = fitted(encoder="rnn", activation="relu", hidden_size=(4, 2), num_layers="auto")
    with torch.no_grad():
        # One unit of four, and one of two, that nothing raises above 0.
        for layer in model.network_.encoder.layers:
            layer.forwards.biases[0][:] = 1
            layer.forwards.biases[0][0] = -99
    found = saturation(model, corpus()[0])
    assert found.table["layer"].tolist() == [1, 2]
    assert found.table["dead_units"].tolist() == [0.25, 0.5]


def test_layers_directions_and_connections():
    model = fitted(encoder="bilstm", num_layers=2, connections="residual", normalization="layer")
    found = saturation(model, corpus()[0])
    places = found.table.groupby(["layer", "direction"], sort=False).size()
    assert places.to_dict() == {
        (layer, direction): 5 for layer in (1, 2) for direction in ("forward", "backward")
    }
    assert len(found.over_time) == 20 * 9 and np.isfinite(found.over_time["activity"]).all()


def test_the_backward_direction_counts_its_steps_from_the_end_of_a_text():
    model = fitted(encoder="birnn")
    layer = model.network_.encoder.layers[0]
    layer.backwards.load_state_dict(layer.forwards.state_dict())
    texts = ["w1 w2 w3 w4", "w5 w6"]
    found = saturation(model, texts).over_time.set_index("direction")
    turned = [" ".join(reversed(text.split())) for text in texts]
    expected = saturation(model, turned).over_time.set_index("direction")
    for one, other in (("forward", "backward"), ("backward", "forward")):
        assert np.allclose(found.loc[one, "activity"], expected.loc[other, "activity"])


def test_a_long_text_beside_changes_no_share_of_the_first_steps():
    model = fitted(encoder="gru")
    texts = ["w1 w2", "w3 w4"]
    before = saturation(model, texts).over_time
    after = saturation(model, [*texts, "w1 " * 300]).over_time
    assert after["step"].max() == 300
    alone = saturation(model, ["w1 " * 300]).over_time
    keys = ["gate", "step"]
    merged = after.merge(before, on=keys).merge(alone, on=keys, suffixes=("", "_alone"))
    assert len(merged) == 6
    assert np.allclose(
        merged["activity_x"], (2 * merged["activity_y"] + merged["activity"]) / 3, rtol=1e-5
    )


def test_large_inputs_saturate_tanh():
    model = fitted(encoder="rnn", init="orthogonal", init_gain=2.0)
    model.network_.inputs.weight.mul_(100)
    found = saturation(model, corpus()[0])
    assert found.table["saturated"][0] > 0.8
    assert found.verdict.startswith("saturated: ") and "a smaller init_gain than 2" in found.verdict
    assert "hidden (layer 1, forward)" in found.verdict


def test_relu_units_that_never_wake_are_dead():
    model = fitted(encoder="rnn", activation="relu", hidden_size=4, init="orthogonal")
    layer = forward_cell(model).layer
    for weight in layer.parameters():
        weight.mul_(1e-3)
    layer.bias_ih_l0[:3] = -50
    layer.bias_ih_l0[3] = 0.02  # near 0, but awake
    found = saturation(model, corpus()[0])
    row = found.table.iloc[0]
    assert row["function"] == "relu" and row["dead_units"] == 0.75
    assert row["near_0"] == row["saturated"] == 0.75
    assert found.verdict.startswith("dead: 75 % of the units of hidden (layer 1, forward)")
    assert found.over_time["step"].tolist() == list(range(1, 10))


def awake_for_one_word(model, word):
    """Set a relu rnn's weights so that unit 0 is above 0 for that word, and no other ever."""
    layer = forward_cell(model).layer
    for weight in layer.parameters():
        weight.zero_()
    table = model.network_.inputs.weight
    direction = table[model.vocabulary_[word]]
    layer.weight_ih_l0[0] = direction
    layer.bias_ih_l0.fill_(-0.99 * float(direction @ direction))
    assert (table @ direction > 0.99 * direction @ direction).sum() == 1


def test_a_relu_unit_that_wakes_for_one_word_of_all_is_not_dead():
    model = fitted(encoder="rnn", activation="relu", hidden_size=4)
    awake_for_one_word(model, "w7")
    others = ["w1 w2 w3", "w4"] * 40
    for texts in ([*others, "w7"], ["w5 w7", *others]):
        assert saturation(model, texts).table["dead_units"][0] == 0.75
    assert saturation(model, others).table["dead_units"][0] == 1


@pytest.mark.parametrize(("encoder", "gate"), [("lstm", "forget"), ("gru", "update")])
def test_a_gate_planted_shut_forgets_and_one_planted_open_remembers(encoder, gate):
    model = fitted(encoder=encoder)
    bias = forward_cell(model).gate_weights()[gate][2][0]
    bias.fill_(-9)
    shut = saturation(model, corpus()[0])
    row = shut.table.set_index("gate").loc[gate]
    assert row["near_0"] == 1 and row["near_1"] == 0
    assert shut.verdict.startswith(f"forgetful: 100 % of {gate} (layer 1, forward) is under 0.05")
    bias.fill_(9)
    open_ = saturation(model, corpus()[0])
    row = open_.table.set_index("gate").loc[gate]
    assert row["near_1"] == 1 and row["near_0"] == 0 and row["activity"] > 0.99
    assert open_.verdict.startswith("not saturated")
    assert f"the {gate} gate is open (above 0.95) in 100 % and shut in 0 %" in open_.verdict


def test_texts_are_read_as_the_model_reads_them():
    model = fitted(encoder="janet", max_length=5)
    assert saturation(model, ["w1 " * 40]).over_time["step"].max() == 5
    with pytest.raises(ValueError, match="none of the 2 texts in X has a token"):
        saturation(model, ["", " "])
    with pytest.raises(ValueError, match="encoder='tcn' does not carry a state"):
        saturation(fitted(encoder="tcn"), ["w1"])


def test_pairs_count_both_texts():
    texts, labels = corpus()
    pairs = list(zip(texts, reversed(texts), strict=True))
    model = TextClassifier(encoder="rnn", activation="relu", hidden_size=4, num_layers=1,
                           max_epochs=1, random_state=0, n_threads=1)  # fmt: skip
    model.fit(pairs, labels)
    found = saturation(model, [("w1 w2", "w3"), ("", "w4")])
    assert found.over_time["texts"].tolist() == [3, 1]
    awake_for_one_word(model, "w7")
    for pair in (("w1", "w7"), ("w7", "w1")):
        assert saturation(model, [pair]).table["dead_units"][0] == 0.75


def test_the_figure_shows_gates_over_time():
    found = saturation(fitted(encoder="bigru"), corpus()[0])
    figure = found.plot()
    assert [axes.get_ylabel() for axes in figure.axes] == ["reset", "update", "candidate"]
    rows = found.over_time.query("gate == 'update' and direction == 'backward'")
    activity, saturated = figure.axes[1].get_lines()[2:]
    long = rows["texts"] >= 0.1 * rows["texts"].max()
    assert np.array_equal(activity.get_ydata(), rows["activity"][long])
    assert np.array_equal(saturated.get_ydata(), rows["saturated"][long])
    figure.savefig(io.BytesIO())


def test_it_prints_without_empty_columns():
    printed = repr(saturation(fitted(encoder="rnn"), ["w1 w2"]))
    assert "dead_units" not in printed and "nan" not in printed.lower()
