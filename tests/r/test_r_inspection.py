"""Instruments asked by R's way: the same figures as from Python."""

import re

import numpy as np
import pandas as pd
import pytest

import textseq
from textseq import (
    Forecaster,
    LanguageModel,
    SeriesClassifier,
    TextClassifier,
    TextRegressor,
)
from textseq.r import bridge, inspection
from textseq.r.models import described
from textseq.r.wire import decode, encode

TEXTS = ["so good a film", "so bad , and long a film", "good", "not good and bad"] * 8
LABELS = ["pos", "neg", "pos", "neg"] * 8
TINY = dict(hidden_size=3, num_layers=1, max_epochs=2, random_state=0, n_threads=1)
WAVES = np.sin(np.arange(12) * np.linspace(0.3, 0.9, 20)[:, None, None] + np.zeros((20, 2, 1)))
FAST = ["slow"] * 10 + ["fast"] * 10


@pytest.fixture(scope="module")
def gru():
    return TextClassifier(encoder="gru", embedding_dim=4, **TINY).fit(TEXTS, LABELS)


@pytest.fixture(scope="module")
def waves():
    return SeriesClassifier(encoder="lstm", **TINY).fit(WAVES, FAST)


def call(name, **arguments):
    reply = bridge.call(name, encode(arguments))
    assert "error" not in reply, reply["error"]["traceback"]
    return decode(reply["value"])


def from_1(name):
    return re.sub(r"\[(\d+)\]", lambda place: f"[{int(place[1]) + 1}]", str(name))


def inspect(model, instrument, data=None, **options):
    return call(
        "inspect", instrument=instrument, id=described(model)["id"], data=data, options=options
    )


def same(found, expected, rtol=1e-12):
    """Channels and units count from 1; the wire has one type of whole numbers and of strings."""
    expected = expected.rename(columns=from_1)
    pd.testing.assert_frame_equal(
        found, expected, check_dtype=False, check_column_type=False, rtol=rtol
    )


@pytest.mark.parametrize(
    ("instrument", "data", "options"),
    [
        ("recurrent_spectrum", {}, {}),
        ("gradient_flow", {"X": TEXTS, "y": LABELS}, {}),
        ("saturation", {"X": TEXTS}, {}),
        ("hidden_states", {"sequence": "not so good"}, {}),
        ("explain", {"sequence": "not so good"}, {"target": "pos"}),
        ("step_by_step", {"sequence": "not so good"}, {}),
        ("order_matters", {"X": TEXTS, "y": LABELS}, {"n_shuffles": 2.0, "random_state": 3.0}),
        ("find_learning_rate", {"X": TEXTS, "y": LABELS}, {"n_batches": 20.0}),
    ],
)
def test_texts_show_what_they_show_in_python(gru, instrument, data, options):
    whole = {name: int(value) if value != "pos" else value for name, value in options.items()}
    expected = getattr(textseq, instrument)(gru, **data, **whole)
    found = inspect(gru, instrument, data, **options)
    same(found["table"], expected.table)
    assert found["verdict"] == [expected.verdict]
    assert found["message"] == [expected.message()]


@pytest.mark.parametrize("instrument", ["hidden_states", "explain", "step_by_step"])
def test_a_series_shows_what_it_shows_in_python(waves, instrument):
    expected = getattr(textseq, instrument)(waves, WAVES[3])
    found = inspect(waves, instrument, {"sequence": WAVES[3]})
    same(found["table"], expected.table)
    np.testing.assert_array_equal(found["steps"]["scaled"], expected.steps.scaled)
    assert found["steps"]["words"]["one"] == ["series"]


def test_fields_beside_the_table_come_along(gru):
    states = inspect(gru, "hidden_states", {"sequence": "not so good"})
    np.testing.assert_array_equal(
        states["states"], textseq.hidden_states(gru, "not so good").states
    )
    assert states["names"] == ["neg", "pos"]
    steps = inspect(gru, "step_by_step", {"sequence": "not so good"})
    assert list(steps["states"]) == ["layer1.h"] and list(steps["gates"])[0] == "layer1.reset"
    assert steps["by_hand"].index.tolist() == ["neg", "pos"]
    flow = inspect(gru, "gradient_flow", {"X": TEXTS, "y": LABELS})
    assert flow["words"]["many"] == ["texts"] and isinstance(int(flow["reach"][0]), int)


def test_eigenvalues_are_a_frame_of_real_numbers(waves):
    expected = textseq.recurrent_spectrum(waves)
    found = inspect(waves, "recurrent_spectrum")
    frame = found["eigenvalues"]
    values = frame["real"] + 1j * frame["imaginary"]
    of_output = values[frame["gate"] == "output"].to_numpy()
    np.testing.assert_array_equal(of_output, expected.eigenvalues[1, "forward", "output"])
    assert found["singular_values"].columns.tolist() == ["layer", "direction", "gate", "value"]
    assert len(frame) == 4 * 3


def test_a_forecasters_frame_is_read_in_its_own_columns():
    frame = _monthly()
    model = Forecaster(h=2, input_size=6, encoder="gru", **TINY)
    model.fit(frame, time_col="month", target_col="sold")
    expected = textseq.gradient_flow(model, frame)
    found = inspect(model, "gradient_flow", {"X": frame})
    same(found["table"], expected.table)


def _monthly():
    months = pd.date_range("2001-01-01", periods=40, freq="MS")
    return pd.DataFrame({"month": months, "sold": np.sin(np.arange(40) / 2) + 3})


def untrained(instrument, kind, data, columns=None, **parameters):
    return call(
        "inspect_untrained", instrument=instrument, kind=kind, data=data, columns=columns,
        parameters=TINY | parameters, options=None,
    )  # fmt: skip


def test_the_gradient_of_a_network_that_has_not_learned_yet():
    # Hardly trained is as good as untrained: rates of 1e-9 move no weight to speak of.
    parameters = dict(encoder="rnn", embedding_dim=4)
    hardly = TextClassifier(**parameters, **TINY, learning_rate=1e-9).fit(TEXTS, LABELS)
    expected = textseq.gradient_flow(hardly, TEXTS, LABELS)
    found = untrained("gradient_flow", "TextClassifier", {"X": TEXTS, "y": LABELS}, **parameters)
    columns = ["gradient", "product", "bound"]
    same(found["table"][columns], expected.table[columns], rtol=1e-5)
    assert found["clipped_share"] is None


def test_every_kind_of_network_can_be_looked_at_before_it_learns():
    numbers = np.arange(len(TEXTS)) / 7
    rnn = dict(encoder="rnn")
    texts = untrained("gradient_flow", "TextRegressor", {"X": TEXTS, "y": numbers}, **rnn)
    assert "texts" in texts["table"]
    series = untrained("gradient_flow", "SeriesClassifier", {"X": WAVES, "y": FAST}, **rnn)
    assert series["table"]["steps_before_end"].max() == 11
    forecaster = dict(encoder="rnn", h=2, input_size=6)
    columns = {"time_col": "month", "target_col": "sold"}
    windows = untrained("gradient_flow", "Forecaster", {"X": _monthly()}, columns, **forecaster)
    assert "windows" in windows["table"]
    rates = untrained("find_learning_rate", "Forecaster", {"X": _monthly()}, columns, **forecaster)
    assert float(rates["suggestion"][0]) > 0
    gappy = {"X": _monthly().drop([9, 10])}
    filled = untrained(
        "gradient_flow", "Forecaster", gappy, columns, fill_gaps="zero", **forecaster
    )
    assert filled["table"].shape == windows["table"].shape


def test_only_instruments_are_called(gru):
    arguments = dict(id=described(gru)["id"], data=None, options=None)
    error = bridge.call("inspect", encode(dict(instrument="load_model", **arguments)))["error"]
    assert error["message"].startswith('unknown instrument "load_model"')
    with pytest.raises(ValueError, match="unknown instrument 'explain'"):
        inspection.inspect_untrained(["explain"], ["TextClassifier"], {}, None, None, None)


def test_weights_come_with_the_tokens_of_the_embedding(gru):
    found = call("weights", id=described(gru)["id"])
    for name, weight in gru.weights_by_name().items():
        np.testing.assert_array_equal(found["weights"][name], weight.astype(np.float64))
    assert found["tokens"][:2] == ["<pad>", "<unk>"]
    assert len(found["tokens"]) == len(found["weights"]["embedding"])


def test_weights_without_names_are_refused():
    model = LanguageModel(level="char", **TINY).fit(["so good a film"] * 4)
    reply = bridge.call("weights", encode({"id": described(model)["id"]}))
    assert reply["error"]["message"].startswith("a language_model() has no weights by name")


def test_a_regressor_has_one_answer():
    model = TextRegressor(encoder="mean", max_epochs=2, random_state=0).fit(TEXTS, range(32))
    found = inspect(model, "explain", {"sequence": "good"})
    assert found["target"] == ["prediction"]
