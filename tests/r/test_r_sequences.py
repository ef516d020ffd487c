"""Encoder-decoders as R asks them."""

import numpy as np
import pytest

from textseq import Seq2Seq
from textseq.r.models import described
from textseq.r.sequences import attention_of, corpus_score

NUMBERS = ["1", "2", "1 2", "2 1"] * 8
WORDS = ["one", "two", "one two", "two one"] * 8


@pytest.fixture(scope="module")
def translator():
    model = Seq2Seq(
        hidden_size=16, embedding_dim=8, max_epochs=10, learning_rate=0.02, random_state=0
    ).fit(NUMBERS, WORDS)
    return model, [described(model)["id"]]


@pytest.mark.parametrize("metric", ["bleu", "chrf"])
def test_scores_come_with_their_signature(translator, metric):
    model, key = translator
    found = corpus_score(key, [metric], NUMBERS, WORDS, np.array([1.0]))
    expected = getattr(model, metric)(NUMBERS, WORDS, beam_size=1)
    assert found == {
        "score": expected.score,
        "signature": expected.signature,
        "text": expected.text,
    }


def test_other_methods_are_no_metrics(translator):
    with pytest.raises(ValueError, match="bleu"):
        corpus_score(translator[1], ["save"], NUMBERS, WORDS, None)


def test_attention_has_its_tokens(translator):
    model, key = translator
    found = attention_of(key, ["2 1"])
    expected = model.attention_map("2 1")
    np.testing.assert_array_equal(found["weights"], expected.weights)
    assert found["source"] == ["2", "1"]
    assert found["output"] == expected.output


def test_beams_are_counted(translator):
    with pytest.raises(ValueError, match="beam_size"):
        corpus_score(translator[1], ["bleu"], NUMBERS, WORDS, np.array([0.0]))
