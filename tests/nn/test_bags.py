import pytest
import torch
from rounding import rounding
from sequences import sequences

from textseq.nn.bags import Bag
from textseq.nn.dropout import drawing_from

TABLE = torch.arange(8.0).reshape(4, 2)
IDS, OFFSETS = torch.tensor([1, 3, 2]), torch.tensor([0, 2, 2, 3])


def test_mean_and_maximum_and_zeros_without_tokens():
    assert Bag("mean", 2)(TABLE, IDS, OFFSETS).tolist() == [[4, 5], [0, 0], [4, 5]]
    assert Bag("max", 2)(TABLE, IDS, OFFSETS).tolist() == [[6, 7], [0, 0], [4, 5]]


@pytest.mark.parametrize("kind", ["mean", "max"])
@pytest.mark.parametrize("normalization", [None, "batch", "layer", "l2"])
def test_padded_rows_give_the_same(kind, normalization):
    torch.manual_seed(0)
    bag = Bag(kind, 2, normalization=normalization).eval()
    x = torch.full((3, 9, 2), float("nan"))
    x[0, :2], x[2, :1] = TABLE[[1, 3]], TABLE[[2]]
    read = bag.read(x, OFFSETS.diff())
    assert torch.allclose(read, bag(TABLE, IDS, OFFSETS), rtol=0, atol=rounding(read))


@pytest.mark.parametrize("kind", ["mean", "max"])
def test_whole_tokens_are_dropped_while_training(kind):
    bag = Bag(kind, 3, dropout=0.5)
    table = torch.eye(3)
    ids, offsets = torch.arange(3).repeat(1000), torch.arange(0, 3001, 3)
    with drawing_from(torch.Generator().manual_seed(0)):
        vectors = bag.train()(table, ids, offsets)
    assert float((vectors == 0).float().mean()) == pytest.approx(0.5, abs=0.03)
    assert (bag.eval()(table, ids, offsets) != 0).all()


@pytest.mark.parametrize("kind", ["mean", "max"])
def test_gradient_of_the_table(kind):
    table = sequences([4], 4, dim=2)[0][0].requires_grad_()
    assert torch.autograd.gradcheck(lambda table: Bag(kind, 2)(table, IDS, OFFSETS), table)
