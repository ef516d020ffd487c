import pytest
import torch

from textseq.nn.heads import Pooling, compare_vectors

STATES = torch.tensor([[[1.0, 10], [2, 20], [9, 90]], [[3, 30], [9, 90], [9, 90]]])
LENGTHS = torch.tensor([2, 1])


def test_last_takes_each_directions_final_state():
    assert Pooling("last", 2)(STATES, LENGTHS).tolist() == [[2, 20], [3, 30]]
    both = Pooling("last", 2, bidirectional=True)
    assert both(STATES, LENGTHS).tolist() == [[2, 10], [3, 30]]


def test_mean_and_max_are_over_the_real_steps():
    assert Pooling("mean", 2)(STATES, LENGTHS).tolist() == [[1.5, 15], [3, 30]]
    assert Pooling("max", 2)(-STATES, LENGTHS).tolist() == [[-1, -10], [-3, -30]]


def test_attention_weighs_the_real_steps():
    pool = Pooling("attention", 2)
    low, high = pool(STATES, LENGTHS)[0].tolist()
    assert 1 < low < 2 and 10 < high < 20
    assert pool(STATES, LENGTHS)[1].tolist() == [3, 30]


@pytest.mark.parametrize("kind", ["last", "mean", "max", "attention"])
def test_an_empty_row_pools_to_zeros(kind):
    assert Pooling(kind, 2)(STATES, torch.tensor([0, 2]))[0].tolist() == [0, 0]


def test_two_texts_side_by_side():
    u, v = torch.tensor([[1.0, 4]]), torch.tensor([[3.0, 2]])
    assert compare_vectors(u, v).tolist() == [[1, 4, 3, 2, 2, 2, 3, 8]]
