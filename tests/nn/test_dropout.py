import pytest
import torch

from textseq.nn.dropout import Dropout, drawing_from


def test_drops_its_share_and_keeps_the_mean():
    dropout = Dropout(0.3)
    with drawing_from(torch.Generator().manual_seed(0)):
        out = dropout(torch.ones(100_000))
    assert abs((out == 0).float().mean() - 0.3) < 0.01
    assert abs(out.mean() - 1) < 0.02


def test_draws_from_the_threads_own_generator():
    dropout, x = Dropout(0.5), torch.ones(1000)
    before = torch.random.get_rng_state()
    masks = []
    for _ in range(2):
        with drawing_from(torch.Generator().manual_seed(1)):
            masks.append(dropout(x))
    assert torch.equal(*masks)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_does_nothing_in_evaluation():
    x = torch.ones(10)
    assert Dropout(0.9).eval()(x) is x


def test_refuses_to_drop_everything():
    with pytest.raises(ValueError, match="under 1, got 1"):
        Dropout(1)
