"""The Mogrifier LSTM against its equations, and its gradient by hand against torch's."""

import numpy as np
import pytest
import torch
from rounding import rounding

from textseq.nn.encoders import Stack
from textseq.nn.mogrifier import MogrifierLstm
from textseq.nn.stateful_run import StatefulRun

ROUNDS = [1, 2, 5, 6]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def equations(w, rounds, x, state):
    """Equations 1 and 2 of Melis, Kocisky & Blunsom (2020), then the LSTM's."""
    h, c = state
    for i in range(1, rounds + 1):
        if i % 2:
            x = 2 * sigmoid(w[f"Q{i}"] @ h) * x
        else:
            h = 2 * sigmoid(w[f"R{i}"] @ x) * h
    f = sigmoid(w["W_xf"] @ x + w["W_hf"] @ h + w["b_f"])
    i = sigmoid(w["W_xi"] @ x + w["W_hi"] @ h + w["b_i"])
    candidate = np.tanh(w["W_xc"] @ x + w["W_hc"] @ h + w["b_c"])
    o = sigmoid(w["W_xo"] @ x + w["W_ho"] @ h + w["b_o"])
    c = f * c + i * candidate
    return o * np.tanh(c), c


def cell(rounds, dtype=torch.float64):
    made = MogrifierLstm(input_size=5, hidden_size=4, rounds=rounds).to(dtype)
    for number, parameter in enumerate(made.parameters()):  # no weight may go unnoticed
        torch.manual_seed(number)
        torch.nn.init.normal_(parameter, std=0.6)
    return made


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("length", [1, 7])
def test_it_equals_its_published_equations(rounds, length):
    layer = cell(rounds)
    weights = {name: value.detach().numpy() for name, value in layer.weights_by_name().items()}
    x = torch.randn(3, length, 5, dtype=torch.float64)
    states, end = layer(x)
    for row in range(3):
        state = np.zeros(4), np.zeros(4)
        for step in range(length):
            state = equations(weights, rounds, x[row, step].numpy(), state)
            assert np.allclose(states[row, step].detach(), state[0], atol=1e-12, rtol=0)
        for found, expected in zip(end, state, strict=True):
            assert np.allclose(found[row].detach(), expected, atol=1e-12, rtol=0)


def step_by_step(layer, x, state):
    states = []
    for step in x.unbind(1):
        state, _ = layer.step(step, state)
        states.append(state[0])
    return torch.stack(states, dim=1), state


@pytest.mark.parametrize("rounds", ROUNDS)
def test_its_gradient_equals_that_of_the_steps(rounds):
    layer = cell(rounds)
    x = torch.randn(3, 6, 5, dtype=torch.float64, requires_grad=True)
    start = tuple(torch.randn(3, 4, dtype=torch.float64, requires_grad=True) for _ in "hc")
    wanted = [x, *start, *layer.parameters()]
    found = []
    for states, (h, c) in (layer(x, start), step_by_step(layer, x, start)):
        loss = (states * torch.arange(4)).sum() + (3 * h - c.square()).sum()
        found.append(torch.autograd.grad(loss, wanted))
    for own, expected in zip(*found, strict=True):
        assert torch.allclose(own, expected, atol=1e-12, rtol=0)


def test_other_recurrent_weights_may_stand_in():
    layer, x = cell(3), torch.randn(2, 4, 5, dtype=torch.float64)
    other = torch.randn(16, 4, dtype=torch.float64, requires_grad=True)
    states, _ = layer(x, None, other)
    (found,) = torch.autograd.grad(states.sum(), other)
    with torch.no_grad():
        layer.layer.weight_hh_l0.copy_(other)
    whole = layer(x)[0]
    assert torch.equal(states, whole)
    (expected,) = torch.autograd.grad(whole.sum(), layer.layer.weight_hh_l0)
    assert torch.allclose(found, expected, atol=1e-12, rtol=0)


def test_a_stack_reads_on_from_where_it_stopped():
    stack = Stack("lstm", input_size=3, hidden_size=4, num_layers=2, mogrifier=4)
    x, lengths = torch.rand(2, 6, 3), torch.tensor([6, 6])
    whole = stack(x, lengths)
    first = StatefulRun()
    before = stack(x[:, :4], lengths - 2, first)
    second = StatefulRun(first.states)
    read = torch.cat([before, stack(x[:, 4:], lengths - 4, second)], dim=1)
    assert torch.allclose(read, whole, atol=rounding(whole, units=8), rtol=0)


def test_a_row_reads_the_same_among_longer_ones():
    stack = Stack("lstm", input_size=3, hidden_size=4, bidirectional=True, mogrifier=2)
    x = torch.rand(2, 6, 3)
    both, alone = stack(x, torch.tensor([6, 3])), stack(x[1:, :3], torch.tensor([3]))
    assert torch.allclose(both[1:, :3], alone, atol=rounding(alone, units=8), rtol=0)
