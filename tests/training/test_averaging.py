"""Averages of the weights against means of weights that were kept batch by batch."""

import pytest
import torch
from test_loop import CLASSES, options
from test_step import problem

from textseq.training.averaging import LEAST_SHARE, NON_MONOTONE, WARMUP, WeightAverage
from textseq.training.loop import train
from textseq.training.objectives import Objective


class Scripted(Objective):
    """Losses of the validation rows that are known beforehand, epoch by epoch."""

    def loss(self, outputs, targets, weights):
        return self.found(None)


def trained(averaging, losses):
    """Train, and keep the weights after each batch and those that each epoch was validated by."""
    network, data = problem("lstm")
    batches, validated = [], []

    def now():
        return {name: weight.detach().clone() for name, weight in network.named_parameters()}

    def score(outputs, targets, weights):
        validated.append(now())
        return -losses[len(validated) - 1]

    objective = Scripted("made up", CLASSES.losses, score)
    object.__setattr__(objective, "found", lambda _: losses[len(validated)])
    chosen = options(averaging=averaging, max_epochs=len(losses), batch_size=3, learning_rate=0.3)
    result = train(
        network, data, objective, chosen, validation=data,
        on_batch=lambda epoch, batch, *_: batch and batches.append(now()),
    )  # fmt: skip
    return network, batches, validated, result


def test_the_exponential_average_validates_and_is_kept():
    network, batches, validated, result = trained("exponential", [3.0, 1.0, 2.0])
    means, n_batches = batches[0], len(batches) // 3
    kept = [means]
    for number, weights in enumerate(batches[1:], start=1):
        share = max(LEAST_SHARE, (WARMUP - 1) / (number + WARMUP))
        means = {name: means[name] + share * (weights[name] - means[name]) for name in means}
        kept.append(means)
    for epoch, weights in enumerate(validated, start=1):
        expected = kept[epoch * n_batches - 1]
        for name, weight in weights.items():
            assert torch.allclose(weight, expected[name], atol=1e-12, rtol=0), (epoch, name)
    assert result.best_epoch == 2
    for name, weight in network.named_parameters():
        assert torch.equal(weight, validated[1][name])
    # Training itself goes on from the weights as they are.
    plain = trained(None, [3.0, 1.0, 2.0])[1]
    assert all(torch.equal(batches[-1][name], plain[-1][name]) for name in means)


def test_the_triggered_mean_begins_where_validation_no_longer_gets_better():
    losses = [5.0, 4.0, 3.0, 3.5, 3.5, 3.5, 3.5, 3.5, 2.0, 1.0]
    network, batches, validated, _ = trained("triggered", losses)
    n_batches = len(batches) // 10
    # The eighth epoch is the first that is worse than one five epochs before it or earlier.
    assert losses[7] > min(losses[: 8 - NON_MONOTONE])
    for epoch, weights in enumerate(validated, start=1):
        since = batches[8 * n_batches : epoch * n_batches] or batches[: epoch * n_batches][-1:]
        for name, weight in weights.items():
            mean = torch.stack([own[name] for own in since]).mean(0)
            assert torch.allclose(weight, mean, atol=1e-12, rtol=0), (epoch, name)
    for name, weight in network.named_parameters():
        assert torch.equal(weight, validated[-1][name])


def test_without_validation_the_last_average_stays():
    network, data = problem("lstm")
    other, _ = problem("lstm")
    train(network, data, CLASSES, options(averaging="exponential"))
    train(other, data, CLASSES, options())
    pairs = zip(network.parameters(), other.parameters(), strict=True)
    assert any(not torch.equal(own, plain) for own, plain in pairs)


def test_what_would_never_begin_is_refused():
    network, data = problem("lstm")
    with pytest.raises(ValueError, match="averaging='triggered' begins when the validation loss"):
        train(network, data, CLASSES, options(averaging="triggered"))


def test_it_goes_on_from_a_state_to_the_last_bit():
    torch.manual_seed(0)
    weight = torch.randn(4)
    whole = WeightAverage("exponential", [weight])
    first = WeightAverage("exponential", [weight])
    for number in range(40):
        if number == 20:
            second = WeightAverage("exponential", [weight])
            second.take_up(*first.state())
            first = second
        weight.add_(torch.randn(4))
        whole.step()
        first.step()
    assert torch.equal(whole.means[0], first.means[0])
