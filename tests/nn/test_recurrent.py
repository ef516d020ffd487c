import pytest
import torch
from sequences import sequences

from textseq.nn.recurrent import Recurrent, packed_states, reversed_steps, take_steps


def test_backward_direction_reads_each_row_from_its_own_end():
    torch.manual_seed(0)
    both = Recurrent("lstm", 5, 4, bidirectional=True).double()
    x, n = sequences([6, 3], 6)
    states = both(x, n)
    expected, _ = both.backwards(x[1:, :3].flip(1))
    assert torch.allclose(states[1, :3, 4:], expected.flip(1)[0], atol=1e-12)


def test_bidirectional_equals_torch_on_packed_rows():
    torch.manual_seed(0)
    both = Recurrent("gru", 5, 4, bidirectional=True).double()
    reference = torch.nn.GRU(5, 4, batch_first=True, bidirectional=True).double()
    forward, backward = both.forwards.layer.state_dict(), both.backwards.layer.state_dict()
    reference.load_state_dict(forward | {f"{k}_reverse": v for k, v in backward.items()})
    x, n = sequences([6, 3, 1], 6)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, n, batch_first=True)
    expected, _ = torch.nn.utils.rnn.pad_packed_sequence(reference(packed)[0], batch_first=True)
    real = torch.arange(6) < n[:, None]
    assert torch.allclose(both(x, n)[real], expected[real], atol=1e-12)


def test_reversed_steps_leave_padding_in_place():
    steps = reversed_steps(torch.tensor([3, 0]), 4)
    assert steps.tolist() == [[2, 1, 0, 3], [0, 1, 2, 3]]
    x = torch.arange(8.0).reshape(2, 4, 1)
    assert take_steps(x, steps)[0, :, 0].tolist() == [2, 1, 0, 3]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "janet"])
def test_truncation_cuts_the_gradient_and_leaves_the_states(cell):
    torch.manual_seed(0)
    layer = Recurrent(cell, 5, 4, truncated_bptt_steps=3).double()
    x, n = sequences([8], 8)
    x.requires_grad_()
    whole = layer.eval()(x, n)
    cut = layer.train()(x, n)
    assert torch.allclose(whole, cut, atol=1e-12)
    (gradient,) = torch.autograd.grad(cut[0, 7].sum(), x)
    assert (gradient[0, :6] == 0).all() and (gradient[0, 6:] != 0).all()
    (gradient,) = torch.autograd.grad(whole[0, 7].sum(), x)
    assert (gradient[0] != 0).all()


def test_a_caller_may_read_the_cells_in_its_own_way():
    torch.manual_seed(0)
    layer = Recurrent("rnn", 5, 4, bidirectional=True).double()
    x, n = sequences([6, 3], 6)
    read = []

    def run(cell, x):
        read.append(cell)
        return cell(x)[0]

    assert torch.equal(layer(x, n, run), layer(x, n))
    assert read == [layer.forwards, layer.backwards]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "janet"])
def test_packed_rows_give_the_same_states(cell):
    torch.manual_seed(0)
    layer = Recurrent(cell, 5, 4, bidirectional=True).double()
    x, n = sequences([6, 3, 0, 1], 6)

    def run(cell, x):
        return packed_states(cell, x, n)

    real = torch.arange(6) < n[:, None]
    assert torch.allclose(layer(x, n, run)[real], layer(x, n)[real], atol=1e-12)
