from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from rounding import rounding

from textseq.nn.encoders import Stack
from textseq.nn.initialization import initialize, initializing_from

GATED = ["lstm", "gru", "janet"]


def initialized(encoder, init, gain=1.0, longest=100, hidden_size=32):
    torch.manual_seed(0)
    stack = Stack(encoder, 16, hidden_size)
    initialize(stack, init, gain, longest)
    return stack.layers[0] if encoder == "tcn" else stack.layers[0].forwards


@pytest.mark.parametrize("encoder", ["rnn", *GATED])
@pytest.mark.parametrize("gain", [1.0, 3.0])
def test_orthogonal_gates_keep_lengths_times_the_gain(encoder, gain):
    cell = initialized(encoder, "orthogonal", gain)
    for of_input, recurrent, _ in cell.gate_weights().values():
        singular = torch.linalg.svdvals(recurrent)
        assert torch.allclose(
            singular, torch.full((32,), gain), rtol=0, atol=rounding(gain, units=32)
        )
        assert torch.allclose(
            torch.linalg.svdvals(of_input), torch.ones(16), rtol=0, atol=rounding(1, units=32)
        )


@pytest.mark.parametrize(("init", "variance"), [("xavier", 2 / (128 + 128)), ("kaiming", 2 / 128)])
def test_variance_of_each_gates_weights(init, variance):
    cell = initialized("lstm", init, hidden_size=128)
    for _, recurrent, _ in cell.gate_weights().values():
        assert float(recurrent.detach().var()) == pytest.approx(variance, rel=0.05)


def test_forget_bias_of_the_lstm_is_one_and_other_biases_zero():
    for init in ("xavier", "kaiming", "orthogonal"):
        named = initialized("lstm", init).weights_by_name()
        assert (named["b_f"] == 1).all()
        assert all((named[name] == 0).all() for name in ("b_i", "b_c", "b_o"))
    assert (initialized("gru", "orthogonal").weights_by_name()["b_z"] == 0).all()


@pytest.mark.parametrize(("encoder", "bias"), [("lstm", "b_f"), ("gru", "b_z"), ("janet", "b_f")])
def test_chrono_units_remember_up_to_the_longest_text(encoder, bias):
    named = initialized(encoder, "chrono", longest=200, hidden_size=512).weights_by_name()
    steps = named[bias].detach().exp()
    assert steps.min() >= 1 and steps.max() <= 199
    assert float(steps.mean()) == pytest.approx(100, rel=0.1)
    if encoder == "lstm":
        assert torch.equal(named["b_i"], -named["b_f"])
    initialized(encoder, "chrono", longest=1)


def test_default_leaves_what_the_layers_drew_but_for_the_gain():
    torch.manual_seed(0)
    drawn = Stack("gru", 16, 32).layers[0].forwards
    cell, scaled = initialized("gru", "default"), initialized("gru", "default", gain=2.0)
    assert torch.equal(cell.weights[1], drawn.weights[1])
    assert torch.equal(scaled.weights[1], 2 * drawn.weights[1])
    assert torch.equal(scaled.weights[0], drawn.weights[0])


def test_kernels_of_the_tcn_are_initialised_too():
    block = initialized("tcn", "orthogonal", gain=2.0)
    for layer in (block.first, block.second):
        assert torch.allclose(layer.norm, 2 * layer.direction.norm(dim=1))
        assert torch.allclose(
            layer.direction @ layer.direction.T, torch.eye(32), rtol=0, atol=rounding(1, units=32)
        )
        assert (layer.bias == 0).all()


def test_a_seed_of_ones_own_draws_what_torchs_would_and_leaves_it_and_other_threads_alone():
    def build():
        layers = [Stack("lstm", 3, 64), Stack("tcn", 3, 4), torch.nn.Linear(70, 2)]
        initialize(layers[0], "orthogonal", 1.0, 10)
        return torch.cat([weight.flatten() for layer in layers for weight in layer.parameters()])

    torch.manual_seed(7)
    expected = build()
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    with initializing_from(7):
        with ThreadPoolExecutor(1) as pool:
            torch.manual_seed(7)
            assert torch.equal(pool.submit(build).result(), expected)
        torch.manual_seed(1)
        assert torch.equal(build(), expected)
    assert torch.equal(torch.random.get_rng_state(), before)
