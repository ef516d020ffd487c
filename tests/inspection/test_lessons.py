"""What the material tells of recurrent networks, measured: who remembers, and who explodes."""

from contextlib import nullcontext

import numpy as np
import pytest

from textseq import TextClassifier
from textseq.inspection.gradient_flow import gradient_flow
from textseq.training.loop import TrainingError

SMALL = dict(
    embedding_dim=16, hidden_size=32, pooling="last", embedding_dropout=0.0, dropout=0.0,
    batch_size=32, wide=None, random_state=0, n_threads=2,
)  # fmt: skip


def with_noise(n, n_noise, seed, last=False):
    """Texts of one word that matters, before (or after) words that do not; and that word."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(["no", "yes"], n)
    noise = [" ".join(row) for row in rng.choice(list("abcdefghij"), (n, n_noise))]
    pairs = zip(labels, noise, strict=True)
    return [f"{b} {a}" if last else f"{a} {b}" for a, b in pairs], labels


@pytest.mark.parametrize(
    ("encoder", "init", "remembers"),
    [
        ("rnn", "default", False),
        ("lstm", "chrono", True),
        ("gru", "chrono", True),
        ("janet", "chrono", True),
    ],
)
def test_gates_that_start_open_remember_the_first_of_200_tokens(encoder, init, remembers):
    train, test = with_noise(2000, 199, seed=0), with_noise(500, 199, seed=1)
    model = TextClassifier(encoder=encoder, init=init, learning_rate=5e-3, max_epochs=6, **SMALL)
    forgets = pytest.warns(UserWarning, match="than luck explains")
    with nullcontext() if remembers else forgets:
        model.fit(*train)
    score, flow = model.score(*test), gradient_flow(model, *test)
    if remembers:
        assert score > 0.98
        assert flow.kind == "healthy", flow.verdict
    else:
        assert abs(score - 0.5) < 0.1
        assert flow.kind == "vanishing", flow.verdict
        assert "lstm" in flow.verdict


def test_a_large_init_explodes_and_training_survives_it_by_clipping():
    train, test = with_noise(1500, 59, seed=0, last=True), with_noise(500, 59, seed=1, last=True)
    # With more gain clipping still saves the weights, but whether they learn is left to luck.
    large = dict(encoder="rnn", activation="relu", init="orthogonal", init_gain=1.6)
    plan = dict(optimizer="sgd", learning_rate=0.1, max_epochs=6) | SMALL | {"random_state": 2}
    with pytest.raises(TrainingError, match="set clip_grad_norm .now None."):
        TextClassifier(**large, **plan, clip_grad_norm=None).fit(*train)
    clipped = TextClassifier(**large, **plan, clip_grad_norm=1.0).fit(*train)
    assert clipped.score(*test) > 0.98
    assert clipped.history_["clipped_share"][0] > 0.3
    untrained = TextClassifier(**large, **plan | {"learning_rate": 1e-9, "max_epochs": 1})
    flow = gradient_flow(untrained.fit(*train), *test)
    assert flow.kind == "exploding"
    assert "a smaller init_gain than 1.6" in flow.verdict
    healthy = TextClassifier(
        encoder="rnn", init="orthogonal", **plan | {"learning_rate": 1e-9, "max_epochs": 1}
    ).fit(*train)
    assert gradient_flow(healthy, *test).kind == "healthy"
