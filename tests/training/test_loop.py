"""The loop's endings: best epoch, Ctrl-C, numbers that are none."""

import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch
from test_step import PLAIN, problem

from textseq.training.loop import TrainingError, train
from textseq.training.objectives import OBJECTIVES
from textseq.training.options import TrainingOptions

CLASSES = OBJECTIVES["classes"]


def options(**changes):
    return TrainingOptions(**PLAIN | {"max_epochs": 4} | changes)


def test_the_best_epochs_weights_are_put_back():
    network, data = problem()
    kept = {}

    def score(outputs, targets, weights):
        epoch = len(kept) + 1
        kept[epoch] = {k: v.clone() for k, v in network.state_dict().items()}
        return {1: 0.2, 2: 0.9, 3: 0.5, 4: 0.1}[epoch]

    objective = type(CLASSES)("made up", CLASSES.losses, score)
    result = train(network, data, objective, options(), validation=data)
    assert result.best_epoch == 2 and result.best_score == 0.9
    assert result.history["validation_score"].tolist() == [0.2, 0.9, 0.5, 0.1]
    for name, weight in network.state_dict().items():
        assert torch.equal(weight, kept[2][name])
        assert not torch.equal(weight, kept[4][name])


def test_without_validation_the_last_epoch_stays():
    network, data = problem()
    result = train(network, data, CLASSES, options())
    assert result.best_epoch == 4 and result.best_score is None
    assert "validation_loss" not in result.history


def exploding(after):
    """Losses that turn NaN after so many batches."""
    calls = iter(range(10**6))

    def losses(outputs, targets):
        scale = float("nan") if next(calls) >= after else 1.0
        return CLASSES.losses(outputs, targets) * scale

    return type(CLASSES)("broken", losses, CLASSES.score)


def test_nan_in_the_first_epoch_is_an_error_that_names_epoch_and_batch():
    network, data = problem()
    with pytest.raises(TrainingError, match="epoch 1, batch 2 of 4.*learning_rate=0.1"):
        train(network, data, exploding(after=1), options(batch_size=2))
    assert all(torch.isfinite(weight).all() for weight in network.parameters())


def test_nan_later_keeps_the_best_weights():
    network, data = problem()
    with pytest.warns(UserWarning, match="epoch 3, batch 1.*weights of epoch 2 stay"):
        result = train(network, data, exploding(after=2), options())
    assert result.best_epoch == 2 and len(result.history) == 2
    assert all(torch.isfinite(weight).all() for weight in network.parameters())


def test_nan_in_an_input_is_caught():
    network, data = problem()
    with torch.no_grad():
        network.inputs.weight[int(data.fields[0].values[0])] = np.nan
    with pytest.raises(TrainingError, match="not a finite number"):
        train(network, data, CLASSES, options())


INTERRUPTED = textwrap.dedent("""
    import sys, warnings
    import numpy as np
    from textseq import TextClassifier
    from textseq.training.progress import reporting
    rng = np.random.default_rng(0)
    texts = [" ".join(map(str, rng.integers(0, 500, size=30))) for _ in range(3000)]
    labels = rng.integers(0, 2, size=3000)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with reporting(lambda epoch, *figures: print(epoch, flush=True)):
            model = TextClassifier(max_epochs=100_000, random_state=0).fit(texts, labels)
    assert model.interrupted_, "not noted"
    assert any("interrupted in epoch" in str(w.message) for w in caught), "no warning"
    assert len(model.predict(texts[:5])) == 5
    import signal
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    print("alive", len(model.history_))
""")


def test_ctrl_c_keeps_the_best_weights_and_the_process_lives():
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        while process.stdout.readline() == "1\n":
            pass
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "alive" in out, err
