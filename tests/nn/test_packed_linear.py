"""Linear layers that read packed weights give what torch's own give."""

import pytest
import torch
from torch.nn import functional as F

from textseq.nn.packed_linear import PackedLinear, packed

ACTIVATIONS = {
    None: lambda x: x,
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "relu": F.relu,
}


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("n_rows", [0, 1, 300])
def test_packed_or_not_the_product_is_the_same(name, n_rows):
    torch.manual_seed(0)
    layer, x = PackedLinear(48, 80, name), torch.randn(n_rows, 48)
    expected = ACTIVATIONS[name](F.linear(x, layer.weight, layer.bias))
    assert torch.equal(layer(x), expected)
    with torch.inference_mode(), packed(layer):
        assert layer.blocks is not None
        assert torch.allclose(layer(x), expected, rtol=0, atol=1e-5)
    assert layer.blocks is None


def test_what_is_added_is_added_within_the_product():
    torch.manual_seed(0)
    layer, x, other = PackedLinear(48, 80), torch.randn(30, 48), torch.randn(30, 80)
    expected, kept = other + F.linear(x, layer.weight, layer.bias), other.clone()
    assert torch.equal(layer.plus(x, other), expected)
    with torch.inference_mode(), packed(layer):
        assert torch.allclose(layer.plus(x, other), expected, rtol=0, atol=1e-5)
    assert torch.equal(other, kept)


def test_weights_that_have_moved_are_packed_anew():
    layer, x = PackedLinear(4, 4), torch.ones(2, 4)
    for _ in range(2):
        with torch.no_grad():
            layer.weight.mul_(2)
        with torch.inference_mode(), packed(torch.nn.Sequential(layer)):
            found = layer(x)
        assert torch.allclose(found, layer(x), atol=1e-6)


def test_an_error_within_leaves_nothing_packed():
    layer = PackedLinear(4, 4)
    with pytest.raises(KeyError), packed(layer):
        raise KeyError
    assert layer.blocks is None
    layer(torch.ones(1, 4)).sum().backward()
    assert layer.weight.grad is not None
