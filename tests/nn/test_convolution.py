import pytest
import torch
from sequences import sequences

from textseq.nn.convolution import CausalConvolution, TemporalBlock, receptive_field
from textseq.nn.encoders import Stack


@pytest.mark.parametrize("dilation", [1, 2, 5])
def test_equals_torchs_convolution_padded_in_front(dilation):
    torch.manual_seed(0)
    layer = CausalConvolution(5, 4, dilation).double()
    with torch.no_grad():
        layer.norm.uniform_(0.5, 2)
    x, _ = sequences([9], 9)
    rows = layer.direction / layer.direction.norm(dim=1, keepdim=True) * layer.norm[:, None]
    # Ours lie newest step first; torch's kernel is (H, D, oldest to newest).
    kernel = rows.unflatten(1, (3, 5)).flip(1).transpose(1, 2)
    padded = torch.nn.functional.pad(x.transpose(1, 2), (2 * dilation, 0))
    expected = torch.nn.functional.conv1d(padded, kernel, layer.bias, dilation=dilation)
    assert torch.allclose(layer(x), expected.transpose(1, 2), atol=1e-12)


def test_block_is_two_convolutions_and_a_way_around_them():
    torch.manual_seed(0)
    block = TemporalBlock(5, 4, 2).double()
    x, _ = sequences([9], 9)
    inner = block.second(block.first(x).relu()).relu()
    assert torch.equal(block(x), (inner + block.around(x)).relu())
    assert isinstance(TemporalBlock(4, 4, 1).around, torch.nn.Identity)


@pytest.mark.parametrize("levels", [1, 2, 4])
def test_receptive_field_is_what_the_last_state_sees(levels):
    torch.manual_seed(0)
    encoder = Stack("tcn", 3, 16, num_layers=levels).double()
    width = receptive_field(levels)
    x = torch.randn(1, width + 5, 3, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(encoder(x, torch.tensor([width + 5]))[0, -1].sum(), x)
    seen = (gradient[0] != 0).any(1)
    assert seen[5:].any() and not seen[:5].any()
    assert seen[5]
