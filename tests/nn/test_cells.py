import numpy as np
import pytest
import torch

from textseq.nn.cells import CELLS, Rnn


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def rnn(w, x, h):
    return (np.tanh(w["W_xh"] @ x + w["W_hh"] @ h[0] + w["b"]),)


def relu_rnn(w, x, h):
    return (np.maximum(w["W_xh"] @ x + w["W_hh"] @ h[0] + w["b"], 0),)


def lstm(w, x, state):
    h, c = state
    f = sigmoid(w["W_xf"] @ x + w["W_hf"] @ h + w["b_f"])
    i = sigmoid(w["W_xi"] @ x + w["W_hi"] @ h + w["b_i"])
    candidate = np.tanh(w["W_xc"] @ x + w["W_hc"] @ h + w["b_c"])
    o = sigmoid(w["W_xo"] @ x + w["W_ho"] @ h + w["b_o"])
    c = f * c + i * candidate
    return o * np.tanh(c), c


def gru(w, x, state):
    (h,) = state
    r = sigmoid(w["W_xr"] @ x + w["W_hr"] @ h + w["b_r"])
    z = sigmoid(w["W_xz"] @ x + w["W_hz"] @ h + w["b_z"])
    candidate = np.tanh(w["W_xn"] @ x + w["b_xn"] + r * (w["W_hn"] @ h + w["b_hn"]))
    return ((1 - z) * candidate + z * h,)


def janet(w, x, state):
    (h,) = state
    s = w["W_xf"] @ x + w["W_hf"] @ h + w["b_f"]
    candidate = np.tanh(w["W_xc"] @ x + w["W_hc"] @ h + w["b_c"])
    return (sigmoid(s) * h + (1 - sigmoid(s - 1)) * candidate,)


EQUATIONS = {"rnn": rnn, "lstm": lstm, "gru": gru, "janet": janet}


def cell(kind, input_size=5, hidden_size=4, **options):
    torch.manual_seed(0)
    return CELLS[kind](input_size, hidden_size, **options).double()


@pytest.mark.parametrize("kind", [*CELLS, "relu rnn"])
@pytest.mark.parametrize("length", [1, 7, 60])
def test_cell_equals_its_published_equation(kind, length):
    if kind == "relu rnn":
        layer, equation = cell("rnn", activation="relu"), relu_rnn
    else:
        layer, equation = cell(kind), EQUATIONS[kind]
    for number, parameter in enumerate(layer.parameters()):  # no weight may go unnoticed
        torch.manual_seed(number)
        torch.nn.init.normal_(parameter, std=0.6)
    weights = {name: value.detach().numpy() for name, value in layer.weights_by_name().items()}
    x = torch.randn(3, length, 5, dtype=torch.float64)
    states, end = layer(x)
    for row in range(3):
        state = tuple(np.zeros(4) for _ in layer.state_names)
        for step in range(length):
            state = equation(weights, x[row, step].numpy(), state)
            assert np.allclose(states[row, step].detach(), state[0], atol=1e-10, rtol=0)
        for found, expected in zip(end, state, strict=True):
            assert np.allclose(found[row].detach(), expected, atol=1e-10, rtol=0)


@pytest.mark.parametrize("kind", CELLS)
def test_steps_written_out_equal_the_fast_path_with_its_gradients(kind):
    layer = cell(kind)
    x = torch.randn(3, 6, 5, dtype=torch.float64, requires_grad=True)
    start = tuple(torch.randn(3, 4, dtype=torch.float64) for _ in layer.state_names)
    fast, end = layer(x, start)
    state, states = start, []
    for step in range(6):
        state, gates = layer.step(x[:, step], state)
        assert list(gates) == list(layer.gates)
        states.append(state[0])
    slow = torch.stack(states, dim=1)
    assert torch.allclose(fast, slow, atol=1e-12, rtol=0)
    for found, expected in zip(end, state, strict=True):
        assert torch.allclose(found, expected, atol=1e-12, rtol=0)
    wanted = [x, *layer.parameters()]
    weight = torch.randn_like(fast)
    for a, b in zip(
        torch.autograd.grad((fast * weight).sum(), wanted),
        torch.autograd.grad((slow * weight).sum(), wanted),
        strict=True,
    ):
        assert torch.allclose(a, b, atol=1e-12)


@pytest.mark.parametrize("kind", CELLS)
def test_gradient_through_time_against_finite_differences(kind):
    layer = cell(kind, 2, 3)
    x = torch.randn(2, 5, 2, dtype=torch.float64, requires_grad=True)
    start = tuple(
        torch.randn(2, 3, dtype=torch.float64, requires_grad=True) for _ in layer.state_names
    )
    assert torch.autograd.gradcheck(lambda x, *start: layer(x, start)[0], (x, *start))
    weights = dict(layer.named_parameters())
    assert torch.autograd.gradcheck(
        lambda *values: torch.func.functional_call(
            layer, dict(zip(weights, values, strict=True)), x.detach()
        )[0],
        tuple(weights.values()),
    )


def test_janet_forgets_nothing_while_its_gate_is_open_and_writes_when_it_is_shut():
    layer = cell("janet", 1, 2)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        layer.bias[:2] = 40.0  # the forget gate
        layer.bias[2:] = 9.0
    start = (torch.tensor([[0.3, -0.2]], dtype=torch.float64),)
    x = torch.zeros(1, 50, 1, dtype=torch.float64)
    assert torch.allclose(layer(x, start)[1][0], start[0])
    with torch.no_grad():
        layer.bias[:2] = -40.0
    assert torch.allclose(layer(x, start)[1][0], torch.full((1, 2), 9.0).tanh().double())


def test_gate_weights_are_views_in_the_order_of_the_gates():
    layer = cell("lstm")
    gates = layer.gate_weights()
    assert list(gates) == ["input", "forget", "candidate", "output"]
    with torch.no_grad():
        gates["forget"][0].fill_(7)
    assert (layer.layer.weight_ih_l0[4:8] == 7).all()
    assert (layer.layer.weight_ih_l0[:4] != 7).all() and (layer.layer.weight_ih_l0[8:] != 7).all()


def test_rnn_of_no_step_keeps_its_state():
    start = (torch.ones(2, 4, dtype=torch.float64),)
    states, end = cell("janet")(torch.zeros(2, 0, 5, dtype=torch.float64), start)
    assert states.shape == (2, 0, 4) and torch.equal(end[0], start[0])
    assert isinstance(cell("rnn"), Rnn)
