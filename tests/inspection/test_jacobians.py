import numpy as np
import pytest
import torch

from textseq.inspection.jacobians import jacobian_norms, spectral_norms, step_jacobians
from textseq.inspection.unroll import StepRecorder
from textseq.nn.cells import CELLS

KINDS = ["rnn", "lstm", "gru", "janet"]


def recorded(kind, n_steps, width=3, gain=1.0):
    torch.manual_seed(1)
    cell = CELLS[kind](2, width).double().requires_grad_(False)
    cell.weights[1].mul_(gain)
    recorder = StepRecorder(bidirectional=False, lengths=torch.tensor([n_steps]))
    recorder(cell, torch.randn(1, n_steps, 2, dtype=torch.float64))
    return recorder.cells[0]


def whole(state):
    return torch.cat(state, dim=1)[0]


def moved(steps, start, end, state):
    """The whole state after step ``end``, had it been ``state`` after step ``start``."""
    parts = state[None].chunk(len(steps.cell.state_names), dim=1)
    for t in range(start, end):
        parts, _ = steps.cell.step(steps.inputs[:, t], parts)
    return whole(parts)


def differences(steps, start, end):
    """ds_end/ds_start by finite differences."""
    state = whole(steps.states[start])
    columns = []
    for nudge in torch.eye(len(state), dtype=state.dtype) * 1e-6:
        up, down = (moved(steps, start, end, state + sign * nudge) for sign in (1, -1))
        columns.append((up - down) / 2e-6)
    return torch.stack(columns, dim=1).numpy()


@pytest.mark.parametrize("kind", KINDS)
def test_step_jacobians_are_finite_differences(kind):
    steps = recorded(kind, 4)
    states = torch.stack([whole(state) for state in steps.states])
    found = step_jacobians(steps.cell, steps.inputs[0], states[:-1])
    for t in range(4):
        assert np.allclose(found[t].numpy(), differences(steps, t, t + 1), atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_norms_of_steps_their_product_and_the_bound(kind):
    n = 6
    steps = recorded(kind, n)
    found = jacobian_norms(steps, n - 1)
    of_steps = [np.linalg.norm(differences(steps, t, t + 1), 2) for t in range(1, n)]
    assert np.isnan(found["step_jacobian"][0])
    assert np.allclose(found["step_jacobian"][1:], of_steps[::-1], rtol=1e-5)
    assert np.allclose(found["bound"], [1, *np.cumprod(of_steps[::-1])], rtol=1e-5)
    products = [np.linalg.norm(differences(steps, t, n), 2) for t in range(n, 0, -1)]
    assert np.allclose(found["product"], products, rtol=1e-5)
    shorter = jacobian_norms(steps, 2)
    assert np.allclose(shorter["product"], found["product"][:3], rtol=1e-6)


@pytest.mark.parametrize("gain", [1e-4, 1e4, 1e12])
def test_products_beyond_the_range_of_numbers_stay_exact(gain):
    steps = recorded("rnn", 90, width=4)
    for state in steps.states:  # at state 0 and without input the Jacobian is W itself
        state[0].zero_()
    steps.inputs.zero_()
    for bias in steps.cell.biases:
        bias.zero_()
    torch.nn.init.orthogonal_(steps.cell.weights[1])
    steps.cell.weights[1].mul_(gain)
    found = jacobian_norms(steps, 89)
    with np.errstate(over="ignore", under="ignore"):
        expected = gain ** np.arange(90.0)
    for name in ("product", "bound"):
        assert np.allclose(found[name], expected, rtol=1e-3, atol=1e-300)


def test_a_state_that_is_no_number_ends_the_chain():
    steps = recorded("rnn", 80)
    steps.states[20][0].fill_(torch.nan)
    found = jacobian_norms(steps, 79)
    assert np.isfinite(found["product"]).all() and 30 < len(found["product"]) <= 60


def test_one_step_has_no_jacobian():
    found = jacobian_norms(recorded("gru", 1), 0)
    assert found["product"].tolist() == found["bound"].tolist() == [1]


def test_spectral_norms_of_any_size():
    matrices = torch.randn(5, 4, 4, dtype=torch.float64, generator=torch.manual_seed(0))
    sizes = torch.tensor([1.0, 1e-200, 1e200, 0.0, 1e-30], dtype=torch.float64)
    matrices *= sizes[:, None, None]
    expected = torch.linalg.svdvals(matrices)[:, 0]
    assert torch.allclose(spectral_norms(matrices), expected, rtol=1e-5, atol=0)
