"""The output layer against torch's own, and its groups against the sum of all probabilities."""

import pytest
import torch

from textseq.nn import softmax
from textseq.nn.softmax import Softmax, cross_entropy


def case(n=40, width=6, n_tokens=25):
    torch.manual_seed(0)
    x = torch.randn(n, width, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(n_tokens, width, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(n_tokens, dtype=torch.float64, requires_grad=True)
    said = torch.randint(0, n_tokens, (n,))
    return x, weight, bias, said, torch.rand(n, dtype=torch.float64)


# All at once; in pieces, computed twice; a row at a time.
@pytest.mark.parametrize("most", [2**24, 200, 1])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_loss_and_gradient_equal_torchs(monkeypatch, most, smoothing):
    monkeypatch.setattr(softmax, "MOST_SCORES", most)
    x, weight, bias, said, by = case()
    ours = cross_entropy(x, weight, bias, said, smoothing)
    scores = torch.nn.functional.linear(x, weight, bias)
    theirs = torch.nn.functional.cross_entropy(
        scores, said, reduction="none", label_smoothing=smoothing
    )
    assert torch.allclose(ours, theirs, rtol=0, atol=1e-12)
    for own, other in zip(
        torch.autograd.grad(ours @ by, (x, weight, bias)),
        torch.autograd.grad(theirs @ by, (x, weight, bias)),
        strict=True,
    ):
        assert torch.allclose(own, other, rtol=0, atol=1e-12)


def test_the_gradient_can_be_taken_twice():
    x, weight, bias, said, by = case()
    loss = cross_entropy(x, weight, bias, said) @ by
    first = torch.autograd.grad(loss, (x, weight, bias), retain_graph=True)
    second = torch.autograd.grad(loss, (x, weight, bias))
    for one, other in zip(first, second, strict=True):
        assert torch.allclose(one, other, rtol=0, atol=1e-12)


def test_large_scores_overflow_nothing():
    x, weight, bias, said, _ = (part.detach() for part in case())
    losses = cross_entropy(1e4 * x.float(), weight.float(), bias.float(), said)
    assert losses.isfinite().all() and (losses >= 0).all()


LAYERS = {
    "full": {},
    "tied": {"tied_dim": 6},
    "tied, projected": {"tied_dim": 4},
    "groups": {"cutoffs": [7, 15]},
    "tied groups": {"tied_dim": 6, "cutoffs": [7]},
    "one frequent token": {"cutoffs": [2]},
}


def layer_of(name):
    torch.manual_seed(1)
    layer = Softmax(6, 25, **LAYERS[name]).double()
    torch.nn.init.normal_(layer.bias)
    dim = LAYERS[name].get("tied_dim")
    table = None if dim is None else torch.randn(25, dim, dtype=torch.float64, requires_grad=True)
    return layer, table


@pytest.mark.parametrize("name", LAYERS)
def test_probabilities_sum_to_one_and_padding_has_none(name):
    layer, table = layer_of(name)
    after = layer.log_probabilities(case()[0], table)
    assert after.shape == (40, 25)
    assert (after[:, 0] == -torch.inf).all()
    assert torch.allclose(after.exp().sum(1), torch.ones(40, dtype=torch.float64), atol=1e-12)


@pytest.mark.parametrize("name", LAYERS)
def test_losses_and_gradients_are_those_of_the_probabilities(name):
    layer, table = layer_of(name)
    x, _, _, said, by = case()
    said = said.clamp(min=1)
    wanted = [x, *layer.parameters(), *([] if table is None else [table])]
    losses = layer.losses(x, said, table)
    chosen = -layer.log_probabilities(x, table).gather(1, said[:, None])[:, 0]
    assert torch.allclose(losses, chosen, rtol=0, atol=1e-12)
    for own, other in zip(
        torch.autograd.grad(losses @ by, wanted),
        torch.autograd.grad(chosen @ by, wanted),
        strict=True,
    ):
        assert torch.allclose(own, other, rtol=0, atol=1e-12)


def test_a_group_of_which_nothing_was_said_has_no_gradient():
    layer, _ = layer_of("groups")
    losses = layer.losses(case()[0], torch.full((40,), 3), None)
    (of_weight,) = torch.autograd.grad(losses.sum(), [layer.weight])
    assert of_weight[1:7].abs().sum() > 0
    assert (of_weight[7:] == 0).all() and (of_weight[0] == 0).all()
