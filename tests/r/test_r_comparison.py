"""Comparisons in the form in which R asks for them."""

import numpy as np
import pandas as pd
import pytest

from textseq import Forecaster, TextClassifier, compare, compare_forecasts, load_sample
from textseq.r import bridge
from textseq.r.wire import decode, encode

TEXTS = ["a good film", "a bad film", "so good", "so bad"] * 10
LABELS = ["pos", "neg", "pos", "neg"] * 10
QUICK = {"max_epochs": np.array([2.0]), "n_threads": np.array([1.0])}


def reply_to(name, progress=None, **arguments):
    return bridge.call(name, encode(arguments), progress)


def compared(progress=None, y=LABELS, test=None, encoders=("mean",), estimator=None, **settings):
    """Compare as R does."""
    settings = {"n_seeds": np.array([2.0]), "random_state": np.array([1.0])} | settings
    return reply_to(
        "compare_models",
        progress,
        data={"X": TEXTS, "y": y},
        test=test,
        encoders=encoders if isinstance(encoders, dict) else list(encoders),
        estimator=estimator,
        settings=settings,
        parameters=QUICK,
    )


def test_scores_predictions_and_tests_are_those_of_compare():
    found = decode(compared(encoders={"mean": "mean", "own": {"encoder": ["mean"]}})["value"])
    expected = compare(
        TEXTS,
        LABELS,
        ["mean", {"own": "mean"}],
        estimator=TextClassifier(max_epochs=2, n_threads=1),
        n_seeds=2,
        random_state=1,
    )
    scores = np.concatenate([model.scores for model in expected.models])
    assert found["scores"]["score"].tolist() == scores.tolist()
    assert found["scores"]["seed"].tolist() == [1, 1, 1, 1, 2, 1, 2]
    assert found["pairs"]["p_value"].tolist() == expected.pairs["p_value"].tolist()
    predictions = found["predictions"]
    for model in expected.models:
        rows = predictions[predictions["model"] == model.name]
        assert rows["prediction"].cat.codes.tolist() == model.predictions.ravel().tolist()
        assert (
            rows["truth"].cat.codes.tolist()
            == np.tile(expected.targets, len(model.scores)).tolist()
        )
    assert found["texts"] == list(expected.texts)


def test_the_page_is_written_from_what_r_keeps(tmp_path):
    found = decode(compared()["value"])
    asked = {"kind": found["result"], "content": found["content"]}
    reply = reply_to("write_report", **asked, path=[str(tmp_path / "page.html")])
    assert "error" not in reply
    assert found["receipt"]["data_sha256"][0] in (tmp_path / "page.html").read_text()


def test_progress_counts_over_all_fits():
    seen = []
    compared(lambda *figures: seen.append(figures))
    assert list(dict.fromkeys(name for *_, name in seen)) == [
        "majority class",
        "tf-idf + LR",
        "tf-idf + NB-LR",
        "mean",
    ]
    shares = [share for _, _, share, _ in seen]
    assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] < 1
    assert {fits for _, fits, _, _ in seen} == {5}


def test_labels_keep_their_names_and_numbers_stay_numbers():
    indicators = pd.DataFrame({"good": [1, 0, 1, 0] * 10, "so": [0, 0, 1, 1] * 10})
    found = decode(compared(y=indicators)["value"])
    assert found["predictions"]["label"].tolist()[:3] == ["good", "so", "good"]
    numbers = decode(compared(y=np.linspace(0.5, 1, 40))["value"])
    assert numbers["metric"] == ["r2"] and numbers["predictions"]["truth"].dtype == float
    whole = decode(compared(y=np.arange(40), estimator=["text_regressor"])["value"])
    assert whole["metric"] == ["r2"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"estimator": ["lstm"]}, "estimator"),
        ({"encoders": {"own": {"hiden_size": np.array([3.0])}}}, "did you mean hidden_size"),
        ({"test": np.array([2.0])}, "test"),
    ],
)
def test_what_is_wrong_is_said(wrong, message):
    assert message in compared(**wrong)["error"]["message"]


def test_forecasts_are_those_of_compare_forecasts(tmp_path):
    series = load_sample("airpassengers")
    settings = {
        "h": np.array([12.0]),
        "n_windows": np.array([2.0]),
        "level": np.array([90.0]),
        "baselines": ["drift"],
        "past": [],
        "random_state": np.array([1.0]),
    }
    found = decode(
        reply_to(
            "compare_forecasters",
            data=series,
            static=None,
            encoders={"rnn": ["rnn"]},
            settings=settings,
            parameters=QUICK,
        )["value"]
    )
    expected = compare_forecasts(
        series,
        12,
        ["rnn"],
        estimator=Forecaster(max_epochs=2, n_threads=1),
        n_windows=2,
        level=90,
        baselines=["drift"],
        random_state=1,
    )
    assert found["scores"]["score"].tolist() == [float(model.mase[0]) for model in expected.models]
    assert found["predictions"]["rnn-lo-90"].tolist() == expected.frame["rnn-lo-90"].tolist()
    asked = {"kind": found["result"], "content": found["content"]}
    assert "error" not in reply_to("write_report", **asked, path=[str(tmp_path / "page.html")])
