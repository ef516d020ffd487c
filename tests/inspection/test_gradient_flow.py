import io

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from torch import nn

from textseq import TextClassifier, TextRegressor
from textseq.inspection.gradient_flow import gradient_flow

WORDS = [f"w{i}" for i in range(12)]
CELLS = ["rnn", "lstm", "gru", "janet"]


def corpus(n=40, shortest=1, longest=9, seed=0):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(shortest, longest + 1, size=n)
    return [" ".join(rng.choice(WORDS, length)) for length in lengths], np.arange(n) % 2


def first_token(length, n=240, seed=0):
    """Texts whose label is their first token."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(2, size=n)
    texts = [" ".join([("no", "yes")[y], *rng.choice(WORDS, length - 1)]) for y in labels]
    return texts, labels


def fitted(texts, labels, kind=TextClassifier, **parameters):
    """A tiny network that has hardly learned, so that it is what its init made it."""
    defaults = dict(hidden_size=3, embedding_dim=4, num_layers=1, max_epochs=1, random_state=0,
                    learning_rate=1e-9, n_threads=1, validation_fraction=0.0,
                    wide=None)  # fmt: skip
    return kind(**defaults | parameters).fit(texts, labels)


def enlarged(model, factor=20.0):
    """Make the output layer's weights larger, so that gradients are."""
    model.network_.head.output.weight.mul_(factor)
    return model


class Nudge:
    """Runs cells step by step; changes one state of one cell after one step."""

    def __init__(self, cell, step, part, unit, by):
        self.place, self.unit, self.by = (cell, step, part), unit, by
        self.n_cells = 0

    def __call__(self, cell, x):
        state, outputs = cell.initial_state(x), []
        for step in range(x.shape[1]):
            state, _ = cell.step(x[:, step], state)
            if self.place[:2] == (self.n_cells, step):
                state = list(state)
                change = torch.zeros_like(state[0])
                change[:, self.unit] = self.by
                if self.place[2] == "h":
                    state[0] = state[0] + change
                else:  # h is made of c, so a change of c shows in it
                    opened = state[0] / state[1].tanh()
                    state[1] = state[1] + change
                    state[0] = opened * state[1].tanh()
            outputs.append(state[0])
        self.n_cells += 1
        return torch.stack(outputs, dim=1)


def loss(model, text, label, nudge):
    network = model.network_.double()
    ids = model.encoding_.ids([text]).fields[0]
    x, lengths = network.embed(torch.from_numpy(ids.values), torch.from_numpy(ids.offsets))
    logits = network.head(network.read(x, lengths, nudge)).numpy()
    return -log_softmax(logits[0])[label]


def norm_by_differences(model, text, label, cell, step, part):
    changes = []
    for unit in range(3):
        up, down = (
            loss(model, text, label, Nudge(cell, step, part, unit, by)) for by in (1e-5, -1e-5)
        )
        changes.append((up - down) / 2e-5)
    return np.linalg.norm(changes)


@pytest.mark.parametrize("encoder", CELLS)
@pytest.mark.parametrize(
    "options",
    [
        dict(pooling="last"),
        dict(pooling="max", bidirectional=True, num_layers=2, connections="residual"),
        dict(pooling="attention", num_layers=2, connections="dense", normalization="layer"),
    ],
)
def test_gradients_are_finite_differences_of_the_loss(encoder, options):
    texts, labels = corpus()
    model = enlarged(fitted(texts, labels, encoder=encoder, **options))
    found = gradient_flow(model, ["w1 w2 w3 w4"], [1]).table
    n_directions = 2 if options.get("bidirectional") else 1
    assert len(found) == 4 * n_directions * options.get("num_layers", 1)
    for row in found.itertuples():
        cell = (row.layer - 1) * n_directions + (row.direction == "backward")
        place = (cell, 3 - row.steps_before_end)
        of_h = norm_by_differences(model, "w1 w2 w3 w4", 1, *place, "h")
        assert row.gradient == pytest.approx(of_h, rel=1e-4, abs=1e-9)
        assert row.texts == 1
        if encoder == "lstm":
            of_c = norm_by_differences(model, "w1 w2 w3 w4", 1, *place, "c")
            assert row.cell_gradient == pytest.approx(of_c, rel=1e-4, abs=1e-9)
    assert ("cell_gradient" in found) == (encoder == "lstm")


def linear_rnn(**parameters):
    """A relu rnn that never leaves its linear part: its Jacobian is W_hh at every step."""
    texts, labels = corpus()
    model = fitted(texts, labels, encoder="rnn", activation="relu", pooling="last", **parameters)
    model.network_.inputs.weight.abs_()
    layer = model.network_.encoder.layers[0].forwards.layer
    for weight in layer.parameters():
        weight.abs_()
    return model, layer.weight_hh_l0.double().numpy()


def test_a_linear_rnn_has_powers_of_its_matrix():
    model, matrix = linear_rnn()
    found = gradient_flow(model, ["w1 w2 w3 w4 w5 w6"], [0])
    powers = [np.linalg.matrix_power(matrix, d) for d in range(6)]
    assert np.allclose(found.table["product"], [np.linalg.norm(p, 2) for p in powers], rtol=1e-5)
    norm = np.linalg.norm(matrix, 2)
    assert np.allclose(found.table["bound"], norm ** np.arange(6.0), rtol=1e-5)
    assert np.allclose(found.table["step_jacobian"][1:], norm, rtol=1e-5)
    logits = np.log(model.predict_proba(["w1 w2 w3 w4 w5 w6"])[0])
    at_end = model.network_.head.output.weight.double().numpy().T @ (np.exp(logits) - [1, 0])
    expected = [np.linalg.norm(power.T @ at_end) for power in powers]
    assert np.allclose(found.table["gradient"], expected, rtol=1e-5)


@pytest.mark.parametrize("encoder", ["bilstm", "bijanet"])
def test_a_text_counts_the_same_beside_a_longer_one(encoder):
    texts, labels = corpus()
    model = fitted(texts, labels, encoder=encoder, num_layers=2, normalization="batch")
    pair = ["w1 w2 w3", "w4 w5 w6 w7 unknown w9 w10"]
    both = gradient_flow(model, pair, [0, 1]).table
    short, long = (gradient_flow(model, [pair[row]], [row]).table for row in (0, 1))
    place = ["layer", "direction", "steps_before_end"]
    merged = long.merge(short, on=place, how="left", suffixes=("_long", "_short"))
    for name in both.columns[4:]:
        expected = merged[[f"{name}_long", f"{name}_short"]].mean(axis=1)  # the median of two
        assert np.allclose(both[name], expected, rtol=1e-6, equal_nan=True)
    assert both["texts"].tolist() == [2, 2, 2, 1, 1, 1, 1] * 4


def test_the_plain_rnn_vanishes_where_the_first_token_counts():
    texts, labels = first_token(200)
    model = fitted(texts, labels, encoder="rnn", pooling="last", hidden_size=12, max_epochs=4,
                   learning_rate=1e-2)  # fmt: skip
    assert model.score(*first_token(200, seed=1)) < 0.65
    found = gradient_flow(model, texts, labels)
    assert found.kind == "vanishing" and found.reach < 60 and found.length == 200
    assert 'a gated encoder ("lstm", "gru" or "janet") with init="chrono"' in found.verdict
    gradients = found.table.set_index("steps_before_end")["gradient"]
    assert gradients[199] < 1e-6 * gradients[0]
    assert found.clipped_share == model.history_["clipped_share"].mean()


@pytest.mark.parametrize(("encoder", "epochs"), [("lstm", 14), ("gru", 6), ("janet", 6)])
def test_gated_cells_that_solve_it_are_healthy(encoder, epochs):
    texts, labels = first_token(60)
    model = fitted(texts, labels, encoder=encoder, init="chrono", pooling="last", hidden_size=12,
                   embedding_dim=8, batch_size=8, max_epochs=epochs, learning_rate=1e-2,
                   dropout=0.0, embedding_dropout=0.0)  # fmt: skip
    assert model.score(*first_token(60, seed=1)) > 0.9
    found = gradient_flow(model, texts, labels)
    assert found.kind == "healthy" and found.reach == 59
    assert "all 59 steps" in found.verdict and "try" not in found.verdict


@pytest.mark.parametrize("encoder", CELLS)
@pytest.mark.parametrize("pooling", ["last", "max"])
def test_the_defaults_are_healthy_on_texts_of_20_tokens(encoder, pooling):
    texts, labels = corpus(shortest=20, longest=20)
    model = fitted(texts, labels, encoder=encoder, pooling=pooling, hidden_size=32)
    assert gradient_flow(model, texts, labels).kind == "healthy"


def test_pooling_over_all_steps_does_not_hide_what_the_recurrence_loses():
    texts, labels = first_token(80, n=40)
    model = fitted(texts, labels, encoder="gru", pooling="mean", hidden_size=8)
    found = gradient_flow(model, texts, labels)
    gradients = found.table["gradient"]
    assert gradients.min() > 0.05 * gradients.max()  # all steps have one
    assert found.kind == "vanishing"
    assert 'pooling="mean" still hands each step a gradient' in found.verdict
    assert "a gated encoder" not in found.verdict and 'init="chrono"' in found.verdict


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_large_orthogonal_init_explodes(activation):
    texts, labels = corpus(shortest=16, longest=16)
    model = fitted(texts, labels, encoder="rnn", activation=activation, init="orthogonal",
                   init_gain=3.0, hidden_size=32, clip_grad_norm=None)  # fmt: skip
    model.network_.inputs.weight.mul_(1e-9)  # tanh stays in its linear part
    found = gradient_flow(model, texts, labels)
    assert found.kind == "exploding"
    assert "clip_grad_norm=1.0 or a smaller init_gain than 3" in found.verdict
    assert ('activation="tanh"' in found.verdict) == (activation == "relu")
    if activation == "tanh":
        far = found.table["steps_before_end"]
        assert np.allclose(found.table["product"], 3.0**far, rtol=0.05)


def test_states_beyond_all_numbers_explode():
    texts, labels = corpus(shortest=30, longest=30)
    model = fitted(texts, labels, encoder="rnn", activation="relu", hidden_size=8)
    model.network_.encoder.layers[0].forwards.layer.weight_hh_l0.fill_(1e15)
    found = gradient_flow(model, texts, labels)
    assert found.kind == "exploding"
    found.plot().savefig(io.BytesIO())
    model = fitted(texts, labels, encoder="gru")
    model.network_.head.output.weight.fill_(torch.inf)
    found = gradient_flow(model, texts, labels)
    assert found.kind == "exploding"
    assert found.verdict.startswith("exploding: the gradient is not a finite number; try")


def test_texts_are_read_as_the_model_reads_them():
    texts, labels = corpus()
    model = fitted(texts, labels, encoder="gru", max_length=5)
    found = gradient_flow(model, ["w1 " * 30, "", "w2 w3", "  "], [0, 1, 1, 0])
    assert found.table["steps_before_end"].tolist() == [0, 1, 2, 3, 4]
    assert found.table["texts"].tolist() == [2, 2, 1, 1, 1]
    cut = gradient_flow(model, ["w1 " * 5, "w2 w3"], [0, 1]).table
    assert np.allclose(found.table["gradient"], cut["gradient"])


def test_of_many_texts_24_are_taken_evenly():
    texts, labels = corpus(n=93)
    model = fitted(texts, labels, encoder="rnn")
    found = gradient_flow(model, texts, labels).table
    rows = np.linspace(0, 92, 24).round().astype(int)
    chosen = gradient_flow(model, [texts[row] for row in rows], labels[rows]).table
    assert found["texts"].max() == 24
    assert np.array_equal(found["gradient"], chosen["gradient"])

    assert found["product"].notna().all()  # the longest texts have the Jacobians


def test_figures_are_medians_over_texts():
    model = fitted(*corpus(), encoder="gru", pooling="last")
    texts, labels = ["w1 w2", "w3 w4", "w5 w6"], [0, 1, 1]
    alone = [gradient_flow(model, [text], [y]).table for text, y in zip(texts, labels, strict=True)]
    together = gradient_flow(model, texts, labels).table
    for name in ("gradient", "product", "bound"):
        assert np.allclose(together[name], np.median([table[name] for table in alone], axis=0))


def test_wide_states_have_fewer_jacobians_but_as_many_as_the_verdict_asks(monkeypatch):
    texts, labels = corpus(shortest=9)
    model = fitted(texts, labels, encoder="gru")
    whole = gradient_flow(model, texts, labels)
    monkeypatch.setattr("textseq.inspection.gradient_flow.JACOBIAN_BUDGET", 1)
    cut = gradient_flow(model, texts, labels)
    assert cut.table["product"].notna().tolist() == [True] * 6 + [False] * 3
    assert cut.kind == whole.kind == "healthy" and cut.reach == 5
    one = gradient_flow(model, texts[:1], labels[:1]).table
    assert np.allclose(cut.table["product"][:6], one["product"][:6])
    cut.plot().savefig(io.BytesIO())


def test_pairs_labels_and_numbers():
    texts, labels = corpus()
    pairs = list(zip(texts, reversed(texts), strict=True))
    found = gradient_flow(fitted(pairs, labels, encoder="gru"), pairs[:3], labels[:3]).table
    assert found["texts"].max() == 6 and np.isfinite(found["gradient"]).all()
    indicators = np.stack([labels, 1 - labels], axis=1)
    several = fitted(texts, indicators, encoder="gru", pooling="last")
    assert gradient_flow(several, texts, indicators).table["gradient"][0] > 0
    numbers = fitted(texts, labels * 7.0, TextRegressor, encoder="gru", pooling="last")
    found = gradient_flow(numbers, ["w1 w2"], [3.5]).table
    (weight,) = numbers.network_.head.output.weight.double().numpy()
    error = numbers._outputs(["w1 w2"])[0, 0] - (3.5 - numbers.mean_) / numbers.scale_
    assert found["gradient"][0] == pytest.approx(abs(2 * error) * np.linalg.norm(weight), rel=1e-4)


def test_truncation_and_clipping_are_told():
    texts, labels = corpus(shortest=9)
    model = fitted(texts, labels, encoder="gru", truncated_bptt_steps=4, clip_grad_norm=1e-6)
    found = gradient_flow(model, texts, labels)
    assert "training cut the gradient every 4 steps" in found.verdict
    assert found.clipped_share == 1 and "clipped the gradient of 100 %" in found.verdict
    model.history_ = model.history_.drop(columns="clipped_share")
    assert gradient_flow(model, texts, labels).clipped_share is None


class Own(nn.Module):
    out_dim = 4

    def __init__(self, input_size, hidden_size):
        super().__init__()

    def forward(self, x, lengths):
        return x


@pytest.mark.parametrize("encoder", ["mean", "max", "tcn", Own])
def test_encoders_without_steps_are_refused(encoder):
    texts, labels = corpus()
    model = fitted(texts, labels, encoder=encoder)
    with pytest.raises(ValueError, match="encoders that do are rnn, lstm, gru, janet"):
        gradient_flow(model, texts, labels)


def test_targets_must_fit():
    texts, labels = corpus()
    model = fitted(texts, labels, encoder="rnn")
    with pytest.raises(ValueError, match="X has 40 rows but y has 39"):
        gradient_flow(model, texts, labels[1:])
    with pytest.raises(ValueError, match="none of the 2 texts in X has a token"):
        gradient_flow(model, ["", " "], [0, 1])


def test_the_figure_shows_the_table():
    texts, labels = corpus()
    found = gradient_flow(fitted(texts, labels, encoder="bilstm", num_layers=2), texts, labels)
    figure = found.plot()
    above, below = figure.axes
    assert figure.get_suptitle().startswith("The gradient flows")
    last = found.table[(found.table["layer"] == 2) & (found.table["direction"] == "backward")]
    drawn = [line.get_ydata() for line in (*above.get_lines()[-2:], *below.get_lines()[-3:-1])]
    for line, name in zip(drawn, ["gradient", "cell_gradient", "product", "bound"], strict=True):
        assert np.array_equal(line, last[name])
    assert above.get_legend().get_texts()[3].get_text() == "layer 2, backward"
    assert above.get_yscale() == "log" and below.get_xlim()[0] > below.get_xlim()[1]
    figure.savefig(io.BytesIO())


def test_one_token_is_told_and_drawn():
    texts, labels = corpus()
    found = gradient_flow(fitted(texts, labels, encoder="gru"), ["w1"], [0])
    assert found.verdict == "healthy: no state has a later one, and the median text has 1 token"
    found.plot().savefig(io.BytesIO())


def test_the_printed_table_keeps_a_few_distances():
    texts, labels = first_token(50, n=20)
    found = gradient_flow(fitted(texts, labels, encoder="rnn"), texts, labels)
    lines = repr(found).splitlines()
    assert lines[0] == found.verdict and len(lines) == 2 + 1 + 6
    assert [line.split()[2] for line in lines[3:]] == ["0", "1", "3", "10", "30", "49"]
