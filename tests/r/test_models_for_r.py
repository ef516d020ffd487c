"""Models for R: fitted, described, kept as bytes, opened and asked, as R's calls come in."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from textseq import TextClassifier, load_model
from textseq.r import bridge, models
from textseq.r.wire import decode, encode

TEXTS = ["a good film", "a bad film"] * 20
TINY = {"encoder": ["mean"], "random_state": [1.0], "n_threads": [1.0], "max_epochs": [2.0]}


def called(name, **arguments):
    """Return the value of a call, over the wire both ways."""
    reply = bridge.call(name, encode(arguments))
    assert "error" not in reply, reply["error"]
    return decode(reply["value"])


def fitted(y, X=TEXTS, kind="TextClassifier", **parameters):
    data = {"X": X, "y": y, "validation_data": None}
    return called("fit", kind=kind, data=data, options=None, parameters=TINY | parameters)


@pytest.fixture(scope="module")
def fit():
    return fitted(pd.Categorical(["pos", "neg"] * 20, ["pos", "neg"]))


def test_a_fit_is_the_one_that_python_makes(fit):
    model = TextClassifier(encoder="mean", random_state=1, n_threads=1, max_epochs=2)
    model.fit(TEXTS, ["pos", "neg"] * 20)
    found = called("ask", id=fit["id"], method="predict_proba", data={"X": TEXTS[:3]}, options={})
    np.testing.assert_array_equal(found, model.predict_proba(TEXTS[:3]))


def test_it_is_described(fit):
    assert fit["id"] == [hashlib.sha256(fit["model"]).hexdigest()]
    assert fit["kind"] == ["TextClassifier"] and fit["classes"] == ["neg", "pos"]
    assert fit["multilabel"].tolist() == [False] and fit["interrupted"].tolist() == [False]
    assert fit["history"]["epoch"].tolist() == [1, 2]
    assert fit["parameters"]["encoder"] == ["mean"] and fit["parameters"]["vectors"] is None
    assert fit["receipt"]["rows"].tolist() == [40]


def test_labels_keep_their_type():
    assert fitted([1, 2] * 20)["classes"].tolist() == [1, 2]
    assert fitted([True, False] * 20)["classes"].dtype == bool
    assert fitted([1.0, 2.0] * 20)["classes"].tolist() == [1.0, 2.0]


def test_indicators_are_named_by_their_columns():
    found = fitted(pd.DataFrame({"good": [1, 0] * 20, "film": [1, 1] * 20}))
    assert found["classes"] == ["good", "film"] and found["multilabel"].tolist() == [True]


def test_bytes_are_opened_as_they_are(fit, tmp_path):
    models._OPEN.clear()
    assert called("knows", id=fit["id"]).tolist() == [False]
    opened = called("open_model", model=fit["model"])
    assert opened["id"] == fit["id"] and opened["classes"] == fit["classes"]
    assert "model" not in opened
    assert called("knows", id=fit["id"]).tolist() == [True]
    path = tmp_path / "model.textseq"
    path.write_bytes(fit["model"])
    found = called("ask", id=fit["id"], method="predict", data={"X": TEXTS[:2]}, options=None)
    assert found == load_model(path).predict(TEXTS[:2]).tolist()


def test_only_the_latest_models_stay_open(fit):
    model = models.model_of(fit["id"][0])
    for number in range(models.MOST_OPEN):
        models.keep(f"other {number}", model)
    assert fit["id"][0] not in models._OPEN and len(models._OPEN) == models.MOST_OPEN
    models._OPEN.clear()
    models.keep(fit["id"][0], model)


def test_only_listed_methods_are_called(fit):
    arguments = encode({"id": fit["id"], "method": "save", "data": {"path": "x"}, "options": None})
    error = bridge.call("ask", arguments)["error"]
    assert error["classes"][0] == "value_error"
    assert error["message"].startswith('unknown method "save"; choose from')


def test_only_known_kinds_are_fitted():
    arguments = {"kind": "BaseEstimator", "data": {}, "options": None, "parameters": None}
    assert "unknown model" in bridge.call("fit", encode(arguments))["error"]["message"]


def test_weights_of_classes_find_their_labels():
    assert models.by_labels({"1": 2, "x": 3}, [1, 2]) == {1: 2, "x": 3}
    assert models.by_labels({"TRUE": 2, "no": 1}, [True, False]) == {True: 2, "no": 1}
    assert models.by_labels({"0.5": 2}, [0.5, 1.5]) == {0.5: 2}
    assert models.by_labels({"1": 2}, ["1", "2"]) == {"1": 2}
    costs = {"1": {"2": 5.0}, "2": {"1": 1.0}}
    assert models.by_labels(costs, [1, 2]) == {1: {2: 5.0}, 2: {1: 1.0}}
    heavy = pd.Series([50.0], index=["2"])
    found = fitted([1, 2] * 20, X=["same"] * 40, class_weight=heavy, max_epochs=[20.0])
    odds = called("ask", id=found["id"], method="predict_proba", data={"X": ["same"]}, options={})
    assert odds[0, 1] > 0.75


def test_a_fit_without_a_finished_epoch_has_an_empty_history_of_numbers(fit):
    model = load_again(fit)
    model.history_ = pd.DataFrame.from_records([], columns=["epoch", "loss"])
    summary = models.summary_of("x", model)
    assert summary["history"].dtypes.tolist() == [np.float64, np.float64]
    assert len(decode(encode(summary))["history"]) == 0


def load_again(fit):
    models._OPEN.clear()
    called("open_model", model=fit["model"])
    return models.model_of(fit["id"][0])


def test_long_frames_are_gathered():
    frame = pd.DataFrame({"who": ["b", "b", "a"], "t": [2, 1, 1], "x": [5.0, 4.0, np.nan]})
    frame["kind"] = ["up", "up", "down"]
    found = called(
        "long_series", data=frame, value_cols="x", id_col="who", time_col="t", label_col=None
    )
    assert found["X"][0].tolist() == [[4.0, 5.0]]
    assert found["ids"] == ["b", "a"] and found["y"] is None and np.isnan(found["X"][1]).all()
    labelled = called(
        "long_series", data=frame, value_cols="x", id_col="who", time_col=None, label_col="kind"
    )
    assert labelled["y"] == ["up", "down"] and labelled["X"][0].tolist() == [[5.0, 4.0]]


def test_defaults_of_every_kind_cross():
    for kind in models.KINDS:
        found = called("parameter_defaults", kind=kind)
        assert {"encoder", "random_state", "max_epochs"} <= set(found)


def test_versions_are_told():
    assert set(called("versions_here")) == {"version", "textseq"}
