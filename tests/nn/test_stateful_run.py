"""Layers read in pieces give the states that they give at once."""

import pytest
import torch
from rounding import rounding

from textseq.nn.encoders import Stack
from textseq.nn.stateful_run import StatefulRun, detached, take_rows

KINDS = ["rnn", "lstm", "gru", "janet", "tcn"]


def read(stack, x, before=None):
    run = StatefulRun(before)
    states = stack(x, torch.full((len(x),), x.shape[1]), run)
    return states, run.states


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("connections", ["plain", "residual", "dense"])
@pytest.mark.parametrize("kind", KINDS)
def test_pieces_equal_the_whole(kind, connections, dtype):
    torch.manual_seed(0)
    stack = Stack(kind, 3, 5, num_layers=3, connections=connections).to(dtype)
    x = torch.randn(4, 30, 3, dtype=dtype)
    with torch.no_grad():
        whole = stack(x, torch.full((4,), 30))
        parts, states = [], None
        for piece in x.split([1, 1, 9, 19], dim=1):
            part, states = read(stack, piece, states)
            parts.append(part)
    tolerance = rounding(whole) if dtype == torch.float32 else 1e-12
    assert (torch.cat(parts, 1) - whole).abs().max() < tolerance


@pytest.mark.parametrize("kind", ["lstm", "tcn"])
def test_rows_go_on_by_themselves(kind):
    torch.manual_seed(0)
    stack = Stack(kind, 3, 5, num_layers=2)
    x = torch.randn(4, 12, 3)
    with torch.no_grad():
        whole, _ = read(stack, x)
        _, states = read(stack, x[:, :8])
        rest, _ = read(stack, x[[2, 0], 8:], take_rows(states, torch.tensor([2, 0])))
    assert (rest - whole[[2, 0], 8:]).abs().max() < rounding(whole)


@pytest.mark.parametrize("kind", ["lstm", "tcn"])
def test_the_gradient_flows_through_states_unless_detached(kind):
    stack = Stack(kind, 3, 5)
    x = torch.randn(2, 6, 3, requires_grad=True)
    _, states = read(stack, x)
    read(stack, x[:, 3:].detach(), states)[0].sum().backward()
    assert x.grad is not None and x.grad.abs().sum() > 0
    behind, _ = read(stack, x[:, 3:].detach(), detached(read(stack, x)[1]))
    x.grad = None
    behind.sum().backward()
    assert x.grad is None
