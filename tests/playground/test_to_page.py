"""``to_page``: one file that asks for nothing, or a sentence that says why there is none."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from pages import HOSTILE, show
from torch import nn

from textseq import LanguageModel, TextClassifier, load_model
from textseq.playground import arrays
from textseq.playground.arrays import Arrays
from textseq.playground.exported import Exported

SMALL = {"hidden_size": 3, "max_epochs": 1, "random_state": 0, "n_threads": 1}
TEXTS, LABELS = ["so good a film", "so bad", "good", "bad , and long"] * 10, ["pos", "neg"] * 20


def fitted(X=TEXTS, **parameters):
    return TextClassifier(**{"encoder": "gru", **SMALL, **parameters}).fit(X, LABELS)


def test_the_page_opens_from_disk_and_asks_for_nothing(browser, tmp_path):
    texts = [*(t for t in HOSTILE if "\ud800" not in t), *TEXTS[:33]]
    model = fitted([*texts, *TEXTS][:40])
    path = model.to_page(
        tmp_path / "page.html", texts, (LABELS * 2)[: len(texts)], title=HOSTILE[1]
    )
    said, requested = show(browser, path, 1280)
    assert said == []
    assert requested == [path.as_uri()]
    assert browser.title != "broken"
    assert HOSTILE[1] in browser.title
    assert browser.find_element("id", "page").text != ""


def test_the_page_is_small_beside_its_weights(tmp_path):
    model = fitted(tokenizer="char")
    path = model.to_page(tmp_path / "page.html")
    page = path.read_text(encoding="utf-8")
    (weights,) = re.findall(r'id="weights">([^<]*)<', page)
    assert path.stat().st_size - len(weights) < 2e6
    (form,) = re.findall(r'id="model">([^<]*)<', page)
    assert json.loads(form)["title"] == "TextClassifier with encoder='gru'"


def test_a_model_file_gives_the_same_page(tmp_path):
    model = fitted()
    again = load_model(model.save(tmp_path / "model"))
    pages = [one.to_page(tmp_path / "page.html").read_bytes() for one in (model, again)]
    assert pages[0] == pages[1]


class Own(nn.Module):
    """An encoder of the caller's."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.layer = nn.Linear(input_size, hidden_size)
        self.out_dim = hidden_size

    def forward(self, x, lengths):
        return self.layer(x)


def pairs():
    return fitted(list(zip(TEXTS, TEXTS[::-1], strict=True)), wide=None)


def beside():
    frame = pd.DataFrame({"text": TEXTS, "price": np.arange(40.0)})
    return fitted(frame, text_columns="text")


def mogrified():
    return LanguageModel(mogrifier=2, hidden_size=4, max_epochs=1).fit(["so it goes , it goes"] * 9)


def bare():
    return fitted().without_head()


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (pairs, "this model compares two; look at it by `explain`"),
        (beside, "this model reads columns beside it; fit one to the texts alone"),
        (bare, "features_only=True and answers nothing"),
        (mogrified, "this model has mogrifier=2; fit one of these"),
        (lambda: fitted(encoder=Own), "this model has encoder=Own; fit one of these"),
    ],
)
def test_what_no_page_shows_is_said(tmp_path, build, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        build().to_page(tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"precision": "half"}, "precision='half' must be one of 'auto', 'float32', 'float16'"),
        ({"max_words": 0}, "max_words must be a whole number"),
    ],
)
def test_options_are_checked(tmp_path, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        fitted().to_page(tmp_path / "page.html", **options)


def large(n_words, n_ngrams, n_others):
    found = Arrays()
    found.add("embedding", np.zeros((n_words, 100), dtype=np.float32))
    found.add("wide.weights", np.zeros((n_ngrams, 2), dtype=np.float32))
    found.add("layer1.W_hh", np.zeros((n_others, 1000), dtype=np.float32))
    return Exported("large", {}, found, {}, n_words=n_words)


def test_too_large_says_what_to_leave_out():
    with pytest.raises(ValueError, match="max_words=") as caught:
        large(80_000, 500_000, 1_000).laid("float32")
    message = str(caught.value)
    assert "word vectors 32.0 MB, the n-grams of its wide path 4.0 MB, its layers 4.0 MB" in message
    assert "precision='float16' halves them" in message
    most = int(re.search(r"max_words=(\d+)", message)[1])
    large(most, 500_000 * most // 80_000, 1_000).laid("float32")
    with pytest.raises(ValueError, match="fit fewer units"):
        large(10, 10, 6_000).laid("float32")


def test_auto_halves_only_what_is_too_large():
    limits = [large(n, 0, 1).laid("auto")[0]["limits"][-1]["bits"] for n in (40_000, 60_000)]
    assert limits == [32, 16]
    with pytest.raises(ValueError, match="MB in float16"):
        large(120_000, 0, 1).laid("auto")


def test_numbers_beyond_half_precision_stay_whole():
    found = Arrays()
    found.add("a", np.array([7e4, 1.0], dtype=np.float32))
    found.add("ids", np.array([2**32 + 7]), exact=True)
    places, block = found.laid("float16")
    assert [place["dtype"] for place in places.values()] == ["float32", "float64"]
    assert np.frombuffer(block, "<f8", 1, places["ids"]["start"]) == 2**32 + 7
    assert len(block) % arrays.ALIGNED == 0
