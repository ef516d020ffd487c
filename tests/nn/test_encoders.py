import numpy as np
import pytest
import torch

from textseq.nn.encoders import Mean, Recurrent, reversed_steps, take_steps
from textseq.nn.heads import POOLINGS, Pooling

CELLS = ["rnn", "lstm", "gru"]


def sequences(lengths, width, dim=5, dtype=torch.float64, seed=0, fill=0.0):
    """Rows of random vectors, the same whatever the padding, padded with ``fill``."""
    x = torch.full((len(lengths), width, dim), fill, dtype=dtype)
    for row, length in enumerate(lengths):
        generator = torch.Generator().manual_seed(seed + row)
        x[row, :length] = torch.randn(length, dim, generator=generator, dtype=dtype)
    return x, torch.tensor(lengths)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("fill", [0.0, 1e3, float("nan")])
def test_padding_never_reaches_the_pooled_vector(cell, bidirectional, pooling, fill):
    torch.manual_seed(0)
    encoder = Recurrent(cell, 5, 4, num_layers=2, bidirectional=bidirectional).double().eval()
    pool = Pooling(pooling, encoder.out_dim, bidirectional).double()
    lengths = [7, 1, 3, 0]
    x, n = sequences(lengths, 7)
    expected = pool(encoder(x, n), n)
    x, n = sequences(lengths, 107, fill=fill)
    padded = pool(encoder(x, n), n)
    assert torch.allclose(padded, expected, atol=1e-12, rtol=0)
    for row, length in enumerate(lengths):
        alone, n = sequences([length], max(length, 1), seed=row)
        assert torch.allclose(pool(encoder(alone, n), n)[0], expected[row], atol=1e-12, rtol=0)


@pytest.mark.parametrize("cell", CELLS)
def test_gradient_at_padding_is_exactly_zero(cell):
    torch.manual_seed(0)
    encoder = Recurrent(cell, 5, 4, bidirectional=True).double()
    pool = Pooling("max", 8, bidirectional=True)
    x, n = sequences([6, 2], 9)
    x.requires_grad_()
    pool(encoder(x, n), n).sum().backward()
    assert (x.grad[0, 6:] == 0).all() and (x.grad[1, 2:] == 0).all()
    assert (x.grad[1, :2] != 0).any()


@pytest.mark.parametrize("cell", CELLS)
def test_one_direction_is_causal(cell):
    torch.manual_seed(0)
    encoder = Recurrent(cell, 5, 4).double()
    x, n = sequences([8], 8)
    changed = x.clone()
    changed[0, 5] += 1
    before, after = encoder(x, n), encoder(changed, n)
    assert torch.equal(before[0, :5], after[0, :5])
    assert not torch.equal(before[0, 5:], after[0, 5:])


def test_backward_direction_reads_each_row_from_its_own_end():
    torch.manual_seed(0)
    both = Recurrent("lstm", 5, 4, bidirectional=True).double()
    x, n = sequences([6, 3], 6)
    states = both(x, n)
    backward = both.backwards[0]
    expected, _ = backward(x[1:, :3].flip(1))
    assert torch.allclose(states[1, :3, 4:], expected.flip(1)[0], atol=1e-12)


def test_bidirectional_equals_torch_on_packed_rows():
    torch.manual_seed(0)
    both = Recurrent("gru", 5, 4, bidirectional=True).double()
    reference = torch.nn.GRU(5, 4, batch_first=True, bidirectional=True).double()
    forward, backward = both.forwards[0].state_dict(), both.backwards[0].state_dict()
    reference.load_state_dict(forward | {f"{k}_reverse": v for k, v in backward.items()})
    x, n = sequences([6, 3, 1], 6)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, n, batch_first=True)
    expected, _ = torch.nn.utils.rnn.pad_packed_sequence(reference(packed)[0], batch_first=True)
    real = torch.arange(6) < n[:, None]
    assert torch.allclose(both(x, n)[real], expected[real], atol=1e-12)


def test_rnn_is_elmans_equation():
    torch.manual_seed(0)
    encoder = Recurrent("rnn", 5, 4).double()
    weights = {
        name: value.detach().numpy() for name, value in encoder.forwards[0].named_parameters()
    }
    x, n = sequences([6], 6)
    h = np.zeros(4)
    for step in range(6):
        h = np.tanh(
            weights["weight_hh_l0"] @ h
            + weights["weight_ih_l0"] @ x[0, step].numpy()
            + weights["bias_ih_l0"]
            + weights["bias_hh_l0"]
        )
        assert np.allclose(encoder(x, n)[0, step].detach().numpy(), h, atol=1e-10)


def test_reversed_steps_leave_padding_in_place():
    steps = reversed_steps(torch.tensor([3, 0]), 4)
    assert steps.tolist() == [[2, 1, 0, 3], [0, 1, 2, 3]]
    x = torch.arange(8.0).reshape(2, 4, 1)
    assert take_steps(x, steps)[0, :, 0].tolist() == [2, 1, 0, 3]


def test_mean_is_the_average_and_zeros_without_tokens():
    table = torch.arange(8.0).reshape(4, 2)
    mean = Mean(2).eval()
    out = mean(table, torch.tensor([1, 3, 2]), torch.tensor([0, 2, 2, 3]))
    assert out.tolist() == [[4, 5], [0, 0], [4, 5]]


@pytest.mark.parametrize("cell", CELLS)
def test_gradient_through_time_against_finite_differences(cell):
    torch.manual_seed(0)
    encoder = Recurrent(cell, 2, 3, bidirectional=True).double()
    pool = Pooling("attention", 6, bidirectional=True).double()
    x, n = sequences([4, 2], 5, dim=2)
    x.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: pool(encoder(x, n), n), x)
