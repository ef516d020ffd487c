"""R's door to Python: replies instead of exceptions, and progress."""

import contextlib
import os
import signal

import pytest

from textseq.r import bridge
from textseq.r.wire import decode, encode

TEXTS = ["a good film", "a bad film"] * 20
LABELS = ["pos", "neg"] * 20


def fit(progress=None, **parameters):
    arguments = {
        "kind": "TextClassifier",
        "data": {"X": TEXTS, "y": LABELS},
        "options": None,
        "parameters": {"encoder": "mean", "random_state": 1, "n_threads": 1} | parameters,
    }
    return bridge.call("fit", encode(arguments), progress)


def test_every_function_is_where_the_bridge_looks_for_it():
    for name, home in bridge.HOME.items():
        assert callable(getattr(bridge.importlib.import_module(home), name))


def test_a_value_comes_back():
    reply = bridge.call("echo", encode({"value": [1.5, 2.5]}))
    assert decode(reply["value"]).tolist() == [1.5, 2.5]
    assert reply["warnings"] == [] and "error" not in reply


def test_an_error_is_a_reply_with_its_classes():
    error = fit(hidden_size=-1)["error"]
    assert error["message"].startswith("hidden_size must be")
    assert error["classes"] == ["value_error", "exception"]
    assert "Traceback" in error["traceback"]


def test_errors_of_a_name_of_their_own_keep_it():
    reply = bridge.call("open_model", encode({"model": b"no model"}))
    assert reply["error"]["classes"][0] == "model_file_error"


def test_an_interrupt_is_a_reply_too(monkeypatch):
    def interrupted(value):
        raise KeyboardInterrupt

    monkeypatch.setattr("textseq.r.models.echo", interrupted)
    error = bridge.call("echo", encode({"value": 1}))["error"]
    assert error["classes"][0] == "keyboard_interrupt"


def test_an_error_that_was_made_of_an_interrupt_is_one(monkeypatch):
    def muddled(value):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise TypeError("no number") from None

    monkeypatch.setattr("textseq.r.models.echo", muddled)
    error = bridge.call("echo", encode({"value": 1}))["error"]
    assert error["classes"][0] == "keyboard_interrupt"


def test_an_interrupt_that_was_swallowed_goes_on(monkeypatch):
    def deaf(value):
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("textseq.r.models.echo", deaf)
    error = bridge.call("echo", encode({"value": 1}))["error"]
    assert error["classes"][0] == "keyboard_interrupt"


def test_warnings_are_told_once_with_their_category(monkeypatch):
    def warn(value):
        import warnings

        for _ in range(3):
            warnings.warn("mind the gap", UserWarning, stacklevel=1)
        warnings.warn("old", DeprecationWarning, stacklevel=1)

    monkeypatch.setattr("textseq.r.models.echo", warn)
    reply = bridge.call("echo", encode({"value": 1}))
    assert reply["warnings"] == [{"message": "mind the gap", "category": "user_warning"}]


def test_training_reports_how_far_it_is():
    told = []
    fit(progress=lambda *figures: told.append(figures), max_epochs=3)
    epoch, epochs, done, _ = told[0]
    assert (epoch, epochs) == (1, 3) and 0 < done <= 1 / 3


def test_an_interrupt_within_a_report_stops_the_training_not_the_call():
    def report(*figures):
        return True  # as R says when it was interrupted

    reply = fit(progress=report, max_epochs=500)
    assert decode(reply["value"])["interrupted"].all()


def test_a_signal_stops_the_training_with_the_best_so_far():
    def report(*figures):
        os.kill(os.getpid(), signal.SIGINT)

    reply = fit(progress=report, max_epochs=500)
    assert decode(reply["value"])["interrupted"].all()


def test_an_error_of_the_report_reaches_r():
    def report(*figures):
        raise RuntimeError("R could not draw")

    assert fit(progress=report)["error"]["message"] == "R could not draw"


@pytest.mark.parametrize("name", ["__import__", "os.system", "estimator_of"])
def test_nothing_else_can_be_called(name):
    assert bridge.call(name, encode({}))["error"]["classes"][0] == "key_error"
