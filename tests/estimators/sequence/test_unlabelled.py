"""Fitting to texts without labels beside those with labels."""

from itertools import count

import numpy as np
import pandas as pd
import pytest
from topics import two_topics

from textseq import TextClassifier, TextRegressor, Tokenizer, load_model
from textseq.batches import SequenceData
from textseq.estimators.sequence import text as text_module
from textseq.estimators.sequence import unlabelled as unlabelled_module
from textseq.estimators.sequence.unlabelled import _seen_by_vectors
from textseq.ragged import Ragged

LABELS = np.array(["neg", "pos"])


def corpus(n, words, seed=0):
    """Texts of eight words, all of their label's: ``words`` of a hundred that it has."""
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=n)
    marks, drawn = np.array(["n", "p"])[y], rng.choice(words, size=(n, 8))
    rows = zip(marks, drawn, strict=True)
    return [" ".join(f"{mark}{word}" for word in row) for mark, row in rows], LABELS[y]


def small(kind=TextClassifier, **parameters):
    defaults = dict(encoder="mean", embedding_dim=8, max_epochs=10, random_state=0, n_threads=1)
    return kind(**defaults | parameters)


FEW, EVERY, NEW = np.arange(40), np.arange(100), np.arange(40, 100)
X, Y = corpus(300, FEW)
MORE, _ = corpus(1_500, EVERY, seed=1)
TEST = corpus(400, NEW, seed=2)


@pytest.mark.parametrize("wide", [None, "ngrams"])
def test_words_that_stand_in_unlabelled_texts_alone_become_known(wide):
    labels_alone = small(wide=wide).fit(X, Y)
    both = small(wide=wide).fit(X, Y, unlabelled=MORE)
    assert labels_alone.score(*TEST) < 0.7
    assert both.score(*TEST) > 0.95
    told = both.receipt_["unlabelled"]
    assert told["rows"] == 1_500 and told["learned_from"]
    # Both were judged by the same rows, which no label was assumed of.
    assert told["validation_score_without"] == labels_alone.receipt_["validation_score"]
    assert both.receipt_["validation_rows"] == labels_alone.receipt_["validation_rows"] == 30
    assert both.receipt_["rows"] == 270 + 1_500
    assert both.receipt_["data_sha256"] == labels_alone.receipt_["data_sha256"]


def test_the_first_fit_stays_where_validation_shows_it_better():
    calls = count()

    def worse_each_time(model, texts, y, sample_weight=None):
        return -float(next(calls))

    asked = dict(calibrate="isotonic", decision_threshold="f1", max_epochs=3)
    alone = small(**asked).fit(X, Y)
    model = small(scoring=worse_each_time, **asked).fit(X, Y, unlabelled=MORE)
    told = model.receipt_["unlabelled"]
    assert not told["learned_from"]
    assert model.receipt_["rows"] == 270
    assert model.receipt_["validation_score"] == told["validation_score_without"]
    # Its vocabulary is that of the labelled texts as well.
    assert len(model.vocabulary_) == len(alone.vocabulary_)


def test_nothing_of_a_second_fit_stays_with_the_first(monkeypatch):
    def keep(model, first, assumed):
        model.of_the_second_alone_ = True
        first.receipt_["validation_score"] = 2.0
        return keep_better(model, first, assumed)

    keep_better = text_module.keep_better
    monkeypatch.setattr(text_module, "keep_better", keep)
    model = small(max_epochs=1).fit(X, Y, unlabelled=MORE)
    assert not model.receipt_["unlabelled"]["learned_from"]
    assert not hasattr(model, "of_the_second_alone_")


def test_texts_are_judged_by_calibrated_probabilities(monkeypatch):
    found = []

    def kept(model, *given):
        found.append((model.predict_proba(MORE[:200]), assume(model, *given)))
        return found[-1][1]

    assume = text_module.assume
    monkeypatch.setattr(text_module, "assume", kept)
    small(max_epochs=1, calibrate="isotonic").fit(X, Y, unlabelled=MORE[:200])
    ((probabilities, rows),) = found
    assert np.allclose(rows.weights, 2 * probabilities.max(1) - 1, atol=1e-6)


def test_one_file_holds_what_was_learned(tmp_path):
    model = small(wide="ngrams").fit(X, Y, unlabelled=MORE)
    opened = load_model(model.save(tmp_path / "model.textseq"))
    assert np.array_equal(opened.predict_proba(TEST[0]), model.predict_proba(TEST[0]))
    assert opened.receipt_["unlabelled"] == model.receipt_["unlabelled"]


def test_how_sure_the_fit_is_of_a_text_is_its_weight(monkeypatch):
    found = []

    def kept(*given):
        found.append(assume(*given))
        return found[-1]

    assume = text_module.assume
    monkeypatch.setattr(text_module, "assume", kept)
    small(max_epochs=3).fit(X, Y, unlabelled=[*MORE[:50], "nothing known"])
    first = small(max_epochs=3).fit(X, Y)
    probabilities = first.predict_proba([*MORE[:50], "nothing known"])
    (rows,) = found
    assert np.allclose(rows.weights, 2 * probabilities.max(1) - 1, atol=1e-6)
    assert np.array_equal(rows.targets, probabilities.argmax(1))


def test_several_labels_and_pairs_have_them_too():
    both = np.stack([Y == "pos", Y == "neg"], axis=1).astype(int)
    several = small(wide=None).fit(X, both, unlabelled=MORE)
    assert several.score(TEST[0], np.stack([TEST[1] == "pos", TEST[1] == "neg"], 1)) > 0.9
    pairs = pd.DataFrame({"a": X, "b": X[::-1]})
    more = pd.DataFrame({"b": MORE, "a": MORE})
    fitted = small(max_epochs=2).fit(pairs, Y, unlabelled=more[["a", "b"]])
    assert fitted.receipt_["unlabelled"]["rows"] == 1_500


def test_weights_groups_and_tokens_go_through():
    weights = np.where(np.arange(300) < 20, 0.0, 2.0)
    groups = np.arange(300) // 2
    model = small().fit(X, Y, sample_weight=weights, groups=groups, unlabelled=MORE)
    assert model.receipt_["rows"] + model.receipt_["validation_rows"] == 280 + 1_500
    tokenizer = Tokenizer().fit(X)
    tokens, more = tokenizer.tokenize(X), tokenizer.tokenize(MORE)
    cut = small().fit(tokens, Y, unlabelled=more)
    assert cut.score(tokenizer.tokenize(TEST[0]), TEST[1]) > 0.95


def test_texts_that_can_not_be_used_are_refused_before_training():
    with pytest.raises(ValueError, match="unlabelled is a single string"):
        small().fit(X, Y, unlabelled="one text")
    with pytest.raises(ValueError, match="unlabelled has 2 columns of texts, and X has 1"):
        small().fit(X, Y, unlabelled=[["a", "b"]] * 5)
    with pytest.raises(ValueError, match="both be texts, or both be tokens"):
        small().fit(X, Y, unlabelled=Tokenizer().fit(X).tokenize(MORE))
    with pytest.raises(ValueError, match="TextRegressor tells of no number how sure it is"):
        small(TextRegressor).fit(X, 3.0 + (Y == "pos"), unlabelled=MORE)
    model = small(warm_start=True, max_epochs=1).fit(X, Y)
    with pytest.raises(ValueError, match="set warm_start=False"):
        model.fit(X, Y, unlabelled=MORE)


def test_long_texts_are_seen_by_their_vectors_too():
    tokens, topics = two_topics(200)
    own, more = tokens.take(np.arange(40)), tokens.take(np.arange(40, 200))
    rows = SequenceData((Ragged.from_rows([[0]] * 40),), topics[:40])
    logits = _seen_by_vectors(own, more, rows, 2, seed=0)
    assert logits.shape == (160, 2)
    assert (logits.argmax(1) == topics[40:]).mean() > 0.98
    assert np.allclose(logits.sum(1), 0)
    short = _seen_by_vectors(own.truncate(20), more.truncate(20), rows, 2, seed=0)
    assert short.shape == (0, 2)


def test_of_more_texts_than_fit_the_first_are_seen(monkeypatch):
    monkeypatch.setattr(unlabelled_module, "MOST_TOKENS", 100 * 120)
    tokens, topics = two_topics(200)
    rows = SequenceData((Ragged.from_rows([[0]] * 40),), topics[:40])
    parts = tokens.take(np.arange(40)), tokens.take(np.arange(40, 200))
    assert len(_seen_by_vectors(*parts, rows, 2, seed=0)) == 60


def test_columns_beside_unlabelled_texts_are_read_by_their_names():
    price = np.where(Y == "pos", 2.0, 1.0)
    frame = pd.DataFrame({"text": X, "price": price})
    more = pd.DataFrame({"price": [1.5] * 1_500, "text": MORE, "other": 0})
    model = small(max_epochs=2).fit(frame, Y, unlabelled=more)
    assert model.receipt_["unlabelled"]["rows"] == 1_500
    with pytest.raises(ValueError, match="unlabelled is a list of texts alone"):
        small(max_epochs=2).fit(frame, Y, unlabelled=MORE)
