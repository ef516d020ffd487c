"""The page of a fit, asked for by R's way."""

import numpy as np

from textseq import SeriesClassifier, TextClassifier
from textseq.r import bridge
from textseq.r.models import described
from textseq.r.wire import decode, encode

SMALL = {"hidden_size": 3, "max_epochs": 1, "random_state": 0, "n_threads": 1}


def write(model, path, data=None, **options):
    arguments = {"id": described(model)["id"], "path": str(path), "data": data, "options": options}
    reply = bridge.call("write_page", encode(arguments))
    return reply["error"]["message"] if "error" in reply else decode(reply["value"])


def test_a_page_is_written_of_rows_and_without(tmp_path):
    texts, labels = ["so good", "so bad"] * 10, ["pos", "neg"] * 10
    model = TextClassifier(encoder="gru", **SMALL).fit(texts, labels)
    path = tmp_path / "page.html"
    found = write(model, path, {"X": texts, "y": labels[::-1]}, max_words=2.0, title="Films")
    assert found == [str(path)]
    page = path.read_text()
    assert '"title":"Films"' in page and '"target":"pos"' in page and '"wrong":true' in page
    assert "precision = " in write(model, path, precision="half")


def test_series_of_r_are_shown(tmp_path):
    waves = np.random.default_rng(0).normal(size=(20, 1, 5))
    model = SeriesClassifier(encoder="gru", **SMALL).fit(waves, ["a", "b"] * 10)
    path = tmp_path / "page.html"
    write(model, path, {"X": list(waves), "y": ["a", "b"] * 10})
    assert '"target":"a"' in path.read_text()
