"""The instruments on a forecaster: its windows in place of texts."""

import numpy as np
import pandas as pd
import pytest
import torch

from textseq import (
    Forecaster,
    explain,
    find_learning_rate,
    gradient_flow,
    recurrent_spectrum,
    saturation,
)
from textseq.inspection.rows import prepared_copy
from textseq.inspection.unroll import in_double_precision, read_by_steps
from textseq.training.outputs import as_tensors

SMALL = {"h": 6, "input_size": 18, "fold": None, "skip": None, "window_scaling": None}
SMALL |= {"retrain": False, "hidden_size": 6, "max_epochs": 2, "n_threads": 1, "random_state": 0}


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    values = np.sin(np.arange(90) / 3)[None] * [[1], [5]] + 0.1 * rng.normal(size=(2, 90))
    return pd.DataFrame(
        {"place": np.repeat(["a", "b"], 90), "ds": np.tile(np.arange(90), 2), "y": values.ravel()}
    )


def fitted(frame, **options):
    return Forecaster(**SMALL | options).fit(frame, id_col="place")


@pytest.mark.parametrize("encoder", ["rnn", "bilstm", "lstm_fcn"])
@pytest.mark.parametrize("strategy", ["direct", "seq2seq"])
def test_windows_are_read_by_steps_as_the_network_reads_them(frame, encoder, strategy):
    model = fitted(frame, encoder=encoder, strategy=strategy)
    double = in_double_precision(model.network_.eval())
    rows = model.rows(frame).take(np.arange(0, 40, 7))
    outputs, cells = read_by_steps(double, as_tensors(rows))
    assert outputs.dtype == torch.float64
    assert torch.allclose(outputs, double(as_tensors(rows)), atol=1e-12, rtol=0)
    assert cells[0].lengths.tolist() == [18] * len(rows)


def test_a_head_of_zeros_sends_no_gradient_back(frame):
    model = fitted(frame, encoder="rnn")
    model.network_.head.load_state_dict(
        {name: torch.zeros_like(part) for name, part in model.network_.head.state_dict().items()}
    )
    flow = gradient_flow(model, frame)
    assert "the loss sends no gradient back" in flow.verdict
    assert flow.message().startswith("The loss sends no gradient back; a state is felt")
    assert "no gradient" not in gradient_flow(fitted(frame, encoder="rnn"), frame).verdict


def test_the_gradient_is_that_of_the_forecasts_errors(frame):
    model = fitted(frame, encoder="rnn", loss="mse", strategy="recursive")
    found = gradient_flow(model, frame)
    assert found.table["windows"].max() == 24 and found.length == 18
    assert "the median window has 18 steps" in found.verdict
    model.network_.requires_grad_(False)
    with torch.no_grad():
        model.network_.head.output.weight.mul_(2)
    assert not np.allclose(gradient_flow(model, frame).table["gradient"], found.table["gradient"])
    assert found.plot().get_suptitle()


def test_a_state_that_is_drowned_explodes(frame):
    large = {"encoder": "rnn", "activation": "relu", "init": "orthogonal", "init_gain": 3.0}
    untrained = fitted(frame, **large, max_epochs=1, learning_rate=1e-9)
    assert gradient_flow(untrained, frame).kind == "exploding"
    assert gradient_flow(fitted(frame, encoder="lstm", init="chrono"), frame).kind == "healthy"


def test_gates_and_weights_of_a_forecaster(frame):
    model = fitted(frame, encoder="gru")
    assert saturation(model, frame).over_time["windows"].unique().tolist() == [
        2 * (90 - 18 - 6 + 1)
    ]
    assert saturation(model, frame).plot().get_suptitle()
    assert "where windows need more memory" in recurrent_spectrum(model).verdict


def test_a_learning_rate_of_a_forecaster(frame):
    model = Forecaster(**SMALL, encoder="gru")
    found = find_learning_rate(model, frame.rename(columns={"place": "unique_id"}), n_batches=40)
    assert 1e-5 < found.suggestion < 1 and not hasattr(model, "network_")
    # Fitted, it knows its columns.
    again = find_learning_rate(fitted(frame, encoder="gru"), frame, n_batches=40)
    assert again.suggestion == found.suggestion


def test_an_unfitted_forecaster_fills_gaps_before_it_is_looked_at(frame):
    gappy = frame.rename(columns={"place": "unique_id"}).drop([5, 6])
    model = Forecaster(**SMALL, encoder="gru", fill_gaps="interpolate")
    whole = prepared_copy(model, frame.rename(columns={"place": "unique_id"}), None)[1].rows
    assert len(prepared_copy(model, gappy, None)[1].rows) == len(whole)


def test_a_rate_is_looked_for_on_the_windows_that_a_fit_trains_on(frame):
    model = fitted(frame)
    fresh, prepared = prepared_copy(model, frame, None)
    rows, seed = prepared.rows, prepared.seed
    assert len(rows) == model.receipt_["rows"] < len(model.rows(frame))
    assert seed == model.receipt_["seed"] and fresh.network_ is not model.network_


def test_what_asks_for_one_series_refuses(frame):
    with pytest.raises(ValueError, match="Forecaster, which answers no one series; pass a fitted"):
        explain(fitted(frame), [1.0, 2.0])
