import pytest
import torch
from rounding import rounding
from sequences import sequences

from textseq.nn.heads import POOLINGS, Pooling
from textseq.nn.lstm_fcn import LstmFcn

DTYPES = [torch.float32, torch.float64]


def built(hidden_size=16, dtype=torch.float64, dim=5, **options):
    torch.manual_seed(0)
    encoder = LstmFcn(dim, hidden_size, **options).to(dtype)
    for norm in encoder.norms:  # statistics other than those a new network starts with
        torch.nn.init.normal_(norm.running_mean)
        torch.nn.init.uniform_(norm.running_variance, 0.5, 2.0)
    return encoder


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_padding_never_reaches_the_pooled_vector(dtype):
    encoder = built(dtype=dtype).eval()
    pools = [Pooling(kind, encoder.out_dim).to(dtype) for kind in POOLINGS]

    def pooled(x, n):
        states = encoder(x, n)
        return torch.cat([pool(states, n) for pool in pools], dim=1)

    lengths = [7, 1, 3, 0]
    expected = pooled(*sequences(lengths, 7, dtype=dtype))
    bound = 1e-12 if dtype == torch.float64 else rounding(expected)
    for fill in (0.0, 1e3, float("nan")):
        padded = pooled(*sequences(lengths, 40, dtype=dtype, fill=fill))
        assert torch.allclose(padded, expected, atol=bound, rtol=0)
    for row, length in enumerate(lengths):
        alone = pooled(*sequences([length], max(length, 1), dtype=dtype, seed=row))
        assert torch.allclose(alone[0], expected[row], atol=bound, rtol=0)


def test_gradient_at_padding_is_exactly_zero():
    encoder = built().train()
    pool = Pooling("mean", encoder.out_dim)
    x, n = sequences([6, 2], 9)
    x.requires_grad_()
    pool(encoder(x, n), n).square().sum().backward()
    assert (x.grad[0, 6:] == 0).all() and (x.grad[1, 2:] == 0).all()
    assert (x.grad[1, :2] != 0).any()


def test_gradient_against_finite_differences():
    encoder = built(2, dim=2).train()
    x, n = sequences([4, 2], 5, dim=2)
    real = torch.arange(5) < n[:, None]
    x.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: encoder(x, n)[real], x)


def test_equals_torchs_layers_on_a_single_row():
    encoder = built().eval()
    x, n = sequences([9], 9)
    maps = x.transpose(1, 2)
    for convolution, norm in zip(encoder.convolutions, encoder.norms, strict=True):
        size = convolution.kernel_size
        kernel = convolution.weight.unflatten(1, (size, -1)).transpose(1, 2)
        around = torch.nn.functional.pad(maps, ((size - 1) // 2, size // 2))
        maps = torch.nn.functional.conv1d(around, kernel)
        maps = torch.nn.functional.batch_norm(
            maps, norm.running_mean, norm.running_variance, norm.weight, norm.bias
        ).relu()
    states = encoder(x, n)
    assert torch.allclose(states[..., :16], maps.transpose(1, 2), atol=1e-12)
    assert torch.equal(states[..., 16:], encoder.lstm(x, n))
    assert [norm.weight.numel() for norm in encoder.norms] == [16, 32, 16]


def test_dropout_is_on_the_lstm_alone():
    encoder = built(64, dropout=0.9).train()
    x, n = sequences([9], 9)
    first, second = encoder(x, n), encoder(x, n)
    assert torch.equal(first[..., :64], second[..., :64])
    assert not torch.equal(first[..., 64:], second[..., 64:])
