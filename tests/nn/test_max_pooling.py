import pytest
import torch

from textseq.nn.max_pooling import max_over_time


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_maximum_and_gradient_over_each_rows_own_steps(dtype):
    torch.manual_seed(0)
    states = torch.randn(4, 6, 5, dtype=dtype, requires_grad=True)
    lengths = torch.tensor([6, 2, 0, 1])
    pooled = max_over_time(states, lengths)
    expected = torch.stack(
        [states[row, :length].amax(0) if length else states[row, 0] * 0
         for row, length in enumerate(lengths.tolist())]
    )  # fmt: skip
    assert torch.equal(pooled, expected)
    weigh = torch.randn_like(pooled)
    found, wanted = (
        torch.autograd.grad((result * weigh).sum(), states)[0] for result in (pooled, expected)
    )
    assert torch.equal(found, wanted) and (found[2] == 0).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_padding_is_not_read_and_a_nan_of_a_real_step_is_seen(dtype):
    states = torch.zeros(2, 3, 2, dtype=dtype)
    states[0, 2] = float("nan")
    states[1, 1, 0] = float("nan")
    pooled = max_over_time(states, torch.tensor([2, 3]))
    assert pooled[0].tolist() == [0, 0] and pooled[1, 0].isnan() and pooled[1, 1] == 0


def test_states_that_lie_across_memory_are_read_right():
    torch.manual_seed(0)
    states, lengths = torch.randn(5, 3, 4).transpose(1, 2), torch.tensor([4, 1, 2, 3, 4])
    assert torch.equal(max_over_time(states, lengths), max_over_time(states.contiguous(), lengths))
