import pytest
import torch

from textseq.nn.dropout import Dropout, LockedDropout, WordDropout, drawing_from


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


def test_a_tiny_share_drops_next_to_nothing():
    assert (Dropout(1e-9)(torch.ones(1000)) > 0).sum() > 990


def test_refuses_to_drop_everything():
    with pytest.raises(ValueError, match="under 1, got 1"):
        Dropout(1)


def test_locked_dropout_drops_alike_at_all_steps_and_otherwise_in_each_row():
    out = LockedDropout(0.3)(torch.ones(200, 9, 50))
    assert torch.equal(out, out[:, :1].expand_as(out))
    assert (out[0] != out[1]).any()
    assert abs((out == 0).float().mean() - 0.3) < 0.02
    assert set(out.unique().tolist()) == {0.0, torch.tensor(1 / 0.7).item()}
    x = torch.ones(2, 3, 4)
    assert LockedDropout(0.3).eval()(x) is x


def test_word_dropout_drops_a_word_wherever_it_stands():
    ids = torch.arange(1000).repeat(3, 2)
    dropout = WordDropout(0.3, n_tokens=1000)
    out = dropout.of_words(torch.ones(3, 2000, 4), ids)
    assert torch.equal(out, out[:1, :1000].repeat(3, 2, 1))
    assert torch.equal(out, out[:, :, :1].expand_as(out))
    assert abs((out == 0).float().mean() - 0.3) < 0.05
    x = torch.ones(3, 2000, 4)
    assert dropout.eval().of_words(x, ids) is x
