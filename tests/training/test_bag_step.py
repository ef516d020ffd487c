import numpy as np
import pytest
import torch
from rounding import rounding

from textseq.batches import SequenceData
from textseq.kernels.library import kernels
from textseq.nn.network import SequenceNetwork
from textseq.ragged import Ragged
from textseq.training import step as step_module
from textseq.training.objectives import OBJECTIVES
from textseq.training.options import TrainingOptions
from textseq.training.step import Trainer
from textseq.training.threads import ThreadTeam

OPTIONS = dict(
    optimizer="adamw", learning_rate=0.1, momentum=0.9, weight_decay=0.01, schedule="constant",
    table_rate=0.5, max_epochs=1, batch_size=8, patience=None, clip_grad_norm=0.5,
    clip_grad_value=None, n_threads=1, seed=0,
)  # fmt: skip
LENGTHS = (3, 0, 5, 1, 2, 9, 4, 17)
TARGETS = {
    "classes": np.array([0, 2, 1, 1, 0, 2, 2, 0]),
    "labels": np.array([[0, 1, 1], [1, 0, 0]] * 4),
    "number": np.linspace(-1, 2, 8).astype(np.float32),
}


def network_and_data(objective="classes", width=19, **arguments):
    torch.manual_seed(0)
    n_outputs = 1 if objective == "number" else 3
    network = SequenceNetwork(
        n_tokens=20, embedding_dim=width, n_outputs=n_outputs, encoder="mean", **arguments
    )
    torch.nn.init.normal_(network.inputs.weight)
    network.inputs.weight.data[:2] = 0
    rng = np.random.default_rng(0)
    rows = [rng.integers(2, 20, size=size) for size in LENGTHS]
    weights = rng.uniform(0.5, 2, size=8).astype(np.float32)
    return network, SequenceData((Ragged.from_rows(rows),), TARGETS[objective], weights)


def trained(by_kernel, objective, n_threads=1, width=19, options=(), **arguments):
    network, data = network_and_data(objective, width, **arguments)
    torch.seed()  # whoever draws from torch's own generator does not repeat
    options = TrainingOptions(**OPTIONS | dict(options) | {"n_threads": n_threads})
    trainer = Trainer(network, OBJECTIVES[objective], options, 20)
    assert (trainer.bags is not None) is (kernels() is not None)
    if not by_kernel:
        trainer.bags = None
        for optimizer in [*trainer.optimizers, trainer.rows]:
            optimizer.library = None
    figures = []
    with ThreadTeam(n_threads) as team:
        for batch in ([0, 1, 2, 3, 4], [5, 6, 7], [1], [7, 6, 5, 4, 3, 2, 1, 0]):
            figures.append(trainer.step(data, np.array(batch), team, 0.1))
    return network.state_dict(), figures


# The vectors are near 1, and Adam divides each gradient by its size: what rounding takes from a
# small one counts in full.
UNITS = 80


@pytest.mark.parametrize("objective", TARGETS)
@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("width", [1, 16, 19])
def test_the_kernel_trains_as_autograd_does(objective, n_threads, width, monkeypatch):
    monkeypatch.setattr(step_module, "SHARED_WORK", 0)
    dropped = dict(embedding_dropout=0.3, dropout=0.4)
    kernel, kernel_figures = trained(True, objective, n_threads, width, **dropped)
    torchs, torch_figures = trained(False, objective, n_threads, width, **dropped)
    for name, weight in torchs.items():
        bound = rounding(weight, 1, units=UNITS)
        assert torch.allclose(kernel[name], weight, rtol=0, atol=bound), name
    for ours, theirs in zip(kernel_figures, torch_figures, strict=True):
        assert ours.loss == pytest.approx(theirs.loss, rel=rounding(1, units=UNITS))
        assert ours.gradient_norm == pytest.approx(
            theirs.gradient_norm, rel=rounding(1, units=UNITS)
        )
        assert ours.clipped == theirs.clipped


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_kernels_of_every_optimizer(optimizer):
    options = dict(optimizer=optimizer, clip_grad_norm=None, clip_grad_value=0.1)
    kernel, _ = trained(True, "classes", options=options)
    torchs, _ = trained(False, "classes", options=options)
    for name, weight in torchs.items():
        bound = rounding(weight, 1, units=UNITS)
        assert torch.allclose(kernel[name], weight, rtol=0, atol=bound), name


@pytest.mark.parametrize("n_threads", [1, 2])
def test_training_repeats_to_the_last_bit(n_threads, monkeypatch):
    monkeypatch.setattr(step_module, "SHARED_WORK", 0)
    first, second = (
        trained(True, "classes", n_threads, embedding_dropout=0.3, dropout=0.4)[0] for _ in range(2)
    )
    for name, weight in first.items():
        assert torch.equal(weight, second[name]), name


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_gradient_that_is_no_number_moves_nothing(value):
    network, data = network_and_data()
    with torch.no_grad():
        network.inputs.weight[5] = value
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    trainer = Trainer(network, OBJECTIVES["classes"], TrainingOptions(**OPTIONS), 20)
    with ThreadTeam(1) as team:
        figures = trainer.step(data, np.arange(8), team, 0.1)
    assert not figures.finite
    for name, weight in network.state_dict().items():
        assert torch.equal(weight.nan_to_num(), before[name].nan_to_num()), name


@pytest.mark.parametrize(
    "arguments",
    [dict(head_sizes=(4,)), dict(normalization="layer"), dict(pooling="attention")],
)
def test_other_networks_are_left_to_autograd(arguments):
    network, _ = network_and_data(**arguments)
    assert Trainer(network, OBJECTIVES["classes"], TrainingOptions(**OPTIONS), 20).bags is None
    frozen = TrainingOptions(**OPTIONS | {"table_rate": 0.0})
    network, _ = network_and_data()
    assert Trainer(network, OBJECTIVES["classes"], frozen, 20).bags is None
    double = network_and_data()[0].double()
    assert Trainer(double, OBJECTIVES["classes"], TrainingOptions(**OPTIONS), 20).bags is None
