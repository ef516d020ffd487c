import numpy as np
import pytest
import torch
from rounding import rounding

from textseq.batches import SequenceData
from textseq.nn.network import SequenceNetwork
from textseq.ragged import Ragged
from textseq.training.objectives import OBJECTIVES
from textseq.training.optimizers import RowOptimizer
from textseq.training.options import TrainingOptions
from textseq.training.step import Trainer, clip
from textseq.training.threads import ThreadTeam

PLAIN = dict(
    optimizer="sgd", learning_rate=0.1, momentum=0.0, weight_decay=0.0, schedule="constant",
    table_rate=1.0, max_epochs=1, batch_size=8, patience=None, clip_grad_norm=None,
    clip_grad_value=None, n_threads=1, seed=0,
)  # fmt: skip


def problem(encoder="lstm", dtype=torch.float64):
    torch.manual_seed(0)
    network = SequenceNetwork(
        n_tokens=20, embedding_dim=4, n_outputs=3, encoder=encoder, hidden_size=5
    ).to(dtype)
    torch.nn.init.normal_(network.inputs.weight)
    rng = np.random.default_rng(0)
    rows = [rng.integers(2, 20, size=size) for size in (3, 0, 5, 1, 2, 9, 4)]
    data = SequenceData((Ragged.from_rows(rows),), rng.integers(0, 3, size=7))
    return network, data


# In float32 the kernels compute; in float64 torch does.
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("encoder", ["mean", "max", "rnn", "lstm", "gru", "janet", "tcn"])
@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_shards_and_touched_rows_give_the_whole_batch_gradient(encoder, n_threads, dtype):
    network, data = problem(encoder, dtype)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    trainer = Trainer(
        network, OBJECTIVES["classes"], TrainingOptions(**PLAIN | {"n_threads": n_threads}), 20
    )
    with ThreadTeam(n_threads) as team:
        trainer.step(data, np.arange(7), team, 0.1)
    after = {name: weight.clone() for name, weight in network.state_dict().items()}

    network.load_state_dict(before)
    field = data.fields[0]
    outputs = network([(torch.from_numpy(field.values), torch.from_numpy(field.offsets))])
    loss = torch.nn.functional.cross_entropy(outputs, torch.from_numpy(data.targets))
    loss.backward()
    for name, weight in network.named_parameters():
        if weight.grad is not None:
            expected = before[name] - 0.1 * weight.grad
            within = 1e-12 if dtype == torch.float64 else rounding(before[name], weight.grad)
            assert torch.allclose(after[name], expected, rtol=0, atol=within), name


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
def test_row_optimizer_equals_torch_where_all_rows_are_touched(name):
    torch.manual_seed(0)
    table = torch.randn(5, 3, dtype=torch.float64)
    reference = torch.nn.Parameter(table.clone())
    if name == "sgd":
        torchs = torch.optim.SGD([reference], lr=0.01, momentum=0.9, weight_decay=0.1)
    else:
        kind = torch.optim.AdamW if name == "adamw" else torch.optim.Adam
        torchs = kind([reference], lr=0.01, weight_decay=0.1)
    ours = RowOptimizer(name, table, momentum=0.9, weight_decay=0.1)
    for _ in range(5):
        gradient = torch.randn(5, 3, dtype=torch.float64)
        reference.grad = gradient.clone()
        torchs.step()
        ours.step(torch.tensor([3, 1, 0, 2, 4]), gradient[[3, 1, 0, 2, 4]], 0.01)
    assert torch.allclose(table, reference, atol=1e-12)


def test_row_optimizer_leaves_other_rows_alone():
    table = torch.ones(4, 2)
    RowOptimizer("adamw", table, 0.9, weight_decay=0.1).step(
        torch.tensor([2]), torch.ones(1, 2), 0.1
    )
    assert (table[[0, 1, 3]] == 1).all() and (table[2] < 1).all()


def test_frozen_table_stays():
    network, data = problem()
    before = network.inputs.weight.clone()
    trainer = Trainer(
        network, OBJECTIVES["classes"], TrainingOptions(**PLAIN | {"table_rate": 0.0}), 20
    )
    with ThreadTeam(1) as team:
        trainer.step(data, np.arange(7), team, 0.1)
    assert torch.equal(network.inputs.weight, before)


def test_clip_by_norm_and_value():
    gradients = [torch.tensor([3.0]), torch.tensor([4.0])]
    assert clip(gradients, largest_norm=1.0, largest_value=None) == (5, True)
    assert torch.allclose(torch.cat(gradients), torch.tensor([0.6, 0.8]))
    gradients = [torch.tensor([3.0, -0.5])]
    assert clip(gradients, largest_norm=None, largest_value=1.0)[1]
    assert gradients[0].tolist() == [1.0, -0.5]
    assert clip(gradients, largest_norm=2.0, largest_value=1.0)[1] is False
