import pytest
import torch

from textseq.nn.dropout import drawing_from
from textseq.nn.heads import (
    POOLINGS,
    Head,
    Pooling,
    beside_columns,
    compare_vectors,
    standardized,
)

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


def test_concat_lays_last_max_and_mean_side_by_side():
    pool = Pooling("concat", 2)
    assert pool(STATES, LENGTHS).tolist() == [[2, 20, 2, 20, 1.5, 15], [3, 30] * 3]
    assert pool.out_dim == 6
    both = Pooling("concat", 2, bidirectional=True)
    assert both(STATES, LENGTHS)[0, :2].tolist() == [2, 10]


@pytest.mark.parametrize("kind", POOLINGS)
def test_padding_takes_no_part(kind):
    torch.manual_seed(0)
    pool, padding = Pooling(kind, 2), torch.full((2, 4, 2), torch.nan)
    padded = torch.cat([STATES, padding], dim=1)
    assert torch.equal(pool(padded, LENGTHS), pool(STATES, LENGTHS))


@pytest.mark.parametrize("kind", POOLINGS)
def test_an_empty_row_pools_to_zeros(kind):
    pool = Pooling(kind, 2)
    pooled = pool(STATES, torch.tensor([0, 2]))
    assert pooled[0].tolist() == [0] * pool.out_dim and pooled[1].all()


def test_two_texts_side_by_side():
    u, v = torch.tensor([[1.0, 4]]), torch.tensor([[3.0, 2]])
    assert compare_vectors(u, v).tolist() == [[1, 4, 3, 2, 2, 2, 3, 8]]


def test_head_with_hidden_layers():
    torch.manual_seed(0)
    head = Head(4, 2, (3, 5), dropout=0.5, hidden_dropout=0.5).eval()
    x = torch.randn(6, 4)
    inner = head.hidden[1](head.hidden[0](x).relu()).relu()
    assert torch.equal(head(x), head.output(inner))
    assert head.in_features == 4
    plain = Head(4, 2)
    assert torch.equal(plain(x), plain.output(x))


def test_the_heads_two_dropouts_are_apart():
    x = torch.ones(200, 50)
    for dropout, hidden_dropout in ((0.5, 0.0), (0.0, 0.5)):
        head = Head(50, 2, (40,), dropout, hidden_dropout).train()
        assert not torch.equal(head(x)[0], head(x)[1])
    still = Head(50, 2, (40,)).train()
    assert torch.equal(still(x)[0], still(x)[1])


@pytest.mark.parametrize("hidden_sizes", [(), (3,)])
def test_a_head_reads_standardized_vectors_and_folds_them_in(hidden_sizes):
    torch.manual_seed(0)
    spread, mean = torch.tensor([[1.0, 0.01, 3.0, 0.0], [0.0, 0.7, -2.0, 0.5]])
    vectors = (torch.randn(50, 4) * spread + mean).double()
    head, plain = Head(4, 2, hidden_sizes).double(), Head(4, 2, hidden_sizes).double()
    plain.load_state_dict(head.state_dict())
    names = list(head.state_dict())
    with standardized(head, vectors):
        assert list(head.state_dict()) == names
        learned = head(vectors)
        given = (vectors - vectors.mean(0)) / vectors.std(0, correction=0).clamp(min=1e-3)
        assert torch.allclose(learned, plain(given), atol=1e-12)
    assert torch.allclose(head(vectors), learned, atol=1e-12)
    assert not torch.allclose(plain(vectors), learned, atol=0.1)


def test_hidden_layers_start_as_he_and_glorot_say():
    torch.manual_seed(0)
    head = Head(256, 10, (512,))
    head.initialize()
    bounds = (6 / 256) ** 0.5, (6 / (512 + 10)) ** 0.5
    for layer, bound in zip((head.hidden[0], head.output), bounds, strict=True):
        assert not layer.bias.any()
        assert 0.95 * bound < layer.weight.abs().max() <= bound
    linear = Head(4, 2)
    weight = linear.output.weight.clone()
    linear.initialize()
    assert torch.equal(linear.output.weight, weight)


def test_outputs_grow_and_keep_their_places():
    head, vectors = Head(3, 2), torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    before, state = head(vectors), torch.get_rng_state()
    head.grow([0, 2], 4)
    after = head(vectors)
    torch.testing.assert_close(after[:, [0, 2]], before)
    torch.testing.assert_close(after[:, [1, 3]], before.mean(1, keepdim=True).expand(-1, 2))
    assert head.output.out_features == 4 and torch.equal(torch.get_rng_state(), state)
    assert all(weight.requires_grad for weight in head.parameters())


def test_columns_stand_behind_the_document_vectors_and_no_dropout_takes_them():
    vectors, columns = torch.ones(3, 4), torch.arange(6.0).view(3, 2)
    fields = [(torch.arange(3), torch.arange(4), columns)]
    laid = beside_columns([vectors], fields)
    assert torch.equal(laid, torch.cat([vectors, columns], dim=1))
    pair = beside_columns([vectors, vectors], [*fields, fields[0][:2]])
    assert pair.shape == (3, 18) and torch.equal(pair[:, 16:], columns)
    assert beside_columns([vectors], [fields[0][:2]]) is vectors
    head = Head(6, 2, dropout=0.9, n_columns=2).train()
    torch.nn.init.ones_(head.output.weight)
    torch.nn.init.zeros_(head.output.bias)
    with drawing_from(torch.Generator().manual_seed(0)), torch.no_grad():
        found = head(torch.cat([torch.zeros(3, 4), columns], dim=1))
    assert torch.equal(found[:, 0], columns.sum(1))


def test_columns_are_not_standardized():
    head = Head(4, 1, n_columns=2)
    vectors = torch.rand(20, 4, generator=torch.Generator().manual_seed(0)) * 5
    weight = head.output.weight[:, 2:].detach().clone()
    with standardized(head, vectors):
        assert head.standards[0, 2:].tolist() == [0, 0] and head.standards[1, 2:].tolist() == [1, 1]
    assert torch.equal(head.output.weight[:, 2:], weight)
