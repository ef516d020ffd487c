"""Encoder-decoders and taggers as R asks them."""

import numpy as np
import pytest

from textseq import Captioner, Seq2Seq, SequenceTagger, Transcriber
from textseq.r.models import ask, described
from textseq.r.sequences import (
    attention_of,
    corpus_score,
    evaluate_answers,
    image_attention,
    several_answers,
    spans_said,
    symbol_probabilities,
    symbols_heard,
    waves_by_handle,
)
from textseq.r.wire import decode, encode

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


def test_spans_are_counted_from_one():
    X, y = (
        [["Ana", "Lee", "saw", "Rome"], ["Rome"]] * 20,
        [["B-P", "I-P", "O", "B-L"], ["B-L"]] * 20,
    )
    options = dict(hidden_size=8, max_epochs=20, learning_rate=0.02, random_state=0, n_threads=1)
    model = SequenceTagger(**options).fit(X, y)
    key = [described(model)["id"]]
    found = decode(encode(spans_said(key, X[:2])))
    assert model.predict_spans(X[:2]) == [[("P", 0, 2), ("L", 3, 4)], [("L", 0, 1)]]
    assert {name: list(column) for name, column in found.items()} == {
        "row": [1, 1, 2],
        "first": [1, 4, 1],
        "last": [2, 4, 1],
        "type": ["P", "L", "L"],
        "probability": [one.probability for row in model.predict_spans(X[:2]) for one in row],
    }
    assert [len(column) for column in spans_said(key, [[]]).values()] == [0] * 5
    table = decode(encode(ask(key, ["span_report"], {"X": X, "y": y}, {"scheme": ["auto"]})))
    assert table.to_dict("list") == model.span_report(X, y).to_dict("list")


def test_what_cuts_words_is_handed_on(translator):
    model, key = translator
    options = {"tokenize": ["char"], "max_new_tokens": np.array([9.0]), "unknown": None}
    found = corpus_score(key, ["bleu"], NUMBERS, WORDS, None, options)
    expected = model.bleu(NUMBERS, WORDS, tokenize="char", max_new_tokens=9)
    assert found["score"] == expected.score and "tok:char" in found["signature"]


def test_several_answers_are_rows(translator):
    model, key = translator
    found = several_answers(key, NUMBERS[:2], {"n_best": np.array([2.0])})
    expected = model.predict(NUMBERS[:2], n_best=2)
    assert found["row"].tolist() == [1, 1, 2, 2]
    flat = [one for row in expected for one in row]
    assert found["answer"] == [one.answer for one in flat]
    assert found["log_probability"].tolist() == [one.log_probability for one in flat]


def test_all_scores_are_rows(translator):
    model, key = translator
    found = evaluate_answers(key, NUMBERS, WORDS)
    assert list(found["metric"]) == ["exact_match", "character_error_rate", "bleu", "chrf"]
    expected = model.evaluate(NUMBERS, WORDS)
    assert found["score"].tolist() == [expected[name] for name in found["metric"]]
    assert (found["n"] == len(WORDS)).all()


@pytest.fixture(scope="module")
def transcriber():
    rng = np.random.default_rng(0)
    waves = [(rng.normal(size=900), 400) for _ in range(12)]
    model = Transcriber("word", hidden_size=4, max_epochs=2, random_state=0, n_threads=1)
    return model.fit(waves, ["so", "it", "so it"] * 4), waves


def as_r_sends(waves):
    return {"textseq_waves": {"samples": [wave for wave, _ in waves], "rate": np.array([400.0])}}


def test_a_rate_is_that_of_all_waves_or_of_each():
    samples = [np.zeros(2), np.ones(3)]
    found = waves_by_handle({"samples": samples, "rate": np.array([8000.0])})
    assert [rate for _, rate in found] == [8000, 8000] and found[1][0] is samples[1]
    found = waves_by_handle({"samples": samples, "rate": np.array([8000.0, 400.0])})
    assert [rate for _, rate in found] == [8000, 400]


def test_symbols_heard_are_rows(transcriber):
    model, waves = transcriber
    key, options = [described(model)["id"]], {"beam_size": np.array([2.0])}
    expected = model.predict_times(waves, beam_size=2)
    flat = [one for several in expected for one in several]
    found = decode(encode(symbols_heard(key, as_r_sends(waves), options)))
    assert len(flat) > 2
    assert found["symbol"] == [one.symbol for one in flat]
    assert found["row"].tolist() == np.repeat(range(1, 13), [len(own) for own in expected]).tolist()
    for name in ("start", "end", "probability"):
        assert found[name].tolist() == [getattr(one, name) for one in flat]
    nothing = decode(encode(symbols_heard(key, [], {})))
    assert {name: len(column) for name, column in nothing.items()} == dict.fromkeys(nothing, 0)


def test_probabilities_of_steps_come_with_their_symbols(transcriber):
    model, waves = transcriber
    found = symbol_probabilities([described(model)["id"]], as_r_sends(waves[:2]))
    assert found["symbols"] == ["it", "so"] and found["seconds"] == 0.04
    for steps, expected in zip(found["probabilities"], model.predict_proba(waves[:2]), strict=True):
        assert np.array_equal(steps, expected)


def test_error_rates_are_rows(transcriber):
    model, waves = transcriber
    said = ["so", "it", "so it"] * 4
    found = evaluate_answers([described(model)["id"]], as_r_sends(waves), said)
    expected = model.evaluate(waves, said)
    assert dict(zip(found["metric"], found["score"], strict=True)) == expected


def test_attention_of_an_image_comes_with_its_pixels():
    images = np.random.default_rng(0).random((16, 4, 6))
    model = Captioner(hidden_size=4, filters=(3,), max_epochs=1, random_state=0)
    model.fit(images, ["it is so", "it was so"] * 8)
    found = image_attention([described(model)["id"]], images[:1])
    expected = model.attention_map(images[0])
    assert np.array_equal(found["weights"], expected.weights)
    assert found["output"] == expected.output
    assert np.allclose(found["image"], images[0], atol=1e-6)
