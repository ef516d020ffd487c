import io

import numpy as np
import pytest
import torch
from rounding import rounding

from textseq import TextClassifier
from textseq.inspection.spectrum import recurrent_spectrum
from textseq.nn.cells import CELLS

TEXTS, LABELS = ["a b c", "b c a"] * 10, [0, 1] * 10


def fitted(**parameters):
    """A tiny network that has hardly learned, so that it is what its init made it."""
    defaults = dict(hidden_size=4, embedding_dim=3, num_layers=1, max_epochs=1, random_state=0,
                    learning_rate=1e-9, n_threads=1)  # fmt: skip
    return TextClassifier(**defaults | parameters).fit(TEXTS, LABELS)


def cell_of(model, layer=1, direction="forwards"):
    return getattr(model.network_.encoder.layers[layer - 1], direction)


def planted(matrix, **parameters):
    model = fitted(encoder="rnn", hidden_size=len(matrix), **parameters)
    cell_of(model).weights[1].copy_(torch.tensor(matrix))
    return model


# A rotation by 30 degrees that shrinks by 0.9, and a unit that keeps half.
TURN = 0.9 * np.array([[np.cos(np.pi / 6), -np.sin(np.pi / 6)],
                       [np.sin(np.pi / 6), np.cos(np.pi / 6)]])  # fmt: skip
PLANTED = np.block([[TURN, np.zeros((2, 1))], [np.zeros((1, 2)), np.array([[-0.5]])]])


def test_the_eigenvalues_of_a_planted_matrix():
    found = recurrent_spectrum(planted(PLANTED))
    (values,) = found.eigenvalues.values()
    assert list(found.eigenvalues) == [(1, "forward", "hidden")]
    expected = [0.9 * np.exp(0.5j * np.pi / 3), 0.9 * np.exp(-0.5j * np.pi / 3), -0.5]
    assert np.allclose(
        sorted(values, key=np.imag), sorted(expected, key=np.imag), rtol=0, atol=rounding(1)
    )
    assert abs(values[-1]) == pytest.approx(0.5)  # largest first
    assert np.allclose(found.singular_values[1, "forward", "hidden"], [0.9, 0.9, 0.5])
    row = found.table.iloc[0]
    assert row["matrix"] == "W_hh" and np.isnan(row["memory"])
    assert row["radius"] == pytest.approx(0.9) and row["norm"] == pytest.approx(0.9)
    assert 0.9 ** row["half_life"] == pytest.approx(0.5)
    assert found.verdict.startswith(
        "spectral radius 0.9, inside the unit circle: a state halves every 6.6 steps and is "
        "down to a thousandth after 66"
    )
    assert 'init="orthogonal" or a gated encoder' in found.verdict


def test_layers_of_several_widths_have_as_many_eigenvalues():
    model = fitted(encoder="birnn", hidden_size=(5, 2), num_layers="auto")
    found, weights = recurrent_spectrum(model), model.weights_by_name()
    names = {"forward": "", "backward": ".backward"}
    assert [len(values) for values in found.eigenvalues.values()] == [5, 5, 2, 2]
    for row in found.table.itertuples():
        matrix = weights[f"layer{row.layer}{names[row.direction]}.W_hh"].astype(float)
        assert row.radius == pytest.approx(abs(np.linalg.eigvals(matrix)).max(), rel=1e-6)
    found.plot().savefig(io.BytesIO())


def test_the_norm_is_the_largest_singular_value_and_no_eigenvalue():
    found = recurrent_spectrum(planted(np.array([[0.0, 8.0], [0.0, 0.0]])))
    row = found.table.iloc[0]
    assert row["radius"] == 0 and row["half_life"] == 0 and row["norm"] == pytest.approx(8)
    assert "halves every 0 steps" in found.verdict
    found.plot().savefig(io.BytesIO())


@pytest.mark.parametrize(
    ("gain", "parameters", "words"),
    [
        (1.0, {}, "on the unit circle: a small state neither fades nor grows"),
        (0.5, dict(init="orthogonal"), "a state halves every 1 steps"),
        (2.0, {}, "doubles every 1 steps (tanh bounds it"),
        (2.0, dict(activation="relu"), "(relu has no bound)"),
        (4.0, dict(init_gain=4.0), "try a smaller init_gain than 4 or a smaller learning_rate"),
        (4.0, dict(clip_grad_norm=None), "try clip_grad_norm=1.0 or a smaller learning_rate"),
    ],
)
def test_what_the_radius_means_for_a_plain_rnn(gain, parameters, words):
    found = recurrent_spectrum(planted(gain * np.eye(3), **parameters))
    assert words in found.verdict
    assert ("init=" in found.verdict) == (gain < 1 and "init" not in parameters)
    assert np.isinf(found.table["half_life"][0]) == (gain >= 1)


@pytest.mark.parametrize("encoder", ["lstm", "gru", "janet"])
def test_every_gate_has_a_row_and_the_keeping_gate_a_memory(encoder):
    model = fitted(encoder=encoder, bidirectional=True, num_layers=2, connections="dense")
    kept = CELLS[encoder].forget_gate
    keeps = cell_of(model, 2, "backwards").gate_weights()[kept][2]
    # sigmoid(log(u)) = u / (1 + u), so that 1 / (1 - sigmoid) is 1 + u.
    for bias in keeps:  # torch's cells add two
        bias.copy_(torch.tensor([1.0, 3.0, 5.0, 7.0]).log() / len(keeps))
    found = recurrent_spectrum(model)
    places = [
        (layer, direction, gate)
        for layer in (1, 2)
        for direction in ("forward", "backward")
        for gate in CELLS[encoder].gates
    ]
    assert list(found.eigenvalues) == list(found.singular_values) == places
    table = found.table.set_index(["layer", "direction", "gate"])
    assert list(table.index) == places
    assert table["half_life"].isna().all()
    row = table.loc[2, "backward", kept]
    assert np.allclose(row[["memory_low", "memory", "memory_high"]].astype(float), [3.5, 5, 6.5])
    assert table["memory"].notna().sum() == 4
    named = cell_of(model, 2, "backwards").weights_by_name()
    for place in places[-len(CELLS[encoder].gates) :]:
        matrix = named[table["matrix"][place]].numpy()
        assert table["norm"][place] == pytest.approx(np.linalg.norm(matrix, 2), rel=1e-5)
        radius = abs(np.linalg.eigvals(matrix)).max()
        assert table["radius"][place] == pytest.approx(radius, rel=1e-5)
        assert abs(found.eigenvalues[place][0]) == pytest.approx(radius, rel=1e-5)
    assert "the longest for 8" in found.verdict and 'try init="chrono"' in found.verdict


def test_chrono_gates_remember_as_long_as_the_texts():
    longest = 60
    model = TextClassifier(encoder="lstm", init="chrono", hidden_size=64, max_epochs=1,
                           learning_rate=1e-9, num_layers=1, random_state=0)  # fmt: skip
    found = recurrent_spectrum(model.fit([" ".join("ab" * (longest // 2))] * 20, LABELS))
    row = found.table.set_index("gate").loc["forget"]
    # u is uniform between 1 and longest - 1, and the memory 1 + u.
    assert row["memory"] == pytest.approx(1 + longest / 2, rel=0.25)
    assert row["memory_low"] == pytest.approx(1 + longest / 4, rel=0.4)
    assert "try" not in found.verdict


def test_encoders_without_recurrent_weights_are_refused():
    with pytest.raises(ValueError, match="encoder='mean' does not carry a state"):
        recurrent_spectrum(fitted(encoder="mean"))
    with pytest.raises(ValueError, match="got TextClassifier|not fitted"):
        recurrent_spectrum(TextClassifier())


@pytest.mark.parametrize(
    ("parameters", "panels", "drawn"),
    [
        (dict(encoder="rnn"), 1, 1),
        (dict(encoder="lstm"), 4, 4),
        (dict(encoder="bigru", num_layers=2), 12, 12),
        (dict(encoder="rnn", num_layers=3), 4, 3),
    ],
)
def test_the_figure_has_a_panel_a_matrix(parameters, panels, drawn):
    found = recurrent_spectrum(fitted(**parameters))
    figure = found.plot()
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert (len(figure.axes), len(shown)) == (panels, drawn)
    for axes, values in zip(shown, found.eigenvalues.values(), strict=True):
        circle, points = axes.get_lines()
        assert np.allclose(np.hypot(*circle.get_data()), 1)
        assert np.array_equal(points.get_xdata() + 1j * points.get_ydata(), values)
        assert axes.get_xlim()[1] > abs(values).max()
    figure.savefig(io.BytesIO())


def test_it_prints_without_empty_columns():
    printed = repr(recurrent_spectrum(fitted(encoder="rnn")))
    assert "half_life" in printed and "memory" not in printed.splitlines()[2]
    printed = repr(recurrent_spectrum(fitted(encoder="gru")))
    assert "half_life" not in printed and "nan" not in printed.lower()


def test_title_and_verdict_tell_the_same_memory():
    model = TextClassifier(
        encoder="bigru", num_layers=2, hidden_size=5, max_epochs=1, random_state=0, n_threads=1
    ).fit(TEXTS, LABELS)
    for number, weight in enumerate(model.network_.parameters()):
        torch.nn.init.normal_(weight, number % 3, generator=torch.Generator().manual_seed(number))
    found = recurrent_spectrum(model)
    assert found.memory.shape == (20,)
    steps = found.verdict.split("keep a state for ")[1].split(" steps")[0]
    assert f"keep a state for {steps} steps" in found.plot().get_suptitle().replace("\n", " ")
