import pytest
import torch
from sequences import sequences

from textseq.nn.normalization import (
    BatchNorm,
    L2Norm,
    LayerNorm,
    collecting_statistics,
    fold_in,
)


def real_steps(lengths, width):
    return torch.arange(width) < lengths[:, None]


def test_batch_norm_equals_torchs_on_the_real_steps():
    x, n = sequences([6, 2, 1], 9, fill=float("nan"))
    real = real_steps(n, 9)
    ours, torchs = BatchNorm(5).double(), torch.nn.BatchNorm1d(5).double()
    for _ in range(3):
        with collecting_statistics() as seen:
            found = ours(x, real)[real]
        fold_in([seen])
        assert torch.allclose(found, torchs(x[real]), atol=1e-12)
    assert torch.allclose(ours.running_mean, torchs.running_mean, atol=1e-12)
    assert torch.allclose(ours.running_variance, torchs.running_var, atol=1e-12)
    assert torch.allclose(ours.eval()(x, real)[real], torchs.eval()(x[real]), atol=1e-12)


def test_running_statistics_of_shards_are_those_of_the_whole_batch():
    x, n = sequences([6, 2, 1, 5], 6)
    real = real_steps(n, 6)
    whole, shards = BatchNorm(5).double(), BatchNorm(5).double()
    with collecting_statistics() as seen:
        whole(x, real)
    fold_in([seen])
    parts = []
    for rows in (slice(0, 1), slice(1, 4)):
        with collecting_statistics() as seen:
            shards(x[rows], real[rows])
        parts.append(seen)
    fold_in(parts)
    assert torch.allclose(whole.running_mean, shards.running_mean, atol=1e-12)
    assert torch.allclose(whole.running_variance, shards.running_variance, atol=1e-12)


def test_a_batch_without_a_real_step_changes_nothing():
    layer = BatchNorm(5)
    with collecting_statistics() as seen:
        layer(torch.full((2, 1, 5), float("nan")), torch.zeros(2, 1, dtype=torch.bool))
    fold_in([seen])
    assert not seen and (layer.running_mean == 0).all()


def test_statistics_do_not_move_while_predicting():
    layer = BatchNorm(5).eval()
    with collecting_statistics() as seen:
        layer(torch.randn(2, 3, 5), torch.ones(2, 3, dtype=torch.bool))
    assert not seen


@pytest.mark.parametrize("training", [True, False])
def test_layer_norm_keeps_steps_apart(training):
    layer = LayerNorm(5).double().train(training)
    x, n = sequences([6, 2], 6, fill=1e3)
    real = real_steps(n, 6)
    found = layer(x, real)
    assert torch.allclose(found[real].mean(1), torch.zeros(8, dtype=torch.float64), atol=1e-7)
    assert torch.equal(layer(x[1:, :1], real[1:, :1]), found[1:, :1])


def test_l2_norm_makes_every_step_as_long_as_any_other():
    x = torch.tensor([[3.0, 4.0], [0.0, 0.0], [0.0, -0.5]], dtype=torch.float64)
    found = L2Norm()(x, torch.ones(3, dtype=torch.bool))
    expected = torch.tensor([[0.6, 0.8], [0.0, 0.0], [0.0, -1.0]], dtype=torch.float64)
    assert torch.equal(found, expected)
