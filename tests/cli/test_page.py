"""``textseq page``: what it writes of models of each kind, and what it refuses."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from textseq import Captioner, Forecaster, SequenceTagger, SeriesClassifier, TextClassifier

SMALL = {"hidden_size": 3, "max_epochs": 1, "random_state": 0, "n_threads": 1}
TEXTS, LABELS = ["so good", "so bad", "good <b>", "bad"] * 10, [1, 0, 1, 0] * 10


def form_of(path):
    (found,) = re.findall(r'<script type="application/json" id="model">(.*?)</script>',
                          path.read_text())  # fmt: skip
    return json.loads(found)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "stars"
    return TextClassifier(encoder="gru", **SMALL).fit(TEXTS, LABELS).save(path)


def test_rows_of_a_table_are_brought_along(textseq, model, tmp_path):
    frame = pd.DataFrame({"review": TEXTS[:6], "stars": LABELS[:6]})
    frame.to_csv(tmp_path / "test.csv", index=False)
    done = textseq(
        f"page {model} test.csv --text review -l stars --precision float16 --max-words 3 "
        "--title 'Stars & more' --out p.html"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode() == f"page: {tmp_path / 'p.html'}\n"
    form = form_of(tmp_path / "p.html")
    assert form["title"] == "Stars & more"
    assert [one["input"] for one in form["examples"]] == TEXTS[:6]
    assert [one["target"] for one in form["examples"]] == [str(one) for one in LABELS[:6]]
    limits = {one["key"]: one for one in form["limits"]}
    assert limits["precision"]["bits"] == 16
    assert "</b>" not in (tmp_path / "p.html").read_text().split('id="model"')[1]


def test_a_model_alone_has_a_row_of_its_own(textseq, model, tmp_path):
    assert textseq(f"page {model} -o p.html").returncode == 0
    (example,) = form_of(tmp_path / "p.html")["examples"]
    assert "good" in example["input"] and example["target"] is None


def test_tags_series_and_windows_are_brought_along(textseq, tmp_path):
    tagger = SequenceTagger(**SMALL).fit([["so", "it"]] * 30, [["A", "B"]] * 30)
    tagger.save(tmp_path / "tagger")
    (tmp_path / "test.conll").write_text("so A\nit A\n\nso A\n")
    assert textseq("page tagger test.conll -o p.html").returncode == 0
    assert [one["target"] for one in form_of(tmp_path / "p.html")["examples"]] == [
        ["A", "A"],
        ["A"],
    ]

    waves = np.random.default_rng(0).normal(size=(40, 1, 6))
    SeriesClassifier(encoder="gru", **SMALL).fit(waves, ["a", "b"] * 20).save(tmp_path / "series")
    rows = pd.DataFrame(
        {"unique_id": [1, 1, 2, 2], "x": [0.5, 1, 2, 3], "label": ["a", "a", "b", "b"]}
    )
    rows.to_csv(tmp_path / "series.csv", index=False)
    assert textseq("page series series.csv --values x -o p.html").returncode == 0
    assert [one["target"] for one in form_of(tmp_path / "p.html")["examples"]] == ["a", "b"]

    frame = pd.DataFrame({"unique_id": "s", "ds": range(40), "y": np.arange(40.0)})
    Forecaster(encoder="gru", h=3, input_size=8, **SMALL).fit(frame).save(tmp_path / "forecaster")
    frame.to_csv(tmp_path / "rows.csv", index=False)
    done = textseq("page forecaster rows.csv -o p.html")
    assert done.returncode == 0, done.stderr
    assert form_of(tmp_path / "p.html")["examples"][0]["target"] == [[37.0, 38.0, 39.0]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--out p.txt", "p.txt: a page is written; end its name in .html"),
        ("--out p.html --precision half", "--precision half: choose from auto, float32, float16"),
        ("--out p.html --max-words 0", "--max-words must be a whole number"),
        ("--out p.html --label stars", "name columns of DATA, which is missing"),
    ],
)
def test_what_can_not_be_is_refused(fails, model, options, message):
    assert message in fails(f"page {model} {options}")


def test_a_captioner_has_no_page(textseq, tmp_path):
    images = np.random.default_rng(0).random((40, 4, 4))
    Captioner(**SMALL).fit(images, TEXTS).save(tmp_path / "m.textseq")
    for command in ("page m.textseq --out p.html", "predict m.textseq x.csv"):
        done = textseq(command)
        assert done.returncode == 2
        assert b"m.textseq is a Captioner" in done.stderr
        assert b"load_model('m.textseq').predict(images)" in done.stderr
