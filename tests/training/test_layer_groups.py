import numpy as np
import pytest
import torch
from test_step import PLAIN, problem

from textseq.nn.network import SequenceNetwork
from textseq.training.layer_groups import LayerGroups
from textseq.training.loop import train
from textseq.training.objectives import OBJECTIVES
from textseq.training.options import TrainingOptions
from textseq.training.step import Trainer
from textseq.training.threads import ThreadTeam

# Of problem()'s network: the table, the one layer, the head.
DEPTHS = {"inputs": 2, "encoder": 1, "head": 0}


def moved(epoch=1, encoder="lstm", n_threads=1, **options):
    """Return how far each weight moves in one step of plain gradient descent."""
    network, data = problem(encoder)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    options = TrainingOptions(**PLAIN | options | {"n_threads": n_threads})
    trainer = Trainer(network, OBJECTIVES["classes"], options, 20)
    with ThreadTeam(n_threads) as team:
        trainer.start_epoch(epoch)
        trainer.step(data, np.arange(7), team, 0.1)
    return {name: weight - before[name] for name, weight in network.state_dict().items()}


@pytest.mark.parametrize("encoder", ["lstm", "tcn"])
def test_each_group_moves_at_a_share_of_the_rate_above(encoder):
    even, slower = moved(encoder=encoder), moved(encoder=encoder, rate_decay=2.6)
    for name, step in even.items():
        share = 2.6 ** -DEPTHS[name.split(".")[0]]
        assert step.any() and torch.allclose(slower[name], step * share, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("encoder", ["mean", "lstm"])
@pytest.mark.parametrize(
    ("unfreeze", "epoch", "deepest"),
    [("none", 9, 0), ("gradual", 1, 0), ("gradual", 2, 1), ("gradual", 3, 2), ("all", 1, 2)],
)
def test_frozen_groups_stay_and_the_others_move_as_ever(encoder, unfreeze, epoch, deepest):
    depths = DEPTHS if encoder == "lstm" else {"inputs": 1, "head": 0}
    every, some = moved(encoder=encoder), moved(epoch, encoder=encoder, unfreeze=unfreeze)
    for name, step in some.items():
        learns = depths[name.split(".")[0]] <= deepest
        assert torch.allclose(step, every[name] * learns, atol=1e-15), name


def test_no_gradient_is_taken_of_what_is_frozen():
    network, data = problem()
    options = TrainingOptions(**PLAIN | {"unfreeze": "none"})
    trainer = Trainer(network, OBJECTIVES["classes"], options, 20)
    fields = [tuple(map(torch.from_numpy, field)) for field in data.arrays()]
    assert not network.vectors(fields, network.table.detach()).requires_grad
    trainer.start_epoch(1)
    assert [weight.shape for weight in trainer.learning] == [(3, 5), (3,)]


def test_layers_their_norms_and_the_head_are_groups():
    network = SequenceNetwork(
        n_tokens=9, embedding_dim=4, n_outputs=2, hidden_size=3, num_layers=2, bidirectional=True,
        normalization="layer", pooling="attention", head_sizes=(5,),
    )  # fmt: skip
    table, first, second, head = network.layer_groups()
    assert table == [network.table]
    stack = network.encoder
    for number, group in enumerate((first, second)):
        own = [*stack.layers[number].parameters(), *stack.norms[number].parameters()]
        assert [*map(id, group)] == [*map(id, own)]
    assert len(head) == 3 + 4
    together = [weight for group in network.layer_groups() for weight in group]
    assert {*map(id, together)} == {*map(id, network.parameters())}
    groups = LayerGroups(network, 2.0, "gradual")
    assert groups.rate(table[0]) == 1 / 8
    assert [groups.learns(first[0], epoch) for epoch in (1, 2, 3)] == [False, False, True]


@pytest.mark.parametrize("n_threads", [1, 2])
def test_unfreezing_repeats_to_the_bit(n_threads):
    def weights():
        network, data = problem(dtype=torch.float32)
        options = PLAIN | {"max_epochs": 4, "optimizer": "adamw", "n_threads": n_threads}
        options |= {"unfreeze": "gradual", "rate_decay": 2.6, "schedule": "slanted_triangular"}
        train(network, data, OBJECTIVES["classes"], TrainingOptions(**options))
        return network.state_dict()

    first, second = weights(), weights()
    assert all(torch.equal(first[name], second[name]) for name in first)
